import { type SchedulerLike, throwError as rxThrowError } from 'rxjs';

import type { Flow } from '../flow.ts';

/**
 * RxJS's `throwError`, typed: a flow that emits nothing and fails with what `makeFailure` returns.
 *
 * Adds that failure.
 *
 * @example
 * ```ts
 * import { catchFailure } from 'rxjs-net';
 * import { from, throwError } from 'rxjs-net/rx';
 *
 * class TooHot extends Error {
 *   readonly _tag = 'TooHot';
 * }
 *
 * throwError(() => new TooHot('99 degrees'))
 *   .pipe(catchFailure('TooHot', (failure) => from([failure.message])))
 *   .subscribe((text) => console.log(text)); // => 99 degrees
 * ```
 */
export function throwError<F>(makeFailure: () => F): Flow<never, F>;
/**
 * @deprecated RxJS deprecates a failure that is shared by all subscribers: pass a function that
 * makes one.
 */
export function throwError<F>(failure: F): Flow<never, F>;
/** @deprecated RxJS deprecates the scheduler: use `observeOn`, or `timer` and `mergeMap`. */
export function throwError<F>(failureOrMake: F | (() => F), scheduler: SchedulerLike): Flow<never, F>;
export function throwError(failureOrMake: unknown, scheduler?: SchedulerLike): Flow<never, unknown> {
  return scheduler === undefined ? rxThrowError(failureOrMake) : rxThrowError(failureOrMake, scheduler);
}
