import { Observable, type Subscriber } from 'rxjs';

import type { Address } from '../core/endpoint.ts';
import { AlreadySubscribed, type ListenFailure, type NetFailure } from '../core/failures/index.ts';
import { guarded, reportDefect } from '../core/report-defect.ts';
import type { Connection } from './connection.ts';
import type { Flow } from './flow.ts';
import { Broadcast } from './internal/broadcast.ts';
import { Acceptor } from './internal/acceptor.ts';
import { ContextSubscriber } from './internal/in-context.ts';
import type { LiveConnection } from './internal/live-connection.ts';
import { PacedEmitter } from './internal/paced-emitter.ts';
import { planListen, type ListenPlan, readDrainTimeout } from './internal/read-options.ts';
import type { ListenOptions } from './options.ts';
import type { DrainReport, DroppedEvent, Server } from './server.ts';

/**
 * Listens over TCP or IPC, and leaves the connections to you; `serve` is what most programs want.
 *
 * Cold: each subscription binds. It emits one `Server` when that is bound, and completes when the server has closed and all its
 * connections have. Unsubscribing stops listening and destroys what is left; so does an abort of `signal`, which completes it. It
 * adds `ListenFailure`; wrong options fail on subscription with `InvalidOptions`.
 *
 * Spec: `server.listen(options)`, `net.createServer([options])`.
 *
 * @example
 * ```ts
 * import { listen } from 'rxjs-net';
 *
 * listen({ port: 0, host: '127.0.0.1' }).subscribe({
 *   next: (server) => {
 *     console.log(server.connectionCount); // => 0
 *     server.connections.subscribe((connection) => connection.end('goodbye\n'));
 *     void server.close();
 *   },
 *   complete: () => console.log('closed'), // => closed
 * });
 * ```
 */
export function listen(options: ListenOptions): Flow<Server, ListenFailure> {
  return new Observable<Server>((subscriber) => {
    let plan: ListenPlan;
    try {
      plan = planListen(options);
    } catch (failure) {
      subscriber.error(failure);
      return undefined;
    }
    const server = new ListeningServer(plan, subscriber);
    server.start();
    return () => server.stop();
  });
}

class ListeningServer extends Acceptor implements Server {
  private readonly subscriber: ContextSubscriber<Server>;
  private taker: PacedEmitter<Connection> | undefined = undefined;
  private boundAddress: Address = { path: '' };
  private readonly drops = new Broadcast<DroppedEvent>();
  private closing: Promise<DrainReport> | undefined = undefined;
  private resolveClosing: ((report: DrainReport) => void) | undefined = undefined;
  private lastReport: DrainReport | undefined = undefined;

  constructor(plan: ListenPlan, subscriber: Subscriber<Server>) {
    super(plan);
    this.subscriber = new ContextSubscriber(subscriber);
  }

  get address(): Address {
    return this.boundAddress;
  }

  get dropped(): Observable<DroppedEvent> {
    return this.drops.flow;
  }

  get connections(): Flow<Connection, AlreadySubscribed> {
    return new Observable<Connection>((subscriber) => {
      if (this.lastReport !== undefined) {
        subscriber.complete();
        return undefined;
      }
      if (this.taker !== undefined) {
        const message = 'the connections of a server have one subscriber at a time';
        subscriber.error(new AlreadySubscribed({ message }));
        return undefined;
      }
      this.taker = new PacedEmitter(subscriber, () => this.beginWaiting());
      this.beginWaiting();
      return () => {
        this.taker = undefined;
      };
    });
  }

  close(options: { readonly drainTimeout?: number | undefined } = {}): Promise<DrainReport> {
    let drainTimeout: number;
    try {
      drainTimeout = readDrainTimeout(options);
    } catch (failure) {
      return Promise.reject(failure);
    }
    if (this.lastReport !== undefined) return Promise.resolve(this.lastReport);
    // Called again without a time, it changes nothing.
    const changes = this.closing === undefined || options.drainTimeout !== undefined;
    this.closing ??= new Promise((resolve) => {
      this.resolveClosing = resolve;
    });
    if (changes) this.beginDrain(drainTimeout);
    return this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  ref(): this {
    this.binding?.ref();
    return this;
  }

  unref(): this {
    this.binding?.unref();
    return this;
  }

  protected whenListening(address: Address): void {
    this.boundAddress = address;
    guarded(() => this.subscriber.next(this));
  }

  protected get mustWait(): boolean {
    return this.taker === undefined || this.taker.isHeld || this.taker.isClosed;
  }

  protected whenBegun(connection: LiveConnection): void {
    this.taker?.emit(connection);
  }

  protected whenClosed(): void {
    // Who has the connection is told by the connection.
  }

  protected whenDefect(_connection: LiveConnection, error: unknown): void {
    reportDefect(error, 'a function of a connection threw');
  }

  protected whenDropped(event: DroppedEvent): void {
    this.drops.emit(event);
  }

  protected whenStopped(report: DrainReport, failure: NetFailure | undefined): void {
    this.settle(report);
    guarded(() => {
      if (failure === undefined) this.subscriber.complete();
      else this.subscriber.error(failure);
    });
  }

  /** The subscription is over: destroys what is left. */
  stop(): void {
    this.abandon();
    this.settle({ finished: 0, cut: [], unclaimed: 0, duration: 0 });
  }

  private settle(report: DrainReport): void {
    if (this.lastReport !== undefined) return;
    this.lastReport = report;
    this.resolveClosing?.(report);
    this.taker?.complete();
    this.drops.complete();
  }
}
