import { right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';

import type { InvalidOptions, ListenFailure } from '../core/index.ts';
import { listen } from '../observables/listen.ts';
import type { ListenOptions } from '../observables/options.ts';
import type { DrainReport, Server } from '../observables/server.ts';
import { bracket, type Bracketed } from './bracket.ts';
import { settleError } from './either-of.ts';
import { withTransport } from './environment-options.ts';
import { fromCallback } from './from-callback.ts';
import { fromRefusing } from './from-refusing.ts';
import type { NetEnv } from './net-env.ts';
import type { Net } from './net.ts';
import { tap } from './sequencing.ts';
import { Standing } from './standing.ts';

/**
 * Listens, uses the server, and closes it whatever happens. What becomes of the connections is the
 * use's to say, by `server.connections`; most servers are better made by `serveWith`. The transport
 * is the environment's, unless the options have one.
 *
 * When the use succeeded, the server is closed as `closeServer()` does it; after a failure, a
 * defect or an interruption what is left of it is destroyed at once. It adds `ListenFailure`; it
 * fails with one, too, when the listener is lost, and the use is interrupted.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { fromIO, flatMap, map, readAll, toPromise, withConnection, withServer } from 'rxjs-net/effects';
 *
 * const program = withServer({ port: 0, host: '127.0.0.1' })((server) =>
 *   pipe(
 *     fromIO(() => server.connections.subscribe((connection) => connection.end('goodbye'))),
 *     flatMap(() => withConnection(endpointOf(server.address))(readAll())),
 *     map(String),
 *   ),
 * );
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: 'goodbye' }
 * ```
 *
 * @category resources
 * @since 0.1.0
 */
export function withServer(options: ListenOptions): Bracketed<NetEnv, ListenFailure, Server> {
  const bound = bracket(bind(options), (listener) => listener.destroy, { interruptible: true });
  return <E2, B, R2 = NetEnv>(use: (server: Server) => ReaderTaskEither<R2, E2, B>) =>
    bound<E2 | ListenFailure, B, NetEnv & R2>((listener) =>
      listener.standing.during(
        pipe(
          use(listener.server),
          tap(() => closeServer()(listener.server)),
        ),
      ),
    );
}

/**
 * Closes a server in order: it stops accepting, lets go of what is idle, waits for the rest and
 * cuts what is left. It gives the report of who finished and who was cut. To call it again gives
 * the same report; to interrupt it does not stop the closing.
 *
 * @param options - `drainTimeout`: how long it waits, in ms; by default 10,000. A wrong one fails with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { closeServer, map, toPromise, withServer } from 'rxjs-net/effects';
 *
 * const program = withServer({ port: 0, host: '127.0.0.1' })((server) =>
 *   pipe(server, closeServer({ drainTimeout: 1_000 }), map(({ finished, cut }) => ({ finished, cut }))),
 * );
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: { finished: 0, cut: [] } }
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function closeServer(
  options: { readonly drainTimeout?: number | undefined } = {},
): (server: Server) => Net<InvalidOptions, DrainReport> {
  return (server) =>
    fromCallback((resolve, reject) => {
      server.close(options).then(
        (report) => resolve(right(report)),
        (error: unknown) => settleError({ resolve, reject }, error),
      );
      return () => {};
    });
}

interface Listener {
  readonly standing: Standing;
  readonly server: Server;
  readonly destroy: Net<never, void>;
}

function bind(options: ListenOptions): Net<ListenFailure, Listener> {
  return fromRefusing((settling, env) => {
    const standing = new Standing();
    const destroy: Net<never, void> = () => async () => right(subscription.unsubscribe());
    const subscription = listen(withTransport(options, env)).subscribe({
      next: (server) => settling.resolve(right({ server, standing, destroy })),
      error: (error: unknown) => {
        settleError(settling, error);
        standing.lose(error);
      },
    });
    return () => subscription.unsubscribe();
  });
}
