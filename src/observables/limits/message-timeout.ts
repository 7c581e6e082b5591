import { MessageTimeout } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';
import { MessageWatch } from '../internal/watches.ts';

/**
 * Fails with `MessageTimeout` when a message has begun to come from the connection that feeds it
 * and isn't there in full after `ms`, and ends that connection. It stands behind a framing:
 * `incoming.pipe(lines(), messageTimeout(5_000))`.
 *
 * This is the limit against a peer that sends a byte now and then ("slow loris"): `readTimeout` and
 * `idleTimeout` start anew with each byte, and between two messages it does not run, so a peer that
 * has nothing to say may be silent. Time in which a consumer holds the connection does not count. A
 * message whose first bytes came in one piece with the end of another begins with the bytes that
 * come next. It adds `MessageTimeout`. On a source that comes from no connection there is nothing
 * to watch, and it never fails.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock.
 *
 * @example
 * ```ts
 * import { catchFailure, connect, lines, messageTimeout, serve } from 'rxjs-net';
 * import { mergeMap, of } from 'rxjs-net/rx';
 *
 * const server = serve({ port: 0, host: '127.0.0.1' }, (connection) =>
 *   connection.incoming.pipe(
 *     lines(),
 *     messageTimeout(50),
 *     catchFailure('MessageTimeout', () => of('too slow')),
 *   ),
 * ).subscribe((event) => {
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   connect({ port: event.address.port, host: '127.0.0.1' })
 *     .pipe(
 *       mergeMap((connection) => {
 *         connection.write('half a li');
 *         return connection.incoming;
 *       }),
 *     )
 *     .subscribe((chunk) => {
 *       console.log(chunk.toString()); // => too slow
 *       server.unsubscribe();
 *     });
 * });
 * ```
 */
export function messageTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, MessageTimeout> {
  return timeLimit('messageTimeout', kind, 'never', ms, clock);
}

const kind = { Watch: MessageWatch, Failure: MessageTimeout, watchesSinks: false, countsItems: true } as const;
