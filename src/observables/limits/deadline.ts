import type { DeadlineExceeded } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `DeadlineExceeded` `ms` after the subscription, however lively the source is, and ends
 * the connections that feed it.
 *
 * It adds `DeadlineExceeded`.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailure, deadline } from 'rxjs-net';
 * import { EMPTY, interval } from 'rxjs-net/rx';
 *
 * interval(5).pipe(
 *   deadline(40),
 *   catchFailure('DeadlineExceeded', () => EMPTY),
 * ).subscribe({ complete: () => console.log('time is up') }); // => time is up
 * ```
 */
export function deadline<A>(ms: number, clock?: TimeSource): Op<A, A, DeadlineExceeded> {
  return timeLimit('deadline', limitKinds.deadline, 'total', ms, clock);
}
