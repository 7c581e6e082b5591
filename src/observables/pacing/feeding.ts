import type { Subscriber } from 'rxjs';

import { withoutUpstream } from '../../core/demand.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { Gate } from './gate.ts';
import { Holds } from './holds.ts';
import type { Limits } from './limits.ts';
import { type SourceHandler, SourceReceiver } from './receiver.ts';

/**
 * What operators share that begin something with each value, so many at a time: values that have no slot yet wait, and the
 * source with them. A subclass says what is begun, and what leaves.
 *
 * `run` is the only place where what waits is begun and what was kept is emitted: a loop, so that nothing that ends
 * at once, or holds and releases at once, recurses.
 */
export abstract class Feeding<A> implements SourceHandler<A> {
  protected readonly subscriber: Subscriber<unknown>;
  protected readonly limits: Limits;
  protected readonly gate: Gate<unknown>;
  protected readonly source: SourceReceiver<A> = new SourceReceiver<A>(this);
  /** Values of the source that have no slot yet. */
  protected readonly waiting: BoundedQueue<A>;
  /** Those that feed the source. */
  protected readonly sourceHolds = new Holds();
  protected sourceCompleted = false;
  protected running = false;

  constructor(subscriber: Subscriber<unknown>, limits: Limits) {
    this.subscriber = subscriber;
    this.limits = limits;
    this.gate = new Gate(subscriber, this.goOn);
    this.waiting = new BoundedQueue(limits, (value) => value);
  }

  // ---- what a subclass makes of it

  /** Whether one more may be begun. */
  protected abstract get hasRoom(): boolean;
  protected abstract begin(value: A): void;
  /** Does the next thing that can be done; false when there is none. */
  protected abstract step(): boolean;
  protected abstract completeIfDone(): void;
  /** The subscriber has ended, or was unsubscribed. */
  abstract unsubscribe(): void;

  subscribeTo(source: { subscribe(receiver: SourceReceiver<A>): unknown }): void {
    this.subscriber.add(this);
    source.subscribe(this.source);
  }

  // ---- the source

  abstract sourceNext(value: A): void;
  abstract sourceError(error: unknown): void;

  sourceComplete(): void {
    this.sourceCompleted = true;
    this.completeIfDone();
  }

  /** Begins the value if there is room, and makes the source wait when there is none (left). */
  protected beginOrQueue(value: A): void {
    if (this.hasRoom && this.waiting.isEmpty) {
      this.begin(value);
    } else {
      const overflow = this.waiting.push(value);
      if (overflow !== undefined) {
        this.subscriber.error(overflow);
        return;
      }
    }
    if (!this.hasRoom) {
      const upstream = this.gate.foreignUpstream();
      if (upstream !== null && !this.source.closed) this.sourceHolds.add(upstream);
    } else if (!this.waiting.isEmpty) {
      this.goOn();
    }
  }

  // ---- the way out

  protected readonly goOn = (): void => {
    if (this.running || this.subscriber.closed) return;
    // Whatever is being delivered now (to whoever released us, say) is not what is emitted from here on.
    // Nor is its context: the work of another user may just have ended.
    this.gate.context.runInAsyncScope(withoutUpstream, undefined, this.run);
  };

  private readonly run = (): void => {
    this.running = true;
    try {
      while (!this.subscriber.closed && this.step());
    } finally {
      this.running = false;
    }
    this.completeIfDone();
  };
}
