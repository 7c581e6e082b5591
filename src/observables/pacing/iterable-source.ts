import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver } from '../../core/demand.ts';
import { PullSource } from './pull-source.ts';

/**
 * Emits the items of an iterable in a loop that stops while it is held.
 *
 * An iterable that a value was made into is part of what delivered that value: whoever holds it holds that too, so that it
 * doesn't deliver more values while the items of this one wait.
 */
export class IterableSource<A> extends PullSource<A> {
  private readonly iterator: Iterator<A>;
  private pulling = false;
  private ended = false;

  constructor(subscriber: Subscriber<A>, iterator: Iterator<A>) {
    super(subscriber, currentUpstream());
    this.iterator = iterator;
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
    try {
      result = this.iterator.next();
    } catch (error) {
      this.ended = true;
      this.subscriber.error(error);
      return;
    }
    if (result.done === true) {
      this.ended = true;
      this.subscriber.complete();
      return;
    }
    this.emitting = result.value;
    deliver(this, this.subscriber, result.value);
  }

  unsubscribe(): void {
    if (!this.ended) {
      this.ended = true;
      this.iterator.return?.();
    }
    this.letFeederGo();
  }
}
