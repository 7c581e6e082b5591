import net from 'node:net';
import type { AddressInfo, BlockList, DropArgument, Socket } from 'node:net';

import type { StreamListener, StreamListenerOwner } from '../stream-listener.ts';
import { callMethod } from './call-method.ts';

/**
 * A listener of the operating system that takes the very arguments of `net.Server.listen` and fails as that does.
 *
 * `Transport.bind` says less than Node's own API: no handles of others, no sharing of them between processes, no errors
 * that are thrown from the call. This says all of it. The built-in server inside only binds and accepts: who counts
 * connections, and tells that it closed, is the owner.
 */
export class SystemListener<Stream extends object> implements StreamListener {
  private readonly server: ListeningServer<Stream>;

  constructor(owner: StreamListenerOwner<Stream>) {
    this.server = new ListeningServer(owner);
  }

  listen(args: readonly unknown[]): void {
    // Node's types know fewer overloads than there are arguments that it has to refuse.
    callMethod(this.server, 'listen', args);
  }

  get listening(): boolean {
    return this.server.listening;
  }

  address(): AddressInfo | string | null {
    return this.server.address();
  }

  close(): void {
    this.server.close();
  }

  ref(): void {
    this.server.ref();
  }

  unref(): void {
    this.server.unref();
  }

  get handle(): unknown {
    const handle: unknown = Reflect.get(this.server, '_handle');
    return handle;
  }

  set handle(handle: unknown) {
    Reflect.set(this.server, '_handle', handle);
  }

  get connectionKey(): string | undefined {
    const key: unknown = Reflect.get(this.server, '_connectionKey');
    return typeof key === 'string' ? key : undefined;
  }
}

/** The built-in server; what it keeps in itself it is made to ask of its owner. */
class ListeningServer<Stream extends object> extends net.Server {
  readonly owner: StreamListenerOwner<Stream>;

  constructor(owner: StreamListenerOwner<Stream>) {
    // Nothing is read until it is asked for, and a FIN isn't answered by itself.
    super({ allowHalfOpen: true, pauseOnConnect: true });
    this.owner = owner;
    Object.defineProperties(this, askedOfOwner);
    this.on('connection', onConnection);
    this.on('listening', onListening);
    this.on('error', onError);
    this.on('drop', onDrop);
  }
}

/** Whatever its streams are. */
type Asking = ListeningServer<object>;

/** Properties of a built-in server that decide about the next connection. */
const askedOfOwner: PropertyDescriptorMap = {
  // The built-in count is that of its own sockets; whether there are too many, the owner knows.
  maxConnections: { get: maxConnections },
  dropMaxConnection: { get: dropMaxConnection },
  blockList: { get: blockList },
  noDelay: { get: noDelay },
  keepAlive: { get: keepAlive },
  keepAliveInitialDelay: { get: keepAliveInitialDelay },
};

function maxConnections(this: Asking): number | undefined {
  // Not 0, which is no limit to Node 20.
  return this.owner.isFull ? Number.NEGATIVE_INFINITY : undefined;
}

function dropMaxConnection(this: Asking): boolean | undefined {
  return this.owner.dropMaxConnection;
}

function blockList(this: Asking): BlockList | undefined {
  return this.owner.blockList;
}

function noDelay(this: Asking): boolean {
  return this.owner.noDelay;
}

function keepAlive(this: Asking): boolean {
  return this.owner.keepAlive;
}

function keepAliveInitialDelay(this: Asking): number {
  return this.owner.keepAliveInitialDelay;
}

function onConnection(this: Asking, socket: Socket): void {
  const { owner } = this;
  owner.onConnection(owner.onAccepted(socket));
}

function onListening(this: Asking): void {
  this.owner.onListening();
}

function onError(this: Asking, error: Error): void {
  this.owner.onError(error);
}

function onDrop(this: Asking, addresses: DropArgument | undefined): void {
  this.owner.onDropped(addresses);
}
