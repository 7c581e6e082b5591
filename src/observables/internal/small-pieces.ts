import type { Chunk } from '../../core/transport.ts';

/** Below this many bytes a piece is copied: what a Buffer of its own costs besides would be more than a few percent. */
const SMALL = 1_024;

const FIRST_CAPACITY = 64;
const LARGEST_CAPACITY = 16_384;

const NOTHING = Buffer.alloc(0);

/**
 * Keeps a list of pieces short when they are small: a Buffer of one byte costs hundreds. Small ones are copied, one behind the
 * other, to a buffer of our own, and the list has a view of it; nothing of the caller's is written to, and no byte of a view
 * changes once it is there. A full buffer is followed by one that is twice as large, so no byte is copied twice.
 */
export class SmallPieces {
  private buffer = NOTHING;
  private used = 0;
  /** The view that was added last: it goes on if it is still the last in its list. */
  private last: Buffer | undefined = undefined;
  private lastStart = 0;

  /** Adds bytes to the end of a list, as they are or as a copy. */
  addTo(list: Chunk[], bytes: Uint8Array): void {
    const { length } = bytes;
    if (length >= SMALL) {
      list.push(bytes);
      return;
    }
    const end = list.length - 1;
    let goesOn = this.last !== undefined && list[end] === this.last;
    if (this.used + length > this.buffer.length) {
      this.begin(length);
      goesOn = false;
    }
    if (!goesOn) this.lastStart = this.used;
    this.buffer.set(bytes, this.used);
    this.used += length;
    this.last = this.buffer.subarray(this.lastStart, this.used);
    if (goesOn) list[end] = this.last;
    else list.push(this.last);
  }

  private begin(length: number): void {
    const capacity = Math.min(LARGEST_CAPACITY, Math.max(FIRST_CAPACITY, 2 * this.buffer.length));
    this.buffer = Buffer.allocUnsafe(Math.max(capacity, length));
    this.used = 0;
  }

  /** The list is empty: the next begins small again. */
  clear(): void {
    this.buffer = NOTHING;
    this.used = 0;
    this.last = undefined;
  }
}
