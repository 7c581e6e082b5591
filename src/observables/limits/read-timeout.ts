import type { ReadTimeout } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `ReadTimeout` when bytes are wanted from the connection that feeds it and none came
 * for `ms`, and ends that connection.
 *
 * Time in which a consumer holds the connection does not count. It adds `ReadTimeout`. On a source
 * that comes from no connection it is the items that count.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailure, readTimeout } from 'rxjs-net';
 * import { NEVER, of } from 'rxjs-net/rx';
 *
 * NEVER.pipe(
 *   readTimeout(20),
 *   catchFailure('ReadTimeout', (failure) => of(failure._tag)),
 * ).subscribe((tag) => console.log(tag)); // => ReadTimeout
 * ```
 */
export function readTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, ReadTimeout> {
  return timeLimit('readTimeout', limitKinds.readTimeout, 'restart', ms, clock);
}
