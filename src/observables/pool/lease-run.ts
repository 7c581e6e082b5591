import type { Subscriber } from 'rxjs';

import type { Connection } from '../connection.ts';
import { ContextSubscriber } from '../internal/in-context.ts';
import type { Dial } from './dial.ts';
import type { Lease } from './pool.ts';
import type { Pooled } from './pooled.ts';
import type { Lender, Waiter } from './waiter.ts';

/** One subscription of `Pool.lease`. */
export class LeaseRun implements Waiter {
  cancelTimer: (() => void) | undefined = undefined;
  deadline = 0;
  dial: Dial | undefined = undefined;
  private readonly lender: Lender;
  private readonly subscriber: ContextSubscriber<Lease>;
  private pooled: Pooled | undefined = undefined;

  constructor(lender: Lender, subscriber: Subscriber<Lease>) {
    this.lender = lender;
    this.subscriber = new ContextSubscriber(subscriber);
  }

  granted(pooled: Pooled): void {
    this.pooled = pooled;
    pooled.whenLost = () => this.over();
    const connection: Connection = pooled.connection;
    this.subscriber.next({ connection, release: () => this.release() });
  }

  refused(failure: unknown): void {
    this.subscriber.error(failure);
  }

  private release(): void {
    const { pooled } = this;
    if (pooled === undefined) return;
    this.pooled = undefined;
    this.lender.giveBack(pooled, true);
    this.subscriber.complete();
  }

  private over(): void {
    this.pooled = undefined;
    this.subscriber.complete();
  }

  unsubscribe(): void {
    const { pooled } = this;
    this.pooled = undefined;
    if (pooled === undefined) this.lender.forget(this);
    else this.lender.giveBack(pooled, false);
  }
}
