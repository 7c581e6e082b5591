import type { Socket } from 'node:net';

import type { Address, Endpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/from-system-error.ts';
import type { NetFailure } from '../failures/index.ts';
import type { Chunk, Link, LinkHandler } from '../transport.ts';

/** Where a socket keeps its link, so that all sockets can share their listener functions. */
export const LINK = Symbol('rxjs-net.link');

/** A socket that carries its link. */
export interface LinkedSocket extends Socket {
  [LINK]: SocketLink;
}

/** Stands in after the link has closed, so that a closed link keeps nothing of its owner alive. */
const silentHandler: LinkHandler = {
  onData() {},
  onEnd() {},
  onWritten() {},
  onClosed() {},
};

const NO_WRITE = 0;
/** A write is on the stack. */
const WRITING = 1;
/** A write was not taken at once; its callback is to come. */
const OUTSTANDING = 2;

/**
 * What the two drivers share: everything but how chunks are taken from the socket and given to it.
 *
 * The socket is opened half-open and paused by whoever makes it; an `error` listener is attached
 * here, at birth, and never removed.
 */
export abstract class SocketLink implements Link {
  protected readonly socket: LinkedSocket;
  protected handler: LinkHandler;
  /** Whether the handler wants data. */
  protected reading = false;
  private writeState: 0 | 1 | 2 = NO_WRITE;
  /** Kept only while outstanding: its size is not in the books until the system has it. */
  private outstanding: Chunk | readonly Chunk[] | undefined = undefined;
  private endRequested = false;
  private failure: NetFailure | undefined = undefined;
  /** One per link instead of one per write; made at the first write, so an idle link has none. */
  private written: ((error?: Error | null) => void) | undefined = undefined;
  /** Both ends of an IPC connection, and the remote end of a dial, which is known before it stands. */
  private readonly paths: IpcPaths | undefined;
  /** What is being dialled; undefined once the connection stands, and for accepted ones. */
  private dialling: Endpoint | undefined = undefined;

  constructor(socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) {
    const linked = socket as LinkedSocket;
    linked[LINK] = this;
    this.socket = linked;
    this.handler = handler;
    this.paths = paths;
    linked.on('error', onError);
    linked.on('close', onClose);
  }

  abstract startReading(): void;
  abstract stopReading(): void;
  /** Passes `data` to the system; `done` may be called at once or later. */
  protected abstract pass(data: Chunk | readonly Chunk[], done: (error?: Error | null) => void): void;
  /** Bytes that the socket has read and this driver not yet handed on. */
  protected abstract get stashedBytes(): number;

  /** The events of an accepted link go to a handler that is known only after it was made. */
  setHandler(handler: LinkHandler): void {
    this.handler = handler;
  }

  get local(): Address | undefined {
    if (this.paths !== undefined) return { path: this.paths.local };
    const { localAddress, localPort, localFamily } = this.socket;
    return socketAddress(localAddress, localPort, localFamily);
  }

  get remote(): Address | undefined {
    if (this.paths !== undefined) return { path: this.paths.remote };
    const { remoteAddress, remotePort, remoteFamily } = this.socket;
    return socketAddress(remoteAddress, remotePort, remoteFamily);
  }

  get bytesRead(): number {
    return this.socket.bytesRead - this.stashedBytes;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten - sizeOf(this.outstanding);
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    if (this.socket.destroyed) return false;
    const done = (this.written ??= this.onWriteDone.bind(this));
    this.writeState = WRITING;
    this.pass(data, done);
    if (this.writeState !== WRITING) return !this.socket.destroyed;
    this.writeState = OUTSTANDING;
    this.outstanding = data;
    return false;
  }

  private onWriteDone(error?: Error | null): void {
    if (error !== undefined && error !== null) {
      this.fail(error);
      return;
    }
    // Node 20 reports success for a write whose socket was destroyed half-way: it isn't.
    if (this.socket.destroyed) return;
    const late = this.writeState === OUTSTANDING;
    this.writeState = NO_WRITE;
    if (!late) return;
    this.outstanding = undefined;
    this.handler.onWritten();
    if (this.endRequested && this.writeState === NO_WRITE) this.socket.end();
  }

  end(): void {
    if (this.endRequested) return;
    this.endRequested = true;
    // A FIN that is asked for behind an outstanding write would make a later RST impossible: libuv
    // refuses one while a shutdown waits.
    if (this.writeState === NO_WRITE) this.socket.end();
  }

  reset(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    const finishing = this.endRequested && this.writeState === NO_WRITE && !socket.writableFinished;
    if (this.paths !== undefined || socket.connecting || socket.remoteAddress === undefined) {
      // There is no RST on IPC, nor before a connection stands.
      socket.destroy();
    } else if (finishing) {
      // The FIN is on its way within this turn; a reset may follow it, not overtake it.
      socket.once('finish', resetNow);
    } else {
      resetNow.call(socket);
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Closes with `error` as the reason, unless there is one already. */
  fail(error: Error): void {
    this.failure ??= this.toFailure(error);
    this.socket.destroy();
  }

  ref(): void {
    this.socket.ref();
  }

  unref(): void {
    this.socket.unref();
  }

  setNoDelay(enable: boolean): void {
    this.socket.setNoDelay(enable);
  }

  setKeepAlive(enable: boolean, initialDelay: number): void {
    this.socket.setKeepAlive(enable, initialDelay);
  }

  /** Failures are of dialling `endpoint` until `dialled()`. */
  dials(endpoint: Endpoint): void {
    this.dialling = endpoint;
  }

  dialled(): void {
    this.dialling = undefined;
  }

  /** Called by the shared listener. */
  socketFailed(error: Error): void {
    this.failure ??= this.toFailure(error);
  }

  /** Called by the shared listener. */
  socketClosed(): void {
    const { handler } = this;
    this.handler = silentHandler;
    handler.onClosed(this.failure);
  }

  /** Gives a system error the place that the system leaves out: what was dialled, or the remote end. */
  private toFailure(error: Error): NetFailure {
    const { syscall } = error as NodeJS.ErrnoException;
    if (this.dialling !== undefined) {
      const phase = syscall?.startsWith('getaddrinfo') === true ? 'lookup' : 'connect';
      return toNetFailure(error, { phase, ...placeOf(this.dialling) });
    }
    const phase = syscall === 'read' ? 'read' : 'write';
    return toNetFailure(error, { phase, ...placeOf(this.remote) });
  }
}

/** The names of both ends of an IPC connection; an end without a name has ''. */
export interface IpcPaths {
  readonly local: string;
  readonly remote: string;
}

/** UTF-8 bytes of what is written. */
function sizeOf(data: Chunk | readonly Chunk[] | undefined): number {
  if (data === undefined) return 0;
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (data instanceof Uint8Array) return data.byteLength;
  let size = 0;
  for (const chunk of data) size += sizeOf(chunk);
  return size;
}

/** How an endpoint or an address is named in a failure. */
export function placeOf(place: Endpoint | Address | undefined): {
  address?: string;
  port?: number;
} {
  if (place === undefined || 'fd' in place) return {};
  if ('path' in place) return { address: place.path };
  if ('address' in place) return { address: place.address, port: place.port };
  return place.host === undefined ? { port: place.port } : { address: place.host, port: place.port };
}

function socketAddress(
  address: string | undefined,
  port: number | undefined,
  family: string | undefined,
): Address | undefined {
  if (address === undefined || port === undefined) return undefined;
  return { address, port, family: family === 'IPv6' ? 'IPv6' : 'IPv4' };
}

/** Resets without the FIN that `resetAndDestroy` would send first: it goes by `destroySoon`, which is taken out of the way. */
function resetNow(this: Socket): void {
  if (this.destroyed) return;
  this.destroySoon = this.destroy as () => void;
  this.resetAndDestroy();
}

function onError(this: Socket, error: Error): void {
  (this as LinkedSocket)[LINK].socketFailed(error);
}

function onClose(this: Socket): void {
  (this as LinkedSocket)[LINK].socketClosed();
}
