import type { Duplex } from 'node:stream';

import type { Address } from '../../core/endpoint.ts';
import { type NetFailure, toNetFailure } from '../../core/failures/index.ts';
import type { Chunk, Link, LinkHandler } from '../../core/transport.ts';

/**
 * A link over any Node.js `Duplex`, by what every consumer of a stream uses.
 *
 * A stream that is paused may end nevertheless, when it holds no data, and close by itself: both are kept back until they are read.
 */
export class DuplexLink implements Link {
  bytesRead = 0;
  bytesWritten = 0;
  protected readonly duplex: Duplex;
  private readonly handler: LinkHandler;
  private reading = false;
  /** A write is on the stack. */
  private writing = false;
  /** A piece was not taken at once. */
  private isOutstanding = false;
  /** Pieces of the outstanding write that the stream doesn't have yet. */
  private rest: (Chunk | readonly Chunk[])[] = [];
  private endIsKept = false;
  private closeIsKept = false;
  private endRequested = false;
  private isOver = false;
  private failure: NetFailure | undefined = undefined;
  /** Asked for at once: a socket that was reset knows it no more. */
  private readonly peer: Address | undefined;
  /** Undoes what was done for this link outside of it. */
  beforeClosed: (() => void) | undefined = undefined;

  constructor(duplex: Duplex, handler: LinkHandler) {
    this.duplex = duplex;
    this.handler = handler;
    this.peer = this.addressOf('remote');
    // Who answers the peer's end is the connection's to decide.
    duplex.allowHalfOpen = true;
    duplex.pause();
    this.endIsKept = duplex.readableEnded;
    duplex.on('error', this.onError);
    if (duplex.closed) process.nextTick(this.onClose);
    else duplex.on('close', this.onClose);
    duplex.on('data', this.onData);
    duplex.on('end', this.onEnd);
    duplex.on('finish', this.onFinish);
  }

  get local(): Address | undefined {
    return this.addressOf('local');
  }

  get remote(): Address | undefined {
    return this.peer ?? this.addressOf('remote');
  }

  /** Of sockets, such as those of `node:tls`. */
  private addressOf(end: 'local' | 'remote'): Address | undefined {
    const address: unknown = Reflect.get(this.duplex, `${end}Address`);
    const port: unknown = Reflect.get(this.duplex, `${end}Port`);
    if (typeof address !== 'string' || typeof port !== 'number') return undefined;
    return { address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' };
  }

  // ---- reading

  startReading(): void {
    if (this.reading || this.isOver) return;
    this.reading = true;
    if (this.endIsKept) process.nextTick(handOnEnd, this);
    else this.duplex.resume();
  }

  stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    if (!this.duplex.destroyed) this.duplex.pause();
  }

  private readonly onData = (chunk: Uint8Array): void => {
    const { duplex } = this;
    if (duplex.destroyed) return;
    if (this.writing) {
      // A stream that answers within the call, as a PassThrough does: nothing is told to whoever writes before that returns.
      duplex.pause();
      duplex.unshift(chunk);
      process.nextTick(resume, this);
      return;
    }
    this.bytesRead += chunk.length;
    this.handler.onData(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  };

  resume(): void {
    if (this.reading && !this.duplex.destroyed) this.duplex.resume();
  }

  private readonly onEnd = (): void => {
    this.endIsKept = true;
    if (this.reading) this.handOnEnd();
  };

  handOnEnd(): void {
    if (!this.reading || !this.endIsKept || this.isOver) return;
    this.reading = false;
    this.endIsKept = false;
    this.handler.onEnd();
    if (this.closeIsKept) process.nextTick(close, this);
    else this.closeIfEnded();
  }

  // ---- writing

  write(data: Chunk | readonly Chunk[]): boolean {
    const { duplex } = this;
    if (duplex.destroyed) return false;
    this.rest = toPieces(data);
    return this.writeOn();
  }

  /** Writes the pieces one after the other: progress shows as each of them has left. */
  private writeOn(): boolean {
    for (let piece = this.rest.shift(); piece !== undefined; piece = this.rest.shift()) {
      if (!this.writePiece(piece)) return false;
    }
    if (this.endRequested && !this.duplex.destroyed) this.duplex.end();
    return true;
  }

  private writePiece(piece: Chunk | readonly Chunk[]): boolean {
    const { duplex } = this;
    const size = sizeOf(piece);
    let isLate = false;
    const done = (error?: Error | null): void => {
      // What ended the stream says why a write was cut off.
      if (!isLate || this.isOver || duplex.destroyed || (error !== undefined && error !== null)) return;
      this.bytesWritten += size;
      this.isOutstanding = false;
      if (this.writeOn()) this.handler.onWritten();
    };
    this.writing = true;
    try {
      writeTo(duplex, piece, done);
    } catch (error) {
      // The stream's own `_write` threw, which Node passes on to whoever writes.
      duplex.destroy(error instanceof Error ? error : new Error('a stream threw in a write', { cause: error }));
    } finally {
      this.writing = false;
    }
    if (this.isSound && duplex.writableLength === 0) {
      this.bytesWritten += size;
      return true;
    }
    isLate = true;
    this.isOutstanding = true;
    return false;
  }

  private get isSound(): boolean {
    return this.duplex.errored === null && !this.duplex.destroyed;
  }

  end(): void {
    if (this.endRequested) return;
    this.endRequested = true;
    if (!this.isOutstanding) this.duplex.end();
  }

  private readonly onFinish = (): void => {
    this.closeIfEnded();
  };

  /** A stream that doesn't destroy itself when both halves have ended is destroyed. */
  private closeIfEnded(): void {
    const { duplex } = this;
    if (duplex.readableEnded && !this.endIsKept && duplex.writableFinished) duplex.destroy();
  }

  // ---- the end

  destroy(): void {
    if (this.isOver) return;
    if (this.closeIsKept) process.nextTick(close, this);
    this.endIsKept = false;
    this.duplex.destroy();
  }

  /** A stream has no reset: that of a socket fails on TLS and on IPC, and hangs when it follows `end()`. */
  reset(): void {
    this.destroy();
  }

  private readonly onError = (error: unknown): void => {
    const { duplex, peer } = this;
    const place = peer !== undefined && 'port' in peer ? { address: peer.address, port: peer.port } : {};
    this.failure ??= toNetFailure(error, { phase: duplex.writableLength > 0 ? 'write' : 'read', ...place });
  };

  private readonly onClose = (): void => {
    // It has closed by itself, with an end that nobody has read.
    if (this.endIsKept && this.failure === undefined) this.closeIsKept = true;
    else this.close();
  };

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.reading = false;
    const { duplex } = this;
    // The listener for errors stays.
    duplex.off('close', this.onClose);
    duplex.off('data', this.onData);
    duplex.off('end', this.onEnd);
    duplex.off('finish', this.onFinish);
    this.beforeClosed?.();
    this.handler.onClosed(this.failure);
  }

  // ---- the switches of a socket, where it is one

  ref(): void {
    this.call('ref');
  }

  unref(): void {
    this.call('unref');
  }

  setNoDelay(enable: boolean): void {
    this.call('setNoDelay', enable);
  }

  setKeepAlive(enable: boolean, initialDelay: number): void {
    this.call('setKeepAlive', enable, initialDelay);
  }

  private call(method: string, ...values: unknown[]): void {
    const found: unknown = Reflect.get(this.duplex, method);
    if (typeof found === 'function' && !this.duplex.destroyed) Reflect.apply(found, this.duplex, values);
  }
}

function handOnEnd(link: DuplexLink): void {
  link.handOnEnd();
}

function resume(link: DuplexLink): void {
  link.resume();
}

function close(link: DuplexLink): void {
  link.close();
}

/** Above this, in bytes, a chunk is divided. */
const LARGEST_PIECE = 65_536;

function toPieces(data: Chunk | readonly Chunk[]): (Chunk | readonly Chunk[])[] {
  const size = sizeOf(data);
  if (size <= LARGEST_PIECE) return [data];
  const chunks = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
  return chunks.flatMap((chunk) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const count = Math.ceil(bytes.length / LARGEST_PIECE);
    return Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * LARGEST_PIECE, (index + 1) * LARGEST_PIECE),
    );
  });
}

function writeTo(duplex: Duplex, data: Chunk | readonly Chunk[], done: (error?: Error | null) => void): void {
  const chunks = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
  if (chunks.length > 1) duplex.cork();
  for (const [index, chunk] of chunks.entries()) {
    if (index === chunks.length - 1) duplex.write(chunk, done);
    else duplex.write(chunk);
  }
  if (chunks.length > 1) duplex.uncork();
}

function sizeOf(data: Chunk | readonly Chunk[]): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (data instanceof Uint8Array) return data.byteLength;
  let size = 0;
  for (const chunk of data) size += sizeOf(chunk);
  return size;
}
