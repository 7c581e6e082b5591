import type { OnReadOptions } from '../core/stream-link.ts';

/** Puts what comes from a link into the user's own buffer, piece by piece (the option `onread`). */
export class OwnBuffer {
  private readonly owner: object;
  private readonly callback: OnReadOptions['callback'];
  private readonly next: (() => Uint8Array) | undefined;
  private buffer: Uint8Array;
  private paused = true;
  /** What came and has not been handed on, since the user stopped in the middle of a chunk. */
  private rest: Buffer | undefined = undefined;

  constructor({ buffer, callback }: OnReadOptions, owner: object) {
    this.owner = owner;
    this.callback = callback;
    this.next = typeof buffer === 'function' ? buffer : undefined;
    this.buffer = typeof buffer === 'function' ? buffer() : buffer;
  }

  pause(): void {
    this.paused = true;
  }

  /** How many bytes came and have not been handed on. */
  get waiting(): number {
    return this.rest?.length ?? 0;
  }

  /** @returns whether it was paused, so that something has to be done. */
  resume(): boolean {
    const { paused } = this;
    this.paused = false;
    return paused;
  }

  /** @returns whether there is room for what is still in the link. */
  flush(): boolean {
    if (this.paused) return false;
    const { rest } = this;
    this.rest = undefined;
    return rest === undefined || this.fill(rest);
  }

  /** @returns whether to go on reading. */
  fill(chunk: Buffer): boolean {
    let left = chunk;
    this.paused = false;
    while (left.length > 0) {
      const { buffer } = this;
      const size = left.copy(buffer);
      left = left.subarray(size);
      const result = Reflect.apply(this.callback, this.owner, [size, buffer]);
      const following = this.next?.();
      if (following instanceof Uint8Array) this.buffer = following;
      if (result === false || this.isPaused) {
        this.paused = true;
        if (left.length > 0) this.rest = left;
        return false;
      }
    }
    return true;
  }

  private get isPaused(): boolean {
    return this.paused;
  }
}
