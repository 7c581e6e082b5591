import { Observable, type Subscriber } from 'rxjs';

import { type ConnectFailure, ConnectionAborted, ConnectTimeout } from '../core/failures/index.ts';
import { guarded, reportDefect } from '../core/report-defect.ts';
import type { CloseInfo, Connection } from './connection.ts';
import type { Flow } from './flow.ts';
import { announceLeaf } from './internal/leaves.ts';
import { ContextSubscriber } from './internal/in-context.ts';
import type { ConnectionOwner } from './internal/connection-owner.ts';
import { LiveConnection } from './internal/live-connection.ts';
import { planConnect, type ConnectPlan } from './internal/read-options.ts';
import type { ConnectOptions } from './options.ts';

/**
 * Connects over TCP or IPC.
 *
 * Cold: each subscription dials. It emits one `Connection` when that stands, and completes when it
 * has fully closed, however that came about (`connection.closed` tells). Unsubscribing destroys it,
 * at any stage. So `repeat` reconnects after a close, and `retry` after a dial that failed. Wrong
 * options fail on subscription with `InvalidOptions`; an abort of `signal` while it dials with
 * `ConnectionAborted`, and later it destroys the connection.
 *
 * Spec: `net.createConnection(options)`, `socket.connect(options)`.
 *
 * @example
 * ```ts
 * import { connect, catchFailure, runFlow } from 'rxjs-net';
 * import { EMPTY, mergeMap } from 'rxjs-net/rx';
 *
 * const greeting = connect({ port: 1, host: '127.0.0.1' }).pipe(
 *   mergeMap((connection) => connection.incoming),
 *   catchFailure('ConnectionRefused', (failure) => {
 *     console.log(`nobody listens on port ${failure.port}`); // => nobody listens on port 1
 *     return EMPTY;
 *   }),
 * );
 * greeting.subscribe();
 * ```
 */
export function connect(options: ConnectOptions): Flow<Connection, ConnectFailure> {
  return connectKnowing(options, []);
}

/** `connect` for what reads options of its own among them, whose names are known then. */
export function connectKnowing(
  options: ConnectOptions,
  moreNames: readonly string[],
): Flow<Connection, ConnectFailure> {
  return new Observable<Connection>((subscriber) => {
    let plan: ConnectPlan;
    try {
      plan = planConnect(options, moreNames);
    } catch (failure) {
      subscriber.error(failure);
      return undefined;
    }
    const dialling = new Dialling(plan, subscriber);
    return () => dialling.stop();
  });
}

/** One subscription of `connect`. */
class Dialling implements ConnectionOwner {
  private readonly plan: ConnectPlan;
  private readonly subscriber: ContextSubscriber<Connection>;
  private readonly connection: LiveConnection;
  private cancelTimer: (() => void) | undefined = undefined;
  private connected = false;

  constructor(plan: ConnectPlan, subscriber: Subscriber<Connection>) {
    this.plan = plan;
    this.subscriber = new ContextSubscriber(subscriber);
    const { transport, endpoint, dial, settings, connectTimeout } = plan;
    const connection = new LiveConnection(settings, this, 'dialling');
    this.connection = connection;
    connection.link = transport.dial(endpoint, dial, connection);
    announceLeaf(connection, 'dial');
    if (connectTimeout !== undefined)
      this.cancelTimer = transport.clock.after(connectTimeout, () => this.timedOut(connectTimeout));
  }

  stop(): void {
    this.cancelTimer?.();
    this.connection.destroy();
  }

  private timedOut(limit: number): void {
    const { endpoint } = this.plan;
    const place =
      'path' in endpoint
        ? { address: endpoint.path }
        : 'fd' in endpoint
          ? {}
          : { address: endpoint.host, port: endpoint.port };
    // Erring unsubscribes, and that destroys what was dialled.
    guarded(() => this.subscriber.error(new ConnectTimeout({ ...place, limit, syscall: 'connect' })));
  }

  onConnected(connection: LiveConnection): void {
    this.connected = true;
    this.cancelTimer?.();
    this.plan.settings.limit?.(connection);
    this.subscriber.next(connection);
  }

  onConnectionClosed(_connection: LiveConnection, info: CloseInfo): void {
    this.cancelTimer?.();
    if (this.connected) this.subscriber.complete();
    else this.subscriber.error(info.failure ?? new ConnectionAborted());
  }

  onReaderChanged(): void {
    // Whoever dialled knows whether they read.
  }

  onDefect(_connection: LiveConnection, error: unknown): void {
    reportDefect(error, 'a function of a connection threw');
  }

  onQuiet(): void {
    // Only a server drains.
  }
}
