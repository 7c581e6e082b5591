import type { Address, Endpoint } from '../core/endpoint.ts';
import { InvalidOptions, toNetFailure, type NetFailure } from '../core/failures/index.ts';
import { isIP } from '../core/ip.ts';
import { onAbort } from '../core/on-abort.ts';
import type { BindHandler, Binding, BindOptions, LookupAddress } from '../core/transport.ts';
import { ANY_IPV6, type BoundAddress, boundTo } from './bound-address.ts';
import { addressOf, type Host } from './host.ts';
import type { SimulatedLink } from './link.ts';
import { askLookup } from './lookup.ts';
import type { Network } from './network.ts';
import type { PortUse } from './ports.ts';
import { systemError } from './system-error.ts';

const DEFAULT_BACKLOG = 511;

/** A bound endpoint of the simulated network. */
export class Listener implements Binding, PortUse {
  readonly isListening = true;
  readonly isAutomatic = false;
  readonly sharesPort: boolean;
  readonly isIPv6Only: boolean;
  readonly backlog: number;
  /** Connections whose handshake is under way. */
  embryos = 0;
  private readonly network: Network;
  private readonly host: Host;
  private readonly endpoint: Endpoint;
  private readonly options: BindOptions;
  private readonly handler: BindHandler;
  private readonly signal: AbortSignal | undefined;
  private stopFollowing: (() => void) | undefined = undefined;
  private state: 'binding' | 'listening' | 'closed' = 'binding';
  private closeRequested = false;
  private listensOn: Address | undefined = undefined;
  /** Its address as a value. */
  bound: BoundAddress = boundTo(ANY_IPV6);

  constructor(network: Network, host: Host, endpoint: Endpoint, options: BindOptions, handler: BindHandler) {
    this.network = network;
    this.host = host;
    this.endpoint = endpoint;
    this.options = options;
    this.handler = handler;
    this.sharesPort = options.reusePort === true;
    this.isIPv6Only = options.ipv6Only === true;
    this.backlog = Math.min(options.backlog ?? DEFAULT_BACKLOG, host.backlog);
    this.signal = options.signal;
    if (this.signal?.aborted === true) {
      network.later(0, () => this.closed(undefined));
      return;
    }
    if (this.signal !== undefined) this.stopFollowing = onAbort(this.signal, () => this.close());
    network.later(0, () => this.begin());
  }

  get address(): Address | undefined {
    return this.listensOn;
  }

  ref(): void {}
  unref(): void {}

  close(): void {
    if (this.closeRequested) return;
    this.closeRequested = true;
    this.release();
    this.network.later(0, () => this.closed(undefined));
  }

  // ---- binding

  private begin(): void {
    if (this.state !== 'binding' || this.closeRequested) return;
    const { endpoint } = this;
    if (this.host.isDown) this.closed(this.network.crashFailure(this.host));
    else if ('fd' in endpoint)
      this.closed(
        new InvalidOptions({
          option: 'fd',
          value: endpoint.fd,
          allowed: 'no descriptor: a simulated network has none',
        }),
      );
    else if ('path' in endpoint) this.bindPath(endpoint.path);
    else if (endpoint.host === undefined || isIP(endpoint.host) !== 0)
      this.bindTo(endpoint.host ?? ANY_IPV6, endpoint.port);
    else this.bindName(endpoint.host, endpoint.port);
  }

  private bindPath(path: string): void {
    const refused = this.host.claimPath(this, path);
    if (refused !== undefined) this.refuse(refused, { address: path });
    else this.listening({ path });
  }

  private bindName(name: string, port: number): void {
    askLookup(this.network.lookup, name, { family: 0, all: false }, (error, addresses) =>
      this.network.later(0, () => this.lookedUp(name, port, error, addresses)),
    );
  }

  private lookedUp(name: string, port: number, error: unknown, [first]: readonly LookupAddress[]): void {
    if (this.state !== 'binding' || this.closeRequested) return;
    if (this.host.isDown) this.closed(this.network.crashFailure(this.host));
    else if (first === undefined) this.closed(toNetFailure(error, { phase: 'listen', address: name, port }));
    else this.bindTo(first.address, port);
  }

  private bindTo(address: string, wanted: number): void {
    this.bound = boundTo(address, this.isIPv6Only);
    const port = this.host.claim(this, address, wanted);
    if (typeof port === 'string') this.refuse(port, { address, port: wanted });
    else this.listening(addressOf(this.bound.shown, port));
  }

  private refuse(code: string, place: { readonly address: string; readonly port?: number }): void {
    this.closed(toNetFailure(systemError(code, 'listen', place), { phase: 'listen' }));
  }

  private listening(address: Address): void {
    this.listensOn = address;
    this.state = 'listening';
    this.network.noteListening(this.host, address);
    this.handler.onListening(address);
  }

  // ---- accepting

  get isFull(): boolean {
    return this.embryos >= this.backlog;
  }

  /** A connection stands. */
  accept(link: SimulatedLink): void {
    if (this.state !== 'listening' || this.closeRequested) {
      link.refuse();
      return;
    }
    this.host.opened(link);
    if (this.options.keepAlive === true) link.setKeepAlive(true, this.options.keepAliveInitialDelay ?? 0);
    const handler = this.handler.onAccepted(link);
    if (handler === undefined) link.destroy();
    else link.accepted(handler);
  }

  // ---- the end

  private release(): void {
    const { listensOn } = this;
    if (listensOn === undefined) return;
    if ('path' in listensOn) this.host.releasePath(this, listensOn.path);
    else this.host.release(this, listensOn.port);
  }

  private closed(failure: NetFailure | undefined): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.stopFollowing?.();
    this.handler.onClosed(failure);
  }

  /** Its machine has crashed. */
  vanish(): void {
    this.closeRequested = true;
    this.network.later(0, () => this.closed(this.network.crashFailure(this.host)));
  }
}
