import type { Address, SocketAddress } from '../core/endpoint.ts';
import { formatAddress } from '../core/endpoint.ts';
import { ConnectionAborted, type NetFailure } from '../core/failures/index.ts';
import { isIPv6, unmappedIP } from '../core/ip.ts';
import type { LookupFunction } from '../core/transport.ts';
import { isLoopback, shownBy } from './bound-address.ts';
import type { Fault, Passage, Route, Verdict } from './faults.ts';
import { addressOf, Host } from './host.ts';
import { silent, SimulatedLink } from './link.ts';
import { parseIPv4Notation } from './ipv4-notation.ts';
import type { NetworkClock } from './network-clock.ts';
import { Random } from './random.ts';
import { type FaultPlace, RuleList } from './rules.ts';
import type { NetworkSettings } from './settings.ts';
import { notFoundError } from './system-error.ts';
import { type SegmentFate, Trace, type TraceKind } from './trace.ts';
import type { Segment, Wire } from './wire.ts';

/** What becomes of a segment on its way: a verdict that names its whole delay, and how much of it comes of faults, in ms. */
export interface Fate extends Omit<Verdict, 'delay' | 'bytesPerSecond'> {
  readonly delay: number;
  readonly extra: number;
  readonly bytesPerSecond?: number | undefined;
}

const AT_ONCE: Fate = { delay: 0, extra: 0 };
const LOST: Fate = { lost: true, delay: 0, extra: 0 };

/** What the hosts share: time, chance, and the way between them. */
export class Network {
  readonly clock: NetworkClock;
  readonly settings: NetworkSettings;
  readonly random: Random;
  readonly trace: Trace;
  readonly rules: RuleList;
  private readonly hosts = new Map<string, Host>();
  private readonly byAddress = new Map<string, Host>();
  private readonly held = new Set<Wire>();
  /** Events of the network itself, as against timers of programs. */
  private pendingEvents = 0;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(settings: NetworkSettings, clock: NetworkClock) {
    this.settings = settings;
    this.clock = clock;
    this.random = new Random(settings.seed);
    this.trace = new Trace(settings.traceLimit);
    this.rules = new RuleList();
  }

  // ---- time

  /** Runs something of the network's own after `delay` ms of virtual time, never inside the caller. */
  later(delay: number, callback: () => void): void {
    this.at(this.clock.now() + delay, callback);
  }

  /** As `later`, at a moment. */
  at(time: number, callback: () => void): void {
    this.pendingEvents++;
    this.clock.scheduleAt(time, () => {
      this.pendingEvents--;
      try {
        callback();
      } finally {
        if (this.idleWaiters.length > 0 && !this.isBusy) for (const tell of this.idleWaiters.splice(0)) tell();
      }
    });
  }

  /** Whether anything is under way on the network; what waits for a time limit, or to be sent again, is not. */
  get isBusy(): boolean {
    return this.pendingEvents > 0;
  }

  /** When nothing is under way any more, at the next moment that this is so. */
  whenIdle(): Promise<void> {
    return this.isBusy ? new Promise((resolve) => void this.idleWaiters.push(resolve)) : Promise.resolve();
  }

  // ---- names and addresses

  host(name: string, backlog = this.settings.backlog): Host {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const host = new Host(this, name, this.hosts.size + 1, backlog);
    this.hosts.set(name, host);
    this.byAddress.set(host.ipv4, host);
    this.byAddress.set(host.ipv6, host);
    return host;
  }

  find(name: string): Host | undefined {
    return this.hosts.get(name);
  }

  allHosts(): readonly Host[] {
    return [...this.hosts.values()];
  }

  /** Who has this address, canonical and not mapped, as seen from a host. */
  hostAt(value: string, from: Host): Host | undefined {
    return isLoopback(value) ? from : this.byAddress.get(value);
  }

  /**
   * The addresses of a name, which is the same in capitals (RFC 4343), or of an IPv4 address in an
   * old notation.
   */
  private resolve(name: string): readonly string[] {
    const numeric = parseIPv4Notation(name);
    if (numeric !== undefined) return [numeric];
    const lower = name.toLowerCase();
    if (lower === 'localhost') return ['127.0.0.1', '::1'];
    const host = this.hosts.get(lower);
    return host === undefined ? [] : [host.ipv4, host.ipv6];
  }

  readonly lookup: LookupFunction = (name, { family, all }, callback) => {
    const both = this.resolve(name);
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0);
    const found = both
      .map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
      .filter((each) => wanted === 0 || each.family === wanted);
    const [first] = found;
    if (first === undefined) callback(notFoundError(name), '');
    else if (all === true) callback(null, found);
    else callback(null, first.address, first.family);
  };

  // ---- the way

  /** How many bytes the next segment of a direction has at most. */
  nextSegmentSize(from: SimulatedLink, wire: Wire): number {
    const { least, most } = this.settings.chunking;
    const size = least === most ? most : this.random.integer(least, most);
    const target = this.rules.isEmpty ? undefined : this.targetOf(from);
    if (target === undefined || target === from.host) return size;
    const bound = this.asked(() => this.rules.mostBytes(routeOf(from, target), wire, this.random), size);
    return Math.min(size, bound);
  }

  /** Decides what becomes of a segment that is sent now. */
  fateOf(from: SimulatedLink, wire: Wire, segment: Segment): Fate {
    const target = this.targetOf(from);
    if (target === undefined || target.isDown || from.host.isDown) return LOST;
    if (target === from.host) return AT_ONCE;
    const { latency, jitter, bandwidth } = this.settings;
    const usual = jitter > 0 ? latency + this.random.fraction() * jitter : latency;
    const verdict = this.rules.isEmpty ? undefined : this.verdictOn(from, target, wire, segment);
    if (verdict === undefined) return { delay: usual, extra: 0, bytesPerSecond: bandwidth };
    const { delay: extra = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = verdict;
    // A fault makes no line faster than it is.
    return {
      ...verdict,
      delay: usual + extra,
      extra,
      bytesPerSecond: Math.min(bytesPerSecond, bandwidth ?? Number.POSITIVE_INFINITY),
    };
  }

  private verdictOn(from: SimulatedLink, target: Host, wire: Wire, segment: Segment): Verdict | undefined {
    const { host, localAddress, remoteAddress } = from;
    // Written out: it is made for each segment, and a spread of `routeOf` cost more than the judging.
    const passage: Passage = {
      from: host.name,
      to: target.name,
      fromPort: portOf(localAddress),
      toPort: portOf(remoteAddress),
      direction: wire,
      kind: segment.kind,
      size: segment.kind === 'DATA' ? segment.bytes.length : 0,
      random: this.random,
    };
    return this.asked(() => this.rules.judge(passage), undefined);
  }

  /** What a fault throws is for whoever moves the time, not for the program that writes. */
  private asked<T>(ask: () => T, otherwise: T): T {
    try {
      return ask();
    } catch (error) {
      this.later(0, () => {
        throw error;
      });
      return otherwise;
    }
  }

  /** Installs a fault; what is returned takes it back. */
  addFault(place: FaultPlace, fault: Fault): () => void {
    const remove = this.rules.add(place, fault);
    return () => {
      remove();
      this.letHeldGo();
    };
  }

  /** What a fault holds goes on when one is taken back. */
  hold(wire: Wire): void {
    this.held.add(wire);
  }

  /** It waits for nothing any more. */
  letGo(wire: Wire): void {
    this.held.delete(wire);
  }

  private letHeldGo(): void {
    const wires = [...this.held];
    this.held.clear();
    for (const wire of wires) this.later(0, () => wire.goOn());
  }

  private targetOf(from: SimulatedLink): Host | undefined {
    if (from.isIpc) return from.host;
    const remote = from.remoteAddress;
    return remote !== undefined && 'address' in remote ? this.hostAt(unmappedIP(remote.address), from.host) : undefined;
  }

  /** Whether the machine that `from` sends to has crashed. */
  isGone(from: SimulatedLink): boolean {
    return this.targetOf(from)?.isDown === true;
  }

  /** A segment of `from` has come to the other end. */
  arrived(from: SimulatedLink, wire: Wire, segment: Segment): void {
    if (segment.kind === 'SYN') {
      this.synArrived(from, wire, segment);
      return;
    }
    const { peer } = from;
    if (peer === undefined) return;
    if (peer.hasVanished) {
      // The machine was started anew, and knows nothing of it.
      if (segment.kind !== 'RST') this.answerWithReset(peer);
      return;
    }
    peer.keepAlive?.heard(this.clock.now());
    // The acknowledgement comes back.
    if (segment.kind !== 'RST') from.keepAlive?.heard(this.clock.now() + this.settings.latency);
    switch (segment.kind) {
      case 'SYN-ACK':
        // The attempt that it answers may have been given up for another one.
        if (peer.out === from.answers) peer.onStands();
        else from.onReset();
        break;
      case 'ACK':
        this.handshakeDone(peer);
        break;
      case 'DATA':
        peer.onBytes(segment.bytes);
        break;
      case 'WINDOW':
        peer.out.grant(segment.room);
        break;
      case 'FIN':
        peer.onFin();
        break;
      case 'RST':
        peer.onReset();
        break;
      case 'KEEP-ALIVE':
        // By `sendOnce` alone.
        break;
    }
  }

  private synArrived(from: SimulatedLink, wire: Wire, segment: Segment): void {
    const target = this.targetOf(from);
    const { localAddress: local, remoteAddress: remote } = from;
    if (target === undefined || local === undefined || remote === undefined) return;
    if (!('port' in local) || !('port' in remote)) return;
    const dialled = unmappedIP(remote.address);
    const listener = target.listenerAt(dialled, remote.port);
    if (listener?.isFull === true) {
      this.noteEvent('BACKLOG-FULL', nameOf(target, remote));
      wire.dropArrived(segment);
      return;
    }
    if (listener === undefined && target === from.host && isSame(local, remote)) {
      // The two ends are one: TCP's simultaneous open, with itself.
      from.peer = from;
      from.answers = wire;
      from.out.send({ kind: 'SYN-ACK' });
      return;
    }
    const link = new SimulatedLink(this, target, silent, 'handshake', false);
    const family = listener?.bound.family ?? 4;
    link.localAddress = addressOf(shownBy(family, dialled), remote.port);
    link.remoteAddress = addressOf(shownBy(family, unmappedIP(local.address)), local.port);
    link.peer = from;
    link.answers = wire;
    if (listener === undefined) {
      // Nothing was ever there.
      this.answerWithReset(link, () => from.out === wire);
      return;
    }
    listener.embryos++;
    link.listener = listener;
    from.peer = link;
    link.out.send({ kind: 'SYN-ACK' });
  }

  /** A machine answers what is meant for nobody. */
  answerWithReset(link: SimulatedLink, isWanted: () => boolean = () => true): void {
    this.sendOnce(link, { kind: 'RST' }, () => {
      if (isWanted()) link.peer?.onReset();
    });
  }

  /** Sends what is not sent again when it is lost, nor kept in order with the rest. */
  sendOnce(link: SimulatedLink, segment: Segment, arrived: () => void): SegmentFate {
    const { delay, lost = false, held = false } = this.fateOf(link, link.out, segment);
    const fate = lost ? 'lost' : held ? 'held' : 'arrives';
    this.note(link, segment, fate, fate === 'arrives' ? this.clock.now() + delay : undefined);
    if (fate === 'arrives') this.later(delay, arrived);
    return fate;
  }

  private handshakeDone(link: SimulatedLink): void {
    const { listener } = link;
    if (listener === undefined || link.isOver) return;
    link.listener = undefined;
    listener.embryos--;
    link.onHandshakeDone();
    listener.accept(link);
  }

  closed(link: SimulatedLink): void {
    if (link.listener !== undefined) link.listener.embryos--;
    link.listener = undefined;
    link.host.closed(link);
  }

  crashFailure(host: Host): NetFailure {
    return new ConnectionAborted({ message: `its host "${host.name}" crashed` });
  }

  // ---- the trace

  note(from: SimulatedLink, segment: Segment, fate: SegmentFate, arrives?: number): void {
    // A machine that is off sends nothing.
    if (from.host.isDown) return;
    const target = this.targetOf(from);
    this.trace.add({
      time: this.clock.now(),
      from: nameOf(from.host, from.localAddress),
      to: target === undefined ? formatAddress(from.remoteAddress) : nameOf(target, from.remoteAddress),
      what: segment.kind,
      size: segment.kind === 'DATA' ? segment.bytes.length : segment.kind === 'WINDOW' ? segment.room : 0,
      fate,
      arrives,
    });
  }

  noteListening(host: Host, address: Address): void {
    this.noteEvent('LISTEN', nameOf(host, address));
  }

  /** What becomes of the network, or of a host of it. */
  noteEvent(what: TraceKind, from: string, to = '', detail?: string): void {
    this.trace.add({ time: this.clock.now(), from, to, what, size: 0, detail });
  }
}

function routeOf({ host, localAddress, remoteAddress }: SimulatedLink, target: Host): Route {
  return { from: host.name, to: target.name, fromPort: portOf(localAddress), toPort: portOf(remoteAddress) };
}

/** Faults are between hosts, and there every address has a port. */
function portOf(address: Address | undefined): number {
  return address !== undefined && 'port' in address ? address.port : 0;
}

function isSame(one: SocketAddress, other: SocketAddress): boolean {
  return one.port === other.port && one.address === other.address;
}

function nameOf(host: Host, address: Address | undefined): string {
  if (address === undefined) return host.name;
  return 'path' in address
    ? `${host.name}:${address.path === '' ? '(unnamed)' : address.path}`
    : `${host.name}:${address.port}`;
}
