import type { IdleTimeout } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `IdleTimeout` when no byte went either way for `ms` on the connection that feeds it,
 * and ends that connection.
 *
 * Time in which our own consumer holds the connection does not count, unless it is held because the
 * peer takes nothing. Who handles the failure may still send a last word in the same turn; then the
 * connection is closed. It adds `IdleTimeout`, and `InvalidOptions` when `ms` is no duration. On a
 * source that comes from no connection it is the items that count.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailure, idleTimeout } from 'rxjs-net';
 * import { NEVER, of } from 'rxjs-net/rx';
 *
 * NEVER.pipe(
 *   idleTimeout(20),
 *   catchFailure('IdleTimeout', (failure) => of(`quiet for ${failure.limit} ms`)),
 * ).subscribe((text) => console.log(text)); // => quiet for 20 ms
 * ```
 */
export function idleTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, IdleTimeout> {
  return timeLimit('idleTimeout', limitKinds.idleTimeout, 'restart', ms, clock);
}
