import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Holder, type Room } from '../../core/demand.ts';
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
 * An iterable that a value was made into is part of what delivered that value: whoever holds it holds that too, so that it
 * doesn't deliver more values while the items of this one wait.
 */
export class IterableSource<A> extends PullSource<A> {
  private readonly iterator: Iterator<A>;
  /** What is iterated, where its size is known. */
  private readonly collection: ReadonlySet<A> | readonly A[] | undefined;
  private taken = 0;
  private pulling = false;
  private asking = false;
  private ended = false;

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
    }
  }

  private step(): void {
    let result: IteratorResult<A>;
    this.asking = true;
    try {
      result = this.iterator.next();
    } catch (error) {
      this.ended = true;
      this.subscriber.error(error);
      return;
    } finally {
      this.asking = false;
    }
    if (this.ended) {
      // Unsubscribed by the iterator itself.
      if (result.done !== true) this.iterator.return?.();
      return;
    }
    if (result.done === true) {
      this.ended = true;
      this.subscriber.complete();
      return;
    }
    this.emitting = result.value;
    this.taken++;
    deliver(this, this.subscriber, result.value);
  }

  unsubscribe(): void {
    const isEarly = !this.ended;
    this.ended = true;
    try {
      // A generator can't be ended while it runs.
      if (isEarly && !this.asking) this.iterator.return?.();
    } finally {
      this.letFeederGo();
    }
  }
}
