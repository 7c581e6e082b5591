import { isObservable, type Subscriber } from 'rxjs';

import { currentUpstream, type Upstream, type Waits } from '../../core/demand.ts';
import { GuardedAbort } from '../../core/guarded-abort.ts';
import { guarded } from '../../core/report-defect.ts';
import { Feeding } from './feeding.ts';
import { Fifo } from './fifo.ts';
import type { Limits } from './limits.ts';
import { inTurn, releaseAll } from './release-all.ts';
import { ObservableSlot, PromiseSlot, type Slot, type SlotOwner } from './slots.ts';
import { enterWork, leaveWork, Work } from './work.ts';

/** What `mapAsync` calls for each value. */
export type AsyncWork<A> = (value: A, signal: AbortSignal) => unknown;

/**
 * What `mapAsync` does: a slot for each value, in the order of the source. Only the first slot emits; what the others
 * have is kept in them.
 *
 * ```
 *  source ──▶ waiting ──▶ slots ──▶ gate ──▶ subscriber
 *    ▲           │ held until a slot is free
 *    └───────────┘
 * ```
 */
export class Mapping<A> extends Feeding<A> implements SlotOwner {
  private readonly work: AsyncWork<A>;
  private slots = new Fifo<Slot>();
  /** Whether `work` is on the stack: what the source emits out of it waits its turn. */
  private working = false;
  /** The upstream of the value that work is being begun with. */
  private beginningFeeder: Upstream | null = null;
  /** The work that is being begun. */
  private beginning: Work | null = null;

  constructor(subscriber: Subscriber<unknown>, work: AsyncWork<A>, limits: Limits) {
    super(subscriber, limits);
    this.work = work;
  }

  // ---- the source

  protected get hasRoom(): boolean {
    return !this.working && this.slots.size < this.limits.concurrency && !this.gate.isHeld;
  }

  sourceNext(value: A): void {
    this.beginOrQueue(value);
  }

  sourceError(error: unknown): void {
    this.subscriber.error(error);
  }

  // ---- the work

  protected begin(value: A): void {
    // Made for each value, so that listeners on it go with it; and not at all where nobody looks.
    const abort = this.work.length < 2 ? undefined : new GuardedAbort();
    const work = new Work();
    const { beginning, beginningFeeder } = this;
    this.beginning = work;
    this.beginningFeeder = currentUpstream();
    const outer = enterWork(work);
    let result: unknown;
    this.working = true;
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one that declares no second parameter doesn't see it
      result = this.work(value, abort?.signal as AbortSignal);
      this.working = false;
      this.follow(result, work, abort);
    } catch (error) {
      this.working = false;
      this.fail(error);
    } finally {
      leaveWork(outer);
      this.beginning = beginning;
      this.beginningFeeder = beginningFeeder;
    }
  }

  /** Gives a result its slot. */
  private follow(result: unknown, work: Work, abort: GuardedAbort | undefined): void {
    if (this.subscriber.closed) {
      abort?.abort();
    } else if (isObservable(result)) {
      const slot = new ObservableSlot(this, work, abort, this.limits);
      this.slots.push(slot);
      slot.receive(result);
    } else if (isPromiseLike(result)) {
      const slot = new PromiseSlot(this, work, abort);
      this.slots.push(slot);
      slot.await(result);
    } else if (this.slots.isEmpty) {
      this.progress++;
      this.pass(result, this.gate.foreignUpstream(), work);
    } else {
      const slot = new PromiseSlot(this, work, undefined);
      this.slots.push(slot);
      slot.resolve(result);
    }
  }

  /**
   * Emits a value of the first slot; what the consumer subscribes to meanwhile is no part of the
   * work that is being begun.
   */
  private pass(value: unknown, upstream: Upstream | null, work: Work): void {
    if (work !== this.beginning) {
      this.gate.pass(value, upstream);
      return;
    }
    const outer = enterWork(null);
    try {
      this.gate.pass(value, upstream);
    } finally {
      leaveWork(outer);
    }
  }

  protected get isWorking(): boolean {
    return !this.slots.isEmpty;
  }

  protected workNeeds(waits: Waits): boolean {
    if (this.beginning?.reportTo(waits) === true) return true;
    return this.slots.some((slot) => slot.work.reportTo(waits));
  }

  /** What a slot pauses waits for the slots before it, and for the consumer. */
  slotAwaits(waiting: Slot, waits: Waits): boolean {
    if (waits.forRelease(this.gate)) return true;
    let before = true;
    return this.slots.some((slot) => {
      if (slot === waiting) before = false;
      return before && slot.work.reportTo(waits);
    });
  }

  /** `work` threw: nothing more is begun, and it ends after the results before it. */
  private fail(error: unknown): void {
    if (this.slots.isEmpty) {
      this.subscriber.error(error);
      return;
    }
    const slot = new PromiseSlot(this, new Work(), undefined);
    this.slots.push(slot);
    slot.reject(error);
  }

  slotNext(slot: ObservableSlot, value: unknown): void {
    this.progress++;
    const upstream = this.gate.foreignUpstream();
    const isOfTheValue = slot.work === this.beginning && upstream === this.beginningFeeder;
    if (upstream !== null && !isOfTheValue) this.learn(slot.work, upstream);
    const first = this.slots.peek() === slot;
    if (first && slot.kept.isEmpty && (upstream !== null || !this.gate.isHeld)) {
      this.pass(value, upstream, slot.work);
      return;
    }
    const overflow = slot.kept.push(value);
    if (overflow !== undefined) {
      this.subscriber.error(overflow);
      return;
    }
    // The source is not paused for the slots before this one while there are free ones.
    if (upstream !== null && !isOfTheValue && slot.kept.isAboveMark) slot.holds.add(upstream, slot.kept.room);
  }

  slotDone(slot: Slot): void {
    this.progress++;
    // What comes after a failure is never emitted.
    // A teardown that throws meanwhile comes after the failure that there is.
    if (slot.failed) guarded(() => this.giveUpAfter(slot));
    if (!this.slots.isEmpty && this.slots.peek() === slot) this.goOn();
  }

  slotThrew(error: unknown): void {
    this.fail(error);
  }

  private giveUpAfter(failed: Slot): void {
    inTurn(
      () => this.source.unsubscribe(),
      () => this.waiting.clear(),
      () => this.sourceHolds.release(),
      () => this.busyHolds.release(),
      () => this.cancelAfter(failed),
    );
  }

  private cancelAfter(failed: Slot): void {
    const slots = this.slots;
    this.slots = new Fifo();
    const after: Slot[] = [];
    let found = false;
    while (!slots.isEmpty) {
      const slot = slots.shift();
      if (found) after.push(slot);
      else this.slots.push(slot);
      if (slot === failed) found = true;
    }
    releaseAll(after, (slot) => slot.cancel());
  }

  // ---- the way out

  /** Does the next thing that can be done; false when there is none. */
  protected step(): boolean {
    if (!this.slots.isEmpty) {
      const slot = this.slots.peek();
      if (slot.hasValue) {
        if (this.gate.isHeld) return false;
        this.gate.emit(slot.take());
        return true;
      }
      // Also of a slot that is done: an upstream may end though it is held.
      if (slot.release()) return true;
      if (slot.done) {
        if (slot.failed) this.subscriber.error(slot.reason);
        else this.slots.shift();
        return true;
      }
    }
    if (!this.sourceHolds.isEmpty && this.waiting.isBelowMark && !this.gate.isHeld) this.sourceHolds.release();
    else if (this.hasRoom && !this.waiting.isEmpty) this.begin(this.waiting.shift());
    else return this.releaseDropping();
    return true;
  }

  protected completeIfDone(): void {
    if (!this.sourceCompleted || this.running || this.working) return;
    if (this.slots.isEmpty && this.waiting.isEmpty) this.subscriber.complete();
  }

  // ---- the end

  /** The subscriber has ended, or was unsubscribed. Unsubscribes before it releases, so that nothing emits to nobody. */
  unsubscribe(): void {
    const slots: Slot[] = [];
    while (!this.slots.isEmpty) slots.push(this.slots.shift());
    inTurn(
      () => this.source.unsubscribe(),
      () => this.waiting.clear(),
      () => releaseAll(slots, (slot) => slot.cancel()),
      () => this.sourceHolds.release(),
      () => this.busyHolds.release(),
    );
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
