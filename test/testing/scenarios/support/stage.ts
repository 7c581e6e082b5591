import { type Observable, type ObservableInput, Subject, takeUntil } from 'rxjs';

import type { Address, Clock, Connection, NetFailure, ServeEvent, Transport } from '../../../../src/index.ts';
import { Random } from '../../../../src/testing/random.ts';
import { type End, endOf, Observations } from './observations.ts';

/** Where a scenario plays: a simulated network, or this machine. */
export interface World {
  readonly clock: Clock;
  /** Lets so many ms pass: of virtual time, or a part of it in real time. */
  sleep(ms: number): Promise<void>;
  transportOf(host: string): Transport;
  /** Where a server on that host listens. */
  placeOf(server: string): { readonly host?: string; readonly port: number };
  /** How it is dialled, once it listens at `address`. */
  targetOf(server: string, address: Address | undefined): { readonly host: string; readonly port: number };
}

/** Every wait has an end well before the longest fault is taken back. */
export const LIMITS = { connectTimeout: 5_000, idleTimeout: 20_000, deadline: 60_000 } as const;
export const SERVER_LIMITS = { idleTimeout: 25_000, deadline: 80_000, drainTimeout: 2_000 } as const;

/** What a scenario is given: a world, chance, and a place for what it sees. */
export class Stage {
  readonly random: Random;
  readonly seen = new Observations();
  readonly world: World;
  private readonly addresses = new Map<string, Address>();
  private readonly counts = new Map<string, number>();

  constructor(world: World, seed: number) {
    this.world = world;
    this.random = new Random(seed);
  }

  get clock(): Clock {
    return this.world.clock;
  }

  sleep(ms: number): Promise<void> {
    return this.world.sleep(ms);
  }

  /** A generator of its own for who acts beside others: whose turn comes first must not change what is drawn. */
  fork(): Random {
    return new Random(this.random.next());
  }

  /** A name that nothing else has. */
  name(what: string): string {
    const count = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, count);
    return `${what} ${count}`;
  }

  // ---- servers

  /** Runs a server; resolves when it listens, or has failed to. */
  async serves(name: string, make: (listen: ListenPlace) => Observable<ServeEvent<unknown>>): Promise<Serving> {
    const serving = new Serving(this, name);
    serving.begin(make({ ...this.listenAt(name), shutdown: serving.stopper.signal, ...SERVER_LIMITS }));
    await serving.listening;
    return serving;
  }

  /** Runs a server, and all of its clients at once; it is shut down behind them. */
  async meets(
    make: (listen: ListenPlace) => Observable<ServeEvent<unknown>>,
    hosts: readonly string[],
    client: (host: string) => Promise<unknown>,
  ): Promise<Serving> {
    const server = await this.serves('server', make);
    await Promise.all(hosts.map(client));
    await server.shutDown();
    return server;
  }

  listenAt(name: string): { readonly host?: string; readonly port: number; readonly transport: Transport } {
    return { ...this.world.placeOf(name), transport: this.world.transportOf(name) };
  }

  listensAt(name: string, address: Address): void {
    this.addresses.set(name, address);
  }

  // ---- clients

  /** What `connect` is given to reach a server. */
  target(from: string, server = 'server'): DialPlace {
    const place = this.world.targetOf(server, this.addresses.get(server));
    return { ...place, transport: this.world.transportOf(from), ...LIMITS };
  }

  /** Runs a flow to its end, or until it is given up; it has to come to one. */
  runs(name: string, flow: Observable<unknown>, giveUp?: PromiseLike<unknown>): Promise<End> {
    const ended = this.seen.begins(name);
    return new Promise((resolve) => {
      const subscription = flow.subscribe({
        error: (error: unknown) => resolve(ended(endOf(error))),
        complete: () => resolve(ended('complete')),
      });
      void giveUp?.then(() => {
        if (subscription.closed) return;
        subscription.unsubscribe();
        resolve(ended('given up'));
      });
    });
  }

  /** Takes down a connection's ledger when it closes. @returns what both of its ends call it. */
  watch(connection: Connection, side: 'client' | 'server'): string {
    const key = keyOf(connection, side) ?? this.name(`${side} of IPC`);
    this.seen.opened(key, side);
    connection.closed.subscribe((info) => this.seen.closed(key, side, info));
    return key;
  }
}

export type ListenPlace = ReturnType<Stage['listenAt']> & { readonly shutdown: AbortSignal } & typeof SERVER_LIMITS;
export type DialPlace = ReturnType<World['targetOf']> & { readonly transport: Transport } & typeof LIMITS;

/** A server that runs: its events have their order, and its drain a sum. */
export class Serving {
  readonly stopper = new AbortController();
  readonly events: ServeEvent<unknown>[] = [];
  readonly listening: Promise<void>;
  readonly ended: Promise<End>;
  /** How many are open, and how many were at most. */
  open = 0;
  mostOpen = 0;
  private readonly stage: Stage;
  private readonly name: string;
  private readonly connections = new Set<Connection>();
  private readonly left = new Subject<void>();
  private isListening: () => void = () => {};
  private hasEnded: (end: End) => void = () => {};

  constructor(stage: Stage, name: string) {
    this.stage = stage;
    this.name = stage.name(name);
    this.listening = new Promise((resolve) => (this.isListening = resolve));
    this.ended = new Promise((resolve) => (this.hasEnded = resolve));
  }

  begin(events: Observable<ServeEvent<unknown>>): void {
    const ended = this.stage.seen.begins(this.name);
    const end = (how: End): void => {
      ended(how);
      this.isListening();
      this.hasEnded(how);
    };
    let wasLeft = false;
    this.left.subscribe(() => (wasLeft = true));
    events.pipe(takeUntil(this.left)).subscribe({
      next: (event) => this.take(event),
      error: (error: unknown) => end(endOf(error)),
      complete: () => {
        if (!wasLeft) this.require(this.events.at(-1)?.type === 'stopped', 'completed without having stopped');
        end(wasLeft ? 'given up' : 'complete');
      },
    });
  }

  /** Begins the shutdown, and waits for its end. */
  async shutDown(): Promise<End> {
    this.stopper.abort();
    return this.ended;
  }

  /** Unsubscribes. */
  async leave(): Promise<End> {
    this.left.next();
    return this.ended;
  }

  private take(event: ServeEvent<unknown>): void {
    const { events } = this;
    this.require((events.length === 0) === (event.type === 'listening'), `${event.type} is event ${events.length}`);
    this.require(events.at(-1)?.type !== 'stopped', `${event.type} after it had stopped`);
    events.push(event);
    switch (event.type) {
      case 'listening':
        this.stage.listensAt(this.name.split(' ')[0] ?? '', event.address);
        this.isListening();
        break;
      case 'opened':
        this.require(!this.connections.has(event.connection), 'a connection opened twice');
        this.connections.add(event.connection);
        this.stage.watch(event.connection, 'server');
        this.open++;
        this.mostOpen = Math.max(this.open, this.mostOpen);
        break;
      case 'failed':
        this.require(this.connections.has(event.connection), 'a connection failed that was not open');
        this.failed(event.failure);
        break;
      case 'closed':
        this.require(this.connections.delete(event.connection), 'a connection closed that was not open');
        this.open--;
        break;
      case 'dropped':
      case 'draining':
        break;
      case 'stopped': {
        const draining = events.find((each) => each.type === 'draining');
        this.require(this.open === 0, `it stopped with ${this.open} open`);
        if (draining !== undefined)
          this.stage.seen.drains.push({ open: draining.open, deadline: draining.deadline, report: event.report });
        break;
      }
    }
  }

  /** Told of by hand, where a scenario expects a defect. */
  expectsDefects = false;

  private failed(failure: unknown): void {
    const end = endOf(failure);
    if (this.expectsDefects && isPlantedDefect(failure)) return;
    this.require(!end.startsWith('defect') && !isDefect(failure), `a connection failed with a ${describe(failure)}`);
  }

  private require(isSo: boolean, otherwise: string): void {
    this.stage.seen.require(isSo, `the events of ${this.name}: ${otherwise}`);
  }
}

const isDefect = (failure: unknown): failure is NetFailure =>
  typeof failure === 'object' && failure !== null && Reflect.get(failure, '_tag') === 'Defect';

const isPlantedDefect = (failure: unknown): boolean =>
  isDefect(failure) && failure.cause instanceof Error && failure.cause.message === 'planted';

const describe = (failure: unknown): string => (isDefect(failure) ? `defect: ${endOf(failure.cause)}` : endOf(failure));

/** The client's end, without what makes an IPv4 address one of IPv6: both sides see the same. */
function keyOf(connection: Connection, side: 'client' | 'server'): string | undefined {
  const address = side === 'client' ? connection.local : connection.remote;
  if (address === undefined || 'path' in address) return undefined;
  return `${address.address.replace('::ffff:', '')}:${address.port}`;
}

export type Handler = (connection: Connection) => ObservableInput<string | Uint8Array>;
