import { Observable, type Subscriber, type Subscription } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import type { FailureDetails, NetFailure } from '../../core/failures/index.ts';
import { checkDuration } from '../../core/options/index.ts';
import type { Op } from '../flow.ts';
import { collectLeaves, type LeafCollector } from './leaves.ts';
import type { LimitKind } from './limits-of-options.ts';
import { LiveConnection } from './live-connection.ts';
import { clockOf, defaultSourceClock, type TimeSource } from './source-clock.ts';
import type { Watch } from './watches.ts';

/** How a limit acts on a source that comes from no connection: with the first item, with each, or never, it starts over. */
export type ItemRule = 'restart' | 'stop' | 'ignore';

/** One time limit as an operator: what it watches, and what items mean where there is no connection to watch. */
export function timeLimit<A, F extends NetFailure>(
  name: string,
  kind: LimitKind<F>,
  items: ItemRule,
  limit: number,
  source: TimeSource | undefined,
): Op<A, A, F> {
  return (flow) =>
    new Observable<A>((subscriber) => {
      let run: LimitRun<A>;
      try {
        checkDuration(name, limit);
        run = new LimitRun<A>(subscriber, kind, items, limit, source && clockOf(source));
      } catch (failure) {
        subscriber.error(failure);
        return undefined;
      }
      run.start(flow);
      return () => run.stop();
    });
}

/** One subscription of a time limit. */
class LimitRun<A> implements LeafCollector {
  private readonly subscriber: Subscriber<A>;
  private readonly kind: LimitKind<NetFailure>;
  private readonly items: ItemRule;
  private readonly limit: number;
  private readonly clock: Clock | undefined;
  private readonly watches = new Map<LiveConnection, Watch>();
  private subscription: Subscription | undefined = undefined;
  /** For a source that comes from no connection. */
  private cancelTimer: (() => void) | undefined = undefined;
  private since = 0;
  private stopped = false;

  constructor(
    subscriber: Subscriber<A>,
    kind: LimitKind<NetFailure>,
    items: ItemRule,
    limit: number,
    clock: Clock | undefined,
  ) {
    this.subscriber = subscriber;
    this.kind = kind;
    this.items = items;
    this.limit = limit;
    this.clock = clock;
  }

  start(flow: Observable<A>): void {
    this.subscription = collectLeaves(this, () => flow.subscribe(this));
    if (this.stopped) this.subscription.unsubscribe();
    else if (this.watches.size === 0) this.startTimer(this.limit);
  }

  found(connection: LiveConnection): void {
    if (this.stopped || this.watches.has(connection)) return;
    const clock = this.clock ?? connection.settings.clock;
    const watch = new this.kind.Watch(connection, clock, this.limit, () => this.expire(connection.failureDetails()));
    this.watches.set(connection, watch);
    connection.addWatch(watch);
  }

  next(value: A): void {
    // A flow of connections, such as `connect`'s: what is limited is what comes out of it.
    if (value instanceof LiveConnection) {
      this.stopTimer();
      this.found(value);
    } else if (this.cancelTimer !== undefined) {
      if (this.items === 'restart') this.since = this.itemClock.now();
      else if (this.items === 'stop') this.stopTimer();
    }
    this.subscriber.next(value);
  }

  error(error: unknown): void {
    this.stop();
    this.subscriber.error(error);
  }

  complete(): void {
    this.stop();
    this.subscriber.complete();
  }

  private get itemClock(): Clock {
    return this.clock ?? defaultSourceClock;
  }

  private startTimer(delay: number): void {
    if (delay === this.limit) this.since = this.itemClock.now();
    this.cancelTimer = this.itemClock.after(delay, () => {
      const left = this.since + this.limit - this.itemClock.now();
      if (left > 0) this.startTimer(Math.ceil(left));
      else this.expire({});
    });
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  /** Tells who is downstream first, so that a last word to the peer can still be sent; then ends the connections. */
  private expire(details: FailureDetails): void {
    const failure = new this.kind.Failure({ ...details, limit: this.limit });
    const connections = [...this.watches.keys()];
    this.stop();
    this.subscriber.error(failure);
    for (const connection of connections) connection.fail(failure);
  }

  stop(): void {
    this.stopped = true;
    this.stopTimer();
    for (const watch of this.watches.values()) watch.dispose();
    this.watches.clear();
    this.subscription?.unsubscribe();
  }
}
