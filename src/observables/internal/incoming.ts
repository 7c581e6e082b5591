import { Observable } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import { deliverLeaf, type Holder, type Upstream } from '../../core/demand.ts';
import { AlreadySubscribed } from '../../core/failures/index.ts';
import { HeldBy } from '../../core/held-by.ts';
import { type Stall, stallOf } from '../../core/stall.ts';
import { announceNeed } from '../pacing/work.ts';
import { announceLeaf } from './leaves.ts';
import type { LiveConnection } from './live-connection.ts';
import { StallWarning } from './stall-warning.ts';

/** Who takes what comes in; a Subscriber is one. */
export interface ByteSink {
  /** It wants nothing more. */
  readonly closed: boolean;
  next(chunk: Buffer): void;
  error(failure: unknown): void;
  complete(): void;
}

/** The way in of one connection: one subscriber at a time, and bytes that were given back. */
export class Incoming {
  private readonly connection: LiveConnection;
  private reading: Reading | undefined = undefined;
  /** Given back by a reader that gave up; the next one starts with them. */
  private givenBack: Buffer | undefined = undefined;
  /** The peer's FIN, or the failure, that comes after the bytes that were given back. */
  private ended = false;
  private failed = false;
  /** The link goes on reading although nobody has asked yet: the next one to ask is expected soon. */
  private lingering = false;
  /** How many have read, one after the other. */
  readers = 0;

  constructor(connection: LiveConnection) {
    this.connection = connection;
  }

  get hasSubscriber(): boolean {
    return this.reading !== undefined;
  }

  get isHeld(): boolean {
    return this.reading?.isHeld === true;
  }

  get stall(): Stall | undefined {
    return this.reading?.isHeld === true ? stallOf(this.reading) : undefined;
  }

  /** Whether nothing more is emitted but what was given back. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** Bytes may come: somebody wants them, and can take them. */
  get isWanting(): boolean {
    return this.canEmit() && !this.ended;
  }

  toObservable(): Observable<Buffer> {
    return new Observable((subscriber) => {
      announceLeaf(this.connection, 'source');
      const reading = this.read(subscriber);
      announceNeed(reading);
      return reading;
    });
  }

  /** A subscription without an Observable around it; it is over when it is unsubscribed. */
  read(sink: ByteSink): Reading {
    const reading = new Reading(this, sink);
    if (this.reading === undefined) this.begin(reading);
    // RxJS completes before it unsubscribes: who subscribes again in `complete`, or after `first()`, comes before the other has left.
    else process.nextTick(beginOrRefuse, this, reading);
    return reading;
  }

  beginOrRefuse(reading: Reading): void {
    if (reading.sink.closed) return;
    if (this.reading === undefined) this.begin(reading);
    else reading.error(new AlreadySubscribed(this.connection.failureDetails()));
  }

  private begin(reading: Reading): void {
    this.reading = reading;
    this.readers++;
    // What was given back comes first, and that is in the next tick.
    if (this.lingering && this.hasLeftovers) this.connection.link.stopReading();
    this.lingering = false;
    this.connection.onReaderChanged();
    this.goOn();
  }

  private goOn(): void {
    if (this.hasLeftovers) process.nextTick(emitLeftovers, this);
    else this.connection.link.startReading();
  }

  /** Something that isn't in the link is to be emitted. */
  get hasLeftovers(): boolean {
    return this.givenBack !== undefined || this.ended || this.failed;
  }

  unsubscribe(reading: Reading): void {
    reading.stallWarning?.stop();
    if (reading !== this.reading) return;
    this.reading = undefined;
    this.connection.link.stopReading();
    this.connection.onReaderChanged();
  }

  /**
   * As `unsubscribe`, for who has what it wanted and may soon want more, as an effect that reads message by message: to stop
   * the system's reading and to start it again costs more than such a message. At most one chunk is kept then.
   */
  pause(reading: Reading): void {
    if (reading !== this.reading) return;
    this.reading = undefined;
    this.lingering = true;
    this.connection.onReaderChanged();
  }

  /** Whoever read last is expected to go on soon. */
  get isLingering(): boolean {
    return this.lingering;
  }

  /** What comes now is dropped and not kept. */
  stopLingering(): void {
    this.lingering = false;
  }

  /** Bytes that can be had without waiting: those that were given back, as long as nobody reads. */
  get atHand(): Buffer | undefined {
    return this.reading === undefined ? this.givenBack : undefined;
  }

  /** Takes what is at hand; `rest` stays there. */
  takeAtHand(rest: Buffer | undefined): void {
    this.givenBack = rest;
    this.connection.onTaken();
  }

  /** A chunk from the link. */
  receive(chunk: Buffer): void {
    const { reading } = this;
    if (reading === undefined) {
      if (this.lingering) this.keep(chunk);
      return;
    }
    this.givenBack = undefined;
    reading.emitting = chunk;
    reading.context.runInAsyncScope(deliverLeaf, undefined, reading, reading.sink, chunk);
    reading.emitting = undefined;
  }

  private keep(chunk: Buffer): void {
    this.lingering = false;
    this.connection.link.stopReading();
    this.givenBack = this.givenBack === undefined ? chunk : Buffer.concat([this.givenBack, chunk]);
  }

  /** The peer's FIN, or the end of what we want to know. */
  end(): void {
    if (this.ended || this.failed) return;
    this.ended = true;
    if (this.givenBack === undefined) this.reading?.complete();
  }

  /** Our own side wants no more: what a framing operator has of an unfinished frame is not to be taken for one. */
  endEarly(): void {
    if (this.reading !== undefined) this.reading.endedEarly = true;
    this.end();
  }

  /** Nothing more will come from the link; the connection knows why. */
  fail(): void {
    if (this.ended || this.failed) return;
    this.failed = true;
    if (this.givenBack === undefined) this.reading?.error(this.connection.readFailure());
  }

  private hasGivenBack(): boolean {
    return this.givenBack !== undefined;
  }

  private canEmit(): boolean {
    return this.reading !== undefined && !this.reading.isHeld;
  }

  /** Emits what is not in the link, as far as it is not held. */
  emitLeftovers(): void {
    const { givenBack } = this;
    if (!this.canEmit()) return;
    if (givenBack !== undefined) {
      this.receive(givenBack);
      // Whoever took it may have given up again, or hold; and somebody else may be there already.
      if (!this.canEmit() || this.hasGivenBack()) return;
    }
    if (this.failed) this.reading?.error(this.connection.readFailure());
    else if (this.ended) this.reading?.complete();
    else this.connection.link.startReading();
  }

  held(reading: Reading): void {
    if (reading !== this.reading) return;
    this.connection.link.stopReading();
    this.connection.onHeld();
    if (this.connection.settings.stallWarning > 0) {
      (reading.stallWarning ??= new StallWarning(this.connection, reading)).begin();
    }
  }

  released(reading: Reading): void {
    if (reading !== this.reading) return;
    this.connection.onReleased();
    this.goOn();
  }

  /** Keeps what came although nobody reads. @returns how many bytes are kept by now. */
  keepUnread(chunk: Buffer): number {
    this.givenBack = this.givenBack === undefined ? chunk : Buffer.concat([this.givenBack, chunk]);
    return this.givenBack.length;
  }

  unread(bytes: Uint8Array): void {
    // While somebody else still reads (behind `share`), the bytes have been seen and are not given back.
    if (this.reading !== undefined || bytes.length === 0) return;
    this.givenBack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/**
 * One subscription, with its counted holds. It is the upstream, and not what it reads from: whoever still holds an earlier
 * subscription has not held this one, and a late hold or release reaches nobody.
 */
export class Reading implements Upstream {
  emitting: unknown = undefined;
  endedEarly = false;
  /** Made with the first pause. */
  stallWarning: StallWarning | undefined = undefined;
  readonly sink: ByteSink;
  /** That of the subscriber: a chunk may come in the context of another one, who dialled or released. */
  readonly context: Context = captureContext();
  private readonly incoming: Incoming;
  private readonly holds = new HeldBy();

  constructor(incoming: Incoming, sink: ByteSink) {
    this.incoming = incoming;
    this.sink = sink;
  }

  get isHeld(): boolean {
    return !this.holds.isEmpty;
  }

  error(failure: unknown): void {
    this.stallWarning?.stop();
    this.context.runInAsyncScope(fail, undefined, this.sink, failure);
  }

  complete(): void {
    this.stallWarning?.stop();
    this.context.runInAsyncScope(complete, undefined, this.sink);
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  hold(holder?: Holder): () => void {
    let released = false;
    if (this.holds.add(holder)) this.incoming.held(this);
    return () => {
      if (released) return;
      released = true;
      if (this.holds.remove(holder)) this.incoming.released(this);
    };
  }

  unread(bytes: Uint8Array): void {
    this.incoming.unread(bytes);
  }

  unsubscribe(): void {
    this.incoming.unsubscribe(this);
  }

  pause(): void {
    this.incoming.pause(this);
  }
}

function fail(sink: ByteSink, failure: unknown): void {
  sink.error(failure);
}

function complete(sink: ByteSink): void {
  sink.complete();
}

function beginOrRefuse(incoming: Incoming, reading: Reading): void {
  incoming.beginOrRefuse(reading);
}

function emitLeftovers(incoming: Incoming): void {
  incoming.emitLeftovers();
}
