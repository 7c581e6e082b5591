import type { Socket } from '../core/node/platform-types.ts';
import { InvalidOptions } from '../core/failures/index.ts';
import type { StreamLink } from '../core/stream-link.ts';
import { platformNet } from '../core/node/platform.ts';
import type { Transport } from '../core/transport.ts';
import type { Connection } from '../observables/connection.ts';
import { LiveConnection } from '../observables/internal/live-connection.ts';
import { ConnectionStream } from './connection-stream.ts';
import { acceptToo } from './has-instance.ts';
import { linkStreams } from './link-streams.ts';
import { makeSocketConstructor } from './socket.ts';
import { BRIDGE } from './internal-names.ts';
import type { NetContext } from './net-context.ts';
import type { SocketMethods } from './socket-methods.ts';
import { streamEvents } from './stream-events.ts';

/**
 * The socket of `net` that a connection is: a `stream.Duplex` for whoever wants one, be it `http`,
 * `tls` or a driver.
 *
 * The socket reads `incoming` from here on, beginning with what an earlier reader gave back; the
 * limits of the connection, its ledger and the drain of its server stay. A peer that ends is
 * answered as by a socket of `net`. What is written leaves at once.
 *
 * Throws `InvalidOptions` when `connection` is none of ours. When somebody reads `incoming` at the
 * time, the socket fails with `AlreadySubscribed`.
 *
 * @example
 * ```ts
 * import { serve } from 'rxjs-net';
 * import { ignoreElements } from 'rxjs-net/rx';
 * import net, { toSocket } from 'rxjs-net/compat';
 *
 * const server = serve({ port: 0, host: '127.0.0.1' }, (connection) => {
 *   toSocket(connection).end('hello');
 *   return connection.closed.pipe(ignoreElements());
 * }).subscribe((event) => {
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   net.connect(event.address.port, '127.0.0.1').on('data', (data) => {
 *     console.log(data.toString()); // => hello
 *     server.unsubscribe();
 *   });
 * });
 * ```
 */
export type ToSocket = (connection: Connection, options?: ToSocketOptions) => Socket;

/** Options of `toSocket`. */
export interface ToSocketOptions {
  /** Whether the write side stays open when the peer has ended. Default: false. */
  readonly allowHalfOpen?: boolean;
  /** Of both queues of the stream, in bytes. Default: the platform's. */
  readonly highWaterMark?: number;
}

/** Makes a stream of a connection. */
export type Bridge = (socket: SocketMethods) => StreamLink;

/**
 * `toSocket` for one net. Its sockets are instances of that net's `Socket`, and not of the
 * platform's: they have no handle of the system, which the platform takes for granted.
 */
export function makeToSocket({ Socket, transport, ...settings }: NetContext): ToSocket {
  const plain: Transport = { ...transport, streams: undefined };
  const net = makeSocketConstructor({ ...settings, transport: plain, streams: linkStreams(plain) });
  acceptToo(Socket, platformNet.Socket, net.Socket);
  return (connection, options = {}) => {
    if (!(connection instanceof LiveConnection))
      throw new InvalidOptions({ option: 'connection', value: connection, allowed: 'a connection of rxjs-net' });
    const bridge: Bridge = (socket) => new ConnectionStream(connection, streamEvents, socket);
    // As in `createNet`: the platform's type names its own class.
    return new net.Socket({ ...options, [BRIDGE]: bridge }) as unknown as Socket;
  };
}
