import { currentUpstream, type Upstream } from '../../core/demand.ts';
import type { NetFailure, WriteFailure } from '../../core/failures/index.ts';
import type { Chunk } from '../../core/transport.ts';
import type { DirectEncoder } from '../framing/direct-encoder.ts';
import type { Frame } from '../framing/framing.ts';
import { asWriteFailure } from './failure-views.ts';
import { ObservedConnection } from './observed-connection.ts';
import { type FlushWaiter, Outbox, type OutboxOwner } from './outbox.ts';
import type { SendSink } from './send-sink.ts';
import { badChunk, budgetOverflow, isChunk, overflow, writtenAfterEnd } from './write-failures.ts';

/**
 * The write side of a connection: its outbox, which is made with the first chunk, the flows that are being sent, and the end of it.
 *
 * ```
 *  open ──▶ ending ──▶ ended      ending: what was written before still leaves, then the FIN
 *    └─────────┴─────▶ failed     a write failed; what the peer had sent before is still read
 * ```
 *
 * A base and not a part, so that a chunk passes no further object on its way, and an idle connection has none more.
 */
export abstract class WritableConnection extends ObservedConnection implements OutboxOwner {
  protected writeSide: 'open' | 'ending' | 'ended' | 'failed' = 'open';
  protected outbox: Outbox | undefined = undefined;
  protected sends: SendSink | undefined = undefined;
  /** Something came in after which nothing was written. */
  protected unanswered = false;
  private wantsDrain = false;

  abstract fail(failure: NetFailure): void;
  /** The last of the flows that were being sent has gone. */
  protected abstract onNothingSent(): void;
  /** The FIN is on its way. */
  protected abstract onWriteSideEnded(): void;
  /** Nothing that was written waits any more. */
  protected abstract onAllLeft(): void;
  /** It has failed, and what had been written before has left. */
  protected abstract onLastWordLeft(): void;

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
    if (this.stage === 'open' && this.writeSide !== 'failed') this.fail(this.writeFailure());
    return false;
  }

  /** A write has failed, and the connection stands as long as there is something to be read. */
  get hasWriteFailed(): boolean {
    return this.writeSide === 'failed';
  }

  /** Holds the upstream of what was just written until all that waits has left. */
  holdForRoom(upstream: Upstream, sink: SendSink): void {
    if (this.stage === 'open' && this.outbox?.isCongested === true) this.outbox.hold(upstream, sink);
  }

  /** Why nothing can be written any more. */
  writeFailure(): WriteFailure {
    if (this.stage === 'open' && this.writeSide !== 'failed') return writtenAfterEnd(this);
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

  // ---- flows that are being sent

  addSend(sink: SendSink): void {
    if (this.stage === 'failing' || this.stage === 'closed' || this.writeSide === 'failed') {
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
    if (this.sends === undefined) this.onNothingSent();
  }

  /** The sink writes no more: what it held may go on, although the peer takes nothing; `except` has to wait still. */
  letGoFor(sink: SendSink, except: Upstream | null): void {
    this.outbox?.letGo(sink, except);
  }

  protected failSends(which: (sink: SendSink) => boolean): void {
    let sink = this.sends;
    while (sink !== undefined) {
      const following: SendSink | undefined = sink.nextSend;
      if (which(sink)) this.failSend(sink);
      sink = following;
    }
  }

  private failSend(sink: SendSink): void {
    try {
      sink.connectionFailed(asWriteFailure(this.cause, this.failureDetails()));
    } catch (error) {
      this.defect(error);
    }
  }

  // ---- what waits to leave

  get bytesQueued(): number {
    return this.outbox?.bytes ?? 0;
  }

  get hasUnsentBytes(): boolean {
    return this.outbox !== undefined && !this.outbox.isEmpty && this.writeSide !== 'failed';
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

  onWritten(): void {
    this.outbox?.written();
  }

  onFlushed(drained: boolean): void {
    if (this.extras !== undefined) this.notifyWatches('out');
    if (!drained) return;
    if (this.writeSide === 'ending') this.finishWriting();
    if (this.wantsDrain) {
      this.wantsDrain = false;
      this.emit({ type: 'drain' });
    }
    if (this.stage === 'failing') this.onLastWordLeft();
    else this.onAllLeft();
  }

  // ---- the end of it

  end(chunk?: Chunk): void {
    if (chunk !== undefined) this.write(chunk);
    if (this.stage !== 'open' || this.writeSide !== 'open') return;
    this.writeSide = 'ending';
    if (this.outbox === undefined || this.outbox.isEmpty) this.finishWriting();
  }

  private finishWriting(): void {
    this.writeSide = 'ended';
    this.link.end();
    this.onWriteSideEnded();
  }
}
