import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { InvalidOptions, ReadFailure } from '../core/index.ts';
import { checkFunction } from '../core/options/index.ts';
import type { Connection } from '../observables/connection.ts';
import type { Framing } from '../observables/framing/framing.ts';
import { FrameLoop } from './frame-loop.ts';
import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { onLive } from './on-live.ts';

/**
 * Reads messages until the peer ends, and runs an effect for each, one after the other: what most
 * handlers of a server are. Nothing is kept of the messages before, where a program that calls
 * itself would grow.
 *
 * It adds what `readFrame` and the effects fail with, and ends with the first failure.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, lines } from 'rxjs-net';
 * import {
 *   flatMap, forEachFrame, fromIO, readFrame, serveWith, toPromise, withConnection, writeFrame,
 * } from 'rxjs-net/effects';
 *
 * const server = serveWith(
 *   { port: 0, host: '127.0.0.1' },
 *   (connection) =>
 *     pipe(connection, forEachFrame(lines(), (name) => pipe(connection, writeFrame(lines(), `hello ${name}`)))),
 *   (failure) => fromIO(() => console.log(failure.message)),
 * );
 *
 * const program = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) =>
 *     pipe(connection, writeFrame(lines(), 'Ada'), flatMap(() => pipe(connection, readFrame(lines())))),
 *   ),
 * );
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: { _tag: 'Some', value: 'hello Ada' } }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function forEachFrame<In, Out, X, E, R = NetEnv>(
  framing: Framing<In, Out, X>,
  f: (message: In) => ReaderTaskEither<R, E, unknown>,
): (connection: Connection) => Program<void, E | ReadFailure | X | InvalidOptions, R> {
  return (connection) =>
    onLive(connection, framing, (live): ReaderTaskEither<R, E | ReadFailure | X, void> => {
      checkFunction('f', f);
      return (env) => () =>
        new Promise((resolve, reject) => {
          throwIfOver(env);
          new FrameLoop<R, In, E | ReadFailure | X>(live, framing, f, env, { resolve, reject }).start();
        });
    });
}
