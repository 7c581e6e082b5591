import type { Socket } from 'node:net';

import type { Address, Endpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/from-system-error.ts';
import type { NetFailure, Phase } from '../failures/index.ts';
import { readError } from '../failures/read-error.ts';
import { ProgressProbe } from './progress-probe.ts';
import type { Chunk, DialHandler, Link, LinkHandler } from '../transport.ts';

/** Where a socket keeps its link, so that all sockets can share their listener functions. */
export const LINK = Symbol('rxjs-net.link');

/** A socket that carries its link. */
export interface LinkedSocket<L extends SocketLink = SocketLink> extends Socket {
  readonly [LINK]: L;
}

/** Stands in after the link has closed, so that a closed link keeps nothing of its owner alive. */
const silentHandler: LinkHandler = {
  onData() {},
  onEnd() {},
  onWritten() {},
  onClosed() {},
};

const NOTHING = new Uint8Array(0);

const NO_WRITE = 0;
/** A write is on the stack. */
const WRITING = 1;
/** A write was not taken at once; its callback is to come. */
const OUTSTANDING = 2;
/** A write has failed; what is left is to be read. */
const FAILED = 3;

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
  private writeState: 0 | 1 | 2 | 3 = NO_WRITE;
  /**
   * Bytes that Node counts as written and the system does not have: the outstanding write, or one
   * that failed.
   */
  private outstanding = 0;
  private endRequested = false;
  /** Made when progress is first asked for. */
  private probe: ProgressProbe | undefined = undefined;
  /** `reset()` waits for the FIN to leave; for everybody else the link is closed already. */
  private resetting = false;
  private failure: NetFailure | undefined = undefined;
  /** Undoes what was done for this link outside of it. */
  private cleanUp: (() => void) | undefined = undefined;
  /** One per link instead of one per write; made at the first write, so an idle link has none. */
  private written: ((error?: Error | null) => void) | undefined = undefined;
  /**
   * Both ends of an IPC connection, and the remote end of a dial, which is known before it stands.
   */
  private readonly paths: IpcPaths | undefined;
  /**
   * What is being dialled; undefined once the connection stands or is closed, and for accepted
   * ones.
   */
  private dialling: Dialling | undefined = undefined;

  constructor(socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) {
    this.socket = Object.assign(socket, { [LINK]: this });
    this.handler = handler;
    this.paths = paths;
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  abstract startReading(): void;
  abstract stopReading(): void;
  /** Passes `data` to the system; `done` may be called at once or later. */
  protected abstract pass(data: Chunk | readonly Chunk[], done: (error?: Error | null) => void): void;
  abstract get bytesRead(): number;

  /** Closes the socket. Every close from this side comes through here. */
  protected close(): void {
    this.socket.destroy();
  }

  /** The events of an accepted link go to a handler that is known only after it was made. */
  setHandler(handler: LinkHandler): void {
    this.handler = handler;
  }

  /** `cleanUp` is called once, before `onClosed`. */
  beforeClosed(cleanUp: () => void): void {
    this.cleanUp = cleanUp;
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

  /**
   * The system forgets the remote end of a connection that was reset; Node remembers it once it was
   * asked for.
   */
  rememberRemote(): string | undefined {
    return this.socket.remoteAddress;
  }

  get closesAtOnce(): boolean {
    return true;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten - this.outstanding;
  }

  /** Closed from this side, or about to have its `onClosed`. */
  protected get isOver(): boolean {
    return this.resetting || this.socket.destroyed;
  }

  private writeIs(state: 0 | 1 | 2 | 3): boolean {
    return this.writeState === state;
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    if (this.isOver || this.writeIs(FAILED)) return false;
    const { socket } = this;
    const done = (this.written ??= this.onWriteDone.bind(this));
    this.writeState = WRITING;
    this.pass(data, done);
    if (this.writeIs(NO_WRITE)) return true;
    const failed = socket.destroyed || socket.errored !== null || this.writeIs(FAILED);
    if (!this.writeIs(FAILED)) this.writeState = OUTSTANDING;
    this.outstanding = failed && !isCountedAnyway(data) ? 0 : sizeOf(data);
    return false;
  }

  checkProgress(told: (moved: boolean) => void): void {
    (this.probe ??= new ProgressProbe(this.socket)).check(told);
  }

  private onWriteDone(error?: Error | null): void {
    // A write that was cut off by the end of its socket: Node 20 calls that a success, later
    // versions a failure. It is neither; what ended the socket says why.
    if (this.socket.destroyed) return;
    if (error !== undefined && error !== null) {
      this.writeFailed(error);
      return;
    }
    const late = this.writeIs(OUTSTANDING);
    this.writeState = NO_WRITE;
    if (!late) return;
    this.outstanding = 0;
    this.handler.onWritten();
    if (this.endRequested && this.writeIs(NO_WRITE)) this.socket.end();
  }

  checkPeer(): void {
    // Over IPC a peer that has closed would be refused likewise, though all that it sent may be
    // wanted still.
    if (this.isOver || this.endRequested || this.paths !== undefined || this.dialling !== undefined) return;
    if (!this.writeIs(NO_WRITE)) return;
    // The system refuses a write of nothing, too, after a reset.
    this.pass(NOTHING, (error) => {
      if (error !== undefined && error !== null) this.fail(error);
    });
  }

  /** What the peer had sent before is still there, and the handler may want it. */
  private writeFailed(error: Error): void {
    if (this.isOver || this.writeIs(FAILED)) return;
    const mayRead = this.dialling === undefined && this.handler.onWriteFailed !== undefined;
    if (!mayRead || !this.keepReading(error)) {
      this.fail(error);
      return;
    }
    this.writeState = FAILED;
    this.failure ??= this.toFailure(error);
    process.nextTick(tellWriteFailed, this);
  }

  /** Called by the shared function. */
  tellWriteFailed(): void {
    if (!this.isOver && this.failure !== undefined) this.handler.onWriteFailed?.(this.failure);
  }

  /**
   * Sees to it that reading can go on after `error`, a write's. @returns whether there is anything
   * to be read
   */
  protected abstract keepReading(error: Error): boolean;

  /**
   * Reading has come to its end. @returns whether that ends the link too, as its write side has
   * failed
   */
  protected closesAfterFailure(): boolean {
    if (!this.writeIs(FAILED)) return false;
    // Behind a reset that a write was told of, the system reads as behind a FIN.
    if (this.failure?._tag !== 'ConnectionReset') this.handler.onEnd();
    this.close();
    return true;
  }

  end(): void {
    if (this.endRequested) return;
    this.endRequested = true;
    // A FIN that is asked for behind an outstanding write would make a later RST impossible: libuv
    // refuses one while a shutdown waits.
    if (this.writeIs(NO_WRITE)) this.socket.end();
  }

  reset(): void {
    const { socket } = this;
    if (this.isOver) return;
    const finishing = this.endRequested && this.writeIs(NO_WRITE) && !socket.writableFinished;
    if (this.paths !== undefined || socket.connecting || socket.remoteAddress === undefined) {
      // There is no RST on IPC, nor before a connection stands.
      this.close();
    } else if (finishing) {
      // The FIN is on its way within this turn; a reset may follow it, not overtake it.
      this.stopReading();
      this.resetting = true;
      socket.once('finish', onFinish);
    } else {
      this.resetNow();
    }
  }

  /**
   * Resets without the FIN that `resetAndDestroy` sends first in some versions of Node, by
   * `destroySoon`.
   */
  resetNow(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    socket.destroySoon = destroyNow;
    socket.resetAndDestroy();
  }

  destroy(): void {
    this.close();
  }

  /** Closes with `error` as the reason, unless it is closed already. */
  fail(error: unknown, phase?: Phase): void {
    if (this.isOver) return;
    this.failure ??= this.toFailure(error, phase);
    this.close();
  }

  // A closed socket would take note of these, for when it is connected again.

  ref(): void {
    if (!this.socket.destroyed) this.socket.ref();
  }

  unref(): void {
    if (!this.socket.destroyed) this.socket.unref();
  }

  setNoDelay(enable: boolean): void {
    this.socket.setNoDelay(enable);
  }

  setKeepAlive(enable: boolean, initialDelay: number): void {
    this.socket.setKeepAlive(enable, initialDelay);
  }

  /** Failures are of the dial until `stands()`. */
  dials(dialling: Dialling): void {
    this.dialling = dialling;
  }

  /** The dial that goes on, unless it was given up. */
  get currentDial(): Dialling | undefined {
    return this.socket.destroyed ? undefined : this.dialling;
  }

  stands(): void {
    this.dialling = undefined;
    this.rememberRemote();
  }

  /** Called by the shared listener. */
  socketFailed(error: Error): void {
    if (this.resetting) return;
    // The read side has a reason of its own.
    if (this.writeIs(FAILED) && readError(error).syscall === 'read') this.failure = this.toFailure(error);
    else this.failure ??= this.toFailure(error);
  }

  /** Called by the shared listener. */
  socketClosed(): void {
    const { handler, cleanUp } = this;
    this.handler = silentHandler;
    this.dialling = undefined;
    this.cleanUp = undefined;
    cleanUp?.();
    handler.onClosed(this.failure);
  }

  /** What was dialled, or the remote end: the place that the system leaves out of its errors. */
  get place(): { address?: string; port?: number } {
    return placeOf(this.dialling?.endpoint ?? this.remote);
  }

  private toFailure(error: unknown, phase = this.phaseOf(error)): NetFailure {
    return toNetFailure(error, { phase, ...this.place });
  }

  private phaseOf(error: unknown): Phase {
    if (this.dialling !== undefined) return 'connect';
    return readError(error).syscall === 'read' ? 'read' : 'write';
  }
}

/** What is being dialled, and who is told of it. */
export interface Dialling {
  readonly endpoint: Endpoint;
  readonly handler: DialHandler;
}

/** The names of both ends of an IPC connection; an end without a name has ''. */
export interface IpcPaths {
  readonly local: string;
  readonly remote: string;
}

/**
 * The longest text that Node tries to write from the stack, whose size it takes to be three bytes a
 * character.
 */
const SHORT_TEXT = Math.floor(16_384 / 3);

/** Node counts a write that fails at once as written, unless it was a short text. */
function isCountedAnyway(data: Chunk | readonly Chunk[]): boolean {
  const sole = typeof data === 'string' || data instanceof Uint8Array || data.length > 1 ? data : data[0];
  return typeof sole !== 'string' || sole.length > SHORT_TEXT;
}

/** UTF-8 bytes of what is written. */
function sizeOf(data: Chunk | readonly Chunk[]): number {
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

function destroyNow(this: Socket): void {
  this.destroy();
}

function tellWriteFailed(link: SocketLink): void {
  link.tellWriteFailed();
}

function onFinish(this: LinkedSocket): void {
  this[LINK].resetNow();
}

function onError(this: LinkedSocket, error: Error): void {
  this[LINK].socketFailed(error);
}

function onClose(this: LinkedSocket): void {
  this[LINK].socketClosed();
}
