import type { Observable } from 'rxjs';

import { currentUpstream, type Holder } from '../../core/demand.ts';
import { reportDefect } from '../../core/report-defect.ts';
import { BoundedQueue } from '../pacing/bounded-queue.ts';
import { Holds } from '../pacing/holds.ts';
import type { Limits } from '../pacing/limits.ts';
import { SourceReceiver } from '../pacing/receiver.ts';

/** Who takes the items of a flow, each when it asked for one. */
export interface ItemTaker<A> {
  /** An item that was asked for; the taker may ask for the next one meanwhile. */
  take(item: A): void;
  failed(error: unknown): void;
  completed(): void;
}

/**
 * Takes from a flow what is asked for and nothing ahead: once an item is taken, whoever emitted it is held until the next one is wanted.
 * So who stops leaves everything else where it is.
 *
 * What comes from a source that can't be held is queued, up to a bound.
 */
export class ItemPuller<A> implements Holder {
  readonly operator: string;
  progress = 0;
  private readonly taker: ItemTaker<A>;
  private readonly queue: BoundedQueue<A>;
  private readonly holds = new Holds(this);
  private readonly source: SourceReceiver<A> = new SourceReceiver<A>({
    sourceNext: (item) => this.next(item),
    sourceError: (error) => this.ends({ error }),
    sourceComplete: () => this.ends(undefined),
  });
  private wanted = false;
  private started = false;
  private emptying = false;
  private stopped = false;
  private end: { readonly failure: { readonly error: unknown } | undefined } | undefined = undefined;

  constructor(taker: ItemTaker<A>, limits: Limits) {
    this.taker = taker;
    this.operator = limits.operator;
    this.queue = new BoundedQueue(limits, (item) => item, limits.sizeOf);
  }

  /** It waits for whoever takes the items, which no upstream delivers. */
  awaits(): boolean {
    return false;
  }

  /** The next item is wanted. The first call subscribes to `flow`. */
  want(flow: Observable<A>): void {
    if (this.stopped) return;
    this.wanted = true;
    if (!this.started) {
      this.started = true;
      flow.subscribe(this.source);
    } else if (!this.emptying) {
      this.goOn();
    }
  }

  private next(item: A): void {
    if (this.wanted && this.queue.isEmpty) {
      this.pass(item);
    } else {
      const overflow = this.queue.push(item);
      if (overflow !== undefined) {
        this.source.unsubscribe();
        this.ends({ error: overflow });
        return;
      }
    }
    if (this.wanted || this.stopped) return;
    const upstream = currentUpstream();
    if (upstream !== null) this.holds.add(upstream);
  }

  private pass(item: A): void {
    this.wanted = false;
    this.progress++;
    this.taker.take(item);
  }

  private goOn(): void {
    this.emptying = true;
    while (this.wanted && !this.queue.isEmpty) this.pass(this.queue.shift());
    this.emptying = false;
    if (!this.queue.isEmpty) return;
    if (this.end !== undefined) this.tellEnd();
    else if (this.wanted) this.holds.release();
  }

  private ends(failure: { readonly error: unknown } | undefined): void {
    this.end = { failure };
    // What came before is taken first.
    if (this.queue.isEmpty) this.tellEnd();
  }

  private tellEnd(): void {
    let failure = this.end?.failure;
    if (this.stopped) return;
    try {
      this.stop();
    } catch (error) {
      // A teardown of the flow: its error, unless it has one.
      if (failure !== undefined) reportDefect(error);
      failure ??= { error };
    }
    if (failure === undefined) this.taker.completed();
    else this.taker.failed(failure.error);
  }

  /** Nothing more is wanted: the source is unsubscribed at once. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.queue.clear();
    try {
      // Before the holds: what is released must not emit to nobody.
      this.source.unsubscribe();
    } finally {
      this.holds.release();
    }
  }
}
