import type { Subscription } from 'rxjs';

import { currentUpstream, peerHolder } from '../core/demand.ts';
import type { NetFailure, ReadFailure } from '../core/failures/index.ts';
import { cancelsWrites } from '../core/node/platform.ts';
import type { Done, PeerName, StreamChunk, StreamLink, StreamLinkEvents } from '../core/stream-link.ts';
import type { CloseInfo } from '../observables/connection.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { asChunk, sizeOf } from './link-chunks.ts';
import { pipeHandleError } from './link-stream.ts';
import { errorOfFailure, makeSystemError } from './error-of-failure.ts';

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
  /** The callback of the outstanding write. */
  private writing: Done | undefined = undefined;
  /** What of it was not passed on yet, the first thing last. */
  private waiting: StreamChunk[] = [];

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
    const unpassed = this.waiting.reduce((sum, { chunk, encoding }) => sum + sizeOf(asChunk(chunk, encoding)), 0);
    return this.connection.bytesWritten + this.connection.bytesQueued + unpassed;
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
    if (!this.events.onData(this.owner, chunk)) this.release ??= upstream?.hold(peerHolder);
  }

  stopReading(): void {
    // Only a stream with a buffer of its own (`onread`) asks for it, and this one has none.
  }

  write(chunk: string | Uint8Array, encoding: string, done: Done): void {
    this.connection.write(asChunk(chunk, encoding));
    this.flush(done);
  }

  writev(chunks: readonly StreamChunk[], done: Done): void {
    this.waiting = chunks.toReversed();
    this.writing = done;
    this.passMore();
  }

  /**
   * The stream has no bound, and the connection has: no more is written at once than there is room
   * for.
   */
  private passMore(): void {
    const { waiting, connection } = this;
    do {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        connection.write(asChunk(next.chunk, next.encoding));
        if (connection.isCongested) break;
      }
      connection.flush();
    } while (waiting.length > 0 && !connection.isCongested);
    connection.whenFlushed(this);
  }

  /** Data leaves when it is written, as it does from a socket, and not when the delivery returns that caused it. */
  private flush(done: Done): void {
    this.writing = done;
    this.connection.flush();
    this.connection.whenFlushed(this);
  }

  checkProgress(told: (moved: boolean) => void): void {
    this.connection.checkProgress(() => {
      const before = this.movement;
      this.movement = this.connection.movement;
      if (!this.destroyed) told(this.movement !== before);
    });
  }

  /** A connection that closes forgets what waits for it; see `tellClosed`. */
  flushed(): void {
    if (this.waiting.length > 0) this.passMore();
    else this.settleWrite();
  }

  private settleWrite(error?: Error | null): void {
    const { writing } = this;
    this.writing = undefined;
    this.waiting = [];
    writing?.(error);
  }

  /** The FIN of a system leaves in a later turn. */
  finish(done: Done): void {
    this.connection.end();
    setImmediate(done);
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
    else if (failure !== undefined) this.failedBy(failure);
    // Somebody else has closed it: its server, or who dialled.
    else if (read !== 'fin' || write !== 'fin') this.failed(null);
  }

  /**
   * A write that failed has the error; one that was under way when something else failed has none,
   * as in `node:net`.
   */
  private failedBy(failure: NetFailure): void {
    const error = errorOfFailure(failure);
    const isOfWrite = failure.syscall === 'write' || failure._tag === 'BrokenPipe';
    if (isOfWrite && this.writing !== undefined) this.settleWrite(error);
    else this.failed(error);
  }

  /** Not before the stream has told its error, which it does on the next tick. */
  private tellClosedSoon(): void {
    process.nextTick(process.nextTick, tellClosed, this);
  }

  tellClosed(): void {
    this.settleWrite(cancelsWrites ? makeSystemError('write', 'ECANCELED') : null);
    this.events.onClosed(this.owner, this.hadError);
  }
}

function tellClosed(stream: ConnectionStream<object>): void {
  stream.tellClosed();
}
