import { isObservable, type Subscriber } from 'rxjs';

import { type Holder, type Upstream, withoutUpstream, type Waits } from '../../core/demand.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { Gate, type GateOwner } from './gate.ts';
import { Holds } from './holds.ts';
import type { Limits } from './limits.ts';
import { type SourceHandler, SourceReceiver } from './receiver.ts';
import type { Work } from './work.ts';

/**
 * The common part of operators that begin some work with each value, N at a time. Values that have
 * no slot yet wait, and the source is paused when `highWaterMark` of them do. A subclass defines
 * the work, and what is emitted.
 *
 * As a holder it waits for its work: an upstream that the work needs, at any depth, is not paused.
 * What that brings is buffered.
 *
 * `run` is the only place where what waits is begun and what was kept is emitted: a loop, so that nothing that ends
 * at once, or holds and releases at once, recurses.
 */
export abstract class Feeding<A> implements SourceHandler<A>, Holder, GateOwner {
  progress = 0;
  protected readonly subscriber: Subscriber<unknown>;
  protected readonly limits: Limits;
  protected readonly gate: Gate<unknown>;
  protected readonly source: SourceReceiver<A> = new SourceReceiver<A>(this);
  /** Values of the source that have no slot yet. */
  protected readonly waiting: BoundedQueue<A>;
  /** Those that feed the source. */
  protected readonly sourceHolds = new Holds(this);
  /**
   * Those of them that drop values while they are paused, and are paused while there is no room.
   */
  protected readonly busyHolds = new Holds(this);
  /** The one that delivered last to the source. */
  private feeder: Upstream | null = null;
  /**
   * Work has emitted what the feeder of the source delivered: there may be work that needs it,
   * although nothing shows.
   */
  private isFedBySource = false;
  protected sourceCompleted = false;
  protected running = false;

  constructor(subscriber: Subscriber<unknown>, limits: Limits) {
    this.subscriber = subscriber;
    this.limits = limits;
    this.gate = new Gate(subscriber, this);
    this.waiting = new BoundedQueue(limits, (value) => value, limits.sizeOf);
  }

  get operator(): string {
    return this.limits.operator;
  }

  // ---- what has to deliver first

  /** Whether work is in flight. */
  protected abstract get isWorking(): boolean;
  /** Reports each upstream that work in flight needs, until one report returns true. */
  protected abstract workNeeds(waits: Waits): boolean;

  /** A source that is paused waits for a slot, so for the work in flight and for the consumer. */
  awaits(waits: Waits): boolean {
    if (waits.forRelease(this.gate) || this.workNeeds(waits)) return true;
    return this.isFedBySource && this.isWorking && this.feeder !== null && waits.forDelivery(this.feeder);
  }

  emissionNeeds(waits: Waits): boolean {
    return this.workNeeds(waits) || (this.feeder !== null && waits.forDelivery(this.feeder));
  }

  /** Notes the upstream of what a piece of work emitted. */
  protected learn(work: Work, upstream: Upstream): void {
    work.learn(upstream);
    if (!this.isFedBySource && this.feeder !== null && isPausedBy(this.feeder, upstream)) this.isFedBySource = true;
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

  /** Begins the value if there is room, else queues it, and pauses the source once so many wait. */
  protected beginOrQueue(value: A): void {
    const upstream = this.gate.foreignUpstream();
    if (upstream !== null) {
      this.feeder = upstream;
      if (!this.isFedBySource && isGroup(value)) this.isFedBySource = true;
    }
    if (this.hasRoom && this.waiting.isEmpty) {
      this.begin(value);
      this.beginQueued();
      this.pauseDropping(upstream);
      return;
    }
    const overflow = this.waiting.push(value);
    if (overflow !== undefined) {
      this.subscriber.error(overflow);
      return;
    }
    // While what waits is being begun already, this does nothing.
    if (this.hasRoom) this.goOn();
    if (upstream !== null && this.waiting.isAboveMark && !this.source.closed) {
      this.sourceHolds.add(upstream, this.waiting.room);
    }
    this.pauseDropping(upstream);
  }

  private pauseDropping(upstream: Upstream | null): void {
    if (upstream?.dropsWhilePaused === true && !this.hasRoom && !this.source.closed) this.busyHolds.add(upstream);
  }

  /** Releases those that were paused because there was no room; false when there are none. */
  protected releaseDropping(): boolean {
    if (this.busyHolds.isEmpty || !this.hasRoom) return false;
    this.busyHolds.release();
    return true;
  }

  /** What the work itself made the source emit has waited for its return. */
  private beginQueued(): void {
    if (!this.waiting.isEmpty && this.hasRoom) this.goOn();
  }

  // ---- the output

  onReleased(): void {
    this.goOn();
  }

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

/** Whether a value is a group of RxJS's own `groupBy`, which announces nothing: it has its key. */
function isGroup(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'key' in value && isObservable(value);
}

/** Whether a hold of `upstream` pauses `other` too. */
function isPausedBy(upstream: Upstream, other: Upstream): boolean {
  for (let each: Upstream | null | undefined = upstream; each !== null && each !== undefined; each = each.pauses) {
    if (each === other) return true;
  }
  return false;
}
