/**
 * One bound on the bytes that wait to be sent, over any number of connections. Give the same one to
 * several `connect`, `listen` and `serve` as their option `budget`.
 *
 * Text counts its length until it is encoded, as everywhere in what a connection counts.
 */
export interface ByteBudget {
  /** The bound, in bytes. */
  readonly limit: number;
  /**
   * Bytes that wait now, on all connections that share it; never more than `limit` but for one
   * chunk of each connection.
   */
  readonly queued: number;
  /** Connections on which bytes wait. */
  readonly connections: number;
}

/**
 * A bound on the bytes that wait to be sent over all connections that share it, besides the bounds
 * that each of them has.
 *
 * The less is left, the less a connection may have waiting before what feeds it is held: at most
 * four times what is left. So those that take most are held first, and small ones go on. A
 * connection that is held goes on when its own bytes have left, whatever the others do, so a peer
 * that takes nothing starves nobody. A chunk that was read already is still accepted: at the limit
 * each connection may have one.
 *
 * A source that can't be held (plain `write`, a timer) has `write` return false. At the limit, one
 * that writes all the same on a connection that has more than an equal share of it ends that
 * connection with `BufferOverflow`.
 *
 * A limit that is no whole number of bytes, 1 or more, fails with `InvalidOptions` on subscription
 * to what it is given to.
 *
 * @example
 * ```ts
 * import { byteBudget, connect, serve } from 'rxjs-net';
 * import { mergeMap } from 'rxjs-net/rx';
 *
 * const budget = byteBudget(64 * 1024 * 1024);
 *
 * const server = serve({ port: 0, host: '127.0.0.1', budget }, () => ['hello']).subscribe((event) => {
 *   if (event.type === 'closed') {
 *     console.log(`${budget.queued} bytes wait`); // => 0 bytes wait
 *     server.unsubscribe();
 *   }
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   connect({ port: event.address.port, host: '127.0.0.1', budget })
 *     .pipe(mergeMap((connection) => connection.incoming))
 *     .subscribe();
 * });
 * ```
 */
export function byteBudget(limit: number): ByteBudget {
  return new Budget(limit);
}

/**
 * How many times what is left one connection may have waiting: alone it gets four fifths of it all.
 */
const SHARE = 4;

/** What connections do with a budget. */
export class Budget implements ByteBudget {
  readonly limit: number;
  queued = 0;
  connections = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What waits on one connection has changed. */
  changed(before: number, after: number): void {
    this.queued += after - before;
    if (before === 0) {
      if (after > 0) this.connections++;
    } else if (after === 0) {
      this.connections--;
    }
  }

  /** Whether a connection with so many bytes waiting is to be held. */
  isShortFor(size: number): boolean {
    return size > 0 && size >= SHARE * (this.limit - this.queued);
  }

  /**
   * Whether a connection with so many bytes waiting has more than its share of a budget that is
   * used up.
   */
  isExceededBy(size: number): boolean {
    return this.queued >= this.limit && size * this.connections > this.limit;
  }
}
