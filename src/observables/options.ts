import type { ObservableInput } from 'rxjs';

import type { ConnectEndpointOptions, ListenEndpointOptions } from '../core/options/index.ts';
import type { Transport } from '../core/transport.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Connection } from './connection.ts';
import type { Defect } from './failures/defect.ts';
import type { ConnectionThrottle } from './throttle-connections.ts';

/** Time limits as options: they hold for every connection, from the moment it stands. */
export interface TimeLimitOptions {
  /**
   * Ends a connection with `IdleTimeout` when no byte went either way for so many ms. Default: no
   * limit.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Ends a connection with `ReadTimeout` when bytes are wanted and none came for so many ms; time
   * in which its own consumer holds it is not counted. Default: no limit.
   */
  readonly readTimeout?: number | undefined;
  /**
   * Ends a connection with `WriteTimeout` when queued bytes made no progress for so many ms.
   * Default: no limit.
   */
  readonly writeTimeout?: number | undefined;
  /**
   * Ends a connection with `FirstByteTimeout` when its first byte is wanted and didn't come for so
   * many ms. Default: no limit.
   */
  readonly firstByteTimeout?: number | undefined;
  /**
   * Ends a connection with `ConsumerStalled` when a consumer has paused it for so many ms, and its
   * work neither emitted nor completed meanwhile. Default: no limit.
   */
  readonly stallTimeout?: number | undefined;
  /**
   * Warns, once per place, when a consumer has paused a connection for so many ms, and its work
   * neither emitted nor completed meanwhile. 0 turns the warning off.
   *
   * @defaultValue 5,000 ms
   */
  readonly stallWarning?: number | undefined;
  /**
   * Ends a connection with `DeadlineExceeded` so many ms after it stood, whatever it does. Default:
   * no limit.
   */
  readonly deadline?: number | undefined;
}

/** Options that every connection has, dialled or accepted. */
export interface ConnectionOptions extends TimeLimitOptions {
  /**
   * Leaves the write side open when the peer has sent its FIN, until `end()` is called. Otherwise
   * the FIN is answered as soon as nothing is being sent.
   *
   * @defaultValue `false` (spec: `net.createServer([options])`)
   */
  readonly allowHalfOpen?: boolean | undefined;
  /**
   * Waiting bytes from which on `write` returns false and sources are held.
   *
   * @defaultValue 65,536 bytes
   */
  readonly highWaterMark?: number | undefined;
  /**
   * Waiting bytes above which a further write fails the connection with `BufferOverflow`; at least
   * `highWaterMark`.
   *
   * @defaultValue 1,048,576 bytes, or `highWaterMark` where that is more
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long a connection that closes may show no sign of life, in ms: no byte comes in, and none
   * that wait leave. Then it is closed by force, and its ledger says `cut`. A connection closes
   * when its write side has ended and nobody reads. It reads and discards until the peer's FIN, as
   * long as the peer talks or takes bytes. 0 closes it at once.
   *
   * @defaultValue 30,000 ms
   */
  readonly closeTimeout?: number | undefined;
  /**
   * A bound on the bytes that wait on all connections that share it, of this and of others; see
   * `byteBudget`.
   *
   * @defaultValue none
   */
  readonly budget?: ByteBudget | undefined;
  /**
   * Who makes connections.
   *
   * @defaultValue `nodeTransport`, the operating system's
   */
  readonly transport?: Transport | undefined;
}

/** Options of `connect`. */
export type ConnectOptions = ConnectEndpointOptions &
  ConnectionOptions & {
    /**
     * Fails with `ConnectTimeout` when the connection doesn't stand after so many ms, the name
     * lookup included.
     *
     * @defaultValue no limit but the system's
     */
    readonly connectTimeout?: number | undefined;
  };

/** Options of `listen`. */
export type ListenOptions = ListenEndpointOptions &
  ConnectionOptions & {
    /**
     * How many connections may be open at once.
     *
     * @defaultValue no limit
     */
    readonly maxConnections?: number | undefined;
    /**
     * What becomes of a connection above `maxConnections`: `drop` closes it, `wait` leaves it
     * unread until there is room.
     *
     * @defaultValue `'drop'`
     */
    readonly whenFull?: 'drop' | 'wait' | undefined;
    /**
     * How fast connections may begin; see `throttleConnections`.
     *
     * @defaultValue no limit
     */
    readonly throttle?: ConnectionThrottle | undefined;
    /**
     * Lets a connection go that nobody has read from or written to for so many ms: a reset of the
     * peer would not be seen on it.
     *
     * @defaultValue 30,000 ms
     */
    readonly unclaimedTimeout?: number | undefined;
    /**
     * How many such connections may be open at once; above it, a new one is dropped.
     *
     * @defaultValue 1,024
     */
    readonly maxUnclaimed?: number | undefined;
    /**
     * Never lets a connection go because nobody reads it, for connections that are handed to
     * another process unread. (Whatever this says, nothing is read from a connection before its
     * `incoming` is subscribed.)
     *
     * @defaultValue `false` (spec: `net.createServer([options])`)
     */
    readonly pauseOnConnect?: boolean | undefined;
  };

/** Options of `serve` and of `serveWith` of `rxjs-net/effects`. */
export type ServingOptions = ListenOptions & {
  /**
   * Begins the shutdown when it is aborted, or emits or completes: stop accepting, let the handlers
   * finish, cut what is left after `drainTimeout`, report. (`signal` in contrast destroys
   * everything at once.)
   */
  readonly shutdown?: AbortSignal | (ObservableInput<unknown> & object) | undefined;
  /**
   * How long the handlers may take to finish after `shutdown`, in ms.
   *
   * @defaultValue 10,000 ms
   */
  readonly drainTimeout?: number | undefined;
};

/** Options of `serve`. */
export type ServeOptions = ServingOptions & {
  /**
   * Is called with what a handler threw, and the connection that ends because of it, before the
   * `failed` event.
   *
   * @defaultValue a warning of the process (`process.on('warning')`, code `RXJS_NET_DEFECT`) with the stack, once per place that throws
   */
  readonly onDefect?: ((defect: Defect, connection: Connection) => void) | undefined;
};
