import type { FirstByteTimeout } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `FirstByteTimeout` when the first byte is wanted from the connection that feeds it and
 * didn't come within `ms`, and ends that connection.
 *
 * It adds `FirstByteTimeout`. On a source that comes from no connection it is the first item that
 * counts.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailure, firstByteTimeout } from 'rxjs-net';
 * import { NEVER, of } from 'rxjs-net/rx';
 *
 * NEVER.pipe(
 *   firstByteTimeout(20),
 *   catchFailure('FirstByteTimeout', (failure) => of(failure.limit)),
 * ).subscribe((limit) => console.log(limit)); // => 20
 * ```
 */
export function firstByteTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, FirstByteTimeout> {
  return timeLimit('firstByteTimeout', limitKinds.firstByteTimeout, 'stop', ms, clock);
}
