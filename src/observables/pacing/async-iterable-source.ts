import type { Subscriber } from 'rxjs';

import { deliver } from '../../core/demand.ts';
import { guarded, reportDefect } from '../../core/report-defect.ts';
import type { Late } from '../failures/report-late.ts';
import { PullSource } from './pull-source.ts';

/**
 * What an async iteration is given up by, besides `return`, which waits for the item that was asked
 * for.
 */
type Destroy = () => void;

/** Emits what an async iterator yields, and asks for the next item only while it isn't held. */
export class AsyncIterableSource<A> extends PullSource<A> {
  private readonly iterator: AsyncIterator<A>;
  private readonly destroy: Destroy | undefined;
  private readonly late: Late;
  private asked = false;
  private ended = false;

  constructor(subscriber: Subscriber<A>, iterator: AsyncIterator<A>, destroy: Destroy | undefined, late: Late) {
    super(subscriber, null);
    this.iterator = iterator;
    this.destroy = destroy;
    this.late = late;
  }

  pull(): void {
    if (this.asked || this.ended) return;
    this.asked = true;
    try {
      this.iterator.next().then(this.onResult, this.onError);
    } catch (error) {
      // As what it rejects with: never within the subscription.
      Promise.reject(error).catch(this.onError);
    }
  }

  private readonly onResult = (result: IteratorResult<A>): void => {
    if (this.ended) return;
    if (result.done === true) {
      this.ended = true;
      guarded(() => this.subscriber.complete());
      return;
    }
    this.emitting = result.value;
    try {
      // Still `asked`: a release inside the delivery must not pull a second time.
      deliver(this, this.subscriber, result.value);
    } catch (error) {
      // In the turn of a promise, which would end the process.
      reportDefect(error);
    }
    this.asked = false;
    if (this.mayPull) this.pull();
  };

  private readonly onError = (error: unknown): void => {
    if (this.ended) {
      // A stream that was destroyed says so to whoever waits for its next chunk.
      if (this.destroy === undefined) this.late(error);
      return;
    }
    this.ended = true;
    guarded(() => this.subscriber.error(error));
  };

  unsubscribe(): void {
    if (this.ended) return;
    this.ended = true;
    this.destroy?.();
    this.iterator.return?.().then(undefined, this.late);
  }
}
