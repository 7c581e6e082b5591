import { Observable } from 'rxjs';

import type { ConnectionAborted, ConnectionClosed } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { type ReconnectOptions, type ReconnectPolicy, readReconnectPolicy } from './policy.ts';
import { ReconnectRun } from './run.ts';

/**
 * Dials again when a connection can't be made or has ended, after waits that grow:
 * `connect(o).pipe(reconnecting())` emits each new `Connection`.
 *
 * An attempt is one subscription of the source. It is a success once its connection has been up for
 * `stableAfter` ms, and then the counts start over; so a peer that accepts and drops uses up
 * `maxAttempts`. An attempt that completes has ended as one that failed has: the flow itself never
 * completes. It ends when it is unsubscribed, which also destroys the connection; with a failure
 * that isn't worth another attempt; or with the last one of `maxAttempts`.
 *
 * Behind what is done with the connection, `connect(o).pipe(mergeMap(talk), reconnecting())`, it
 * starts that anew as well, and the failures of `talk` count. Nothing is sent twice unless `talk`
 * does it: a send that was cut off has failed.
 *
 * It adds `ConnectionClosed`, for attempts that ended without a failure of their own, and
 * `ConnectionAborted`, for `signal`. What the source failed with comes through as it is. Wrong
 * options fail on subscription with `InvalidOptions`.
 *
 * Where the source dials no connection at once, an attempt counts as up from its first item on.
 *
 * @example
 * ```ts
 * import { catchFailure, connect, reconnecting } from 'rxjs-net';
 * import { EMPTY } from 'rxjs-net/rx';
 *
 * connect({ host: '127.0.0.1', port: 1 })
 *   .pipe(
 *     reconnecting({
 *       backoff: { initial: 10 },
 *       maxAttempts: 3,
 *       onEvent: (event) => {
 *         if (event.type === 'lost') console.log(`attempt ${event.attempt}: ${event.failure?._tag}`);
 *       },
 *     }),
 *     catchFailure('ConnectionRefused', () => EMPTY),
 *   )
 *   .subscribe({ complete: () => console.log('nobody there') });
 * // => attempt 1: ConnectionRefused
 * // => attempt 2: ConnectionRefused
 * // => attempt 3: ConnectionRefused
 * // => nobody there
 * ```
 */
export function reconnecting<A>(options: ReconnectOptions = {}): Op<A, A, ConnectionClosed | ConnectionAborted> {
  return (source) =>
    new Observable<A>((subscriber) => {
      let policy: ReconnectPolicy;
      try {
        policy = readReconnectPolicy(options);
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      const run = new ReconnectRun<A>(source, subscriber, policy);
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => run.stop());
      run.start();
    });
}
