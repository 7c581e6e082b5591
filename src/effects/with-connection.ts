import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { Subscription } from 'rxjs';

import { type ConnectFailure, type WriteFailure, WriteTimeout } from '../core/index.ts';
import { onAbort } from '../core/on-abort.ts';
import { connect } from '../observables/connect.ts';
import type { CloseInfo, Connection } from '../observables/connection.ts';
import { asLive } from '../observables/internal/as-live.ts';
import { asWriteFailure } from '../observables/internal/failure-views.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import type { ConnectOptions } from '../observables/options.ts';
import { bracket, type Bracketed } from './bracket.ts';
import { settleError } from './either-of.ts';
import { withTransport } from './environment-options.ts';
import { fromCallback } from './from-callback.ts';
import { fromRefusing } from './from-refusing.ts';
import { enter } from './in-flight.ts';
import { Interrupted } from './interrupted.ts';
import type { NetEnv } from './net-env.ts';
import type { Net } from './net.ts';
import { start } from './start.ts';

/**
 * Options of `withConnection`: those of `connect`. The transport is the environment's, unless they
 * have one.
 *
 * @category model
 * @since 0.1.0
 */
export type WithConnectionOptions = ConnectOptions;

/**
 * Connects, uses the connection, and closes it whatever happens.
 *
 * When the use succeeded, the write side is ended, what was written is handed over, and the peer's
 * end is waited for, as long as the peer shows life (`closeTimeout`); what still comes in is
 * dropped. What could not be handed over is a failure: `WriteTimeout` when the time was over, else
 * why the connection failed. So is a reset that comes before the peer's end. After a failure, a
 * defect or an interruption it is destroyed at once, and so is a dial that is interrupted.
 *
 * An interruption while it closes, as by `timeout`, keeps the value of the use once all that was
 * written has left. The peer's end is not waited for then, and the connection is destroyed. Bytes
 * that have not left make it an interruption.
 *
 * It adds `ConnectFailure`, `WriteFailure` and `WriteTimeout`. Wrong options fail with
 * `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { catchTag, of, readAll, toPromise, withConnection } from 'rxjs-net/effects';
 *
 * const banner = pipe(
 *   withConnection({ port: 1, host: '127.0.0.1', closeTimeout: 1_000 })(readAll()),
 *   catchTag('ConnectionRefused', (failure) => of(`nobody listens on port ${failure.port}`)),
 * );
 *
 * console.log(await toPromise(banner)); // => { _tag: 'Right', right: 'nobody listens on port 1' }
 * ```
 *
 * @category resources
 * @since 0.1.0
 */
export function withConnection(
  options: WithConnectionOptions,
): Bracketed<NetEnv, ConnectFailure | WriteFailure | WriteTimeout, Connection> {
  const opened = bracket(dial(options), release, { interruptible: true });
  return <E2, B, R2 = NetEnv>(use: (connection: Connection) => ReaderTaskEither<R2, E2, B>) =>
    opened<E2 | WriteFailure | WriteTimeout, B, NetEnv & R2>((live) => (env) => async () => {
      const used = await start((inner: R2) => use(live)(inner), env);
      if (isLeft(used)) return used;
      const closed = await closeInOrder(live, env);
      return isLeft(closed) ? closed : used;
    });
}

function dial(options: WithConnectionOptions): Net<ConnectFailure, LiveConnection> {
  return fromRefusing((settling, env) => {
    const forConnect = withTransport(options, env);
    // It ends by itself, with the connection.
    const subscription = connect(forConnect).subscribe({
      next: (connection) => settling.resolve(right(asLive(connection))),
      error: (error: unknown) => settleError(settling, error),
    });
    return () => subscription.unsubscribe();
  });
}

/**
 * Closes it at once, and waits until that is so. After a use that closed in order, it is closed
 * already.
 */
function release(live: LiveConnection): Net<never, void> {
  return fromCallback((resolve) => {
    live.destroy();
    live.closed.subscribe({ complete: () => resolve(right(undefined)) });
    return () => {};
  });
}

/**
 * Closes it in order. An interruption doesn't take away what the use succeeded with, as long as all
 * that was written has left: the peer's end is not waited for then, and the release destroys the
 * connection.
 */
function closeInOrder(live: LiveConnection, env: NetEnv): Promise<Either<WriteFailure | WriteTimeout, void>> {
  // The use closed it itself.
  if (live.wasClosedHere) return Promise.resolve(right(undefined));
  return new Promise((resolve, reject) => {
    const { signal } = env;
    const leave = enter(signal);
    const subscription = new Subscription();
    const settle = (end: () => void): void => {
      subscription.unsubscribe();
      leave();
      end();
    };
    const interrupted = (): void =>
      settle(live.hasUnsentBytes ? () => reject(new Interrupted(signal.reason)) : () => resolve(right(undefined)));
    live.closeInOrder();
    subscription.add(live.closed.subscribe((info) => settle(() => resolve(outcomeOf(live, info)))));
    if (signal.aborted) interrupted();
    else subscription.add(onAbort(signal, interrupted));
  });
}

/** Whether all that was written is with the peer, as far as that can be known. */
function outcomeOf(live: LiveConnection, info: CloseInfo): Either<WriteFailure | WriteTimeout, void> {
  const { bytesUnflushed, bytesWritten, failure } = info;
  const wasReset = info.read === 'reset' && bytesWritten > 0;
  if (bytesUnflushed === 0 && !wasReset) return right(undefined);
  if (info.write === 'cut')
    return left(new WriteTimeout({ ...live.failureDetails(), limit: live.settings.closeTimeout }));
  return left(asWriteFailure(failure, live.failureDetails()));
}
