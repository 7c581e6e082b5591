import { Observable } from 'rxjs';

import { deliverLeaf } from '../../core/demand.ts';
import { AlreadySubscribed } from '../../core/failures/index.ts';
import { type Stall, stallOf } from '../../core/stall.ts';
import { announceNeed } from '../pacing/work.ts';
import { KeptBytes } from './kept-bytes.ts';
import { announceLeaf } from './leaves.ts';
import type { LiveConnection } from './live-connection.ts';
import { type ByteSink, Reading } from './reading.ts';
import { StallWarning } from './stall-warning.ts';

/**
 * How much is read ahead of a reader that is held, in bytes, before reading stops. One read may
 * exceed it by less than the largest chunk of the system, 64 KiB.
 */
export const READ_AHEAD = 65_536;

/**
 * The input of one connection: one subscriber at a time, bytes that were given back, and bytes that
 * were read ahead.
 *
 * While its reader is held the link is still read, up to `READ_AHEAD`: the system reports the
 * peer's FIN and a reset only to a process that reads.
 *
 * ```
 *  link ──▶ ahead ──▶ reader        ahead: only while the reader is held, or is expected soon
 *                       │
 *           givenBack ◀─┘           emitted before `ahead`
 * ```
 */
export class Incoming {
  readonly connection: LiveConnection;
  private reading: Reading | undefined = undefined;
  /** Given back by a reader that gave up; the next one starts with them. */
  private givenBack: Buffer | undefined = undefined;
  /** Read while the reader could take nothing; made when that first happens. */
  private ahead: KeptBytes | undefined = undefined;
  /** The peer's FIN, or the failure, that comes after the bytes that are kept. */
  private ended = false;
  private failed = false;
  /** The end was reported to a reader, or came when there was none. */
  private endReported = false;
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

  /** Whether the end was reported: no reader has it before it still. */
  get hasEnded(): boolean {
    return this.endReported;
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
    return this.ended || this.failed || this.hasBytes;
  }

  private get hasBytes(): boolean {
    return this.givenBack !== undefined || this.bytesAhead > 0;
  }

  /** Bytes that came and that no reader was given yet. */
  get bytesAhead(): number {
    return this.ahead?.length ?? 0;
  }

  /** Its reader is held, and no more is read ahead. */
  get isStopped(): boolean {
    return this.isHeld && this.isFull;
  }

  private get isFull(): boolean {
    return (this.givenBack?.length ?? 0) + this.bytesAhead >= READ_AHEAD;
  }

  unsubscribe(reading: Reading): void {
    reading.stallWarning?.stop();
    if (reading !== this.reading) return;
    this.reading = undefined;
    this.connection.link.stopReading();
    this.connection.onReaderChanged();
  }

  /**
   * As `unsubscribe`, for who has what it wanted and may soon want more, as an effect that reads
   * message by message: to stop the system's reading and to start it again costs more than such a
   * message. What comes meanwhile is read ahead.
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
    this.givenBack = rest ?? this.ahead?.shift();
    this.connection.onTaken();
  }

  /** A chunk from the link. */
  receive(chunk: Buffer): void {
    const { reading } = this;
    if (reading === undefined) {
      if (this.lingering) this.keep(chunk);
    } else if (reading.isHeld || this.hasBytes) {
      this.keep(chunk);
    } else {
      this.emit(reading, chunk);
    }
  }

  private emit(reading: Reading, chunk: Buffer): void {
    reading.emitting = chunk;
    reading.context.runInAsyncScope(deliverLeaf, undefined, reading, reading.sink, chunk);
    reading.emitting = undefined;
  }

  private keep(chunk: Buffer): void {
    if (this.reading === undefined && !this.hasBytes) this.givenBack = chunk;
    else (this.ahead ??= new KeptBytes()).add(chunk);
    if (!this.isFull) return;
    this.lingering = false;
    this.connection.link.stopReading();
    this.connection.checkPeer();
  }

  /** Takes the first of the bytes that are kept. */
  private takeKept(): Buffer | undefined {
    const { givenBack } = this;
    if (givenBack !== undefined) {
      this.givenBack = undefined;
      return givenBack;
    }
    const piece = this.ahead?.shift();
    if (piece !== undefined) this.connection.onTakenLate();
    return piece;
  }

  /**
   * The peer's FIN. A reader that is held hears of it when it goes on, so that it can still answer
   * what it has in hand.
   */
  end(): void {
    if (this.ended || this.failed) return;
    this.ended = true;
    if (this.reading === undefined) this.endReported = true;
    else if (this.canEmit() && !this.hasBytes) this.complete(this.reading);
  }

  /** Our own side wants no more: what a framing operator has of an unfinished frame is not to be taken for one. */
  endEarly(): void {
    if (this.failed) return;
    const { reading } = this;
    if (!this.ended && reading !== undefined) reading.endedEarly = true;
    this.ended = true;
    if (reading === undefined) this.endReported = true;
    else if (!this.hasBytes) this.complete(reading);
    if (this.endReported) this.connection.onEndReported();
  }

  private complete(reading: Reading): void {
    this.endReported = true;
    reading.complete();
  }

  /**
   * Nothing more will come from the link; the connection knows why. What came before a failure of
   * the peer's or of the network is emitted before it; an end that was decided here (`byUs`)
   * doesn't wait for a reader that is held.
   */
  fail(byUs: boolean): void {
    if (this.failed || this.endReported) return;
    const isHeld = this.reading?.isHeld === true;
    if (this.ended && !(byUs && isHeld)) return;
    this.failed = true;
    if (byUs && isHeld) {
      this.givenBack = undefined;
      this.ahead?.clear();
    }
    if (!this.hasBytes) this.reading?.error(this.connection.readFailure());
  }

  private canEmit(): boolean {
    return this.reading !== undefined && !this.reading.isHeld;
  }

  tryEmitLeftovers(): void {
    try {
      this.emitLeftovers();
    } catch (error) {
      this.connection.defect(error);
    }
  }

  /** Emits what is not in the link, as far as it is not held; then the link is read on. */
  private emitLeftovers(): void {
    const { reading } = this;
    if (reading === undefined) return;
    while (this.canEmit()) {
      const chunk = this.takeKept();
      if (chunk === undefined) break;
      this.emit(reading, chunk);
      // It may have given up, and the next one may be there already.
      if (this.reading !== reading) return;
    }
    if (!this.ended && !this.failed) {
      if (!this.isFull) this.connection.link.startReading();
    } else if (this.canEmit() && !this.hasBytes) {
      if (this.failed) reading.error(this.connection.readFailure());
      else {
        this.complete(reading);
        this.connection.onEndReported();
      }
    }
  }

  held(reading: Reading): void {
    if (reading !== this.reading) return;
    this.connection.onHoldChanged();
    if (this.connection.settings.stallWarning > 0) {
      (reading.stallWarning ??= new StallWarning(this.connection, reading)).begin();
    }
  }

  released(reading: Reading): void {
    if (reading !== this.reading) return;
    this.connection.onHoldChanged();
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

function beginOrRefuse(incoming: Incoming, reading: Reading): void {
  try {
    incoming.beginOrRefuse(reading);
  } catch (error) {
    incoming.connection.defect(error);
  }
}

function emitLeftovers(incoming: Incoming): void {
  incoming.tryEmitLeftovers();
}
