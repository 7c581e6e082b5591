import type { ObservableInput } from 'rxjs';

import { ConnectionClosed, type NetFailure, type ReadFailure, type WriteFailure } from '../../core/failures/index.ts';
import type { Stall } from '../../core/stall.ts';
import type { Chunk, DialHandler } from '../../core/transport.ts';
import type { CloseInfo, Connection, HalfEnd } from '../connection.ts';
import type { FailureOf, Flow } from '../flow.ts';
import type { OneChunk } from '../one-chunk.ts';
import { sendFlow } from '../send.ts';
import { ClosingConnection } from './closing-connection.ts';
import type { ConnectionOwner, ConnectionRun } from './connection-owner.ts';
import { asReadFailure, halfEndOf } from './failure-views.ts';
import { Incoming } from './incoming.ts';
import { type Checkable, PeerCheck } from './peer-check.ts';
import type { ConnectionSettings } from './settings.ts';
import type { SendSink } from './send-sink.ts';
import { isStalled } from './write-failures.ts';

/**
 * The one state machine of a connection: it alone decides between FIN, destroy and reset.
 *
 * ```
 *  dialling ──▶ open ──▶ failing ──▶ closed      failing: what was written before still leaves
 *      └──────────┴────────────────────▲         destroy(), reset() and the link's own end go straight there
 * ```
 *
 * What most connections never need is made when it is first asked for, since 10,000 idle ones are
 * usual.
 */
export class LiveConnection extends ClosingConnection implements Connection, DialHandler, Checkable {
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
  private draining = false;
  /** Why the read side ended, after the write side had failed for `cause`. */
  private readCause: NetFailure | undefined = undefined;

  constructor(settings: ConnectionSettings, owner: ConnectionOwner, stage: 'dialling' | 'open') {
    super(settings, stage);
    this.owner = owner;
  }

  // ---- reading

  get incoming(): Flow<Buffer, ReadFailure> {
    return this.getReader().toObservable();
  }

  getReader(): Incoming {
    if (this.reader === undefined) {
      this.reader = new Incoming(this);
      if (this.peerHasEnded) this.reader.end();
      else if (this.stage === 'failing' || this.stage === 'closed') this.reader.fail(true);
    }
    return this.reader;
  }

  get hasReader(): boolean {
    return this.reader?.hasSubscriber === true;
  }

  get isHeld(): boolean {
    return this.reader?.isHeld === true;
  }

  /** What a pause of it waits for. */
  get stall(): Stall | undefined {
    return this.reader?.stall;
  }

  /** Bytes that a reader was given; once it has closed, all that came. */
  override get bytesRead(): number {
    return this.link.bytesRead - (this.stage === 'closed' ? 0 : (this.reader?.bytesAhead ?? 0));
  }

  /** Bytes are wanted, and can be taken. */
  get isWanting(): boolean {
    return this.reader?.isWanting === true;
  }

  /** What a reader is told; made only when there is one, since making an error is expensive. */
  readFailure(): ReadFailure {
    return asReadFailure(this.readCause ?? this.cause, this.failureDetails());
  }

  onReaderChanged(): void {
    // What is kept comes first, and that is in the next tick.
    if (this.peeking && this.reader?.hasLeftovers === true) this.link.stopReading();
    this.peeking = false;
    this.onTaken();
    this.notifyWatches('nothing');
    if (this.stage === 'open' && !this.hasReader) {
      if (this.mustDiscard) this.startDiscarding();
      // Who reads message by message goes on reading by itself.
      else if (
        !this.isWritable &&
        this.writeSide !== 'ending' &&
        !this.peerHasEnded &&
        this.reader?.isLingering !== true
      )
        this.peek();
    }
    this.owner.onReaderChanged(this);
  }

  /** Somebody took what had been kept unread, or begins to read: it closes no more. */
  onTaken(): void {
    const { extras } = this;
    if (extras === undefined) return;
    extras.onUnread = undefined;
    if (this.mustDiscard || this.stage !== 'open') return;
    extras.closing?.dispose();
    extras.closing = undefined;
  }

  onHoldChanged(): void {
    this.notifyWatches('nothing');
  }

  /** A reader was given what had been read ahead of it: for it, this comes now. */
  onTakenLate(): void {
    this.unanswered = true;
    if (this.extras !== undefined) this.notifyWatches('in');
  }

  /** A reader has heard of the peer's FIN, which had come while it was held. */
  onEndReported(): void {
    if (this.peerHasEnded) this.answerFin();
  }

  /**
   * Completes `incoming` although the peer has not ended: what it says from now on is not wanted
   * any more.
   */
  stopTaking(): void {
    if (this.stage !== 'open') return;
    try {
      this.getReader().endEarly();
    } catch (error) {
      this.defect(error);
    }
    if (!this.discarding) this.link.stopReading();
  }

  /**
   * Nobody uses it and nothing is left over of its last use, as far as can be seen from here; both
   * ends stand.
   */
  get isUnused(): boolean {
    return (
      this.isWritable &&
      !this.peerHasEnded &&
      this.sends === undefined &&
      !this.hasReader &&
      this.reader?.hasLeftovers !== true &&
      !this.hasUnsentBytes
    );
  }

  // ---- sending

  send<R extends ObservableInput<Chunk> | OneChunk>(source: R): Flow<never, FailureOf<R> | WriteFailure> {
    return sendFlow(this, source);
  }

  protected onNothingSent(): void {
    if (this.reader?.hasEnded === true) this.answerFin();
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

  /** By force: a drain, or its own close, had its time. */
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

  /**
   * Ends it for `failure`: reading stops, what is being sent fails, what was written before still
   * leaves (for a while at most), then it closes.
   */
  fail(failure: NetFailure): void {
    if (this.stage !== 'open') return;
    this.stage = 'failing';
    this.peeking = false;
    if (this.causedEnd === undefined) this.cause = failure;
    this.failReader(true);
    this.failSends((sink) => !sink.isFlushing);
    this.outbox?.flush();
    if (this.settings.closeTimeout === 0 || isStalled(failure) || !this.hasLastWord) this.link.destroy();
    else {
      // It has a time of its own: what the peer says does not make it longer.
      this.extras?.closing?.dispose();
      if (this.extras !== undefined) this.extras.closing = undefined;
      this.watchClose();
    }
  }

  /** Something was written before and can still leave. */
  private get hasLastWord(): boolean {
    return this.writeSide !== 'failed' && this.outbox?.isEmpty === false;
  }

  /**
   * What lies unread would make the system answer with a reset, and the peer's system drop the last
   * word: it is read off first.
   */
  protected onLastWordLeft(): void {
    this.reader?.stopLingering();
    this.link.startReading();
    // One turn to read in, whichever phase this is.
    setImmediate(() => setImmediate(() => this.link.destroy()));
  }

  /**
   * As `fail`, for a reason that is no failure of the network: a defect, or a failure of the
   * caller's own.
   */
  abandon(): void {
    if (this.stage !== 'open') return;
    this.causedEnd ??= 'failed';
    this.fail(new ConnectionClosed({ ...this.failureDetails(), message: 'its handler failed' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.stage === 'closed') return;
    const closed = new Promise<void>((resolve) => {
      this.closed.subscribe({ complete: resolve });
    });
    this.closeInOrder();
    await closed;
  }

  // ---- the link's calls

  onConnected(): void {
    this.stage = 'open';
    this.openedAt = this.settings.clock.now();
    this.emit({ type: 'connect' });
    try {
      this.owner.onConnected(this);
    } catch (error) {
      this.defect(error);
    }
  }

  onData(chunk: Buffer): void {
    this.unanswered = true;
    try {
      if (this.extras !== undefined) this.notifyWatches('in');
      if (this.peeking) this.keepUnread(chunk);
      else this.reader?.receive(chunk);
    } catch (error) {
      this.defect(error);
    }
  }

  onEnd(): void {
    this.peerHasEnded = true;
    this.peeking = false;
    if (this.stage !== 'open') return;
    try {
      this.reader?.end();
    } catch (error) {
      this.defect(error);
    }
    if (this.extras !== undefined) {
      this.emit({ type: 'end' });
      this.notifyWatches('in');
    }
    // A reader that is held may still write what it makes of the bytes before.
    if (this.reader?.hasEnded !== false) this.answerFin();
    this.checkPeer();
  }

  get isBlindToReset(): boolean {
    return this.isWritable && (this.peerHasEnded || this.reader?.isStopped === true);
  }

  checkPeer(): void {
    if (!this.isBlindToReset || this.link.checkPeer === undefined) return;
    (this.getExtras().peerCheck ??= new PeerCheck(this, this.settings.clock)).start();
  }

  /**
   * A function of the program threw, of which the owner is told: the connection ends, and nothing
   * else does.
   */
  defect(thrown: unknown): void {
    this.reportDefect(thrown);
    this.abandon();
  }

  /**
   * The write side ends, and what is being sent fails. A handler may still be reading: it is told
   * when it writes, or at the end.
   */
  onWriteFailed(failure: NetFailure): void {
    if (this.stage !== 'open') {
      this.link.destroy();
      return;
    }
    if (this.causedEnd === undefined) this.cause ??= failure;
    this.writeSide = 'failed';
    this.failSends((sink) => !isRunning(sink, this.run));
    this.outbox?.close();
    this.notifyWatches('nothing');
    if (this.state !== 'open' || this.hasReader || this.mustDiscard) return;
    if (this.reader?.isLingering !== true) this.peek();
    this.watchClose();
  }

  /**
   * As `defect`, for who is one of several parties on the connection, or ends it for a reason of
   * its own.
   */
  reportDefect(thrown: unknown): void {
    this.owner.onDefect(this, thrown);
  }

  private failReader(byUs: boolean): void {
    try {
      this.reader?.fail(byUs);
    } catch (error) {
      this.defect(error);
    }
  }

  onClosed(failure: NetFailure | undefined): void {
    const byUs = this.causedEnd !== undefined || this.cause !== undefined;
    if (this.writeSide === 'failed') this.readCause = failure;
    if (this.causedEnd === undefined) this.cause ??= failure;
    this.stage = 'closed';
    if (this.openedAt !== undefined) this.lifetime = this.settings.clock.now() - this.openedAt;
    const info = this.closeInfo();
    this.extras?.stopTimers();
    this.failReader(byUs);
    // Before the outbox lets the sources go: an iterable would run through, for ever if it has no
    // end.
    this.failSends(() => true);
    this.outbox?.close();
    this.extras?.tellClosed(info);
    try {
      this.owner.onConnectionClosed(this, info);
    } catch (error) {
      this.reportDefect(error);
    }
  }

  /** Closed because both sides had ended, and all that was written has left. */
  get closedInOrder(): boolean {
    const isExplained = this.cause !== undefined || this.causedEnd !== undefined;
    return this.stage === 'closed' && !isExplained && this.peerHasEnded && this.hasEndedInOrder;
  }

  protected closeInfo(): CloseInfo {
    const caused = this.cause === undefined ? this.causedEnd : halfEndOf(this.cause);
    const unexplained = caused ?? 'aborted';
    const sent = caused !== 'cut' && this.writeSide === 'ended' && (this.outbox?.isEmpty ?? true);
    return {
      read: this.peerHasEnded ? 'fin' : this.readCause === undefined ? unexplained : halfEndOf(this.readCause),
      write: sent ? 'fin' : unexplained,
      bytesRead: this.link.bytesRead,
      bytesWritten: this.link.bytesWritten,
      bytesUnflushed: this.outbox?.bytes ?? 0,
      lifetime: this.lifetime,
      failure: this.cause,
    };
  }

  // ---- draining

  /**
   * Tells the handlers that it will be cut in `deadline` ms, and the owner when nothing is under
   * way.
   */
  drain(deadline: number): void {
    if (this.stage !== 'open') return;
    this.draining = true;
    this.emit({ type: 'draining', deadline });
  }

  protected onAllLeft(): void {
    if (this.draining) this.owner.onQuiet(this);
  }

  /** Nobody would see a reset: it stands, and nothing reads it. */
  get isBlind(): boolean {
    if (this.stage !== 'open' || this.hasReader || this.mustDiscard || this.isClaimed) return false;
    return this.reader?.hasEnded !== true && this.extras?.closing === undefined;
  }

  /**
   * Nothing waits to leave, nobody is busy with what came, and everything that came was followed by
   * a write.
   */
  get isQuiet(): boolean {
    return !this.unanswered && (this.outbox?.isEmpty ?? true) && !this.isHeld;
  }
}

/** Whether it is what the owner runs, and not done with what it emits. */
function isRunning(sink: SendSink, run: ConnectionRun | undefined): boolean {
  return Object.is(sink, run) && !sink.isFlushing;
}

function endIfUnused(connection: LiveConnection): void {
  connection.endIfUnused();
}
