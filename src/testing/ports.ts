import type { SocketAddress } from '../core/endpoint.ts';
import { unmappedIP } from '../core/ip.ts';
import { type BoundAddress, isLoopback, overlap } from './bound-address.ts';

const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;
/**
 * How long the side that closed first keeps its pair of ends: RFC 9293, section 3.4.2 (2 MSL), as
 * Linux has it.
 */
const TIME_WAIT = 60_000;
/**
 * Linux's `tcp_tw_reuse`, which is on for the loopback only: the clocks of both ends then differ by
 * enough.
 */
const LOOPBACK_TIME_WAIT = 1_000;

/** Two ends of a connection that is over. */
export interface ClosedPair {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly since: number;
  /** Its claim on the port, which rests with it. */
  readonly use: PortUse;
}

/** A socket's claim on a local port. */
export interface PortUse {
  readonly bound: BoundAddress;
  readonly isListening: boolean;
  /**
   * The system chose the port when the socket was connected: it never bound, so it has no
   * `SO_REUSEADDR`, which libuv sets there.
   */
  readonly isAutomatic: boolean;
  /** `SO_REUSEPORT`. */
  readonly sharesPort: boolean;
}

/**
 * The local ports of one machine, by the rules of Linux: what may be bound beside what, and which
 * pairs of ends are taken.
 */
export class Ports {
  private readonly now: () => number;
  private readonly uses = new Map<number, Set<PortUse>>();
  /** The pairs of ends of connections; `keyOf` has the form. */
  private readonly pairs = new Set<string>();
  /** Pairs of ends that rest, the oldest first. */
  private readonly timeWait = new Map<string, ClosedPair>();
  private next = FIRST_EPHEMERAL;

  constructor(now: () => number) {
    this.now = now;
  }

  // ---- binding

  /**
   * Whether a socket may be bound beside those that are: sockets that only talk don't stand in its
   * way, as all have `SO_REUSEADDR`.
   */
  isFree(port: number, bound: BoundAddress, sharesPort = false): boolean {
    this.forgetOld();
    const there = this.uses.get(port);
    if (there === undefined) return true;
    for (const use of there) {
      if (!use.isListening && !use.isAutomatic) continue;
      if (use.sharesPort && sharesPort) continue;
      if (overlap(use.bound, bound)) return false;
    }
    return true;
  }

  /** A port that nothing uses. */
  unused(): number | undefined {
    this.forgetOld();
    return this.search((port) => !this.uses.has(port));
  }

  /**
   * A port to connect from: others that the system chose may be used towards other peers as well.
   */
  towards(local: string, remote: string, remotePort: number): number | undefined {
    this.forgetOld();
    return this.search((port) => {
      // Linux may choose it too, very rarely, and then connects the socket with itself.
      if (port === remotePort && local === remote) return false;
      for (const use of this.uses.get(port) ?? []) if (!use.isAutomatic) return false;
      return !this.pairs.has(keyOf(local, port, remote, remotePort)) && !this.rests(local, port, remote, remotePort);
    });
  }

  private search(isFree: (port: number) => boolean): number | undefined {
    const count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    for (let tried = 0; tried < count; tried++) {
      const port = this.next;
      this.next = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
      if (isFree(port)) return port;
    }
    return undefined;
  }

  claim(port: number, use: PortUse): void {
    const there = this.uses.get(port);
    if (there === undefined) this.uses.set(port, new Set([use]));
    else there.add(use);
  }

  release(port: number, use: PortUse): void {
    const there = this.uses.get(port);
    if (there?.delete(use) === true && there.size === 0) this.uses.delete(port);
  }

  // ---- pairs of ends

  /**
   * Whether a connection has this pair. One that rests may be used again by who names it, as the
   * time stamps of TCP allow.
   */
  isTaken(local: string, localPort: number, remote: string, remotePort: number): boolean {
    return this.pairs.has(keyOf(local, localPort, remote, remotePort));
  }

  opened(local: SocketAddress, remote: SocketAddress, use: PortUse): void {
    const key = keyOfEnds(local, remote);
    this.forget(key);
    this.pairs.add(key);
    this.claim(local.port, use);
  }

  closed(local: SocketAddress, remote: SocketAddress, use: PortUse, endedFirst: boolean): void {
    const key = keyOfEnds(local, remote);
    this.pairs.delete(key);
    this.forgetOld();
    if (endedFirst) this.timeWait.set(key, { local, remote, since: this.now(), use });
    else this.release(local.port, use);
  }

  /** The ends of connections that this machine closed first, not long ago. */
  allClosing(): readonly ClosedPair[] {
    this.forgetOld();
    return [...this.timeWait.values()];
  }

  private rests(local: string, localPort: number, remote: string, remotePort: number): boolean {
    const pair = this.timeWait.get(keyOf(local, localPort, remote, remotePort));
    if (pair === undefined) return false;
    return !(isLoopback(remote) && pair.since + LOOPBACK_TIME_WAIT <= this.now());
  }

  private forgetOld(): void {
    const now = this.now();
    for (const [key, { since }] of this.timeWait) {
      if (since + TIME_WAIT > now) return;
      this.forget(key);
    }
  }

  private forget(key: string): void {
    const pair = this.timeWait.get(key);
    if (pair === undefined) return;
    this.timeWait.delete(key);
    this.release(pair.local.port, pair.use);
  }

  clear(): void {
    this.uses.clear();
    this.pairs.clear();
    this.timeWait.clear();
  }
}

/**
 * Takes IPv4 addresses as they are, not mapped: a pair is the same whatever the family of the
 * socket.
 */
function keyOf(local: string, localPort: number, remote: string, remotePort: number): string {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}

function keyOfEnds(local: SocketAddress, remote: SocketAddress): string {
  return keyOf(unmappedIP(local.address), local.port, unmappedIP(remote.address), remote.port);
}
