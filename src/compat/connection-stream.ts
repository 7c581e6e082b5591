import type { Subscription } from 'rxjs';

import { currentUpstream } from '../core/demand.ts';
import type { ReadFailure } from '../core/failures/index.ts';
import type { Done, PeerName, StreamChunk, StreamLink, StreamLinkEvents } from '../core/stream-link.ts';
import type { CloseInfo } from '../observables/connection.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { asChunk } from './link-chunks.ts';
import { pipeHandleError } from './link-stream.ts';
import { errorOfFailure } from './error-of-failure.ts';

/** A `StreamLink` over a `Connection`: limits, ledger and the drain of its server stay what they are. */
export class ConnectionStream<Owner extends object> implements StreamLink {
  readonly connecting = false;
  readonly attempted = undefined;
  readonly handle = undefined;
  private readonly connection: LiveConnection;
  private readonly events: StreamLinkEvents<Owner>;
  private readonly owner: Owner;
  private reading: Subscription | undefined = undefined;
  /** Lets the incoming bytes go on. */
  private release: (() => void) | undefined = undefined;
  private destroyed = false;
  private closed = false;
  /** That of the connection when progress was last asked for. */
  private movement = 0;
  private hadError = false;

  constructor(connection: LiveConnection, events: StreamLinkEvents<Owner>, owner: Owner) {
    this.connection = connection;
    this.events = events;
    this.owner = owner;
    // A peer that ends is answered when the stream ends, and not before.
    connection.answersFin = false;
    connection.closed.subscribe((info) => this.onClosed(info));
  }

  get bytesRead(): number {
    return this.connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.connection.bytesWritten + this.connection.bytesQueued;
  }

  get canReset(): boolean {
    const { local } = this.connection;
    return local === undefined || !('path' in local);
  }

  connect(): void {
    throw new Error('a socket that was made from a connection is connected already');
  }

  startReading(): void {
    const { release } = this;
    this.release = undefined;
    if (this.reading === undefined) this.subscribe();
    else release?.();
  }

  private subscribe(): void {
    this.reading = this.connection.incoming.subscribe({
      next: (chunk) => this.onData(chunk),
      complete: () => this.events.onEnd(this.owner),
      error: (failure: ReadFailure) => this.readFailed(failure),
    });
  }

  private readFailed(failure: ReadFailure): void {
    // That it was closed from this side is no error; `closed` tells of it.
    if (failure._tag !== 'ConnectionClosed') this.failed(errorOfFailure(failure));
  }

  private onData(chunk: Buffer): void {
    const upstream = currentUpstream();
    if (!this.events.onData(this.owner, chunk)) this.release ??= upstream?.hold();
  }

  stopReading(): void {
    // Only a stream with a buffer of its own (`onread`) asks for it, and this one has none.
  }

  write(chunk: string | Uint8Array, encoding: string, done: Done): void {
    this.connection.write(asChunk(chunk, encoding));
    this.flush(done);
  }

  writev(chunks: readonly StreamChunk[], done: Done): void {
    for (const { chunk, encoding } of chunks) this.connection.write(asChunk(chunk, encoding));
    this.flush(done);
  }

  /** Data leaves when it is written, as it does from a socket, and not when the delivery returns that caused it. */
  private flush(done: Done): void {
    this.connection.flush();
    this.connection.whenFlushed({ flushed: () => done() });
  }

  checkProgress(told: (moved: boolean) => void): void {
    this.connection.checkProgress(() => {
      const before = this.movement;
      this.movement = this.connection.movement;
      if (!this.destroyed) told(this.movement !== before);
    });
  }

  finish(done: Done): void {
    this.connection.end();
    process.nextTick(done);
  }

  destroy(hadError: boolean): void {
    this.close(hadError);
    this.connection.destroy();
  }

  reset(hadError: boolean): void {
    if (!this.canReset) throw pipeHandleError();
    this.close(hadError);
    this.connection.reset();
  }

  private close(hadError: boolean): void {
    this.destroyed = true;
    this.hadError = hadError;
    this.reading?.unsubscribe();
    this.reading = undefined;
    if (this.closed) this.tellClosedSoon();
  }

  ref(): void {
    this.connection.ref();
  }

  unref(): void {
    this.connection.unref();
  }

  setNoDelay(enable: boolean): void {
    this.connection.setNoDelay(enable);
  }

  setKeepAlive(enable?: unknown, initialDelay?: unknown): void {
    this.connection.setKeepAlive(Boolean(enable), Math.max(0, Number(initialDelay) || 0));
  }

  setTypeOfService(): void {
    // Packets are the system's.
  }

  getTypeOfService(): undefined {
    return undefined;
  }

  address(): object {
    const { local } = this.connection;
    return local !== undefined && 'address' in local ? { ...local } : {};
  }

  peer(): PeerName {
    const { remote } = this.connection;
    return remote !== undefined && 'address' in remote ? { ...remote } : {};
  }

  private failed(error: Error | null): void {
    if (!this.destroyed) this.events.onFailed(this.owner, error);
  }

  private onClosed({ failure, read, write }: CloseInfo): void {
    this.closed = true;
    if (this.destroyed) this.tellClosedSoon();
    else if (failure !== undefined) this.failed(errorOfFailure(failure));
    // Somebody else has closed it: its server, or who dialled.
    else if (read !== 'fin' || write !== 'fin') this.failed(null);
  }

  /** Not before the stream has told its error, which it does on the next tick. */
  private tellClosedSoon(): void {
    process.nextTick(process.nextTick, tellClosed, this);
  }

  tellClosed(): void {
    this.events.onClosed(this.owner, this.hadError);
  }
}

function tellClosed(stream: ConnectionStream<object>): void {
  stream.tellClosed();
}
