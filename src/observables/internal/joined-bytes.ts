import type { DirectEncoder } from '../framing/direct-encoder.ts';

/** Below this many bytes a piece is copied: a write of its own, or a place in a vector, costs more. */
export const SMALL = 1_024;

const LARGEST_CAPACITY = 16_384;

const NOTHING = Buffer.alloc(0);

/**
 * Small pieces of bytes, copied one behind the other as they come, so that they leave as one. Nothing of the caller's is written to, and no
 * byte changes once it was taken as a view: what follows is put behind it.
 */
export class JoinedBytes {
  private buffer = NOTHING;
  private start = 0;
  private used = 0;

  /** `expected`: how many bytes it will be, as far as that can be guessed. */
  constructor(expected: number) {
    this.begin(Math.min(expected, LARGEST_CAPACITY));
  }

  get length(): number {
    return this.used - this.start;
  }

  /** Whether so many bytes fit behind the others. */
  fits(size: number): boolean {
    return this.used + size <= this.buffer.length;
  }

  add(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Adds a message that is written in place. */
  addMessage(message: unknown, size: number, encoder: DirectEncoder): void {
    encoder.write(message, this.buffer, this.used);
    this.used += size;
  }

  /** What was added since the last time, as one piece. */
  take(): Buffer {
    const { start, used } = this;
    this.start = used;
    return start === 0 && used === this.buffer.length ? this.buffer : this.buffer.subarray(start, used);
  }

  /** Makes room for more, after what was added was taken. */
  grow(): void {
    this.begin(Math.min(LARGEST_CAPACITY, 2 * this.buffer.length));
  }

  private begin(capacity: number): void {
    this.buffer = Buffer.allocUnsafe(Math.max(capacity, SMALL));
    this.start = 0;
    this.used = 0;
  }
}
