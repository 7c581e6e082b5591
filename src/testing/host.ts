import type { Address, SocketAddress } from '../core/endpoint.ts';
import { isIPv6 } from '../core/ip.ts';
import type { DialOptions, Transport } from '../core/transport.ts';
import { dial } from './dial.ts';
import type { SimulatedLink } from './link.ts';
import { Listener } from './listener.ts';
import type { Network } from './network.ts';
import { randomFor } from './random.ts';

const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;
/** How long the side that closed first keeps its pair of ports: RFC 9293, section 3.4.2 (2 MSL), as Linux has it. */
const TIME_WAIT = 60_000;
/** Linux's `tcp_tw_reuse`, which is on for the loopback only: the clocks of both ends then differ by enough. */
const LOOPBACK_TIME_WAIT = 1_000;

/** Two ends of a connection that is over. */
export interface ClosedPair {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly since: number;
}

/** One machine of the simulated network. */
export class Host {
  readonly name: string;
  /** Its addresses: one of each family. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** What programs on this machine connect and listen with. */
  readonly transport: Transport;
  isDown = false;
  /** The most that a listener's backlog can be. */
  readonly backlog: number;
  private readonly network: Network;
  private readonly listeners = new Map<number, Listener[]>();
  private readonly paths = new Map<string, Listener>();
  /** Files of sockets whose server was killed. */
  private readonly stalePaths = new Set<string>();
  private readonly links = new Set<SimulatedLink>();
  /** How many links use a local port. */
  private readonly portsInUse = new Map<number, number>();
  /** Pairs of ends that may not be used again for a while, the oldest first. */
  private readonly timeWait = new Map<string, ClosedPair>();
  private nextPort = FIRST_EPHEMERAL;

  constructor(network: Network, name: string, index: number, backlog: number) {
    this.network = network;
    this.name = name;
    this.backlog = backlog;
    this.ipv4 = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
    this.ipv6 = `fd00::${index.toString(16)}`;
    this.transport = {
      clock: network.clock,
      random: randomFor(network.settings.seed, name),
      dial: (endpoint, options, handler) => dial(network, this, endpoint, options, handler),
      bind: (endpoint, options, handler) => new Listener(network, this, endpoint, options, handler),
    };
  }

  /** Whether an address is this machine's own. */
  owns(address: string): boolean {
    return address === this.ipv4 || address === this.ipv6 || isLoopback(address);
  }

  allLinks(): readonly SimulatedLink[] {
    return [...this.links];
  }

  allListeners(): readonly Listener[] {
    return [...[...this.listeners.values()].flat(), ...this.paths.values()];
  }

  // ---- listening

  /** The error's code when it can't be had. */
  claim(listener: Listener, address: string, port: number): string | undefined {
    if (address !== '::' && address !== '0.0.0.0' && !this.owns(address)) return 'EADDRNOTAVAIL';
    const there = this.listeners.get(port) ?? [];
    const clash = there.some((other) => other.overlaps(address) && !(other.sharesPort && listener.sharesPort));
    if (clash) return 'EADDRINUSE';
    this.listeners.set(port, [...there, listener]);
    return undefined;
  }

  release(listener: Listener, port: number): void {
    const left = (this.listeners.get(port) ?? []).filter((other) => other !== listener);
    if (left.length === 0) this.listeners.delete(port);
    else this.listeners.set(port, left);
  }

  claimPath(listener: Listener, path: string): string | undefined {
    if (this.paths.has(path) || this.stalePaths.has(path)) return 'EADDRINUSE';
    this.paths.set(path, listener);
    return undefined;
  }

  releasePath(listener: Listener, path: string): void {
    if (this.paths.get(path) === listener) this.paths.delete(path);
  }

  pathListener(path: string): Listener | undefined {
    return this.paths.get(path);
  }

  hasStalePath(path: string): boolean {
    return this.stalePaths.has(path);
  }

  /** Removes the file that a killed server left. */
  unlink(path: string): boolean {
    return this.stalePaths.delete(path);
  }

  /** Who takes connections to this address and port; of several that share it, by turns. */
  listenerAt(address: string, port: number): Listener | undefined {
    const there = (this.listeners.get(port) ?? []).filter((listener) => listener.answers(address));
    if (there.length <= 1) return there[0];
    return there[this.network.random.integer(0, there.length - 1)];
  }

  // ---- ports

  /** A port that is free to listen on. */
  freePort(): number | undefined {
    return this.search((port) => !this.listeners.has(port) && !this.portsInUse.has(port));
  }

  private search(isFree: (port: number) => boolean): number | undefined {
    const count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    for (let tried = 0; tried < count; tried++) {
      const port = this.nextPort;
      this.nextPort = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
      if (isFree(port)) return port;
    }
    return undefined;
  }

  /** Gives a link its two ends; the error's code when that can't be. */
  openTowards(link: SimulatedLink, address: string, port: number, options: DialOptions): string | undefined {
    const { localAddress, localPort = 0 } = options;
    const target = this.network.hostAt(address, this);
    if (target === undefined) return 'EHOSTUNREACH';
    const source = localAddress ?? this.sourceFor(address);
    if (!this.owns(source)) return 'EADDRNOTAVAIL';
    if (isIPv6(source) !== isIPv6(address)) return 'EINVAL';
    this.forgetOldPairs();
    const isClosing = (local: number): boolean => this.isClosing(keyOf(source, local, address, port), address);
    if (localPort > 0 && this.listeners.has(localPort)) return 'EADDRINUSE';
    if (localPort > 0 && (this.portsInUse.has(localPort) || isClosing(localPort)))
      return this.portsInUse.has(localPort) ? 'EADDRINUSE' : 'EADDRNOTAVAIL';
    const local =
      localPort > 0
        ? localPort
        : this.search((free) => !this.listeners.has(free) && !this.portsInUse.has(free) && !isClosing(free));
    if (local === undefined) return 'EADDRNOTAVAIL';
    link.localAddress = addressOf(source, local);
    link.remoteAddress = addressOf(address, port);
    this.opened(link);
    return undefined;
  }

  private sourceFor(address: string): string {
    if (isLoopback(address)) return isIPv6(address) ? '::1' : '127.0.0.1';
    return isIPv6(address) ? this.ipv6 : this.ipv4;
  }

  private forgetOldPairs(): void {
    const now = this.network.clock.now();
    for (const [key, { since }] of this.timeWait) {
      if (since + TIME_WAIT > now) return;
      this.timeWait.delete(key);
    }
  }

  /** Whether a pair of ends can't be used again yet. */
  private isClosing(key: string, address: string): boolean {
    const pair = this.timeWait.get(key);
    if (pair === undefined) return false;
    return !(isLoopback(address) && pair.since + LOOPBACK_TIME_WAIT <= this.network.clock.now());
  }

  /** The ends of connections that this machine closed first, not long ago. */
  allClosing(): readonly ClosedPair[] {
    this.forgetOldPairs();
    return [...this.timeWait.values()];
  }

  opened(link: SimulatedLink): void {
    this.links.add(link);
    const { localAddress: local, remoteAddress: remote } = link;
    // A peer whose end of the pair is free may dial again at once.
    if (isInternet(local) && isInternet(remote))
      this.timeWait.delete(keyOf(local.address, local.port, remote.address, remote.port));
    const port = portOf(link.localAddress);
    if (port !== undefined) this.portsInUse.set(port, (this.portsInUse.get(port) ?? 0) + 1);
  }

  closed(link: SimulatedLink): void {
    if (!this.links.delete(link)) return;
    const port = portOf(link.localAddress);
    if (port === undefined) return;
    const left = (this.portsInUse.get(port) ?? 1) - 1;
    if (left > 0) this.portsInUse.set(port, left);
    else this.portsInUse.delete(port);
    const { localAddress: local, remoteAddress: remote } = link;
    this.forgetOldPairs();
    if (link.endedFirst && isInternet(local) && isInternet(remote))
      this.timeWait.set(keyOf(local.address, local.port, remote.address, remote.port), {
        local,
        remote,
        since: this.network.clock.now(),
      });
  }

  // ---- faults

  /** Everything on it is gone at once, and nobody is told. */
  crash(): void {
    this.isDown = true;
    for (const [path, listener] of this.paths) {
      this.stalePaths.add(path);
      listener.vanish();
    }
    this.paths.clear();
    for (const listener of [...this.listeners.values()].flat()) listener.vanish();
    this.listeners.clear();
    for (const link of this.links) link.vanish(this.network.crashFailure(this));
    this.links.clear();
    this.portsInUse.clear();
    this.timeWait.clear();
  }

  restart(): void {
    this.isDown = false;
  }
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

export function addressOf(address: string, port: number): Address {
  return { address, port, family: isIPv6(address) ? 'IPv6' : 'IPv4' };
}

function isInternet(address: Address | undefined): address is SocketAddress {
  return address !== undefined && 'port' in address;
}

function keyOf(local: string, localPort: number, remote: string, remotePort: number): string {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}

function portOf(address: Address | undefined): number | undefined {
  return address !== undefined && 'port' in address ? address.port : undefined;
}
