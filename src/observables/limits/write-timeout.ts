import type { WriteTimeout } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `WriteTimeout` when bytes that wait to be sent made no progress for `ms`, and ends the connection.
 *
 * It watches the connections below it: those that feed it, and those that a `sendTo` before it sends to. Where there are none, nothing
 * is written and it never fails. It adds `WriteTimeout`.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { serve, writeTimeout } from 'rxjs-net';
 *
 * // A peer that takes nothing for five seconds is let go.
 * const echo = serve({ port: 0, host: '127.0.0.1' }, (connection) => connection.incoming.pipe(writeTimeout(5_000)));
 * const subscription = echo.subscribe((event) => {
 *   console.log(event.type); // => listening
 *   subscription.unsubscribe();
 * });
 * ```
 */
export function writeTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, WriteTimeout> {
  return timeLimit('writeTimeout', limitKinds.writeTimeout, 'never', ms, clock);
}
