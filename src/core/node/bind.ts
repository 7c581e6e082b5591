import { lookup } from 'node:dns';
import net from 'node:net';
import type { Server, Socket } from 'node:net';

import type { Address, Endpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/from-system-error.ts';
import type { NetFailure } from '../failures/index.ts';
import { isIP } from '../ip.ts';
import { onAbort } from '../on-abort.ts';
import type { BindHandler, BindOptions, Binding } from '../transport.ts';
import type { MakeLink } from './driver.ts';
import { listenRefusal, reusePortRefused } from './listen-refusal.ts';
import { RemoteMemory } from './remote-memory.ts';
import { SocketFile } from './socket-file.ts';
import { placeOf, type IpcPaths } from './socket-link.ts';

/** Stands in until the handler of an accepted link is known. */
const noHandler = { onData() {}, onEnd() {}, onWritten() {}, onClosed() {} };

/** Listens over the operating system. */
export function bind(endpoint: Endpoint, options: BindOptions, handler: BindHandler, makeLink: MakeLink): Binding {
  return new ServerBinding(endpoint, options, handler, makeLink);
}

class ServerBinding implements Binding {
  private readonly server: Server;
  private readonly endpoint: Endpoint;
  private readonly handler: BindHandler;
  private readonly makeLink: MakeLink;
  private readonly paths: IpcPaths | undefined;
  private readonly signal: AbortSignal | undefined;
  private readonly reusesPort: boolean;
  private state: 'binding' | 'listening' | 'closed' = 'binding';
  private readonly remotes = new RemoteMemory();
  private file: SocketFile | undefined = undefined;
  private closeRequested = false;
  /** The built-in server was told to listen. */
  private asked = false;
  private stopFollowing: (() => void) | undefined = undefined;

  constructor(endpoint: Endpoint, options: BindOptions, handler: BindHandler, makeLink: MakeLink) {
    this.endpoint = endpoint;
    this.handler = handler;
    this.makeLink = makeLink;
    this.paths = 'path' in endpoint ? { local: endpoint.path, remote: '' } : undefined;
    this.signal = options.signal;
    this.reusesPort = options.reusePort === true;
    const { server, error: notMade } = makeServer(options);
    const refused = notMade ?? listenRefusal(endpoint, options);
    this.server = server;
    this.server.on('connection', (socket) => this.accept(socket));
    this.server.on('listening', () => this.listening());
    this.server.on('error', (error) => this.failed(error));
    if (this.signal?.aborted === true) {
      process.nextTick(() => this.closed(undefined));
      return;
    }
    if (this.signal !== undefined) this.stopFollowing = onAbort(this.signal, () => this.close());
    if (refused !== undefined) process.nextTick(() => this.failed(refused));
    else this.listen(options);
  }

  /**
   * A name is looked up here, as the built-in server would: that one, closed meanwhile, would open a handle all the same when it has its
   * answer, and keep whoever closed it waiting until then.
   */
  private listen(options: BindOptions): void {
    const { endpoint } = this;
    const name = 'port' in endpoint ? endpoint.host : undefined;
    if (name === undefined || name === '' || isIP(name) !== 0) {
      this.listenAt(endpoint, options);
      return;
    }
    lookup(name, (error, address) => {
      if (this.closeRequested) return;
      if (error === null) this.listenAt({ ...endpoint, host: address }, options);
      else this.failed(error);
    });
  }

  private listenAt(endpoint: Endpoint, options: BindOptions): void {
    this.asked = true;
    const error = tryListen(this.server, endpoint, options);
    if (error !== undefined) process.nextTick(() => this.failed(error));
  }

  get address(): Address | undefined {
    // Of a path the built-in server says the name also when it could not listen there.
    const address = this.server.listening ? this.server.address() : null;
    if (address === null) return undefined;
    if (typeof address === 'string') return { path: address };
    return {
      address: address.address,
      family: address.family === 'IPv6' ? 'IPv6' : 'IPv4',
      port: address.port,
    };
  }

  close(): void {
    if (this.closeRequested) return;
    this.closeRequested = true;
    // Once the built-in server was asked there is nothing to close before its `listening` or `error`, which will come.
    if (this.state === 'listening') this.release();
    else if (!this.asked) process.nextTick(() => this.closed(undefined));
  }

  ref(): void {
    this.server.ref();
  }

  unref(): void {
    this.server.unref();
  }

  private listening(): void {
    this.state = 'listening';
    if ('path' in this.endpoint) this.file = new SocketFile(this.endpoint.path);
    if (this.closeRequested) {
      this.release();
      return;
    }
    this.handler.onListening(this.address ?? { path: '' });
  }

  private accept(socket: Socket): void {
    const link = this.makeLink(socket, noHandler, this.paths);
    this.remotes.accept(link);
    const handler = this.closeRequested ? undefined : this.handler.onAccepted(link);
    if (handler === undefined) link.destroy();
    else link.setHandler(handler);
  }

  private failed(error: unknown): void {
    const phase = this.state === 'listening' ? 'accept' : 'listen';
    const made = toNetFailure(error, { phase, ...placeOf(this.endpoint) });
    const failure = this.reusesPort && made.code === 'ENOTSUP' ? reusePortRefused('this system', error) : made;
    if (this.state === 'binding') this.closed(this.closeRequested ? undefined : failure);
    else if (this.state === 'listening') this.acceptFailed(failure);
  }

  private acceptFailed(failure: NetFailure): void {
    if (this.server.listening) {
      this.handler.onAcceptFailed(failure);
    } else if (!this.closeRequested) {
      this.closeRequested = true;
      this.closed(failure);
    }
  }

  /** The descriptor is free when `close` returns; Node's own event would wait for every accepted socket. */
  private release(): void {
    if (this.file === undefined) this.server.close();
    else this.file.around(() => this.server.close());
    process.nextTick(() => this.closed(undefined));
  }

  private closed(failure: NetFailure | undefined): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.stopFollowing?.();
    this.remotes.closeWindow();
    this.handler.onClosed(failure);
  }
}

/** Options that this Node refuses by throwing come as its error. */
function makeServer(options: BindOptions): { server: Server; error?: unknown } {
  const { noDelay, keepAlive, keepAliveInitialDelay } = options;
  // Nothing is read until it is asked for.
  const basic = { allowHalfOpen: true, pauseOnConnect: true };
  try {
    return {
      server: net.createServer({
        ...basic,
        ...(noDelay !== undefined && { noDelay }),
        ...(keepAlive !== undefined && { keepAlive }),
        ...(keepAliveInitialDelay !== undefined && { keepAliveInitialDelay }),
      }),
    };
  } catch (error) {
    return { server: net.createServer(basic), error };
  }
}

function tryListen(server: Server, endpoint: Endpoint, options: BindOptions): unknown {
  try {
    server.listen(listenOptions(endpoint, options));
    return undefined;
  } catch (error) {
    return error;
  }
}

function listenOptions(endpoint: Endpoint, options: BindOptions): net.ListenOptions {
  const { signal: _signal, noDelay: _n, keepAlive: _k, keepAliveInitialDelay: _d, ...rest } = options;
  const given = Object.entries({ ...rest, ...endpoint }).filter(([, value]) => value !== undefined);
  // The built-in server ignores `ipv6Only` where there is no host.
  if (options.ipv6Only === true && 'port' in endpoint && endpoint.host === undefined) given.push(['host', '::']);
  return Object.fromEntries(given);
}
