import type { Duplex } from 'node:stream';

import { callMethod } from '../core/node/call-method.ts';
import type { Address } from '../core/endpoint.ts';
import { toNetFailure } from '../core/failures/from-system-error.ts';
import type { NetFailure } from '../core/failures/index.ts';
import type { Chunk, Link, LinkHandler } from '../core/transport.ts';

/** What a socket has beside what every stream has. */
interface Addresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly localFamily?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteFamily?: string | undefined;
}

/** A `Link` over a stream of any make, by what every consumer of a stream uses. */
export class DuplexLink implements Link {
  bytesRead = 0;
  bytesWritten = 0;
  private readonly duplex: Duplex & Addresses;
  private readonly handler: LinkHandler;
  private reading = false;
  private listening = false;
  /** The peer's FIN came while nobody read. */
  private endHeld: boolean;
  /** The stream has closed while the FIN was held: it is told after it. */
  private closeHeld = false;
  private destroyed = false;
  private outstanding = 0;
  private endRequested = false;
  private failure: NetFailure | undefined = undefined;
  private isClosed = false;

  constructor(duplex: Duplex, handler: LinkHandler) {
    this.duplex = duplex;
    this.handler = handler;
    this.endHeld = duplex.readableEnded;
    duplex.pause();
    // A FIN is answered by who uses the link.
    duplex.allowHalfOpen = true;
    duplex.on('end', () => this.onEnd());
    duplex.on('error', (error: unknown) => this.onError(error));
    if (duplex.closed) process.nextTick(() => this.onClose());
    else duplex.once('close', () => this.onClose());
  }

  get local(): Address | undefined {
    const { localAddress: address, localPort: port, localFamily } = this.duplex;
    if (address === undefined || port === undefined) return undefined;
    return { address, port, family: localFamily === 'IPv6' ? 'IPv6' : 'IPv4' };
  }

  get remote(): Address | undefined {
    const { remoteAddress: address, remotePort: port, remoteFamily } = this.duplex;
    if (address === undefined || port === undefined) return undefined;
    return { address, port, family: remoteFamily === 'IPv6' ? 'IPv6' : 'IPv4' };
  }

  startReading(): void {
    if (this.reading || this.isClosed) return;
    this.reading = true;
    if (this.endHeld) {
      process.nextTick(() => this.handOnEnd());
      return;
    }
    if (!this.listening) {
      this.listening = true;
      this.duplex.on('data', (chunk: Buffer) => this.onData(chunk));
    }
    this.duplex.resume();
  }

  stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.duplex.pause();
  }

  private onData(chunk: Buffer): void {
    if (this.destroyed) return;
    this.bytesRead += chunk.length;
    this.handler.onData(chunk);
  }

  private onEnd(): void {
    if (this.reading) {
      this.reading = false;
      this.handler.onEnd();
    } else {
      this.endHeld = true;
    }
  }

  private handOnEnd(): void {
    if (!this.reading || !this.endHeld || this.isClosed) return;
    this.reading = false;
    this.endHeld = false;
    this.handler.onEnd();
    if (this.closeHeld) this.tellClosed();
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    const { duplex } = this;
    if (this.isOver()) return false;
    const chunks = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
    const size = chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
    let late = false;
    const written = (error?: Error | null): void => {
      if (error !== undefined && error !== null) return;
      if (!late) return;
      late = false;
      this.bytesWritten += size;
      this.outstanding = 0;
      this.handler.onWritten();
      if (this.endRequested && !this.hasOutstanding) duplex.end();
    };
    if (chunks.length > 1) duplex.cork();
    chunks.forEach((chunk, index) => {
      if (index === chunks.length - 1) duplex.write(chunk, written);
      else duplex.write(chunk);
    });
    if (chunks.length > 1) duplex.uncork();
    if (duplex.writableLength === 0 && duplex.errored === null && !this.isOver()) {
      this.bytesWritten += size;
      return true;
    }
    late = true;
    this.outstanding = size;
    return false;
  }

  private isOver(): boolean {
    return this.destroyed || this.duplex.destroyed;
  }

  private get hasOutstanding(): boolean {
    return this.outstanding > 0;
  }

  end(): void {
    if (this.endRequested) return;
    this.endRequested = true;
    if (!this.hasOutstanding) this.duplex.end();
  }

  reset(): void {
    this.destroyed = true;
    const { duplex } = this;
    try {
      callMethod(duplex, 'resetAndDestroy', []);
    } catch {
      // It has no reset: IPC.
    }
    this.close();
  }

  destroy(): void {
    this.destroyed = true;
    this.close();
  }

  private close(): void {
    this.duplex.destroy();
    if (this.closeHeld) process.nextTick(() => this.tellClosed());
  }

  ref(): void {
    callMethod(this.duplex, 'ref', []);
  }

  unref(): void {
    callMethod(this.duplex, 'unref', []);
  }

  setNoDelay(enable: boolean): void {
    callMethod(this.duplex, 'setNoDelay', [enable]);
  }

  setKeepAlive(enable: boolean, initialDelay: number): void {
    callMethod(this.duplex, 'setKeepAlive', [enable, initialDelay]);
  }

  private onError(error: unknown): void {
    const { remoteAddress: address, remotePort: port } = this.duplex;
    this.failure ??= toNetFailure(error, { phase: this.reading ? 'read' : 'write', address, port });
  }

  private onClose(): void {
    if (this.endHeld && !this.destroyed && this.failure === undefined) this.closeHeld = true;
    else this.tellClosed();
  }

  private tellClosed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.closeHeld = false;
    this.handler.onClosed(this.failure);
  }
}
