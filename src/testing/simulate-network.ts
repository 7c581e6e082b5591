import type { SchedulerLike } from 'rxjs';

import type { Clock } from '../core/clock.ts';
import { isIP } from '../core/ip.ts';
import { checkCount, checkDuration, refuse, refuseUnknown } from '../core/options/index.ts';
import type { Transport } from '../core/transport.ts';
import { clockScheduler } from './clock-scheduler.ts';
import { type Driver, FollowingDriver, VirtualDriver } from './driver.ts';
import type { Fault } from './faults.ts';
import type { Host } from './host.ts';
import { netstat } from './netstat.ts';
import { Network } from './network.ts';
import { FollowingClock } from './network-clock.ts';
import type { FaultPlace } from './rules.ts';
import { readStartDate, type RunOptions } from './run-options.ts';
import { readClock, readSettings, type NetworkSettings, type SimulateNetworkOptions } from './settings.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Options of `network.host`, for a host that is made by it. */
export interface SimulatedHostOptions {
  /** As the network's `backlog`, for this host. Default: the network's. */
  readonly backlog?: number | undefined;
}

/** A machine of a simulated network. */
export interface SimulatedHost {
  readonly name: string;
  /** Its IPv4 address; it has one of IPv6 too. */
  readonly address: string;
  /** For the `transport` option of `connect`, `listen` and `serve`: the program then runs on this machine. */
  readonly transport: Transport;
  /** Removes the file of a socket that a crashed server left; false when there is none. */
  unlink(path: string): boolean;
}

/** Hosts, and the network between them. */
export interface SimulatedNetwork<C extends Clock = VirtualClock> {
  readonly seed: number;
  /** Its time: virtual, unless it was given another clock. */
  readonly clock: C;
  /** The same time for operators of RxJS's: `timer(1_000, network.scheduler)`. */
  readonly scheduler: SchedulerLike;
  /**
   * The host of that name, which is made when it is first asked for; only then it takes options. Its name resolves inside the
   * network.
   *
   * @throws InvalidOptions
   */
  host(name: string, options?: SimulatedHostOptions): SimulatedHost;
  /**
   * Runs a program in virtual time until its promise settles, and settles likewise. Whenever nothing else is to be done, time
   * moves to the next event. It rejects when nothing can happen any more and the promise is still pending, or after `maxEvents`,
   * with the last lines of the trace and what it seems to wait for. It fails with what a timer's callback throws, too. On a network
   * with a clock of another's it is the program alone.
   */
  run<T>(program: () => PromiseLike<T> | T, options?: RunOptions): Promise<T>;
  /** Lets `ms` of virtual time pass; promises get their turns on the way. */
  advance(ms: number): Promise<void>;
  /** Lets what is under way arrive; doesn't wait for time limits, nor for what is sent again later. */
  settle(): Promise<void>;
  /** Resolves after `ms` of its time. */
  sleep(ms: number): Promise<void>;
  /**
   * Installs a fault between hosts, one way or, without `from` or `to`, from and to anybody; what is returned takes it back. Of several
   * the one that was installed first is asked first.
   */
  fault(place: FaultPlace, fault: Fault): () => void;
  /** No segment passes between these hosts, either way, until `heal`, or until what is returned is called. */
  partition(one: string, other: string): () => void;
  /** Takes back every partition between these hosts; without names every partition. */
  heal(one?: string, other?: string): void;
  /** A host is gone at once, and its peers hear nothing of it. Its own connections and servers end as aborted. */
  crash(name: string): void;
  /** It is there again, with nothing open: what its peers still send is answered with a reset. */
  restart(name: string): void;
  /** What happened, one line an event, with its virtual time: the same for the same seed. */
  trace(): string;
  /** Who listens, and who is connected to whom. */
  netstat(): string;
}

/**
 * A network in memory: hosts with names and addresses, TCP and IPC between them, in virtual time, with what goes wrong on a real
 * one. What runs over it is the real library, by the `transport` option. The same seed gives the same run, to the byte.
 *
 * It keeps to what Linux does, as libuv sees it: handshakes, windows that push back, half-open connections, resets, a backlog,
 * lost segments that are sent again.
 *
 * @throws InvalidOptions
 *
 * @example
 * ```ts
 * import { firstValueFrom } from 'rxjs';
 * import { connect, serve } from 'rxjs-net';
 * import { mergeMap } from 'rxjs-net/operators';
 * import { simulateNetwork } from 'rxjs-net/testing';
 *
 * const network = simulateNetwork({ seed: 7, latency: 20 });
 * const { transport } = network.host('db');
 * const server = serve({ port: 5432, transport }, () => ['hello']).subscribe();
 *
 * const greeting = connect({ host: 'db', port: 5432, transport: network.host('app').transport }).pipe(
 *   mergeMap((connection) => connection.incoming),
 * );
 * const bytes = await network.run(() => firstValueFrom(greeting));
 * console.log(`${bytes} at ${network.clock.now()} ms`); // => hello at 80 ms
 * server.unsubscribe();
 * ```
 */
export function simulateNetwork<C extends Clock>(
  options: SimulateNetworkOptions<C> & { readonly clock: C },
): SimulatedNetwork<C>;
export function simulateNetwork(options?: SimulateNetworkOptions): SimulatedNetwork;
export function simulateNetwork(options: SimulateNetworkOptions<Clock> = {}): SimulatedNetwork<Clock> {
  return new Simulation(readSettings(options), readClock(options.clock));
}

class Simulation<C extends Clock> implements SimulatedNetwork<C> {
  readonly seed: number;
  readonly clock: C;
  readonly scheduler: SchedulerLike;
  private readonly network: Network;
  private readonly driver: Driver;
  private readonly hosts = new Map<string, SimulatedHost>();
  private readonly partitions = new Map<string, () => void>();

  constructor(settings: NetworkSettings, clock: C) {
    this.seed = settings.seed;
    this.clock = clock;
    this.scheduler = clockScheduler(clock);
    const isVirtual = clock instanceof VirtualClock;
    this.network = new Network(settings, isVirtual ? clock : new FollowingClock(clock));
    this.driver = isVirtual ? new VirtualDriver(this.network, clock) : new FollowingDriver(this.network);
  }

  host(name: string, options: SimulatedHostOptions = {}): SimulatedHost {
    refuseUnknown(options, ['backlog']);
    const { backlog } = options;
    if (backlog !== undefined) checkCount('backlog', backlog);
    const known = this.hosts.get(name);
    if (known !== undefined) {
      if (backlog !== undefined)
        refuse('backlog', backlog, `given when the host "${name}" is made, which it is already`);
      return known;
    }
    if (!HOST_NAME.test(name) || name === 'localhost' || isIP(name) !== 0)
      refuse('name', name, 'a host name other than "localhost", of letters, digits, dots and hyphens');
    const host = this.network.host(name, backlog);
    const made: SimulatedHost = {
      name,
      address: host.ipv4,
      transport: host.transport,
      unlink: (path) => host.unlink(path),
    };
    this.hosts.set(name, made);
    return made;
  }

  // ---- time

  async run<T>(program: () => PromiseLike<T> | T, options: RunOptions = {}): Promise<T> {
    return this.driver.run(program, readStartDate(options));
  }

  advance(ms: number): Promise<void> {
    return this.driver.advance(ms);
  }

  settle(): Promise<void> {
    return this.driver.settle();
  }

  sleep(ms: number): Promise<void> {
    checkDuration('ms', ms, { zero: true });
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  // ---- faults

  fault(place: FaultPlace, fault: Fault): () => void {
    refuseUnknown(place, ['from', 'to']);
    if (place.from !== undefined) this.known(place.from);
    if (place.to !== undefined) this.known(place.to);
    if (typeof (fault as Partial<Fault> | null | undefined)?.judge !== 'function')
      refuse('fault', fault, 'a fault, such as delay(50)');
    const { name = 'fault' } = fault;
    if (typeof name !== 'string' || /[\r\n]/.test(name)) refuse('fault.name', name, 'text of one line');
    return this.install(place, fault, 'FAULT', 'FAULT-END', [place.from ?? '*', place.to ?? '*', name]);
  }

  /** Installs it, and notes in the trace when it begins and when it ends. */
  private install(
    place: FaultPlace,
    fault: Fault,
    begins: string,
    ends: string,
    noted: readonly [from: string, to: string, detail?: string],
  ): () => void {
    const { network } = this;
    const remove = network.addFault(place, fault);
    let there = true;
    network.noteEvent(begins, ...noted);
    return () => {
      if (!there) return;
      there = false;
      network.noteEvent(ends, ...noted);
      remove();
    };
  }

  partition(one: string, other: string): () => void {
    this.known(one);
    this.known(other);
    const pair = pairOf(one, other);
    const present = this.partitions.get(pair);
    if (present !== undefined) return present;
    const judge: Fault['judge'] = ({ from, to }) => (pairOf(from, to) === pair ? { lost: true } : undefined);
    const remove = this.install({}, { judge }, 'PARTITION', 'HEAL', [one, other]);
    const heal = (): void => {
      remove();
      if (this.partitions.get(pair) === heal) this.partitions.delete(pair);
    };
    this.partitions.set(pair, heal);
    return heal;
  }

  heal(one?: string, other?: string): void {
    if (one === undefined || other === undefined) {
      for (const heal of this.partitions.values()) heal();
      return;
    }
    this.known(one);
    this.known(other);
    this.partitions.get(pairOf(one, other))?.();
  }

  crash(name: string): void {
    const host = this.known(name);
    if (host.isDown) return;
    this.network.noteEvent('CRASH', name);
    host.crash();
  }

  restart(name: string): void {
    const host = this.known(name);
    if (!host.isDown) return;
    this.network.noteEvent('RESTART', name);
    host.restart();
  }

  private known(name: string): Host {
    const host = this.network.find(name);
    if (host !== undefined) return host;
    const names = this.network.allHosts().map((each) => `"${each.name}"`);
    return refuse('host', name, `the name of a host of this network (${names.join(', ') || 'there is none yet'})`);
  }

  // ---- what is seen

  trace(): string {
    return this.network.trace.text();
  }

  netstat(): string {
    return netstat(this.network.allHosts());
  }
}

const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

const pairOf = (one: string, other: string): string => [one, other].toSorted().join(' ');
