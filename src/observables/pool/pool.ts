import { Observable, type ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { ConnectFailure, ConnectionClosed, PoolExhausted } from '../../core/failures/index.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { planConnect } from '../internal/read-options.ts';
import type { OneChunk, Several } from '../one-chunk.ts';
import type { ConnectOptions } from '../options.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { PoolEvent, PoolReport, PoolStats } from './events.ts';
import { planPool, type PoolOptions } from './options.ts';
import { RefusedPool } from './refused-pool.ts';

/**
 * What getting a connection from a pool adds to what making one can fail with; `ConnectionClosed`:
 * the pool is closed.
 */
export type PoolFailure = FailureOfPool['failure'];

/** A union that has no name of its own, as `FailureByPhase`. */
interface FailureOfPool {
  readonly failure: PoolExhausted | ConnectionClosed;
}

/** A connection on loan. */
export interface Lease {
  readonly connection: Connection;
  /** Gives it back: nothing is under way on it, says the caller. Once; later calls do nothing. */
  release(): void;
}

/** A bounded set of connections that callers use in turn. `E` is what making one can fail with. */
export interface Pool<E = ConnectFailure> extends AsyncDisposable {
  /**
   * Works with a connection, as soon as there is one: subscribes to what `work` returns and passes
   * on what that emits.
   *
   * When that completes, the connection is given back; when it fails, or is unsubscribed before,
   * the connection is closed, for nobody knows what is under way on it. So what belongs to the
   * exchange, a `take(1)` for the answer, stands inside `work`, and who awaits it takes `runFlow`
   * or `lastValueFrom`, not `firstValueFrom`. A connection on which something was left over (a
   * reader, a send, bytes unread or unsent, a side that has ended) is closed too.
   *
   * Cold: each subscription waits in the order of coming, and has a connection of its own. It adds
   * `PoolExhausted`, `ConnectionClosed` when the pool is closed, or cuts the connection at the end
   * of its drain, and what making a connection fails with; who has waited longest is told. What
   * `work` throws is a defect.
   */
  use<I extends ObservableInput<unknown> | OneChunk>(
    work: (connection: Connection) => Several<I, 'a text or bytes would be read in pieces: return [value] to emit one'>,
  ): Flow<EmittedBy<Extract<I, ObservableInput<unknown>>>, FailureOf<I> | E | PoolFailure>;
  /**
   * As `use`, for what doesn't fit into one flow: emits one lease, and completes when that was
   * released or its connection has closed. Unsubscribing before `release()` closes the connection.
   */
  lease(): Flow<Lease, E | PoolFailure>;
  /** What happens in it. Completes when it has closed. */
  readonly events: Flow<PoolEvent>;
  /** How many there are at this moment. */
  readonly stats: PoolStats;
  /**
   * Refuses who waits and who comes, closes what nobody uses, waits at most `drainTimeout` ms
   * (default 10,000) for what is in use, cuts what is left, and resolves when all of it has closed.
   * Calling it again gives the same promise.
   */
  close(options?: { readonly drainTimeout?: number | undefined }): Promise<PoolReport>;
  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A pool of connections to one place.
 *
 * Connections are made when they are wanted, `size` at most, and used by one caller at a time.
 * While nobody uses one, the pool reads it: one that the peer ends or resets, or on which bytes
 * come that nobody asked for, leaves the pool at once. So a server that was started anew finds no
 * dead connections in it. Servers that vanish without a word, and those that speak first, want a
 * `check`, and a flow that makes connections ready.
 *
 * @param target - options of `connect`, or a flow that emits a connection and keeps it: `connect(o).pipe(concatMap(handshake))`.
 * @param options - sizes and times; wrong ones fail each `use` with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { lines, orDie, pool, runFlow, sendTo, serve } from 'rxjs-net';
 * import { merge, of, take } from 'rxjs-net/rx';
 *
 * const path = `/tmp/rxjs-net-pool-${process.pid}.sock`;
 * const server = serve({ path }, (connection) => connection.incoming).subscribe();
 *
 * const connections = pool({ path }, { size: 2, maxWaiting: 100 });
 * const ask = (question: string) =>
 *   connections.use((connection) =>
 *     merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
 *   );
 *
 * console.log(await Promise.all(['a', 'b', 'c'].map((each) => runFlow(ask(each).pipe(orDie()))))); // => [ 'a', 'b', 'c' ]
 * console.log(connections.stats.size); // => 2
 * await connections.close();
 * server.unsubscribe();
 * ```
 */
export function pool<F extends Observable<Connection>>(target: F, options?: PoolOptions): Pool<FailureOf<F>>;
export function pool(target: ConnectOptions, options?: PoolOptions): Pool;
export function pool(target: Observable<Connection> | ConnectOptions, options: PoolOptions = {}): Pool<unknown> {
  try {
    const plan = planPool(options);
    if (target instanceof Observable) return new ConnectionPool(target, plan);
    const { clock } = planConnect(target).transport;
    return new ConnectionPool(connect(target), { ...plan, clock: plan.clock ?? clock });
  } catch (failure) {
    return new RefusedPool(failure);
  }
}
