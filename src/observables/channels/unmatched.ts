import {
  currentUpstream,
  enterUpstream,
  type Holder,
  leaveUpstream,
  withoutUpstream,
  type Waits,
} from '../../core/demand.ts';
import { BoundedQueue } from '../pacing/bounded-queue.ts';
import { Holdable } from '../pacing/holdable.ts';
import { Holds } from '../pacing/holds.ts';
import type { Limits } from '../pacing/limits.ts';

/** The requester, as far as the messages are concerned that answer no request. */
export interface UnmatchedOwner {
  /** Whether a request waits for an answer that comes by the same reading. */
  readonly isAsking: boolean;
  /** Too many wait, or the program's function threw. */
  onUnmatchedFailed(error: unknown): void;
}

/**
 * Gives the messages that answer no request to the program, as an upstream of its own: a consumer
 * that can't keep up pauses these messages, and not the answers. They are queued meanwhile.
 *
 * The connection is paused for them only while no request is in flight. Otherwise the work that has
 * to be done first, which may well be a request, would wait for an answer that is not read.
 */
export class Unmatched extends Holdable implements Holder {
  readonly operator = 'rpc';
  progress = 0;
  private readonly take: (message: unknown) => void;
  private readonly owner: UnmatchedOwner;
  private readonly queue: BoundedQueue<unknown>;
  private readonly sourceHolds = new Holds(this);
  private running = false;
  private closed = false;

  constructor(take: (message: unknown) => void, owner: UnmatchedOwner, limits: Limits) {
    super();
    this.take = take;
    this.owner = owner;
    this.queue = new BoundedQueue(limits, (message) => message);
  }

  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  receive(message: unknown): void {
    const upstream = currentUpstream();
    const overflow = this.queue.push(message);
    if (overflow !== undefined) {
      this.owner.onUnmatchedFailed(overflow);
      return;
    }
    this.goOn();
    if (upstream === null || this.closed || this.owner.isAsking || !this.queue.isAboveMark) return;
    this.sourceHolds.add(upstream);
  }

  /** A request begins: its answer must be read. */
  resumeReading(): void {
    this.sourceHolds.release();
  }

  protected onFree(): void {
    this.goOn();
  }

  private goOn(): void {
    if (this.running || this.closed) return;
    this.running = true;
    try {
      while (this.mayGive()) this.give(this.queue.shift());
    } catch (error) {
      // What is released by the failure must not be given to the program any more.
      this.close();
      withoutUpstream(() => this.owner.onUnmatchedFailed(error));
      return;
    } finally {
      this.running = false;
    }
    if (!this.sourceHolds.isEmpty && this.queue.isBelowMark && !this.isHeld) this.sourceHolds.release();
  }

  private mayGive(): boolean {
    return !this.isHeld && !this.closed && !this.queue.isEmpty;
  }

  private give(message: unknown): void {
    this.progress++;
    const { emitting } = this;
    this.emitting = message;
    const outer = enterUpstream(this);
    try {
      this.take(message);
    } finally {
      leaveUpstream(outer);
      this.emitting = emitting;
    }
  }

  /**
   * The connection has ended. What waits is still given to the program, as what comes before an
   * end.
   */
  finish(): void {
    this.sourceHolds.release();
  }

  private close(): void {
    this.closed = true;
    this.queue.clear();
    this.sourceHolds.release();
  }
}
