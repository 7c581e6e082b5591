import type { Endpoint } from '../core/endpoint.ts';
import { HostNotFound, InvalidOptions, toNetFailure } from '../core/failures/index.ts';
import { isIP } from '../core/ip.ts';
import type { DialHandler, DialOptions, Link, LookupAddress } from '../core/transport.ts';
import { ANY_IPV4, ANY_IPV6 } from './bound-address.ts';
import type { Host } from './host.ts';
import { silent, SimulatedLink } from './link.ts';
import { askLookup, ThrownByLookup } from './lookup.ts';
import type { Network } from './network.ts';
import { systemError } from './system-error.ts';
import { Wire } from './wire.ts';

/** Node's default of `autoSelectFamilyAttemptTimeout`, in ms. */
const ATTEMPT_TIMEOUT = 250;

/** Dials inside the simulated network; the link is there at once and stands when `onConnected` is called. */
export function dial(
  network: Network,
  host: Host,
  endpoint: Endpoint,
  options: DialOptions,
  handler: DialHandler,
): Link {
  const link = new SimulatedLink(network, host, handler, 'dialling', 'path' in endpoint);
  link.dials(endpoint, handler);
  if (!link.follow(options.signal)) return link;
  if (options.keepAlive === true) link.setKeepAlive(true, options.keepAliveInitialDelay ?? 0);
  if ('fd' in endpoint)
    link.closeWith(
      new InvalidOptions({ option: 'fd', value: endpoint.fd, allowed: 'no descriptor: a simulated network has none' }),
    );
  else if ('path' in endpoint) network.later(0, () => dialPath(network, link, endpoint.path));
  else network.later(0, () => new Dial(network, link, endpoint.port, options).start(endpoint.host ?? 'localhost'));
  return link;
}

function dialPath(network: Network, link: SimulatedLink, path: string): void {
  if (link.isOver || link.failIfDown()) return;
  const { host } = link;
  link.localAddress = { path: '' };
  link.remoteAddress = { path };
  const listener = host.pathListener(path);
  if (listener === undefined) {
    link.fail(host.hasStalePath(path) ? 'ECONNREFUSED' : 'ENOENT', 'connect');
    return;
  }
  const accepted = new SimulatedLink(network, host, silent, 'open', true);
  accepted.localAddress = { path };
  accepted.remoteAddress = { path: '' };
  accepted.peer = link;
  link.peer = accepted;
  host.opened(link);
  link.onStands();
  listener.accept(accepted);
}

/** One dial over TCP: a lookup, and one address after the other until one answers. */
class Dial {
  private readonly network: Network;
  private readonly link: SimulatedLink;
  private readonly port: number;
  private readonly options: DialOptions;
  private readonly errors: Error[] = [];

  constructor(network: Network, link: SimulatedLink, port: number, options: DialOptions) {
    this.network = network;
    this.link = link;
    this.port = port;
    this.options = options;
  }

  start(name: string): void {
    if (this.link.isOver || this.link.failIfDown()) return;
    const version = isIP(name);
    if (version === 0) this.lookUp(name);
    else this.attempt([{ address: name, family: version }]);
  }

  private get selectsFamily(): boolean {
    const { autoSelectFamily, family = 0, localAddress } = this.options;
    // Node tries one address only where the dial has an address of its own.
    return autoSelectFamily !== false && family === 0 && localAddress === undefined;
  }

  private lookUp(name: string): void {
    const { family, hints, lookup } = this.options;
    askLookup(
      lookup ?? this.network.lookup,
      name,
      { family: family ?? 0, ...(hints !== undefined && { hints }), all: this.selectsFamily },
      (error, addresses) => this.network.later(0, () => this.lookedUp(name, error, addresses)),
    );
  }

  private lookedUp(name: string, error: unknown, addresses: readonly LookupAddress[]): void {
    const { link } = this;
    const handler = link.currentDial;
    if (handler === undefined) return;
    if (error !== undefined) {
      // A lookup that threw has not answered.
      const threw = error instanceof ThrownByLookup;
      const failure = toNetFailure(threw ? error.error : error, { phase: 'lookup', address: name, port: this.port });
      if (!threw) handler.onLookup?.(failure, undefined, undefined, name);
      link.closeWith(failure);
      return;
    }
    const [first] = addresses;
    if (first === undefined) {
      link.closeWith(new HostNotFound({ code: 'ENOTFOUND', address: name, host: name }));
      return;
    }
    handler.onLookup?.(undefined, first.address, first.family, name);
    if (!link.isOver && !link.failIfDown()) this.attempt(this.selectsFamily ? alternating(addresses) : [first]);
  }

  private attempt(addresses: readonly LookupAddress[]): void {
    const { link, network } = this;
    const [target, ...others] = addresses;
    if (link.isOver) return;
    if (target === undefined) {
      this.giveUp();
      return;
    }
    const { address, family } = target;
    link.currentDial?.onAttempt?.(address, this.port, family);
    // Whoever is told may have given it up.
    if (link.currentDial === undefined) return;
    link.onAttemptFailed = (code) => this.failed(this.errorOf(code, target), target, others);
    const refused = link.host.openTowards(link, address, this.port, this.options);
    if (refused !== undefined) {
      this.failed(systemError(refused.code, refused.syscall, refused), target, others);
      return;
    }
    link.out = new Wire(network, link);
    link.out.send({ kind: 'SYN' });
    if (others.length > 0)
      link.cancelAttemptTimeout = network.clock.after(
        this.options.autoSelectFamilyAttemptTimeout ?? ATTEMPT_TIMEOUT,
        () => {
          if (link.state !== 'dialling' || link.isOver) return;
          link.currentDial?.onAttemptTimeout?.(address, this.port, family);
          this.next(this.errorOf('ETIMEDOUT', target), others);
        },
      );
  }

  private failed(error: Error, target: LookupAddress, others: readonly LookupAddress[]): void {
    const { link } = this;
    if (link.isOver) return;
    if (others.length > 0 || this.errors.length > 0) {
      const { address, family } = target;
      const failure = toNetFailure(error, { phase: 'connect', address, port: this.port });
      link.currentDial?.onAttemptFailed?.(address, this.port, family, failure);
    }
    this.next(error, others);
  }

  /**
   * What Node makes of an answer of the network; it says the address that the dial had of its own
   * only with its port.
   */
  private errorOf(code: string, { address, family }: LookupAddress): Error {
    const { localAddress = family === 6 ? ANY_IPV6 : ANY_IPV4, localPort = 0 } = this.options;
    const boundTo = localPort > 0 ? `${localAddress}:${localPort}` : undefined;
    return systemError(code, 'connect', { address, port: this.port, boundTo });
  }

  private next(error: Error, others: readonly LookupAddress[]): void {
    this.link.cancelAttemptTimeout?.();
    this.errors.push(error);
    this.link.out.sever();
    this.link.host.closed(this.link);
    this.attempt(others);
  }

  private giveUp(): void {
    const [only, second] = this.errors;
    const error = second === undefined ? only : new AggregateError(this.errors);
    this.link.closeWith(toNetFailure(error, { phase: 'connect', port: this.port }));
  }
}

/** Families by turns, beginning with the first address's, as RFC 8305 (section 4) and Node have it. */
function alternating(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const [first] = addresses;
  if (first === undefined) return addresses;
  const same = addresses.filter(({ family }) => family === first.family);
  const other = addresses.filter(({ family }) => family !== first.family);
  const all: LookupAddress[] = [];
  for (let index = 0; index < Math.max(same.length, other.length); index++) {
    for (const list of [same, other]) {
      const address = list[index];
      if (address !== undefined) all.push(address);
    }
  }
  return all;
}
