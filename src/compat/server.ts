import { captureRejectionSymbol, EventEmitter } from 'node:events';
import type { AddressInfo, BlockList, DropArgument } from '../core/node/platform-types.ts';
import process from 'node:process';
import { Duplex } from 'node:stream';

import { listenRefusal, zeroIsALimit, type ServerSettings } from '../core/node/server-arguments.ts';
import { onAbort } from '../core/on-abort.ts';
import type { StreamListener, StreamListenerOwner } from '../core/stream-listener.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { type COALESCES, NET } from './internal-names.ts';
import { cutIpcPath } from './ipc-path.ts';
import { readListenArguments } from './listen-arguments.ts';
import type { NetContext } from './net-context.ts';
import { nodeError } from './node-error.ts';
import type { SocketMethods } from './socket-methods.ts';
import { TransportListener } from './transport-listener.ts';

/** The sockets of one server that were sent to one child process: the platform makes these in `child.send`. */
interface ChildSockets {
  getConnections(callback: (error: Error | null, count: number) => void): void;
  close(callback: () => void): void;
  once(event: 'exit', listener: () => void): void;
}

const LISTENER = Symbol('rxjs-net.listener');

/**
 * The methods of every `Server`.
 *
 * A class can't be called without `new`, as `net.Server` can: `server-class.ts` puts a function in front of this one.
 */
export abstract class ServerMethods extends EventEmitter implements ServerSettings {
  declare allowHalfOpen: boolean;
  declare pauseOnConnect: boolean;
  declare noDelay: boolean;
  declare keepAlive: boolean;
  declare keepAliveInitialDelay: number;
  declare highWaterMark: number;
  declare blockList?: BlockList;
  declare maxConnections?: number | undefined;
  declare dropMaxConnection?: boolean | undefined;
  /** Connections in this process. A socket takes itself off when it is destroyed, and so does `child.send`. */
  declare _connections: number;
  declare _usingWorkers: boolean;
  declare _workers: ChildSockets[];
  declare _unref: boolean;
  declare readonly [NET]: NetContext;
  declare [COALESCES]?: boolean;
  declare [LISTENER]: StreamListener | undefined;

  /** Begins to listen. While it listens already, the specification re-opens it with the new options; today's Node throws. */
  listen(...args: unknown[]): this {
    const callback = args.at(-1);
    const given = typeof callback === 'function' ? args.slice(0, -1) : args;
    if (this.listening) release(this, given);
    if (isListener(callback)) this.once('listening', callback);
    open(this, given);
    return this;
  }

  /** Listening, not only asked to: while a name is looked up it is false. */
  get listening(): boolean {
    return this[LISTENER]?.listening ?? false;
  }

  address(): AddressInfo | string | null {
    return this[LISTENER]?.address() ?? null;
  }

  /** Stops listening; `'close'` follows when all connections are gone, those in child processes included. */
  close(callback?: unknown): this {
    if (isListener(callback)) {
      const wasListening = this.listening;
      this.once(
        'close',
        wasListening ? callback : () => callback(nodeError('ERR_SERVER_NOT_RUNNING', 'Server is not running.')),
      );
    }
    this[LISTENER]?.close();
    if (this._workers.length > 0) closeInChildren(this);
    else this._emitCloseIfDrained();
    return this;
  }

  /** A socket calls it when it was destroyed. */
  _emitCloseIfDrained(): void {
    if (!this.listening && this._connections === 0) process.nextTick(emitClose, this);
  }

  /** Calls back with the number of connections, those in child processes included. */
  getConnections(callback: (error: Error | null, count: number) => void): this {
    const children = [...this._workers];
    let left = children.length;
    let total = this._connections;
    if (left === 0) process.nextTick(callback, null, total);
    const counted = (error: Error | null, count: number): void => {
      if (left <= 0) return;
      total += count;
      left = error === null ? left - 1 : 0;
      if (left === 0) process.nextTick(callback, error, error === null ? total : undefined);
    };
    for (const sockets of children) sockets.getConnections(counted);
    return this;
  }

  /** `child.send` calls it when the first socket of this server goes to a child process. */
  _setupWorker(sockets: ChildSockets): void {
    this._usingWorkers = true;
    this._workers.push(sockets);
    sockets.once('exit', () => {
      this._workers = this._workers.filter((other) => other !== sockets);
    });
  }

  ref(): this {
    this._unref = false;
    this[LISTENER]?.ref();
    return this;
  }

  unref(): this {
    this._unref = true;
    this[LISTENER]?.unref();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.close((error?: Error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** What an async listener rejected with: one of `'connection'` costs that connection only. */
  override [captureRejectionSymbol](error: Error, event: string | symbol, ...args: unknown[]): void {
    const [socket] = args;
    if (event === 'connection' && socket instanceof Duplex) socket.destroy(error);
    else this.emit('error', error);
  }

  /** By it child processes, `cluster` and `listen(server)` take a server; null while it isn't listening. */
  get _handle(): unknown {
    return this[LISTENER]?.handle ?? null;
  }

  set _handle(handle: unknown) {
    listenerOf(this).handle = handle;
  }

  /** What was asked for, as `6::::0`. */
  get _connectionKey(): string | undefined {
    return this[LISTENER]?.connectionKey;
  }
}

/** Gives up what is listened on; the connections stay. Arguments that are refused leave everything as it is. */
function release(server: ServerMethods, args: readonly unknown[]): void {
  if (server[NET].behaviour === 'node') {
    throw nodeError('ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');
  }
  const refusal = readListenArguments(args).kind === 'refused' ? listenRefusal(args) : undefined;
  if (refusal !== undefined) throw refusal;
  server[LISTENER]?.close();
}

function open(server: ServerMethods, args: readonly unknown[]): void {
  const target = readListenArguments(args);
  const changes: Record<string, unknown> = {};
  if (target.kind === 'ipc' && server[NET].behaviour === 'spec') changes['path'] = cutIpcPath(target.path);
  const signal = target.kind === 'refused' ? undefined : target.signal;
  // The listener would close itself, and not this server.
  if (signal !== undefined) changes['signal'] = undefined;
  const unfollow = signal === undefined ? undefined : closeOnAbort(server, signal);
  try {
    listenerOf(server).listen(withChanges(args, changes));
  } catch (error) {
    unfollow?.();
    throw error;
  }
}

function closeInChildren(server: ServerMethods): void {
  let left = server._workers.length;
  // Counts as a connection, so that `'close'` does not come before all children have answered.
  server._connections++;
  const closed = (): void => {
    if (--left > 0) return;
    server._connections--;
    server._emitCloseIfDrained();
  };
  for (const sockets of server._workers) sockets.close(closed);
}

/** What the listener of a server asks and tells. */
class Ties implements StreamListenerOwner<SocketMethods> {
  private readonly server: ServerMethods;

  constructor(server: ServerMethods) {
    this.server = server;
  }

  get noDelay(): boolean {
    return this.server.noDelay;
  }

  get keepAlive(): boolean {
    return this.server.keepAlive;
  }

  get keepAliveInitialDelay(): number {
    return this.server.keepAliveInitialDelay;
  }

  get blockList(): BlockList | undefined {
    return this.server.blockList;
  }

  get dropMaxConnection(): boolean | undefined {
    return this.server.dropMaxConnection;
  }

  get isFull(): boolean {
    const { maxConnections: most, _connections: count } = this.server;
    if (most == null || (most === 0 && !zeroIsALimit)) return false;
    return count >= most;
  }

  onListening(): void {
    this.server.emit('listening');
  }

  onError(error: Error): void {
    this.server.emit('error', error);
  }

  onAccepted(accepted: object): SocketMethods {
    const { server } = this;
    const socket = acceptedSocket(server[NET], accepted, server);
    server._connections++;
    socket.server = server;
    socket._server = server;
    return socket;
  }

  onConnection(socket: SocketMethods): void {
    this.server.emit('connection', socket);
  }

  onDropped(addresses: DropArgument | undefined): void {
    if (addresses === undefined) this.server.emit('drop');
    else this.server.emit('drop', addresses);
  }
}

/** Made when it is needed first, and kept: a server may listen any number of times. */
function listenerOf(server: ServerMethods): StreamListener {
  const known = server[LISTENER];
  if (known !== undefined) return known;
  const { streams, transport } = server[NET];
  const ties = new Ties(server);
  const listener = streams.listen?.(ties) ?? new TransportListener(transport, ties);
  if (server._unref) listener.unref();
  server[LISTENER] = listener;
  return listener;
}

/** Gives what takes it back. The `'close'` of the server does so too. */
function closeOnAbort(server: ServerMethods, signal: AbortSignal): () => void {
  if (signal.aborted) {
    process.nextTick(closeServer, server);
    return () => {};
  }
  const unfollow = onAbort(signal, () => server.close());
  server.once('close', unfollow);
  return () => {
    unfollow();
    server.off('close', unfollow);
  };
}

/** The arguments with some options replaced; the caller's object stays as it is. */
function withChanges(args: readonly unknown[], changes: Readonly<Record<string, unknown>>): readonly unknown[] {
  const names = Object.keys(changes);
  const [first, ...rest] = args;
  if (names.length === 0) return args;
  if (typeof first !== 'object' || first === null) return [changes['path'], ...rest];
  const replaced = names.map((name) => [name, { value: changes[name], enumerable: true, writable: true }] as const);
  return [Object.create(first, Object.fromEntries(replaced)), ...rest];
}

export function isListener(value: unknown): value is (...args: unknown[]) => void {
  return typeof value === 'function';
}

function emitClose(server: ServerMethods): void {
  server.emit('close');
}

function closeServer(server: ServerMethods): void {
  server.close();
}
