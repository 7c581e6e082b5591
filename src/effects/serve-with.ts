import type { IO } from 'fp-ts/lib/IO.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';

import type { Address, ListenFailure } from '../core/index.ts';
import type { Connection } from '../observables/connection.ts';
import type { Defect } from '../observables/failures/defect.ts';
import type { ServingOptions } from '../observables/options.ts';
import type { FailedEvent, ServeEvent } from '../observables/serve-events.ts';
import type { DrainReport } from '../observables/server.ts';
import { bracket, type Bracketed } from './bracket.ts';
import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';
import { tap } from './sequencing.ts';
import { startServing } from './serving.ts';

/**
 * What happens on a server besides the failures of its handlers, which `onFailure` and `onDefect`
 * are given.
 *
 * @category model
 * @since 0.1.0
 */
export type ServerEvent = Exclude<ServeEvent, FailedEvent>;

/**
 * Options of `serveWith`: those of `serve`, and what is to be done. The transport is the
 * environment's, unless they have one.
 *
 * @category model
 * @since 0.1.0
 */
export type ServeWithOptions<R = NetEnv> = ServingOptions & {
  /**
   * What is done when a handler dies of a defect; its connection is closed.
   *
   * @defaultValue a warning of the process (`process.on('warning')`, code `RXJS_NET_DEFECT`) with the stack, once per place that throws
   */
  readonly onDefect?: ((defect: Defect, connection: Connection) => ReaderTaskEither<R, never, void>) | undefined;
  /** Told what happens, one after the other. What it throws is a defect of the server's use. */
  readonly onEvent?: ((event: ServerEvent) => IO<void>) | undefined;
};

/**
 * What is done with the failures of handlers, before their connections are closed: it may still
 * write. It can't fail itself.
 *
 * @category model
 * @since 0.1.0
 */
export interface OnFailure<R, E> {
  (failure: E, connection: Connection): Program<void, never, R>;
}

/**
 * A server that runs a handler on each connection.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunningServer {
  /** Where it listens. */
  readonly address: Address;
  /**
   * Stops accepting, lets the handlers finish, cuts what is left after `drainTimeout`, and gives
   * the report. To run it again gives the same report; to interrupt it does not stop the shutdown.
   */
  readonly shutdown: Net<ListenFailure, DrainReport>;
  /** Waits until it has been shut down, by whomever, and gives the report. */
  readonly stopped: Net<ListenFailure, DrainReport>;
}

/**
 * Serves connections, each by an effect of its own, for as long as its use lasts.
 *
 * - When a handler succeeds, what it wrote is handed over and the write side is ended; what still comes in is dropped.
 * - When it fails, `onFailure` is run, and the connection is closed after what was written has left. A handler that can fail does not compile
 *   without it. When it dies of a defect, `onDefect` is run. Neither touches another connection.
 * - A handler is not interrupted by the end of its connection, which its next read or write fails with; but by the end of the
 *   shutdown's time, and when the use fails or is interrupted.
 *
 * When the use has succeeded, the server is shut down in order; else everything is closed at once.
 * Either way all handlers have ended, and released what they had, before it ends. It adds
 * `ListenFailure`, with which it also fails when the listener is lost; the use is interrupted then.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, lines } from 'rxjs-net';
 * import { flatMap, forEachFrame, fromIO, map, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith(
 *   { port: 0, host: '127.0.0.1' },
 *   (connection) => pipe(connection, forEachFrame(lines({ maxLength: 10 }), () => write('ok\n')(connection))),
 *   (failure) => fromIO(() => console.log(failure._tag)),
 * );
 * const program = server(({ address, shutdown }) =>
 *   pipe(
 *     withConnection(endpointOf(address))(write('a line that is too long')),
 *     flatMap(() => shutdown),
 *     map(({ cut }) => `${cut.length} were cut`),
 *   ),
 * );
 *
 * console.log(await toPromise(program));
 * // => FrameTooLarge
 * // => { _tag: 'Right', right: '0 were cut' }
 * ```
 *
 * @category resources
 * @since 0.1.0
 */
export function serveWith<R = NetEnv, R2 = NetEnv>(
  options: ServeWithOptions<R2>,
  handler: (connection: Connection) => ReaderTaskEither<R, never, void>,
): Bracketed<NetEnv & R & R2, ListenFailure, RunningServer>;
// The last argument, so that the compiler knows what the handler can fail with when it comes to it.
export function serveWith<E, R = NetEnv, R2 = NetEnv, R3 = NetEnv>(
  options: ServeWithOptions<R2>,
  handler: (connection: Connection) => ReaderTaskEither<R, E, void>,
  onFailure: OnFailure<R3, E>,
): Bracketed<NetEnv & R & R2 & R3, ListenFailure, RunningServer>;
export function serveWith(
  options: ServeWithOptions,
  handler: (connection: Connection) => ReaderTaskEither<NetEnv, unknown, void>,
  onFailure?: OnFailure<NetEnv, unknown>,
): Bracketed<NetEnv, ListenFailure, RunningServer> {
  const served = bracket(startServing(options, handler, onFailure), (serving) => serving.destroyed, {
    interruptible: true,
  });
  return <E2, B, R2 = NetEnv>(use: (server: RunningServer) => ReaderTaskEither<R2, E2, B>) =>
    served<E2 | ListenFailure, B, NetEnv & R2>((serving) =>
      serving.standing.during(
        pipe(
          use(serving),
          tap(() => serving.shutdown),
        ),
      ),
    );
}
