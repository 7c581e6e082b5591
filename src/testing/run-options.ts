import { refuse, refuseUnknown } from '../core/options/index.ts';

/** Options of `network.run`. */
export interface RunOptions {
  /**
   * Puts the timers of the process into virtual time while the program runs: `setTimeout`,
   * `setInterval`, `setImmediate`, what clears them, `Date`, `performance.now` and
   * `AbortSignal.timeout`, for programs that can't be given a clock. They are put back when the run
   * ends, however it ends. `Math.random` and `crypto` are left alone. With `{ startDate }` the
   * virtual time 0 is that date. Default: false; the date 2000-01-01.
   */
  readonly globalTimers?: boolean | { readonly startDate: Date | number } | undefined;
}

const START = Date.UTC(2000, 0, 1);
/** The last moment that a `Date` can stand for: ECMA-262, section 21.4.1.1. */
const LAST_DATE = 8.64e15;

/** The date of virtual time 0 in ms, or undefined when the global timers are left alone. */
export function readStartDate(options: RunOptions): number | undefined {
  refuseUnknown(options, ['globalTimers']);
  const { globalTimers } = options;
  if (globalTimers === undefined || globalTimers === false) return undefined;
  if (globalTimers === true) return START;
  if (typeof globalTimers !== 'object') return refuse('globalTimers', globalTimers, 'true, false, or { startDate }');
  refuseUnknown(globalTimers, ['startDate']);
  const { startDate } = globalTimers;
  const start = startDate instanceof Date ? startDate.getTime() : startDate;
  if (typeof start !== 'number' || !(Math.abs(start) <= LAST_DATE))
    return refuse('globalTimers.startDate', startDate, 'a date, or its milliseconds since 1970');
  return start;
}
