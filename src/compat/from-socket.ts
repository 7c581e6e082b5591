import { Duplex } from 'node:stream';

import { systemRandom } from '../core/chance.ts';
import { systemClock } from '../core/clock.ts';
import { InvalidOptions } from '../core/failures/index.ts';
import { checkBoolean, checkDuration, checkSize } from '../core/options/index.ts';
import { reportDefect } from '../core/report-defect.ts';
import type { Connection } from '../observables/connection.ts';
import type { ConnectionOwner } from '../observables/internal/connection-owner.ts';
import { LiveConnection } from '../observables/internal/live-connection.ts';
import {
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_QUEUED,
  DEFAULT_STALL_WARNING,
} from '../observables/internal/settings.ts';
import { SocketDuplexLink } from './duplex-link.ts';

/** Options of `fromSocket`; they mean what they mean for `connect` of `rxjs-net`. */
export interface FromSocketOptions {
  /** Whether the write side stays open when the peer has ended. Default: false. */
  readonly allowHalfOpen?: boolean;
  /** Waiting bytes above which a source is held. Default: 64 KiB. */
  readonly highWaterMark?: number;
  /** Waiting bytes above which a further write fails the connection. Default: 1 MiB. */
  readonly maxQueued?: number;
  /**
   * How long the connection may show no sign of life while it closes, in ms. Default: 30,000 ms; 0
   * closes it at once.
   */
  readonly closeTimeout?: number;
}

/** Nobody but the program has it. */
const owner: ConnectionOwner = {
  onConnected() {},
  onConnectionClosed() {},
  onReaderChanged() {},
  onDefect: (_connection, error) => reportDefect(error, 'a function of a connection threw'),
  onQuiet() {},
};

/**
 * The connection that a stream is: a socket of `net`, of `tls`, of `rxjs-net/compat`, or any other `Duplex` of bytes.
 *
 * From here on the stream is the connection's: it is paused, its FIN is answered by the connection, and its `'error'` is a failure. What
 * the stream had read and nobody had taken comes first in `incoming`. Listeners for `'data'` that the program has left on
 * it would take chunks of their own.
 *
 * Throws `InvalidOptions` when `duplex` is no duplex stream of bytes, or has an encoding set, since its bytes can't be told then.
 *
 * @example
 * ```ts
 * import net, { fromSocket } from 'rxjs-net/compat';
 * import { lines } from 'rxjs-net';
 *
 * const server = net.createServer((socket) => socket.end('hello\n'));
 * server.listen(0, '127.0.0.1', () => {
 *   const { port } = server.address() as net.AddressInfo;
 *   const connection = fromSocket(net.connect(port, '127.0.0.1'));
 *   connection.incoming.pipe(lines()).subscribe((line) => {
 *     console.log(line); // => hello
 *     server.close();
 *   });
 * });
 * ```
 */
export function fromSocket(duplex: Duplex, options: FromSocketOptions = {}): Connection {
  if (!(duplex instanceof Duplex))
    throw new InvalidOptions({ option: 'duplex', value: duplex, allowed: 'a duplex stream' });
  if (duplex.readableObjectMode || duplex.writableObjectMode || duplex.readableEncoding !== null)
    throw new InvalidOptions({ option: 'duplex', value: duplex, allowed: 'a stream of bytes, with no encoding set' });
  const { allowHalfOpen = false, highWaterMark = DEFAULT_HIGH_WATER_MARK, maxQueued = DEFAULT_MAX_QUEUED } = options;
  const { closeTimeout = DEFAULT_CLOSE_TIMEOUT } = options;
  checkBoolean('allowHalfOpen', allowHalfOpen);
  checkSize('highWaterMark', highWaterMark);
  checkSize('maxQueued', maxQueued);
  checkDuration('closeTimeout', closeTimeout, { zero: true });
  const settings = {
    clock: systemClock,
    random: systemRandom,
    tuning: {},
    allowHalfOpen,
    highWaterMark,
    maxQueued,
    closeTimeout,
    limit: undefined,
    budget: undefined,
    stallWarning: DEFAULT_STALL_WARNING,
  };
  const connection = new LiveConnection(settings, owner, 'open');
  connection.link = new SocketDuplexLink(duplex, connection);
  return connection;
}
