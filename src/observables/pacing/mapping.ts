import { isObservable, type Subscriber } from 'rxjs';

import type { Upstream } from '../../core/demand.ts';
import { Feeding } from './feeding.ts';
import { Fifo } from './fifo.ts';
import type { Limits } from './limits.ts';
import { ObservableSlot, PromiseSlot, type Slot, type SlotOwner } from './slots.ts';

/** What `mapAsync` calls for each value. */
export type Work<A> = (value: A, signal: AbortSignal) => unknown;

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
  private readonly work: Work<A>;
  private slots = new Fifo<Slot>();
  /** Whether `work` is on the stack: what the source emits out of it waits its turn. */
  private working = false;
  /** The upstream of the source's value while its Observable is being subscribed to. */
  private feeding: Upstream | null = null;

  constructor(subscriber: Subscriber<unknown>, work: Work<A>, limits: Limits) {
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
    const abort = this.work.length < 2 ? undefined : new AbortController();
    let result: unknown;
    this.working = true;
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one that declares no second parameter doesn't see it
      result = this.work(value, abort?.signal as AbortSignal);
    } catch (error) {
      this.working = false;
      this.fail(error);
      return;
    }
    this.working = false;
    if (this.subscriber.closed) {
      abort?.abort();
      return;
    }
    if (isObservable(result)) {
      const slot = new ObservableSlot(this, abort, this.limits);
      this.slots.push(slot);
      const outer = this.feeding;
      this.feeding = this.gate.foreignUpstream();
      result.subscribe(slot);
      this.feeding = outer;
    } else if (isPromiseLike(result)) {
      const slot = new PromiseSlot(this, abort);
      this.slots.push(slot);
      slot.await(result);
    } else if (this.slots.isEmpty) {
      this.gate.pass(result, this.gate.foreignUpstream());
    } else {
      const slot = new PromiseSlot(this, undefined);
      this.slots.push(slot);
      slot.resolve(result);
    }
  }

  /** `work` threw: nothing more is begun, and it ends after the results before it. */
  private fail(error: unknown): void {
    if (this.slots.isEmpty) {
      this.subscriber.error(error);
      return;
    }
    const slot = new PromiseSlot(this, undefined);
    this.slots.push(slot);
    slot.reject(error);
  }

  slotNext(slot: ObservableSlot, value: unknown): void {
    const upstream = this.gate.foreignUpstream();
    const first = this.slots.peek() === slot;
    if (first && slot.kept.isEmpty && (upstream !== null || !this.gate.isHeld)) {
      this.gate.pass(value, upstream);
      return;
    }
    const overflow = slot.kept.push(value);
    if (overflow !== undefined) {
      this.subscriber.error(overflow);
      return;
    }
    // The source is not made to wait for the slots before this one while there are free ones.
    if (upstream !== null && upstream !== this.feeding) slot.holds.add(upstream);
  }

  slotDone(slot: Slot): void {
    // What comes after a failure is never emitted.
    if (slot.failed) this.giveUpAfter(slot);
    if (!this.slots.isEmpty && this.slots.peek() === slot) this.goOn();
  }

  private giveUpAfter(failed: Slot): void {
    this.source.unsubscribe();
    this.waiting.clear();
    this.sourceHolds.release();
    const slots = this.slots;
    this.slots = new Fifo();
    let after = false;
    while (!slots.isEmpty) {
      const slot = slots.shift();
      if (after) slot.cancel();
      else this.slots.push(slot);
      if (slot === failed) after = true;
    }
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
    if (!this.hasRoom) return false;
    if (!this.waiting.isEmpty) this.begin(this.waiting.shift());
    else if (!this.sourceHolds.isEmpty) this.sourceHolds.release();
    else return false;
    return true;
  }

  protected completeIfDone(): void {
    if (!this.sourceCompleted || this.running || this.working) return;
    if (this.slots.isEmpty && this.waiting.isEmpty) this.subscriber.complete();
  }

  // ---- the end

  /** The subscriber has ended, or was unsubscribed. Unsubscribes before it releases, so that nothing emits to nobody. */
  unsubscribe(): void {
    this.source.unsubscribe();
    this.waiting.clear();
    while (!this.slots.isEmpty) this.slots.shift().cancel();
    this.sourceHolds.release();
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
