import type { SchedulerLike } from 'rxjs';

import type { Clock } from '../core/clock.ts';
import { isIP } from '../core/ip.ts';
import { checkCount, checkDuration, checkOneOf, refuse, refuseUnknown } from '../core/options/index.ts';
import type { Transport } from '../core/transport.ts';
import { clockScheduler } from './clock-scheduler.ts';
import { drawDiagram } from './diagram/index.ts';
import type { DiagramOptions } from './diagram/options.ts';
import { type Driver, FollowingDriver, VirtualDriver } from './driver.ts';
import { FaultControl } from './fault-control.ts';
import { playSchedule, type ScheduledFault } from './fault-schedule.ts';
import type { Fault } from './faults.ts';
import { netstat } from './netstat.ts';
import { Network } from './network.ts';
import { FollowingClock } from './network-clock.ts';
import { noteOf, rememberCaller } from './repeat.ts';
import type { FaultPlace } from './rules.ts';
import { readStartDate, type RunOptions } from './run-options.ts';
import { readClock, readSettings, type NetworkSettings, type SimulateNetworkOptions } from './settings.ts';
import { ScriptedTimeline, type Timeline } from './timeline.ts';
import type { TraceEntry } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Options of `network.host`, for a host that is made by it. */
export interface SimulatedHostOptions {
  /** As the network's `backlog`, for this host. Default: the network's. */
  readonly backlog?: number | undefined;
}

/** Options of `network.trace`. */
export interface TraceOptions {
  /** Lines to be read, or JSON. Default: `text`. */
  readonly format?: 'text' | 'json' | undefined;
}

/** A machine of a simulated network. */
export interface SimulatedHost {
  readonly name: string;
  /** Its IPv4 address; it has one of IPv6 too. */
  readonly address: string;
  /**
   * For the `transport` option of `connect`, `listen` and `serve`: the program then runs on this
   * machine.
   */
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
   * The host of that name, which is made when it is first asked for; only then it takes options.
   * Its name resolves inside the network.
   *
   * @throws InvalidOptions
   */
  host(name: string, options?: SimulatedHostOptions): SimulatedHost;
  /**
   * Runs a program in virtual time until its promise settles, and settles likewise. Whenever
   * nothing else is to be done, time moves to the next event; immediates and operations on files
   * are done first. It rejects when nothing can happen any more and the promise is still pending,
   * or after `maxEvents`, with the last lines of the trace and what it seems to wait for. It fails
   * with what a timer's callback throws, too. On a network with a clock of another's it is the
   * program alone.
   *
   * When it rejects, the seed and the command that repeats it are printed on standard error, or
   * told to the option `report`.
   */
  run<T>(program: () => PromiseLike<T> | T, options?: RunOptions): Promise<T>;
  /** Lets `ms` of virtual time pass; promises get their turns on the way. */
  advance(ms: number): Promise<void>;
  /**
   * Lets what is under way arrive; doesn't wait for time limits, nor for what is sent again later.
   */
  settle(): Promise<void>;
  /** Resolves after `ms` of its time. */
  sleep(ms: number): Promise<void>;
  /**
   * Installs a fault between hosts, one way or, without `from` or `to`, from and to anybody; what
   * is returned takes it back. Of several the one that was installed first is asked first.
   */
  fault(place: FaultPlace, fault: Fault): () => void;
  /**
   * No segment passes between these hosts, either way, until `heal`, or until what is returned is
   * called; of several between the same hosts, until all were taken back.
   */
  partition(one: string, other: string): () => void;
  /**
   * Takes back every partition between these hosts, with one name all of that host's, and without
   * names all.
   */
  heal(one?: string, other?: string): void;
  /**
   * A host is gone at once, and its peers hear nothing of it. Its own connections and servers end
   * as aborted, and so does what its program dials or listens on while it is down.
   */
  crash(name: string): void;
  /** It is there again, with nothing open: what its peers still send is answered with a reset. */
  restart(name: string): void;
  /**
   * Takes a step when the network's clock is at `time`, in ms (with another clock than a virtual
   * one that is `network.clock.now() + …`); what is returned takes further steps, and cancels them.
   * A step that throws, or whose promise rejects, fails whoever moves the time (`run`, `advance`,
   * `settle`), with its time. Where time moves by itself it fails every `run` that goes on, and
   * without one it is an uncaught exception.
   *
   * @throws InvalidOptions - also for a moment that has passed
   *
   * @example
   * ```ts
   * import { simulateNetwork } from 'rxjs-net/testing';
   *
   * const network = simulateNetwork();
   * network.host('app');
   * network.host('db');
   * network
   *   .at(1_000, () => network.partition('app', 'db'))
   *   .at(5_000, () => network.heal());
   * await network.advance(10_000);
   * console.log(network.trace());
   * // =>     1000.000 app ↔ db PARTITION
   * // =>     5000.000 app ↔ db HEAL
   * ```
   */
  at(time: number, step: () => unknown): Timeline;
  /**
   * Plays a schedule of faults, whose times count from now: what goes wrong as data, which can be
   * made up, printed and pasted. This is what `exploreSeeds` makes up, and what it prints.
   *
   * @throws InvalidOptions
   *
   * @example
   * ```ts
   * import { simulateNetwork } from 'rxjs-net/testing';
   *
   * const network = simulateNetwork();
   * network.host('app');
   * network.host('db');
   * network.play([
   *   { at: 100, for: 50, fault: 'delay', ms: 20, from: 'app', to: 'db' },
   *   { at: 200, fault: 'crash', host: 'db' },
   * ]);
   * await network.advance(1_000);
   * console.log(network.trace());
   * // =>      100.000 app → db FAULT delay(20)
   * // =>      150.000 app → db FAULT-END delay(20)
   * // =>      200.000 db CRASH
   * ```
   */
  play(schedule: readonly ScheduledFault[]): Timeline;
  /**
   * What happened, one line an event, with its virtual time: the same for the same seed. When there
   * were more than `traceLimit`, the first line says how many are missing. As `json` it is an array
   * of `TraceEntry`, which holds more: when a segment arrives, and what becomes of it.
   *
   * @throws InvalidOptions
   */
  trace(options?: TraceOptions): string;
  /** The entries of the trace, the oldest first. */
  traceEntries(): readonly TraceEntry[];
  /**
   * The trace as a sequence chart: a line down for each host, an arrow for each segment, and what
   * became of the network; as text for a terminal, or as a picture (SVG) that is complete in
   * itself. Segments that repeat themselves are one arrow, and the middle of a long run is left
   * out.
   *
   * @throws InvalidOptions
   *
   * @example
   * ```ts
   * import { connect, orDie, runFlow, serve } from 'rxjs-net';
   * import { mergeMap, of } from 'rxjs-net/rx';
   * import { simulateNetwork } from 'rxjs-net/testing';
   *
   * const network = simulateNetwork({ latency: 20 });
   * const { transport } = network.host('client');
   * const server = serve({ port: 80, transport: network.host('server').transport }, () => of('hi')).subscribe();
   * network.partition('client', 'server');
   * network.clock.after(2_500, () => network.heal());
   * const greeting = connect({ host: 'server', port: 80, family: 4, transport }).pipe(
   *   mergeMap(({ incoming }) => incoming),
   * );
   * await network.run(() => runFlow(greeting.pipe(orDie())));
   * console.log(network.diagram({ width: 64 }));
   * // =>   ms  client                                        server  ms
   * // =>    0  ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ partition ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
   * // =>    0  │                                    listens on 80 ┤
   * // =>    0  ├── SYN ───────────────────────×                   │  lost
   * // => 1000  ├── SYN ───────────────────────×                   │  lost
   * // => 2500  ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ healed ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
   * // => 3000  ├── SYN ──────────────────────────────────────────▶│  3020
   * // => 3020  │◀────────────────────────────────────── SYN-ACK ──┤  3040
   * // => 3040  ├── ACK ──────────────────────────────────────────▶│  3060
   * // => 3060  │◀─────────────────────────────────────── DATA 2 ──┤  3080
   * // => 3060  │◀────────────────────────────────────────── FIN ──┤  3080
   * // => 3080  ├── FIN ──────────────────────────────────────────▶│  3100
   * server.unsubscribe();
   * ```
   */
  diagram(options?: DiagramOptions): string;
  /**
   * Who listens, who is connected to whom, and who holds what. `recv-q`: bytes that have arrived
   * and that the program has not taken; of a listener, handshakes under way. `send-q`: bytes that
   * were written and are not on their way; of a listener, its backlog. `window`: bytes that the
   * peer has room for.
   */
  netstat(): string;
}

/**
 * A network in memory: hosts with names and addresses, TCP and IPC between them, in virtual time,
 * with what goes wrong on a real one. What runs over it is the real library, by the `transport`
 * option. The same seed gives the same run, to the byte.
 *
 * It keeps to what Linux does, as libuv sees it: handshakes, windows that push back, half-open
 * connections, resets, a backlog, lost segments that are sent again.
 *
 * @throws InvalidOptions
 *
 * @example
 * ```ts
 * import { connect, orDie, serve } from 'rxjs-net';
 * import { firstValueFrom, mergeMap } from 'rxjs-net/rx';
 * import { simulateNetwork } from 'rxjs-net/testing';
 *
 * const network = simulateNetwork({ seed: 7, latency: 20 });
 * const { transport } = network.host('db');
 * const server = serve({ port: 5432, transport }, () => ['hello']).subscribe();
 *
 * const greeting = connect({ host: 'db', port: 5432, transport: network.host('app').transport }).pipe(
 *   mergeMap((connection) => connection.incoming),
 * );
 * const bytes = await network.run(() => firstValueFrom(greeting.pipe(orDie())));
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
  private readonly faults: FaultControl;
  private readonly report: (note: string) => void;

  constructor(settings: NetworkSettings, clock: C) {
    this.seed = settings.seed;
    this.report = settings.report;
    this.clock = clock;
    this.scheduler = clockScheduler(clock);
    if (clock instanceof VirtualClock) {
      this.network = new Network(settings, clock);
      this.driver = new VirtualDriver(this.network, clock);
    } else {
      const following = new FollowingClock(clock);
      this.network = new Network(settings, following);
      this.driver = new FollowingDriver(this.network, following);
    }
    this.faults = new FaultControl(this.network);
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
    if (typeof name !== 'string' || !HOST_NAME.test(name) || name === 'localhost' || isIP(name) !== 0)
      refuse('name', name, 'a host name other than "localhost", of lower-case letters, digits, dots and hyphens');
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
    if (typeof program !== 'function') refuse('program', program, 'a function');
    const startDate = readStartDate(options);
    const callerFile = rememberCaller();
    try {
      return await this.driver.run(program, startDate);
    } catch (error) {
      this.report(noteOf(this.seed, callerFile()));
      throw error;
    }
  }

  advance(ms: number): Promise<void> {
    return this.driver.advance(ms);
  }

  settle(): Promise<void> {
    return this.driver.settle();
  }

  sleep(ms: number): Promise<void> {
    checkDuration('ms', ms, { zero: true });
    return new Promise((resolve) => void this.clock.after(ms, resolve, true));
  }

  // ---- faults

  fault(place: FaultPlace, fault: Fault): () => void {
    return this.faults.fault(place, fault);
  }

  partition(one: string, other: string): () => void {
    return this.faults.partition(one, other);
  }

  heal(one?: string, other?: string): void {
    this.faults.heal(one, other);
  }

  crash(name: string): void {
    this.faults.crash(name);
  }

  restart(name: string): void {
    this.faults.restart(name);
  }

  at(time: number, step: () => unknown): Timeline {
    return new ScriptedTimeline(this.network).at(time, step);
  }

  play(schedule: readonly ScheduledFault[]): Timeline {
    const timeline = new ScriptedTimeline(this.network);
    playSchedule(timeline, this.faults, this.clock.now(), schedule);
    return timeline;
  }

  // ---- what is seen

  trace(options: TraceOptions = {}): string {
    refuseUnknown(options, ['format']);
    const { format = 'text' } = options;
    return checkOneOf('format', format, ['text', 'json']) === 'text'
      ? this.network.trace.wholeText()
      : this.network.trace.json();
  }

  traceEntries(): readonly TraceEntry[] {
    return this.network.trace.all();
  }

  diagram(options: DiagramOptions = {}): string {
    const { seed, network } = this;
    return drawDiagram({ seed, trace: network.trace, hosts: network.allHosts().map(({ name }) => name) }, options);
  }

  netstat(): string {
    return netstat(this.network.allHosts());
  }
}

const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
