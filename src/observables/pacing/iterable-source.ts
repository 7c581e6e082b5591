import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Holder, type Room } from '../../core/demand.ts';
import { reportDefect } from '../../core/report-defect.ts';
import { PullSource } from './pull-source.ts';
import { weigh } from './weight.ts';

/**
 * How many values of an array or a set are emitted in one go although the consumer has asked for a
 * pause.
 */
const MAX_BURST = 1_024;

/**
 * Emits the items of an iterable in a loop that stops while it is held.
 *
 * An iterable that a value was made into is part of what delivered that value: whoever holds it
 * holds that too, so that it doesn't deliver more values while the items of this one wait.
 */
export class IterableSource<A> extends PullSource<A> {
  private readonly iterator: Iterator<A>;
  /** What is iterated, where its size is known. */
  private readonly collection: ReadonlySet<A> | readonly A[] | undefined;
  private taken = 0;
  private pulling = false;
  private ended = false;
  /** Unsubscribed from while the loop runs, which closes the iterator when it goes on. */
  private abandoned = false;

  constructor(subscriber: Subscriber<A>, iterable: Iterable<A>) {
    super(subscriber, currentUpstream());
    this.iterator = iterable[Symbol.iterator]();
    this.collection = Array.isArray(iterable) || iterable instanceof Set ? iterable : undefined;
  }

  /**
   * A short array or set is emitted to its end, as RxJS does it, where there is room for that; its
   * source is paused at once.
   */
  holdAfterBurst(holder: Holder, room: Room): (() => void) | undefined {
    const { collection } = this;
    if (collection === undefined) return undefined;
    const left = ('size' in collection ? collection.size : collection.length) - this.taken;
    if (left > Math.min(MAX_BURST, room.items)) return undefined;
    if (Array.isArray(collection) && weigh(collection) > room.bytes) return undefined;
    return this.holdFeeder(holder);
  }

  pull(): void {
    // Released inside the delivery: the loop that is on the stack goes on.
    if (this.pulling) return;
    this.pulling = true;
    try {
      while (this.mayPull && !this.ended) this.step();
    } finally {
      this.pulling = false;
      if (this.abandoned) this.abandon();
    }
  }

  /** Closes the iterator. Its subscriber has ended: RxJS drops what that throws. */
  private abandon(): void {
    this.abandoned = false;
    try {
      this.iterator.return?.();
    } catch (error) {
      reportDefect(error);
    }
  }

  private step(): void {
    let result: IteratorResult<A>;
    try {
      result = this.iterator.next();
    } catch (error) {
      this.ended = true;
      this.abandoned = false;
      this.subscriber.error(error);
      return;
    }
    if (result.done === true) {
      this.ended = true;
      this.abandoned = false;
      this.subscriber.complete();
      return;
    }
    // Unsubscribed from by the iterator itself.
    if (this.ended) return;
    this.emitting = result.value;
    this.taken++;
    deliver(this, this.subscriber, result.value);
  }

  unsubscribe(): void {
    const isEarly = !this.ended;
    this.ended = true;
    try {
      // As in RxJS, the loop closes the iterator once the delivery that it is in is over.
      if (isEarly && this.pulling) this.abandoned = true;
      else if (isEarly) this.iterator.return?.();
    } finally {
      this.letFeederGo();
    }
  }
}
