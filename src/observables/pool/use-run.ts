import type { ObservableInput, Subscriber } from 'rxjs';

import { ContextSubscriber } from '../internal/in-context.ts';
import { type OneChunk, severalOf } from '../one-chunk.ts';
import { toObservable } from '../rx/from.ts';
import { endAfter } from '../pacing/end-after.ts';
import { Receiver } from '../pacing/receiver.ts';
import type { Connection } from '../connection.ts';
import type { Dial } from './dial.ts';
import { poolClosed } from './pool-closed.ts';
import type { Pooled } from './pooled.ts';
import type { Lender, Waiter } from './waiter.ts';

/** One subscription of `Pool.use`: waits for a connection, works with it, gives it back. */
export class UseRun extends Receiver<unknown> implements Waiter {
  cancelTimer: (() => void) | undefined = undefined;
  deadline = 0;
  dial: Dial | undefined = undefined;
  private readonly lender: Lender;
  private readonly work: (connection: Connection) => ObservableInput<unknown> | OneChunk;
  private readonly subscriber: ContextSubscriber<unknown>;
  private pooled: Pooled | undefined = undefined;
  private isClean = false;

  constructor(
    lender: Lender,
    work: (connection: Connection) => ObservableInput<unknown> | OneChunk,
    subscriber: Subscriber<unknown>,
  ) {
    super();
    this.lender = lender;
    this.work = work;
    this.subscriber = new ContextSubscriber(subscriber);
  }

  granted(pooled: Pooled): void {
    this.pooled = pooled;
    pooled.whenLost = () => this.lost(pooled);
    // The connection may have been given back by another user, in whose context this is called.
    this.subscriber.context.runInAsyncScope(() => this.begin(pooled), undefined);
  }

  private begin(pooled: Pooled): void {
    try {
      toObservable(severalOf(this.work(pooled.connection), 'the work of use')).subscribe(this);
    } catch (error) {
      this.error(error);
    }
  }

  /**
   * Of a connection that closes, the work hears by what it does with it, and it may still have to
   * do with what came before. Only the end of the pool's patience is the end of any work.
   */
  private lost(pooled: Pooled): void {
    if (pooled.reason === 'closed') this.error(poolClosed());
  }

  refused(failure: unknown): void {
    this.error(failure);
  }

  protected onNext(value: unknown): void {
    this.subscriber.next(value);
  }

  protected onError(error: unknown): void {
    // The connection is given up before anybody is told, so that who tries again finds room.
    endAfter(() => this.unsubscribe(), this.subscriber, { error });
  }

  protected onComplete(): void {
    this.isClean = true;
    endAfter(() => this.unsubscribe(), this.subscriber, undefined);
  }

  override unsubscribe(): void {
    if (this.closed) return;
    try {
      super.unsubscribe();
    } finally {
      const { pooled } = this;
      this.pooled = undefined;
      if (pooled === undefined) {
        this.lender.forget(this);
      } else {
        pooled.whenLost = undefined;
        this.lender.giveBack(pooled, this.isClean);
      }
    }
  }
}
