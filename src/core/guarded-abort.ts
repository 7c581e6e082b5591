/** What a listener may be. */
type Listener = Parameters<AbortSignal['addEventListener']>[1];

/** What listeners throw during the abort that is on the stack. */
let thrown: unknown[] | undefined;

/**
 * One wrapper for each listener, whatever signal it is added to: so adding it twice, and removing
 * it, mean what they always do.
 */
const wrappers = new WeakMap<object, (event: Event) => void>();

function guard(listener: Listener | null): Listener | null {
  if ((typeof listener !== 'function' && typeof listener !== 'object') || listener === null) return listener;
  let wrapper = wrappers.get(listener);
  if (wrapper === undefined) {
    wrapper = function call(this: unknown, event: Event): void {
      try {
        if (typeof listener === 'function') Reflect.apply(listener, this, [event]);
        else listener.handleEvent(event);
      } catch (error) {
        // Without an abort of ours on the stack, it is an event of the program's own making.
        if (thrown === undefined) throw error;
        thrown.push(error);
      }
    };
    wrappers.set(listener, wrapper);
  }
  return wrapper;
}

const handlers = new WeakMap<AbortSignal, unknown>();
const NativeSignal = AbortSignal;
// oxlint-disable-next-line typescript/unbound-method -- called with a signal as `this`
const { addEventListener, removeEventListener } = NativeSignal.prototype;

/** What a guarded signal has in place of the methods of other signals. It is one for all else. */
const guardedSignal: object = Object.create(NativeSignal.prototype, {
  addEventListener: {
    value(this: AbortSignal, type: string, listener: Listener, options?: unknown): void {
      Reflect.apply(addEventListener, this, [type, guard(listener), options]);
    },
  },
  removeEventListener: {
    value(this: AbortSignal, type: string, listener: Listener, options?: unknown): void {
      Reflect.apply(removeEventListener, this, [type, guard(listener), options]);
    },
  },
  onabort: {
    get(this: AbortSignal): unknown {
      return handlers.get(this) ?? null;
    },
    set(this: AbortSignal, handler: unknown): void {
      const before = handlers.get(this);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a function, as was looked at
      if (typeof before === 'function') this.removeEventListener('abort', before as () => void);
      handlers.set(this, handler);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
      if (typeof handler === 'function') this.addEventListener('abort', handler as () => void);
    },
  },
});

/**
 * An `AbortController` for a function of the program's. Node.js reports an exception of a signal's
 * listener as an uncaught exception, which ends the process; here `abort` throws it, once all
 * listeners were called, as a teardown would.
 */
export class GuardedAbort {
  private readonly controller = new AbortController();

  constructor() {
    const { signal } = this.controller;
    // A global that was replaced, by fake timers or a browser's environment, has signals of its
    // own.
    if (signal instanceof NativeSignal) Object.setPrototypeOf(signal, guardedSignal);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @throws what a listener threw; several come as an AggregateError. */
  abort(reason?: unknown): void {
    const outer = thrown;
    const mine: unknown[] = [];
    thrown = mine;
    try {
      this.controller.abort(reason);
    } finally {
      thrown = outer;
    }
    if (mine.length === 1) throw mine[0];
    if (mine.length > 1) throw new AggregateError(mine, `${mine.length} listeners of a signal threw`);
  }
}
