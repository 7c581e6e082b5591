/** A decoder's answer: the bytes that are there make no whole message yet. */
export const incomplete: unique symbol = Symbol('incomplete');

/** The type of `incomplete`. */
export type Incomplete = typeof incomplete;

/**
 * The bytes of a stream that have come and belong to no message yet; positions are counted from the first of them.
 */
export interface ByteWindow {
  /** How many there are. */
  readonly length: number;
  /** The byte at a position; undefined behind the last. */
  at(index: number): number | undefined;
  /** Where a byte, or a sequence of bytes, comes first at `from` or behind it; -1 if it isn't there. */
  indexOf(wanted: number | Uint8Array, from?: number): number;
  /** A view of some bytes, which stay in the window. Fewer than asked for when there are no more. */
  peek(start: number, end: number): Buffer;
  /** Takes so many bytes off, as a view of the memory in which they came: nothing is copied. */
  take(count: number): Buffer;
  /** Takes so many bytes off, and drops them. */
  skip(count: number): void;
  /**
   * Said together with `incomplete`: no message before the window has so many bytes. The decoder is not asked again until
   * then, and memory for a message in many chunks can be had in one piece.
   */
  want(length: number): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The window of one run. The decoders of this library read `bytes` from `start` on, which spares a call for each byte; nothing
 * lies behind the last one, so a search can't find what isn't there.
 */
export class Window implements ByteWindow {
  bytes: Buffer = NOTHING;
  start = 0;
  /** What the decoder asked for, counted from `start`; 0 for nothing in particular. */
  wanted = 0;

  get length(): number {
    return this.bytes.length - this.start;
  }

  set(bytes: Buffer, start: number): void {
    this.bytes = bytes;
    this.start = start;
  }

  clear(): void {
    this.set(NOTHING, 0);
  }

  at(index: number): number | undefined {
    return index < 0 ? undefined : this.bytes[this.start + index];
  }

  indexOf(wanted: number | Uint8Array, from = 0): number {
    const found = this.bytes.indexOf(wanted, this.start + Math.max(0, from));
    return found < 0 ? -1 : found - this.start;
  }

  peek(start: number, end: number): Buffer {
    return this.bytes.subarray(this.start + Math.max(0, start), this.start + Math.max(0, end));
  }

  take(count: number): Buffer {
    const { start } = this;
    this.skip(count);
    return this.bytes.subarray(start, this.start);
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.length && Number.isInteger(count))) {
      throw new RangeError(`a decoder took ${count} bytes, and there are ${this.length}`);
    }
    this.start += count;
  }

  want(length: number): void {
    this.wanted = length;
  }
}
