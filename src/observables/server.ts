import type { Address } from '../core/endpoint.ts';
import type { AlreadySubscribed, NetFailure } from '../core/failures/index.ts';
import type { Connection } from './connection.ts';
import type { Flow } from './flow.ts';

/** A connection that was cut at the end of a drain. */
export interface CutConnection {
  readonly remote: Address | undefined;
  /** Bytes that had been accepted for it and not handed to the kernel. */
  readonly bytesPending: number;
}

/** How a server stopped. */
export interface DrainReport {
  /** Connections that were open when the drain began, and ended in time. */
  readonly finished: number;
  /** Those that were cut, at the deadline or by an abort of `signal`. */
  readonly cut: readonly CutConnection[];
  /** Connections that had been accepted and not yet been given to anybody; destroyed at once. */
  readonly unclaimed: number;
  /** How long it took, in ms. */
  readonly duration: number;
}

/**
 * Why a connection was not served: `full`, there are `maxConnections`; `throttled`, it came faster
 * than `throttle` allows; `unclaimed`, nobody read it for `unclaimedTimeout`, or there are
 * `maxUnclaimed` that nobody reads; `acceptFailed`, the system could not accept it (`failure` says
 * why).
 */
export type DropReason = 'full' | 'throttled' | 'unclaimed' | 'acceptFailed';

/** A connection was not served; the server goes on. */
export interface DroppedEvent {
  readonly type: 'dropped';
  readonly reason: DropReason;
  readonly remote: Address | undefined;
  readonly failure: NetFailure | undefined;
  /**
   * How many were dropped for this reason: more than one only when the events were held meanwhile.
   */
  readonly count: number;
}

/** A server that is listening. */
export interface Server extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /**
   * The connections that come in. It has one subscriber at a time (a second one gets
   * `AlreadySubscribed`); without one they wait, within `maxUnclaimed` and `unclaimedTimeout`. A
   * subscriber that holds it makes them wait too. Completes when the server closes.
   */
  readonly connections: Flow<Connection, AlreadySubscribed>;
  /** Connections that were not served. */
  readonly dropped: Flow<DroppedEvent>;
  /** How many connections are open, those that wait included. */
  readonly connectionCount: number;
  /**
   * Stops accepting, half-closes what is idle, waits at most `drainTimeout` ms (default 10,000) for
   * the rest, cuts what is left, and tells who finished and who was cut. Calling it again gives the
   * same promise; with a shorter `drainTimeout`, from now on, it shortens the wait.
   */
  close(options?: { readonly drainTimeout?: number | undefined }): Promise<DrainReport>;
  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** The server keeps the process alive (default). */
  ref(): this;
  /** The server doesn't keep the process alive by itself. */
  unref(): this;
}
