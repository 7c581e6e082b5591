import type { AddressInfo, DropArgument } from '../core/node/platform-types.ts';
import process from 'node:process';

import { captureContext, type Context } from '../core/context.ts';
import type { Address, Endpoint } from '../core/endpoint.ts';
import type { NetFailure } from '../core/failures/index.ts';
import { isIP } from '../core/ip.ts';
import { listenRefusal } from '../core/node/server-arguments.ts';
import type { BindHandler, BindOptions, Binding, Link, LinkHandler, Transport } from '../core/transport.ts';
import type { StreamListener, StreamListenerOwner } from '../core/stream-listener.ts';
import { guarded } from './guarded.ts';
import { handlerOf } from './link-stream.ts';
import { readListenArguments, type ListenDetails, type ListenTarget } from './listen-arguments.ts';
import type { SocketMethods } from './socket-methods.ts';
import { makeSystemError, errorOfFailure } from './error-of-failure.ts';

type BindTarget = Extract<ListenTarget, { kind: 'tcp' | 'ipc' }>;
type Owner = StreamListenerOwner<SocketMethods>;

/** Listens over any transport. What only an operating system has, descriptors and foreign handles, fails with `EINVAL`. */
export class TransportListener implements StreamListener {
  private readonly transport: Transport;
  private readonly owner: Owner;
  private current: Bound | undefined = undefined;
  private referenced = true;
  /** Once it has listened on a path, `net` says that one whenever there is no address. */
  private path: string | null = null;
  private key: string | undefined = undefined;

  constructor(transport: Transport, owner: Owner) {
    this.transport = transport;
    this.owner = owner;
  }

  listen(args: readonly unknown[]): void {
    const given = readListenArguments(args);
    // A handle of the platform's is to a transport what it is to `net` when it can't be used: options like others.
    const isForeign = given.kind === 'handle' && !(given.handle instanceof Bound);
    const target = isForeign ? readListenArguments([given.handle]) : given;
    // What was asked for before, and isn't bound yet, comes to nothing; also when this is refused, as in `net`.
    this.close();
    if (target.kind === 'refused') throw listenRefusal(args);
    if (target.kind === 'tcp' || target.kind === 'ipc') this.bind(target);
    else if (target.kind === 'handle' && target.handle instanceof Bound) this.adopt(target.handle);
    else process.nextTick(refuseHandle, this.owner);
  }

  private bind(target: BindTarget): void {
    const bound = new Bound(this.owner, keyOf(target));
    this.current = bound;
    if (target.kind === 'ipc') this.path = target.path;
    bound.bind(this.transport, endpointOf(target), bindOptions(target, this.owner));
    if (!this.referenced) bound.unref();
  }

  /** Another server's listener: its connections come to this server from here on. */
  private adopt(bound: Bound): void {
    this.current = bound;
    bound.handTo(this.owner);
  }

  get listening(): boolean {
    return this.handle !== null;
  }

  get handle(): unknown {
    const { current } = this;
    return current?.address === undefined ? null : current;
  }

  set handle(handle: unknown) {
    if (handle === null) this.current = undefined;
  }

  get connectionKey(): string | undefined {
    if (this.listening) this.key = this.current?.key;
    return this.key;
  }

  address(): AddressInfo | string | null {
    const address = this.current?.address;
    if (address === undefined) return this.path;
    return 'path' in address ? address.path : { address: address.address, family: address.family, port: address.port };
  }

  close(): void {
    const { current } = this;
    this.current = undefined;
    current?.close();
  }

  ref(): void {
    this.referenced = true;
    this.current?.ref();
  }

  unref(): void {
    this.referenced = false;
    this.current?.unref();
  }
}

/** One bound endpoint: what `_handle` is over a transport. */
class Bound implements BindHandler {
  readonly key: string;
  /** That of the call of `listen`, as a handle of the system has it. */
  private readonly context: Context = captureContext();
  private owner: Owner;
  private binding: Binding | undefined = undefined;
  private isOver = false;

  constructor(owner: Owner, key: string) {
    this.owner = owner;
    this.key = key;
  }

  bind(transport: Transport, endpoint: Endpoint, options: BindOptions): void {
    this.binding = transport.bind(endpoint, options, this);
  }

  handTo(owner: Owner): void {
    this.owner = owner;
    process.nextTick(tellListening, this);
  }

  get address(): Address | undefined {
    return this.isOver ? undefined : this.binding?.address;
  }

  close(): void {
    this.isOver = true;
    this.binding?.close();
  }

  ref(): void {
    this.binding?.ref();
  }

  unref(): void {
    this.binding?.unref();
  }

  onListening(): void {
    if (!this.isOver) this.context.runInAsyncScope(guarded, undefined, () => this.owner.onListening());
  }

  onAccepted(link: Link): LinkHandler | undefined {
    return this.context.runInAsyncScope(() => this.accept(link), undefined);
  }

  private accept(link: Link): LinkHandler | undefined {
    const { owner } = this;
    if (this.isOver || isBlocked(owner, link.remote)) return undefined;
    if (owner.isFull) {
      guarded(() => owner.onDropped(addressesOf(link)));
      return undefined;
    }
    const socket = owner.onAccepted(link);
    // Asked for first: a socket that was destroyed has no link any more.
    const handler = handlerOf(socket);
    guarded(() => owner.onConnection(socket));
    return handler;
  }

  onAcceptFailed(failure: NetFailure): void {
    this.fail(failure, 'accept');
  }

  onClosed(failure: NetFailure | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    if (failure !== undefined) this.fail(failure, 'listen');
  }

  private fail(failure: NetFailure, syscall: string): void {
    guarded(() => this.owner.onError(errorOfFailure(failure, syscall)));
  }
}

function tellListening(bound: Bound): void {
  bound.onListening();
}

function refuseHandle(owner: Owner): void {
  owner.onError(makeSystemError('listen', 'EINVAL', null));
}

function endpointOf(target: BindTarget): Endpoint {
  if (target.kind === 'ipc') return { path: target.path };
  return target.host === undefined ? { port: target.port } : { port: target.port, host: target.host };
}

function keyOf(target: BindTarget): string {
  if (target.kind === 'ipc') return `-1:${target.path}:-1`;
  const host = target.host ?? '::';
  return `${isIP(host) === 4 ? 4 : 6}:${host}:${target.port}`;
}

function bindOptions(details: ListenDetails, settings: Owner): BindOptions {
  const { backlog, exclusive, ipv6Only, reusePort, readableAll, writableAll } = details;
  const how = { backlog, exclusive, ipv6Only, reusePort, readableAll, writableAll };
  return {
    ...how,
    noDelay: settings.noDelay,
    keepAlive: settings.keepAlive,
    keepAliveInitialDelay: settings.keepAliveInitialDelay * 1_000,
  };
}

function isBlocked({ blockList }: Owner, remote: Address | undefined): boolean {
  if (blockList === undefined || remote === undefined || 'path' in remote) return false;
  return blockList.check(remote.address, remote.family === 'IPv6' ? 'ipv6' : 'ipv4');
}

function addressesOf({ local, remote }: Link): DropArgument | undefined {
  if (local === undefined || 'path' in local) return undefined;
  const addresses = { localAddress: local.address, localPort: local.port, localFamily: local.family };
  if (remote === undefined || 'path' in remote) return addresses;
  return { ...addresses, remoteAddress: remote.address, remotePort: remote.port, remoteFamily: remote.family };
}
