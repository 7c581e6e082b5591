import type { CloseInfo, Connection } from '../connection.ts';

/**
 * Why a connection left its pool: `gaveUp`, its user failed or unsubscribed before it was done; `unclean`, its user left something
 * behind (a reader, a send, bytes, an ended side); `unexpected`, bytes came while nobody used it; `ended`, the peer ended it while nobody used
 * it; `lost`, it broke; `idle` and `lifetime`, it had its time; `unhealthy`, the check failed; `closed`, the pool closed.
 */
export type LeaveReason =
  'gaveUp' | 'unclean' | 'unexpected' | 'ended' | 'lost' | 'idle' | 'lifetime' | 'unhealthy' | 'closed';

/** What happens in a pool; discriminated by `type`. */
export type PoolEvent =
  /** A connection stands, and belongs to the pool. */
  | { readonly type: 'opened'; readonly connection: Connection }
  | {
      /** A connection has closed, and left the pool. */
      readonly type: 'closed';
      readonly connection: Connection;
      readonly reason: LeaveReason;
      /** What a check failed with; undefined otherwise. */
      readonly failure: unknown;
      readonly info: CloseInfo;
    }
  /**
   * A connection could not be made; who waited longest was told. With `DeadlineExceeded`: a dial
   * that hung was given up after its caller had gone.
   */
  | { readonly type: 'dialFailed'; readonly failure: unknown };

/** How many there are. */
export interface PoolStats {
  /** Connections that hold a socket, those that are being dialled or closed included. */
  readonly size: number;
  /** Connections that nobody uses, those that are being checked included. */
  readonly idle: number;
  /** Connections that somebody uses. */
  readonly leased: number;
  /** Connections that are being dialled. */
  readonly dialling: number;
  /** Callers that wait. */
  readonly waiting: number;
}

/** How a pool closed. */
export interface PoolReport {
  /** Connections that were in use when it began, and were given back in time. */
  readonly finished: number;
  /** Those that were cut at the deadline. */
  readonly cut: number;
  /** Callers that waited, and were refused. */
  readonly refused: number;
  /** How long it took, in ms. */
  readonly duration: number;
}
