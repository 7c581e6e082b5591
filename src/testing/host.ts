import type { Address, SocketAddress } from '../core/endpoint.ts';
import { isIPv6, isMappedIP } from '../core/ip.ts';
import type { DialOptions, Transport } from '../core/transport.ts';
import {
  ANY_IPV4,
  ANY_IPV6,
  type BoundAddress,
  boundTo,
  isForMany,
  isLoopback,
  isOfLink,
  shownBy,
  suits,
} from './bound-address.ts';
import { dial } from './dial.ts';
import type { SimulatedLink } from './link.ts';
import { Listener } from './listener.ts';
import type { Network } from './network.ts';
import { type ClosedPair, Ports, type PortUse } from './ports.ts';
import { randomFor } from './random.ts';
import { routeTo } from './route.ts';

/** Why a dial goes nowhere: the error's code, and the call that failed, with what it was given. */
export interface Refusal {
  readonly code: string;
  readonly syscall: 'bind' | 'connect';
  readonly address: string;
  readonly port: number | undefined;
  /** What the socket was bound to, which Node adds to the messages of calls that fail at once. */
  readonly boundTo?: string;
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
  /** What each link claims of the ports. */
  private readonly portUses = new Map<SimulatedLink, PortUse>();
  private readonly ports: Ports;

  constructor(network: Network, name: string, index: number, backlog: number) {
    this.network = network;
    this.name = name;
    this.backlog = backlog;
    this.ports = new Ports(() => network.clock.now());
    this.ipv4 = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
    this.ipv6 = `fd00::${index.toString(16)}`;
    this.transport = {
      clock: network.clock,
      random: randomFor(network.settings.seed, name),
      dial: (endpoint, options, handler) => dial(network, this, endpoint, options, handler),
      bind: (endpoint, options, handler) => new Listener(network, this, endpoint, options, handler),
    };
  }

  /** Whether an address, not mapped, is this machine's own. */
  owns(value: string): boolean {
    return value === this.ipv4 || value === this.ipv6 || isLoopback(value);
  }

  allLinks(): readonly SimulatedLink[] {
    return [...this.links];
  }

  allListeners(): readonly Listener[] {
    return [...[...this.listeners.values()].flat(), ...this.paths.values()];
  }

  // ---- listening

  /** The code of the error with which an address can't be bound, whatever the port. */
  private refusesAddress(text: string, { value, isWildcard }: BoundAddress): string | undefined {
    if (isOfLink(value) && !text.includes('%')) return 'EINVAL';
    if (isWildcard || this.owns(value) || isForMany(value)) return undefined;
    return 'EADDRNOTAVAIL';
  }

  /** Binds a listener; the port that it got, or the error's code. Port 0 is any that is free. */
  claim(listener: Listener, address: string, wanted: number): number | string {
    const { bound } = listener;
    // IPv6 only, and an address of IPv4.
    if (listener.isIPv6Only && isMappedIP(bound.shown)) return 'EINVAL';
    const refused = this.refusesAddress(address, bound);
    if (refused !== undefined) return refused;
    const port = wanted === 0 ? this.ports.unused() : wanted;
    if (port === undefined || !this.ports.isFree(port, bound, listener.sharesPort)) return 'EADDRINUSE';
    this.ports.claim(port, listener);
    const there = this.listeners.get(port) ?? [];
    this.listeners.set(port, [...there, listener]);
    return port;
  }

  release(listener: Listener, port: number): void {
    this.ports.release(port, listener);
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

  /**
   * Who takes connections to this address, not mapped, and port; of several that share it, by
   * turns.
   */
  listenerAt(value: string, port: number): Listener | undefined {
    const there = this.listeners.get(port) ?? [];
    const best = Math.max(...there.map(({ bound }) => suits(bound, value)));
    const suited = best > 0 ? there.filter(({ bound }) => suits(bound, value) === best) : [];
    if (suited.length <= 1) return suited[0];
    return suited[this.network.random.integer(0, suited.length - 1)];
  }

  // ---- dialling

  /** Gives a link its two ends, or says what fails. `address` is one, in any spelling. */
  openTowards(link: SimulatedLink, address: string, port: number, options: DialOptions): Refusal | undefined {
    const { localAddress, localPort = 0 } = options;
    const target = boundTo(address);
    const isBound = localAddress !== undefined || localPort > 0;
    const local = localAddress ?? (target.family === 6 ? ANY_IPV6 : ANY_IPV4);
    const source = boundTo(local);
    if (isBound) {
      const code = source.family === target.family ? this.refusesSource(local, source, localPort) : 'EINVAL';
      if (code !== undefined)
        return { code, syscall: 'bind', address: local, port: localPort > 0 ? localPort : undefined };
    }
    const { value, own, code } = routeTo(source, target, address);
    const from = own ?? this.sourceFor(value);
    const free = isBound ? this.ports.unused() : this.ports.towards(from, value, port);
    const chosen = localPort > 0 ? localPort : free;
    const refused = code ?? this.refusesPair(from, chosen, value, port);
    if (refused !== undefined || chosen === undefined)
      return {
        code: refused ?? 'EADDRNOTAVAIL',
        syscall: 'connect',
        address,
        port,
        // What the network answers comes later, and Node then no longer asks for it.
        ...(refused !== 'EHOSTUNREACH' && { boundTo: `${source.shown}:${isBound ? chosen : 0}` }),
      };
    link.localAddress = addressOf(shownBy(target.family, from), chosen);
    link.remoteAddress = addressOf(shownBy(target.family, value), port);
    this.open(link, !isBound);
    return undefined;
  }

  private refusesSource(text: string, source: BoundAddress, port: number): string | undefined {
    return this.refusesAddress(text, source) ?? (this.ports.isFree(port, source) ? undefined : 'EADDRINUSE');
  }

  private refusesPair(from: string, local: number | undefined, value: string, port: number): string | undefined {
    if (this.network.hostAt(value, this) === undefined) return 'EHOSTUNREACH';
    // Packets of the loopback never leave the machine.
    if (isLoopback(from) && !this.owns(value)) return 'EINVAL';
    return local === undefined || this.ports.isTaken(from, local, value, port) ? 'EADDRNOTAVAIL' : undefined;
  }

  private sourceFor(value: string): string {
    if (isLoopback(value)) return isIPv6(value) ? '::1' : '127.0.0.1';
    return isIPv6(value) ? this.ipv6 : this.ipv4;
  }

  /** The ends of connections that this machine closed first, not long ago. */
  allClosing(): readonly ClosedPair[] {
    return this.ports.allClosing();
  }

  /** A connection that came in, or one of IPC: it has its ends. */
  opened(link: SimulatedLink): void {
    this.open(link, false);
  }

  private open(link: SimulatedLink, isAutomatic: boolean): void {
    this.links.add(link);
    const { localAddress: local, remoteAddress: remote } = link;
    if (!isInternet(local) || !isInternet(remote)) return;
    const use: PortUse = { bound: boundTo(local.address), isListening: false, isAutomatic, sharesPort: false };
    // A peer whose end of the pair is free may dial again at once.
    this.ports.opened(local, remote, use);
    this.portUses.set(link, use);
  }

  closed(link: SimulatedLink): void {
    if (!this.links.delete(link)) return;
    const { localAddress: local, remoteAddress: remote } = link;
    const use = this.portUses.get(link);
    if (use === undefined || !isInternet(local) || !isInternet(remote)) return;
    this.portUses.delete(link);
    this.ports.closed(local, remote, use, link.endedFirst);
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
    this.portUses.clear();
    this.ports.clear();
  }

  restart(): void {
    this.isDown = false;
  }
}

export function addressOf(address: string, port: number): Address {
  return { address, port, family: isIPv6(address) ? 'IPv6' : 'IPv4' };
}

function isInternet(address: Address | undefined): address is SocketAddress {
  return address !== undefined && 'port' in address;
}
