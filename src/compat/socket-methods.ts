import { enterLeaf, leaveLeaf } from '../core/demand.ts';
import { endsWithoutConnection, refuseAsPlatform, reviveStream, socketClosedError } from '../core/node/platform.ts';
import { LONGEST_DELAY } from '../core/clock.ts';
import { callMethod } from '../core/node/call-method.ts';
import type { Done, StreamChunk, StreamLink } from '../core/stream-link.ts';
import {
  BYTES_READ,
  BYTES_WRITTEN,
  KEEP_ALIVE,
  LINK,
  NET,
  NO_DELAY,
  ONREAD,
  TIMER,
  TYPE_OF_SERVICE,
  UNFOLLOW,
  COALESCER,
} from './internal-names.ts';
import { writeSoon } from './coalesced-writes.ts';
import { startIdleTimer, stopIdleTimer } from './idle-timer.ts';
import { isNormalized, normalizeArguments } from './normalize-arguments.ts';
import { bySpecification, openLink } from './socket-connecting.ts';
import { keepForConnection, passOn } from './socket-writing.ts';
import { SocketState } from './socket-state.ts';
import { streamEvents } from './stream-events.ts';

/**
 * The methods of `net.Socket`, apart from construction (`socket.ts`): what they do is what `node:net` does, over a `StreamLink`. What
 * only tells of the socket is in `socket-state.ts`.
 *
 * The names that begin with `_` are those under which the platform and old programs know these things.
 */
export abstract class SocketMethods extends SocketState {
  // ---- connecting

  connect(...given: unknown[]): this {
    const [options, listener] = isNormalized(given[0]) ? given[0] : normalizeArguments(given);
    if (listener !== null) this.once('connect', listener);
    if (this._parent?.connecting === true) return this;
    if (options.port === undefined && (options.path === undefined || options.path === null))
      refuseAsPlatform((socket) => Reflect.apply(socket.connect, socket, [options]));
    // A socket that was ended by its peer has its own. That of the class is read anew: programs that watch all sockets replace it.
    const write = this[COALESCER] === undefined ? this[NET].Socket.prototype.write : writeSoon;
    if (this.write !== write) this.write = write;
    if (this.destroyed) {
      this[LINK] = null;
      this._peername = null;
      this._sockname = null;
    }
    if (this[LINK] === null) {
      this[LINK] = openLink(this);
      // As `net.Socket` has itself used once more.
      reviveStream(this);
      this._sockname = null;
    }
    const link = this[LINK];
    this._unrefTimer();
    this.connecting = true;
    link.connect(this[NET].behaviour === 'spec' ? bySpecification(options) : options);
    return this;
  }

  // ---- reading

  override _read(size: number): void {
    const link = this[LINK];
    if (this.connecting || link === null) this.once('connect', () => this._read(size));
    else link.startReading();
  }

  override pause(): this {
    const link = this[LINK];
    if (this[ONREAD] !== null && !this.connecting && link !== null) link.stopReading();
    return super.pause();
  }

  override resume(): this {
    readIntoOwnBuffer(this);
    return super.resume();
  }

  override read(size?: number): unknown {
    readIntoOwnBuffer(this);
    if (size === 0 || this.readableFlowing !== true) return super.read(size);
    // What it had kept is handed to the listeners of 'data'.
    const outer = enterLeaf(null);
    try {
      return super.read(size);
    } finally {
      leaveLeaf(outer);
    }
  }

  // ---- writing

  override _write(chunk: string | Uint8Array, encoding: string, done: Done): void {
    this._writeGeneric(false, chunk, encoding, done);
  }

  override _writev(chunks: StreamChunk[], done: Done): void {
    this._writeGeneric(true, chunks, '', done);
  }

  _writeGeneric(several: boolean, data: string | Uint8Array | StreamChunk[], encoding: string, done: Done): void {
    if (this.connecting) {
      keepForConnection(this, several, data, encoding, done);
      return;
    }
    this._pendingData = null;
    this._pendingEncoding = '';
    const link = this[LINK];
    if (link === null) {
      done(socketClosedError());
      return;
    }
    this._unrefTimer();
    if (this[TIMER] === null) {
      passOn(this, link, several, data, encoding, done);
      return;
    }
    // The time of idleness begins anew when a write has left, and does not pass while some of it leaves.
    passOn(this, link, several, data, encoding, (error) => {
      this._unrefTimer();
      done(error);
    });
    if (this.writableLength > 0) link.watchProgress?.(this.timeout ?? 0);
  }

  override _final(done: Done): void {
    const waits = endsWithoutConnection() ? this.connecting : this.pending;
    if (waits) {
      this.once('connect', () => this._final(done));
      return;
    }
    const link = this[LINK];
    if (link === null) done();
    else link.finish(done);
  }

  override end(...given: unknown[]): this {
    this[COALESCER]?.flush();
    Reflect.apply(super.end, this, given);
    return this;
  }

  // ---- closing

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  resetAndDestroy(): this {
    const link = this[LINK];
    if (link === null) {
      this.destroy(socketClosedError());
    } else if (!link.canReset) {
      // Throws what the platform throws on IPC.
      link.reset(false);
    } else if (this.connecting) {
      this.once('connect', () => this._reset());
    } else {
      this._reset();
    }
    return this;
  }

  _reset(): this {
    this.resetAndClosing = true;
    return this.destroy();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connecting = false;
    for (let each: SocketMethods | null | undefined = this; each !== null && each !== undefined; each = each._parent)
      if (each[TIMER] !== null) stopIdleTimer(each[TIMER]);
    const link = this[LINK];
    if (link === null) {
      done(error);
      process.nextTick(emitClose, this);
    } else {
      this[BYTES_READ] = link.bytesRead;
      this[BYTES_WRITTEN] = link.bytesWritten;
      this[LINK] = null;
      this._sockname = null;
      const hadError = Boolean(error);
      if (this.resetAndClosing === true) {
        this.resetAndClosing = false;
        link.reset(hadError);
      } else {
        link.destroy(hadError);
      }
      done(error);
    }
    const server = this._server;
    if (server !== null) {
      server._connections--;
      server._emitCloseIfDrained?.();
    }
  }

  // ---- time

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = milliseconds;
    if (!isPlainDelay(milliseconds) || (callback !== undefined && typeof callback !== 'function'))
      refuseAsPlatform((socket) => socket.setTimeout(milliseconds, callback));
    if (this[TIMER] !== null) stopIdleTimer(this[TIMER]);
    if (this.writableLength > 0 && !this.connecting) this[LINK]?.watchProgress?.(milliseconds);
    if (milliseconds === 0) {
      if (callback !== undefined) this.removeListener('timeout', callback);
      return this;
    }
    // Of one that is too long for a timer the platform has said in a warning that it is cut.
    this[TIMER] = startIdleTimer(this[NET].transport.clock, milliseconds, this);
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  /** Something was read or written: the time of idleness begins anew. */
  _unrefTimer(): void {
    for (let each: SocketMethods | null | undefined = this; each !== null && each !== undefined; each = each._parent)
      each[TIMER]?.refresh();
  }

  _onTimeout(): void {
    const link = this[LINK];
    if (this.writableLength === 0 || link === null) this.emit('timeout');
    // Of a write that is outstanding the link says when it makes no progress.
    else if (link.watchProgress === undefined) goOnIfProgressing(this, link);
  }

  // ---- the socket's switches

  setNoDelay(enable?: unknown): this {
    const value = enable === undefined || Boolean(enable);
    this[NO_DELAY] = value;
    this[LINK]?.setNoDelay(value);
    return this;
  }

  setKeepAlive(...settings: unknown[]): this {
    const [, initialDelay] = settings;
    // What is no number is made one, which some values throw at.
    if (initialDelay !== undefined && typeof initialDelay !== 'number')
      refuseAsPlatform((socket) => callMethod(socket, 'setKeepAlive', settings));
    this[KEEP_ALIVE] = settings;
    this[LINK]?.setKeepAlive(...settings);
    return this;
  }

  setTypeOfService(value: number): this {
    refuseAsPlatform((socket) => callMethod(socket, 'setTypeOfService', [value]));
    this[TYPE_OF_SERVICE] = value;
    this[LINK]?.setTypeOfService(value);
    return this;
  }

  getTypeOfService(): number {
    return this[LINK]?.getTypeOfService() ?? this[TYPE_OF_SERVICE] ?? 0;
  }

  ref(): this {
    const link = this[LINK];
    if (link === null) this.once('connect', this.ref);
    else link.ref();
    return this;
  }

  unref(): this {
    const link = this[LINK];
    if (link === null) this.once('connect', this.unref);
    else link.unref();
    return this;
  }

  // ---- the handle below it

  get _handle(): object | null | undefined {
    const link = this[LINK];
    return link === null ? null : (link.handle ?? null);
  }

  set _handle(handle: object | null | undefined) {
    if (handle === null || handle === undefined) {
      // The platform takes it away when it hands it to another process, and takes it off the server's count.
      this[LINK] = null;
      this._server = null;
    } else this[LINK] = this[NET].streams.open({ platform: { handle, manualStart: true } }, streamEvents, this);
  }
}

/**
 * The time of idleness begins anew when some of the outstanding write has left, as in `net.Socket`.
 */
function goOnIfProgressing(socket: SocketMethods, link: StreamLink): void {
  const timer = socket[TIMER];
  const told = (moved: boolean): void => {
    if (timer === null || socket[TIMER] !== timer || socket.destroyed) return;
    if (moved) socket._unrefTimer();
    else socket.emit('timeout');
  };
  if (link.checkProgress === undefined) told(false);
  else link.checkProgress(told);
}

function readIntoOwnBuffer(socket: SocketMethods): void {
  const link = socket[LINK];
  if (socket[ONREAD] !== null && !socket.connecting && link !== null) link.startReading();
}

function emitClose(socket: SocketMethods): void {
  socket[UNFOLLOW]?.();
  socket.emit('close');
}

/** A delay that needs no look by the platform. */
function isPlainDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY;
}
