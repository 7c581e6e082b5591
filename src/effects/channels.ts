import { left, right } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';

import { AlreadySubscribed, InvalidOptions, type ReadFailure, type WriteFailure } from '../core/index.ts';
import type { Channel, ChannelOptions, EncodeOutcome } from '../observables/channels/channel.ts';
import { framed, isChannel } from '../observables/channels/framed.ts';
import type { Connection } from '../observables/connection.ts';
import type { Framing } from '../observables/framing/framing.ts';
import { asLive } from '../observables/internal/as-live.ts';
import { built } from './built.ts';
import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';
import { readFrameOf } from './reading.ts';
import { flatMap, tap } from './sequencing.ts';
import { flush, writeFrame } from './writing.ts';

/**
 * Uses a connection as a channel of messages:
 * `withConnection(options)(withChannel(lines())((channel) => …))`, and so in the handler of a
 * server. The connection is closed by whoever opened it.
 *
 * When the use has succeeded, what was written is flushed. It adds `WriteFailure`, and fails with
 * `InvalidOptions` when `framing` is none.
 *
 * @param framing - what the messages are, to begin with: see `upgrade`.
 * @param options - `messageTimeout`: how long a message may take once it has begun, in ms; by default 30,000.
 *
 * @example
 * ```ts
 * import { endpointOf, lines } from 'rxjs-net';
 * import { of, receive, send, serveWith, toPromise, withChannel, withConnection } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, withChannel(lines())(send('hello')), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))(withChannel(lines())(receive)),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: 'hello' } }
 * ```
 *
 * @category resources
 * @since 0.1.0
 */
export function withChannel<In, Out, X>(
  framing: Framing<In, Out, X>,
  options?: ChannelOptions,
): <E, B, R = NetEnv>(
  use: (channel: Channel<In, Out, X>) => ReaderTaskEither<R, E, B>,
) => (connection: Connection) => Program<B, E | WriteFailure, NetEnv & R> {
  return (use) => (connection) =>
    pipe(
      channelOf(connection, framing, options),
      flatMap(use),
      tap(() => flush(connection)),
    );
}

function channelOf<In, Out, X>(
  connection: Connection,
  framing: Framing<In, Out, X>,
  options?: ChannelOptions,
): Net<InvalidOptions, Channel<In, Out, X>> {
  return () => async () => {
    try {
      return right(framed(connection, framing, options));
    } catch (error) {
      if (error instanceof InvalidOptions) return left(error);
      throw error;
    }
  };
}

/**
 * Reads the next message of a channel, as `readFrame` does.
 *
 * @example
 * ```ts
 * import { endpointOf, jsonLines } from 'rxjs-net';
 * import { of, receive, serveWith, toPromise, withChannel, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('1\n2\n'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))(withChannel(jsonLines())(receive)),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: 1 } }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function receive<In, Out, X>(channel: Channel<In, Out, X>): Net<ReadFailure | X | InvalidOptions, Option<In>> {
  return built(() => readFrameOf(channel.framing, isChannel(channel) ? channel.messageTimeout : 0)(channel.connection));
}

/**
 * Writes a message to a channel, as `writeFrame` does.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, jsonLines } from 'rxjs-net';
 * import { map, of, readAll, send, serveWith, toPromise, withChannel, withConnection } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, withChannel(jsonLines())(send({ ready: true })), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readAll(), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: '{"ready":true}\n' }
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export function send<Out>(
  message: Out,
): <In, X>(channel: Channel<In, Out, X>) => Net<WriteFailure | EncodeOutcome<X>['failures'], void> {
  return (channel) => built(() => writeFrame(channel.framing, message)(channel.connection));
}

/**
 * Goes over to another framing in mid-connection, as after a handshake in lines. The bytes that
 * came behind the last message that was read are the first that the new framing gets; what was
 * written leaves in order, without waiting for it.
 *
 * It fails with `AlreadySubscribed` when somebody still reads by the old framing, whose messages
 * these bytes would else become.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, jsonLines, lines } from 'rxjs-net';
 * import { flatMap, of, receive, serveWith, toPromise, upgrade, withChannel, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('ready\n{"a":1}\n'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))(withChannel(lines())((channel) =>
 *     pipe(
 *       receive(channel),
 *       flatMap(() => pipe(channel, upgrade(jsonLines()))),
 *       flatMap(receive),
 *     ),
 *   )),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: { a: 1 } } }
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function upgrade<In, Out, X>(
  framing: Framing<In, Out, X>,
  options?: ChannelOptions,
): <In0, Out0, X0>(channel: Channel<In0, Out0, X0>) => Net<AlreadySubscribed | InvalidOptions, Channel<In, Out, X>> {
  return (channel) => (env) => async () => {
    const { connection } = channel;
    const made = await channelOf(connection, framing, options)(env)();
    if (made._tag === 'Left') return made;
    const live = asLive(connection);
    if (!live.hasReader) return made;
    const message = 'the connection is being read, and can not be framed anew meanwhile';
    return left(new AlreadySubscribed({ ...live.failureDetails(), message }));
  };
}
