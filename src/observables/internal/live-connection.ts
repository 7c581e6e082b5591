import { Observable, type ObservableInput } from 'rxjs';

import {
  ConnectionClosed,
  type LimitFailure,
  type NetFailure,
  type ReadFailure,
  type WriteFailure,
} from '../../core/failures/index.ts';
import { checkDuration } from '../../core/options/index.ts';
import type { Chunk, DialHandler } from '../../core/transport.ts';
import type { CloseInfo, Connection, ConnectionEvent, HalfEnd } from '../connection.ts';
import { currentUpstream, type Upstream } from '../demand.ts';
import type { FailureOf, Flow } from '../flow.ts';
import type { DirectEncoder } from '../framing/direct-encoder.ts';
import type { Frame } from '../framing/framing.ts';
import { sendFlow } from '../send.ts';
import { ConnectionExtras, isDialEvent } from './connection-extras.ts';
import type { ConnectionOwner, ConnectionRun } from './connection-owner.ts';
import { asReadFailure, asWriteFailure, halfEndOf, isLimitFailure } from './failure-views.ts';
import { Incoming } from './incoming.ts';
import { type ConnectionDescription, type ConnectionState, describeConnection, inspectConnection } from './inspect.ts';
import { LinkView } from './link-view.ts';
import { Outbox, type FlushWaiter, type OutboxOwner } from './outbox.ts';
import type { SendSink } from './send-sink.ts';
import { type ConnectionSettings, LINGER, UNREAD } from './settings.ts';
import { IdleWatch, type Moved, type Watch } from './watches.ts';
import { badChunk, budgetOverflow, isChunk, isStalled, overflow, writtenAfterEnd } from './write-failures.ts';

/**
 * The one state machine of a connection: it alone decides between FIN, destroy and reset.
 *
 * ```
 *  dialling ──▶ open ──▶ failing ──▶ closed      failing: what was written before still leaves
 *      └──────────┴────────────────────▲         destroy(), reset() and the link's own end go straight there
 * ```
 *
 * What most connections never need is made when it is first asked for, since 10,000 idle ones are usual.
 */
export class LiveConnection extends LinkView implements Connection, DialHandler, OutboxOwner {
  readonly settings: ConnectionSettings;
  /** Neighbours in the owner's list. */
  previous: LiveConnection | undefined = undefined;
  next: LiveConnection | undefined = undefined;
  /** What runs on it, when its owner runs something on each connection. */
  run: ConnectionRun | undefined = undefined;
  /** False when somebody else answers the peer's FIN. */
  answersFin = true;
  /** Somebody is at work on it who reads when it suits them, and sees to its end. */
  isClaimed = false;
  private readonly owner: ConnectionOwner;
  private stage: 'dialling' | 'open' | 'failing' | 'closed';
  private writeSide: 'open' | 'ending' | 'ended' = 'open';
  /** On the clock, from when it stood; once closed, how long it had stood. */
  private openedAt: number | undefined = undefined;
  private lifetime = 0;
  private reader: Incoming | undefined = undefined;
  private outbox: Outbox | undefined = undefined;
  private sends: SendSink | undefined = undefined;
  private extras: ConnectionExtras | undefined = undefined;
  /** Why it ends, when that was decided on this side. */
  private cause: NetFailure | undefined = undefined;
  private causedEnd: HalfEnd | undefined = undefined;
  /** Something came in after which nothing was written. */
  private unanswered = false;
  private wantsDrain = false;
  /** The peer's FIN was read. */
  private peerEnded = false;
  private discarding = false;
  /** Reading only to see whether the peer ends. */
  private peeking = false;
  private draining = false;

  constructor(settings: ConnectionSettings, owner: ConnectionOwner, stage: 'dialling' | 'open') {
    super();
    this.settings = settings;
    this.owner = owner;
    this.stage = stage;
    if (stage === 'open') this.openedAt = settings.clock.now();
  }

  // ---- how it is shown

  get state(): ConnectionState {
    return this.stage;
  }

  /** For logs: what it is made of is of no interest, and goes round in circles. */
  toJSON(): ConnectionDescription {
    return describeConnection(this);
  }

  /** What `console.log` shows, also of an event that has it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return inspectConnection(this);
  }

  get bytesQueued(): number {
    return this.outbox?.bytes ?? 0;
  }

  // ---- reading

  get incoming(): Flow<Buffer, ReadFailure> {
    return this.getReader().toObservable();
  }

  getReader(): Incoming {
    if (this.reader === undefined) {
      this.reader = new Incoming(this);
      if (this.peerEnded) this.reader.end();
      else if (this.stage === 'failing' || this.stage === 'closed') this.reader.fail();
    }
    return this.reader;
  }

  get hasReader(): boolean {
    return this.reader?.hasSubscriber === true;
  }

  get isHeld(): boolean {
    return this.reader?.isHeld === true;
  }

  /** Bytes are wanted, and can be taken. */
  get isWanting(): boolean {
    return this.reader?.isWanting === true;
  }

  /** What a reader is told; made only when there is one to tell, since making an error is dear. */
  readFailure(): ReadFailure {
    return asReadFailure(this.cause, this.failureDetails());
  }

  onReaderChanged(): void {
    this.peeking = false;
    this.onTaken();
    this.notifyWatches('nothing');
    this.owner.onReaderChanged(this);
  }

  /** Somebody took what had been kept unread, or begins to read. */
  onTaken(): void {
    const { extras } = this;
    if (extras === undefined) return;
    extras.cancelUnread?.();
    extras.onUnread = undefined;
  }

  onHeld(): void {
    this.notifyWatches('nothing');
  }

  onReleased(): void {
    this.notifyWatches('nothing');
  }

  /** Reads and drops what still comes while nobody reads it, so that the peer's FIN is seen; gives up after a while. */
  discard(limit: number = LINGER): void {
    if (this.stage === 'closed' || this.hasReader || this.peerEnded) return;
    this.discarding = true;
    this.peeking = false;
    this.reader?.stopLingering();
    this.link.startReading();
    this.lingerAtMost(limit);
  }

  /** Completes `incoming` although the peer has not ended: what it says from now on is not wanted any more. */
  stopTaking(): void {
    if (this.stage !== 'open') return;
    this.getReader().endEarly();
    if (!this.discarding) this.link.stopReading();
  }

  // ---- writing

  get isWritable(): boolean {
    return this.stage === 'open' && this.writeSide === 'open';
  }

  private getOutbox(): Outbox {
    const { highWaterMark, maxQueued, budget } = this.settings;
    return (this.outbox ??= new Outbox(this, highWaterMark, maxQueued, budget));
  }

  write(chunk: Chunk): boolean {
    // Who was told that there is no room and goes on, whatever is being delivered meanwhile.
    if (this.wantsDrain && this.stage === 'open' && this.outbox?.isOverBudget === true) {
      this.fail(budgetOverflow(this, this.settings.budget));
      return false;
    }
    return this.writeChunk(chunk);
  }

  /** As `write`, for who holds what brings the chunks when there is no room. */
  writeChunk(chunk: Chunk): boolean {
    if (this.stage !== 'open' || this.writeSide !== 'open') return this.refuse();
    if (this.outbox?.appendText(chunk) === true) return this.wrote(true);
    if (!isChunk(chunk)) return this.refuseChunk(chunk);
    const outbox = this.getOutbox();
    return this.isOverfull(outbox) ? false : this.wrote(outbox.write(chunk));
  }

  /** Whether a message of so many bytes on the wire is better written in place, by `writeDirectly`, than made a frame of. */
  joins(size: number): boolean {
    return this.isWritable && this.outbox?.joins(size) === true;
  }

  /** Writes a message that `joins`. */
  writeDirectly(message: unknown, size: number, encoder: DirectEncoder): boolean {
    const outbox = this.getOutbox();
    return this.isOverfull(outbox) ? false : this.wrote(outbox.writeDirectly(message, size, encoder));
  }

  /** As `write`, for what a framing made of a message, and was looked at: several chunks leave as one. */
  writeFrame(frame: Frame): boolean {
    if (this.stage !== 'open' || this.writeSide !== 'open') return this.refuse();
    const outbox = this.getOutbox();
    if (this.isOverfull(outbox)) return false;
    return this.wrote(isChunk(frame) ? outbox.write(frame) : outbox.writeAll(frame));
  }

  private isOverfull(outbox: Outbox): boolean {
    if (outbox.size > this.settings.maxQueued) this.fail(overflow(this, outbox, this.settings.maxQueued));
    else if (outbox.isOverBudget && currentUpstream() === null) this.fail(budgetOverflow(this, this.settings.budget));
    else return false;
    return true;
  }

  private wrote(room: boolean): boolean {
    this.unanswered = false;
    if (!room) this.wantsDrain = true;
    if (this.extras !== undefined) this.notifyWatches('nothing');
    return room;
  }

  private refuseChunk(chunk: unknown): false {
    this.fail(badChunk(chunk));
    return false;
  }

  /** Writing where nothing can be written any more. */
  private refuse(): false {
    if (this.stage === 'open') this.fail(this.writeFailure());
    return false;
  }

  /** Holds the upstream of what was just written until all that waits has left. */
  holdForRoom(upstream: Upstream, sink: SendSink): void {
    if (this.stage === 'open' && this.outbox?.isCongested === true) this.outbox.hold(upstream, sink);
  }

  send<R extends ObservableInput<Chunk>>(source: R): Flow<never, FailureOf<R> | WriteFailure> {
    return sendFlow(this, source);
  }

  /** Why nothing can be written any more. */
  writeFailure(): WriteFailure {
    if (this.stage === 'open') {
      return writtenAfterEnd(this);
    }
    return asWriteFailure(this.cause, this.failureDetails());
  }

  /** Our side has ended, and everything that was written before has left. */
  get hasEndedInOrder(): boolean {
    return this.writeSide === 'ended' && !this.hasUnsentBytes;
  }

  /** More waits than there should; who can wait does so before they write more. */
  get isCongested(): boolean {
    return this.outbox?.isCongested === true;
  }

  addSend(sink: SendSink): void {
    if (this.stage === 'failing' || this.stage === 'closed') {
      sink.connectionFailed(this.writeFailure());
      return;
    }
    sink.nextSend = this.sends;
    if (this.sends !== undefined) this.sends.previousSend = sink;
    this.sends = sink;
  }

  removeSend(sink: SendSink): void {
    const { previousSend, nextSend } = sink;
    if (previousSend !== undefined) previousSend.nextSend = nextSend;
    else if (this.sends === sink) this.sends = nextSend;
    if (nextSend !== undefined) nextSend.previousSend = previousSend;
    sink.previousSend = undefined;
    sink.nextSend = undefined;
    if (this.sends === undefined && this.reader?.hasEnded === true) this.answerFin();
  }

  /** The sink writes no more: what it held may go on, although the peer takes nothing; `except` has to wait still. */
  letGoFor(sink: SendSink, except: Upstream | null): void {
    this.outbox?.letGo(sink, except);
  }

  /** Where the next write begins in all that was ever written; in sizes as the outbox counts them. */
  get writePosition(): number {
    return this.outbox?.position ?? 0;
  }

  /** Whether what was written at `position` was never given to the link, and never will be. */
  neverLeft(position: number): boolean {
    return this.stage === 'closed' && position >= (this.outbox?.givenAway ?? 0);
  }

  /** Hands over what waits now, and not when the delivery returns. */
  flush(): void {
    this.outbox?.flush();
  }

  whenFlushed(waiter: FlushWaiter): void {
    if (this.outbox === undefined) waiter.flushed();
    else this.outbox.whenFlushed(waiter);
  }

  forgetFlush(waiter: FlushWaiter): void {
    this.outbox?.forget(waiter);
  }

  end(chunk?: Chunk): void {
    if (chunk !== undefined) this.write(chunk);
    if (this.stage !== 'open' || this.writeSide !== 'open') return;
    this.writeSide = 'ending';
    if (this.outbox === undefined || this.outbox.isEmpty) this.finishWriting();
  }

  private finishWriting(): void {
    this.writeSide = 'ended';
    this.link.end();
    if (!this.hasReader && !this.discarding && !this.peerEnded && this.stage === 'open') this.peek();
  }

  /**
   * Our side has ended and nobody reads: without a look nobody would ever see that the peer ends too. One chunk that comes instead is
   * kept for who reads later.
   */
  private peek(): void {
    if (this.reader?.hasLeftovers === true) return;
    this.peeking = true;
    this.link.startReading();
  }

  private keepUnread(chunk: Buffer): void {
    this.peeking = false;
    this.link.stopReading();
    const reader = this.getReader();
    reader.unread(chunk);
    const extras = this.getExtras();
    extras.cancelUnread = this.settings.clock.after(UNREAD, () => this.letGo(), true);
    const { onUnread } = extras;
    extras.onUnread = undefined;
    onUnread?.();
  }

  /** Nobody uses it and nothing is left over of its last use, as far as can be seen from here; both ends stand. */
  get isUnused(): boolean {
    return (
      this.isWritable &&
      !this.peerEnded &&
      this.sends === undefined &&
      !this.hasReader &&
      this.reader?.hasLeftovers !== true &&
      !this.hasUnsentBytes
    );
  }

  /**
   * Reads while nobody else does, so that the peer's end and a reset are seen. Bytes that come are kept, and `told` is
   * called, once; no more of them is read then.
   */
  lookOut(told: () => void): void {
    if (this.stage !== 'open' || this.hasReader) return;
    this.getExtras().onUnread = told;
    this.peek();
  }

  /** Ends `lookOut`: nothing is read any more until somebody wants it. */
  lookAway(): void {
    if (this.extras !== undefined) this.extras.onUnread = undefined;
    if (!this.peeking) return;
    this.peeking = false;
    this.link.stopReading();
  }

  onFlushed(drained: boolean): void {
    if (this.extras !== undefined) this.notifyWatches('out');
    if (!drained) return;
    if (this.writeSide === 'ending') this.finishWriting();
    if (this.wantsDrain) {
      this.wantsDrain = false;
      this.emit({ type: 'drain' });
    }
    if (this.stage === 'failing') this.link.destroy();
    else if (this.draining) this.owner.onQuiet(this);
  }

  /**
   * Answers the peer's FIN with ours, as `net` does by default: once nothing is being sent, so that
   * requests that came before the FIN still get their answers.
   */
  private answerFin(): void {
    if (!this.answersFin || this.settings.allowHalfOpen || this.sends !== undefined || !this.isWritable) return;
    // In the next tick: who is told of the end may still write.
    process.nextTick(endIfUnused, this);
  }

  endIfUnused(): void {
    if (this.sends === undefined) this.end();
  }

  // ---- closing

  destroy(): void {
    this.closeAs('aborted', () => this.link.destroy());
  }

  reset(): void {
    this.closeAs('reset', () => this.link.reset());
  }

  /** The end of a drain: it had its time. */
  cut(): void {
    this.closeAs('cut', () => this.link.destroy());
  }

  /** Nobody has read it, or written to it, for too long. */
  letGo(): void {
    this.closeAs('timeout', () => this.link.destroy());
  }

  private closeAs(end: HalfEnd, close: () => void): void {
    if (this.stage === 'closed') return;
    if (this.cause === undefined) this.causedEnd ??= end;
    this.outbox?.flush();
    close();
  }

  /** The time limit of the options that ended it: the reader and the senders are told of it as a cause only. */
  get limitPassed(): LimitFailure | undefined {
    return this.cause !== undefined && isLimitFailure(this.cause) ? this.cause : undefined;
  }

  /** Whether it was closed from this side, on purpose. */
  get wasClosedHere(): boolean {
    return this.causedEnd !== undefined;
  }

  /**
   * Ends it for `failure`: reading stops, what is being sent fails, what was written before still leaves
   * (for a while at most), then it closes.
   */
  fail(failure: NetFailure): void {
    if (this.stage !== 'open') return;
    this.stage = 'failing';
    if (this.causedEnd === undefined) this.cause = failure;
    this.reader?.fail();
    this.failSends((sink) => !sink.isFlushing);
    this.outbox?.flush();
    if (isStalled(failure) || this.outbox === undefined || this.outbox.isEmpty) {
      this.link.destroy();
    } else {
      this.lingerAtMost(LINGER);
    }
  }

  /** As `fail`, for a reason that is no failure of the network: a defect, or a failure of the caller's own. */
  abandon(): void {
    if (this.stage !== 'open') return;
    this.causedEnd ??= 'failed';
    this.fail(new ConnectionClosed({ ...this.failureDetails(), message: 'its handler failed' }));
  }

  private failSends(which: (sink: SendSink) => boolean): void {
    let sink = this.sends;
    while (sink !== undefined) {
      const following: SendSink | undefined = sink.nextSend;
      if (which(sink)) sink.connectionFailed(asWriteFailure(this.cause, this.failureDetails()));
      sink = following;
    }
  }

  /** Closes it after `ms` if it has not closed by then. */
  private lingerAtMost(ms: number): void {
    const extras = this.getExtras();
    extras.cancelLinger ??= this.settings.clock.after(ms, () => this.link.destroy(), true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.stage === 'closed') return;
    const closed = new Promise<void>((resolve) => {
      this.closed.subscribe({ complete: resolve });
    });
    // To close with something unread would make the system send a reset, and the peer lose what it has not read yet.
    this.end();
    this.discard();
    this.lingerAtMost(LINGER);
    await closed;
  }

  // ---- the link's calls

  onConnected(): void {
    this.stage = 'open';
    this.openedAt = this.settings.clock.now();
    this.emit({ type: 'connect' });
    this.owner.onConnected(this);
  }

  onData(chunk: Buffer): void {
    this.unanswered = true;
    if (this.extras !== undefined) this.notifyWatches('in');
    if (this.peeking) this.keepUnread(chunk);
    else {
      try {
        this.reader?.receive(chunk);
      } catch (error) {
        this.defect(error);
      }
    }
  }

  onEnd(): void {
    this.peerEnded = true;
    this.peeking = false;
    if (this.stage !== 'open') return;
    try {
      this.reader?.end();
      this.emit({ type: 'end' });
    } catch (error) {
      this.defect(error);
    }
    this.notifyWatches('in');
    this.answerFin();
  }

  /** A teardown of the caller's threw: the connection ends, and nothing else does. */
  private defect(error: unknown): void {
    this.owner.onDefect(this, error);
    this.abandon();
  }

  onWritten(): void {
    this.outbox?.written();
  }

  onClosed(failure: NetFailure | undefined): void {
    if (this.causedEnd === undefined) this.cause ??= failure;
    this.stage = 'closed';
    if (this.openedAt !== undefined) this.lifetime = this.settings.clock.now() - this.openedAt;
    const info = this.closeInfo();
    this.extras?.stopTimers();
    try {
      this.reader?.fail();
    } catch (error) {
      this.owner.onDefect(this, error);
    }
    // Before the outbox lets the sources go: an iterable would run through, for ever if it has no end.
    this.failSends(() => true);
    this.outbox?.close();
    try {
      this.extras?.tellClosed(info);
    } catch (error) {
      this.owner.onDefect(this, error);
    }
    this.owner.onConnectionClosed(this, info);
  }

  private closeInfo(): CloseInfo {
    const caused = this.cause === undefined ? this.causedEnd : halfEndOf(this.cause);
    const unexplained = caused ?? 'aborted';
    const sent = this.writeSide === 'ended' && (this.outbox?.isEmpty ?? true);
    return {
      read: this.peerEnded ? 'fin' : unexplained,
      write: sent ? 'fin' : unexplained,
      bytesRead: this.link.bytesRead,
      bytesWritten: this.link.bytesWritten,
      bytesUnflushed: this.outbox?.bytes ?? 0,
      lifetime: this.lifetime,
      failure: this.cause,
    };
  }

  onLookup(
    failure: NetFailure | undefined,
    address: string | undefined,
    family: number | undefined,
    host: string,
  ): void {
    this.emit({ type: 'lookup', host, address, family, failure });
  }

  onAttempt(address: string, port: number, family: number): void {
    this.emit({ type: 'attempt', address, port, family });
  }

  onAttemptFailed(address: string, port: number, family: number, failure: NetFailure): void {
    this.emit({ type: 'attemptFailed', address, port, family, failure });
  }

  onAttemptTimeout(address: string, port: number, family: number): void {
    this.emit({ type: 'attemptFailed', address, port, family, failure: undefined });
  }

  // ---- events

  get events(): Observable<ConnectionEvent> {
    return new Observable((subscriber) => this.getExtras().addEventSubscriber(subscriber, this.infoOfClosed));
  }

  get closed(): Flow<CloseInfo> {
    return new Observable<CloseInfo>((subscriber) =>
      this.getExtras().addCloseSubscriber(subscriber, this.infoOfClosed),
    );
  }

  private get infoOfClosed(): CloseInfo | undefined {
    return this.stage === 'closed' ? this.closeInfo() : undefined;
  }

  private emit(event: ConnectionEvent): void {
    if (isDialEvent(event)) this.getExtras().tellAndRemember(event);
    else this.extras?.tell(event);
  }

  private getExtras(): ConnectionExtras {
    return (this.extras ??= new ConnectionExtras());
  }

  // ---- time limits

  addWatch(watch: Watch): void {
    if (this.stage === 'closed') return;
    this.getExtras().watches.add(watch);
    watch.start();
  }

  removeWatch(watch: Watch): void {
    this.extras?.watches.delete(watch);
  }

  private notifyWatches(moved: Moved): void {
    this.extras?.notifyWatches(moved);
  }

  setTimeout(ms: number): this {
    if (ms !== 0) checkDuration('timeout', ms);
    const extras = this.getExtras();
    extras.idleNotice?.dispose();
    extras.idleNotice = undefined;
    if (ms === 0 || this.stage === 'closed') return this;
    const notice = new IdleWatch(this, this.settings.clock, ms, () => {
      this.emit({ type: 'timeout' });
      notice.restart();
    });
    extras.idleNotice = notice;
    this.addWatch(notice);
    return this;
  }

  // ---- draining

  /** Tells the handlers that it will be cut in `deadline` ms, and the owner when nothing is under way. */
  drain(deadline: number): void {
    if (this.stage !== 'open') return;
    this.draining = true;
    this.emit({ type: 'draining', deadline });
  }

  /** Nobody would see a reset: it stands, and nothing reads it. */
  get isBlind(): boolean {
    if (this.stage !== 'open' || this.hasReader || this.discarding || this.isClaimed) return false;
    return this.reader?.hasEnded !== true;
  }

  /** Nothing waits to leave, nobody is busy with what came, and everything that came was followed by a write. */
  get isQuiet(): boolean {
    return !this.unanswered && (this.outbox?.isEmpty ?? true) && !this.isHeld;
  }

  get hasUnsentBytes(): boolean {
    return this.outbox !== undefined && !this.outbox.isEmpty;
  }
}

function endIfUnused(connection: LiveConnection): void {
  connection.endIfUnused();
}
