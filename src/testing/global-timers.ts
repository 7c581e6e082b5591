import { promisify } from 'node:util';

import { captureContext } from '../core/context.ts';
import { onAbort } from '../core/on-abort.ts';
import { LONGEST_DELAY } from '../core/clock.ts';
import { replaceProperty } from './replace-property.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualTimer, virtualTimer } from './virtual-timer.ts';

type Callback = (...values: unknown[]) => unknown;
/** What the platform, or a test runner, has there. */
type Real = CallableFunction;

/** There is one set of global timers in a process. */
let inUse = false;

/** Runs `work` while the global timers run in the time of `clock`, whose time 0 is the date `start`; puts them back on every path. */
export async function withGlobalTimers<T>(clock: VirtualClock, start: number, work: () => Promise<T>): Promise<T> {
  if (inUse)
    throw new Error('run() with { globalTimers }: another run of this process has the global timers; let it end first');
  inUse = true;
  const timers = new GlobalTimers(clock, start);
  try {
    timers.install();
    return await work();
  } finally {
    timers.putBack();
    inUse = false;
  }
}

class GlobalTimers {
  private readonly clock: VirtualClock;
  private readonly start: number;
  /** Whoever keeps one of the replacements beyond the run, has what was there before. */
  private active = true;
  private readonly undo: (() => void)[] = [];

  constructor(clock: VirtualClock, start: number) {
    this.clock = clock;
    this.start = start;
  }

  install(): void {
    const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, Date } = globalThis;
    this.replace('setTimeout', this.promisable(this.starting(setTimeout, false), true));
    this.replace('setInterval', this.starting(setInterval, true));
    this.replace('setImmediate', this.promisable(this.startingAtOnce(setImmediate), false));
    this.replace('clearTimeout', this.clearing(clearTimeout));
    this.replace('clearInterval', this.clearing(clearInterval));
    this.replace('clearImmediate', this.clearing(clearImmediate));
    this.replace('Date', this.date(Date));
    const { performance } = globalThis;
    const now = performance.now.bind(performance);
    this.undo.push(replaceProperty(performance, 'now', () => (this.active ? this.clock.now() : now())));
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    this.undo.push(
      replaceProperty(AbortSignal, 'timeout', (ms: number) =>
        // What it refuses, it refuses itself.
        this.active && Number.isSafeInteger(ms) && ms >= 0 ? this.abortedAfter(ms) : timeout(ms),
      ),
    );
  }

  putBack(): void {
    this.active = false;
    for (const undo of this.undo.splice(0).toReversed()) undo();
  }

  private replace(name: string, value: unknown): void {
    this.undo.push(replaceProperty(globalThis, name, value));
  }

  // ---- timers

  private starting(real: Real, repeats: boolean): Callback {
    return (callback, delay, ...values) =>
      this.active ? this.begin(callback, delayOf(delay), repeats, values) : apply(real, callback, delay, ...values);
  }

  /** It takes no time, but comes behind what is due at this moment already. */
  private startingAtOnce(real: Real): Callback {
    return (callback, ...values) =>
      this.active ? this.begin(callback, 0, false, values) : apply(real, callback, ...values);
  }

  private clearing(real: Real): Callback {
    return (handle) => {
      const timer = virtualTimer(handle);
      if (timer === undefined) apply(real, handle);
      else timer.close();
    };
  }

  private begin(callback: unknown, delay: number, repeats: boolean, values: readonly unknown[]): VirtualTimer {
    if (!isFunction(callback)) {
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    // As the platform's, with the asynchronous context of whoever starts it.
    const context = captureContext();
    return new VirtualTimer(this.clock, delay, repeats, (timer) => {
      context.runInAsyncScope(callback, timer, ...values);
    });
  }

  /** `util.promisify(setTimeout)` is a function of its own on the platform. */
  private promisable(start: Callback, takesDelay: boolean): Callback {
    const promised = (...given: readonly unknown[]): Promise<unknown> => {
      const [delay, value, options] = takesDelay ? given : [0, ...given];
      const signal: unknown =
        typeof options === 'object' && options !== null ? Reflect.get(options, 'signal') : undefined;
      return new Promise((resolve, reject) => {
        if (!(signal instanceof AbortSignal)) {
          start(...(takesDelay ? [resolve, delay, value] : [resolve, value]));
          return;
        }
        const fail = (): void => reject(abortError(signal.reason));
        if (signal.aborted) {
          fail();
          return;
        }
        const done = (): void => {
          stopFollowing();
          resolve(value);
        };
        const handle = start(...(takesDelay ? [done, delay] : [done]));
        const stopFollowing = onAbort(signal, () => {
          virtualTimer(handle)?.close();
          fail();
        });
      });
    };
    return Object.assign(start, { [promisify.custom]: promised });
  }

  private abortedAfter(ms: number): AbortSignal {
    const controller = new AbortController();
    this.clock.after(ms, () =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    );
    return controller.signal;
  }

  // ---- the date

  private date(real: DateConstructor): DateConstructor {
    const now = (): number => (this.active ? Math.floor(this.start + this.clock.now()) : real.now());
    return new Proxy(real, {
      construct: (target, values, newTarget) => {
        const made: unknown = Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget);
        return made instanceof real ? made : new real(now());
      },
      apply: () => new real(now()).toString(),
      get: (target, key, receiver): unknown => (key === 'now' ? now : Reflect.get(target, key, receiver)),
    });
  }
}

const apply = (real: Real, ...values: readonly unknown[]): unknown => Reflect.apply(real, undefined, values);

const isFunction = (value: unknown): value is Callback => typeof value === 'function';

/** What the platform makes of a delay: whole, 1 ms at least, and 1 ms for what is too long or no number. */
function delayOf(delay: unknown): number {
  const ms = Number(delay);
  return ms >= 1 && ms <= LONGEST_DELAY ? Math.trunc(ms) : 1;
}

/** What promises of the platform reject with when their signal says so. */
function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });
}
