import type { Clock } from '../core/clock.ts';

/** Above what the platform gives out, so that neither is taken for the other. */
let lastId = 2 ** 40;
const byId = new Map<number, VirtualTimer>();

/** What `setTimeout`, `setInterval` and `setImmediate` return in virtual time; it can what the platform's `Timeout` can. */
export class VirtualTimer {
  private readonly clock: Clock;
  private readonly delay: number;
  private readonly repeats: boolean;
  private readonly callback: (timer: VirtualTimer) => void;
  private cancel: () => void = () => {};
  private closed = false;
  private referenced = true;
  private id: number | undefined = undefined;

  constructor(clock: Clock, delay: number, repeats: boolean, callback: (timer: VirtualTimer) => void) {
    this.clock = clock;
    this.delay = delay;
    this.repeats = repeats;
    this.callback = callback;
    this.arm();
  }

  private arm(): void {
    const cancel = this.clock.after(this.delay, () => {
      try {
        this.callback(this);
      } finally {
        // Unless its own callback has closed or refreshed it.
        if (this.cancel === cancel) {
          if (this.repeats && !this.closed) this.arm();
          else this.forget();
        }
      }
    });
    this.cancel = cancel;
  }

  /** Begins to wait anew, also when it has fired; not when it was cleared. */
  refresh(): this {
    this.cancel();
    if (!this.closed) this.arm();
    return this;
  }

  close(): this {
    this.closed = true;
    this.cancel();
    this.forget();
    return this;
  }

  private forget(): void {
    if (this.id !== undefined) byId.delete(this.id);
    this.id = undefined;
  }

  ref(): this {
    this.referenced = true;
    return this;
  }

  unref(): this {
    this.referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.referenced;
  }

  /** A number that clears it too. */
  [Symbol.toPrimitive](): number {
    if (this.id === undefined) {
      this.id = ++lastId;
      if (!this.closed) byId.set(this.id, this);
    }
    return this.id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The timer that a handle, or its number, stands for; undefined when it is none of ours. */
export function virtualTimer(handle: unknown): VirtualTimer | undefined {
  if (handle instanceof VirtualTimer) return handle;
  return typeof handle === 'number' || typeof handle === 'string' ? byId.get(Number(handle)) : undefined;
}
