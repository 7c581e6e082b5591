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
   * @returns a function that cancels it; harmless when it has fired already.
   */
  after(delay: number, callback: () => void): () => void;
}

/** The longest delay that a timer of the platform can hold, in ms (2^31 - 1). */
export const LONGEST_DELAY = 2_147_483_647;

/**
 * The clock of the process. It goes through the global `performance` and `setTimeout` on each call,
 * so fake timers that replace these globals drive it.
 *
 * Its timers never keep the process alive by themselves: what they guard is a socket, which does.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delay, callback) => {
    const timer = setTimeout(callback, Math.min(delay, LONGEST_DELAY));
    // Fake timers and other runtimes may hand out plain numbers.
    if (typeof timer === 'object' && typeof timer.unref === 'function') timer.unref();
    return () => clearTimeout(timer);
  },
};
