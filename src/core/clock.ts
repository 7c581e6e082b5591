/**
 * Where the library takes its time from: a monotonic reading and timers that can be cancelled.
 *
 * Everything that waits takes a `Clock`, so a simulated network or a test can turn time by hand.
 */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never runs backwards. */
  now(): number;
  /**
   * Calls `callback` once, after `delay` ms.
   *
   * @param keepsAlive - whether the process has to wait for it; by default what it guards, a socket, sees to that.
   * @returns a function that cancels it; harmless when it has fired already.
   */
  after(delay: number, callback: () => void, keepsAlive?: boolean): () => void;
}

/** The longest delay that a timer of the platform can hold, in ms (2^31 - 1). */
export const LONGEST_DELAY = 2_147_483_647;

/**
 * The clock of the process. It goes through the global `performance` and `setTimeout` on each call,
 * so fake timers that replace these globals drive it.
 *
 * Its timers don't keep the process alive unless they are asked to: what they guard is a socket, which does.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delay, callback, keepsAlive = false) => {
    const timer = setTimeout(callback, Math.min(delay, LONGEST_DELAY));
    // Fake timers and other runtimes may hand out plain numbers.
    if (!keepsAlive && typeof timer === 'object' && typeof timer.unref === 'function') timer.unref();
    return () => clearTimeout(timer);
  },
};
