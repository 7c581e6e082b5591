import type { ObservableInput, OperatorFunction, Subscriber } from 'rxjs';

import { currentUpstream, type Upstream, withoutUpstream, type Waits } from '../../core/demand.ts';
import { isStall } from '../../core/failures/index.ts';
import { reportDefect } from '../../core/report-defect.ts';
import { toObservable } from '../rx/from.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { Feeding } from './feeding.ts';
import { Holds } from './holds.ts';
import { operator } from './lifted.ts';
import type { Limits } from './limits.ts';
import { MAX_NESTED } from './nested.ts';
import { Receiver } from './receiver.ts';
import { MAX_HELD, type ThroughInner } from './through-inner.ts';
import { enterWork, leaveWork, Work } from './work.ts';
import { inTurn, unsubscribeAll } from './release-all.ts';

/** What makes an inner of a value. */
export type Project<A> = (value: A, index: number) => ObservableInput<unknown>;

/** One of the classes that differ in what they do with a value of the source. */
type Kind<A> = new (subscriber: Subscriber<unknown>, project: Project<A>, limits: Limits) => Flattening<A>;

/** The operator that flattens so. `limits` throws what is wrong with its options. */
export function flattened<A>(kind: Kind<A>, project: Project<A>, limits: () => Limits): OperatorFunction<A, unknown> {
  return operator((source, subscriber) => {
    new kind(subscriber, project, limits()).subscribeTo(source);
  });
}

/** A value that came while the way out was held. */
interface Kept {
  readonly inner: Inner;
  readonly value: unknown;
}

/**
 * What `mergeMap`, `concatMap`, `switchMap` and `exhaustMap` share: inners, the values of them that
 * have to wait, and the way out. What they differ in is `sourceNext`.
 *
 * ```
 *  source ──▶ waiting ──▶ inners ──▶ kept ──▶ gate ──▶ subscriber
 *    ▲           │ held until a slot is free
 *    └───────────┘
 * ```
 */
export abstract class Flattening<A> extends Feeding<A> {
  protected readonly inners = new Set<Inner>();
  protected readonly project: Project<A>;
  private readonly kept: BoundedQueue<Kept>;
  /** Those that feed inners, and came while there was something kept before them. */
  private readonly innerHolds = new Holds(this.gate);
  /** Holds of what inners emitted, where those keep new inners from being begun. */
  private readonly held = new Set<ThroughInner>();
  private heldInners = 0;
  /**
   * The inner that is being subscribed to: what it emits meanwhile is held together with what feeds
   * the source.
   */
  protected beginning: Inner | undefined = undefined;
  /** The upstream of the value that it is made of. */
  protected beginningFeeder: Upstream | null = null;
  protected index = 0;
  private nested = 0;
  private failed = false;
  private failure: unknown = undefined;

  constructor(subscriber: Subscriber<unknown>, project: Project<A>, limits: Limits) {
    super(subscriber, limits);
    this.project = project;
    this.kept = new BoundedQueue(limits, (kept) => kept.value);
  }

  // ---- the source

  sourceError(error: unknown): void {
    this.fail(error);
  }

  protected get hasRoom(): boolean {
    return this.inners.size < this.limits.concurrency && !this.gate.isHeld && this.heldInners < MAX_HELD;
  }

  /** Begins the inner of a value. */
  protected begin(value: A): void {
    const inner = new Inner(this);
    // Takes its slot before project is called, which may make the source emit again.
    this.inners.add(inner);
    let input: ObservableInput<unknown>;
    try {
      input = this.project(value, this.index++);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.receiveFrom(input, inner);
  }

  /**
   * Subscribes to an inner. As in RxJS, one whose making ended the flow is subscribed to as well,
   * and torn down at once.
   */
  protected receiveFrom(input: ObservableInput<unknown>, inner: Inner): void {
    if (this.subscriber.closed) inner.unsubscribe();
    const { beginning, beginningFeeder } = this;
    this.beginning = inner;
    this.beginningFeeder = currentUpstream();
    const outer = enterWork(inner.work);
    try {
      inner.receive(toObservable(input));
    } catch (error) {
      this.fail(error);
    } finally {
      leaveWork(outer);
      this.beginning = beginning;
      this.beginningFeeder = beginningFeeder;
    }
  }

  protected get isWorking(): boolean {
    return this.inners.size > 0;
  }

  protected workNeeds(waits: Waits): boolean {
    // No inner is begun before these are released, even if they have completed.
    if (this.heldInners >= MAX_HELD) for (const each of this.held) if (waits.forRelease(each)) return true;
    for (const inner of this.inners) if (inner.work.reportTo(waits)) return true;
    return false;
  }

  // ---- the inners

  innerNext(inner: Inner, value: unknown): void {
    this.progress++;
    const upstream = this.gate.foreignUpstream();
    // What comes of the value itself, while the inner is begun, says nothing of what the inner
    // needs.
    if (upstream !== null && !(inner === this.beginning && upstream === this.beginningFeeder)) {
      this.learn(inner.work, upstream);
    }
    if (this.kept.isEmpty && (upstream !== null || !this.gate.isHeld)) {
      if (inner === this.beginning) this.emitWhileBeginning(inner, value, upstream);
      else if (upstream === null) this.gate.emit(value);
      else this.passOn(inner, value, upstream);
      return;
    }
    const overflow = this.kept.push({ inner, value });
    if (overflow !== undefined) {
      this.subscriber.error(overflow);
      return;
    }
    inner.kept++;
    if (upstream !== null) this.innerHolds.add(upstream, this.kept.room);
  }

  /** Whatever the consumer subscribes to meanwhile is no part of the work that is being begun. */
  private emitWhileBeginning(inner: Inner, value: unknown, upstream: Upstream | null): void {
    const outer = enterWork(null);
    try {
      if (upstream === null) this.gate.emit(value);
      else this.passOn(inner, value, upstream);
    } finally {
      leaveWork(outer);
    }
  }

  /** Passes on what an inner emitted that has an upstream of its own. */
  protected passOn(_inner: Inner, value: unknown, _upstream: Upstream): void {
    this.subscriber.next(value);
  }

  innerError(error: unknown): void {
    this.fail(error);
  }

  /**
   * As in RxJS, what `switchMap` and `exhaustMap` emitted is complete before the last inner is torn
   * down.
   */
  get endsBeforeTeardown(): boolean {
    return false;
  }

  /** A teardown of an inner that has ended threw. */
  innerThrew(error: unknown): void {
    if (this.subscriber.closed) reportDefect(error);
    else this.fail(error);
  }

  innerComplete(inner: Inner): void {
    // Its slot is taken until what was kept of it is out.
    this.progress++;
    if (inner.kept === 0) this.free(inner);
  }

  private free(inner: Inner): void {
    this.leave(inner);
    if (this.running && this.beginning !== undefined) this.beginWithin();
    else if (!this.waiting.isEmpty || !this.sourceHolds.isEmpty || !this.busyHolds.isEmpty) this.goOn();
    else this.completeIfDone();
  }

  /** Begins what waited within the completion of an inner that had waited too. */
  private beginWithin(): void {
    if (this.nested >= MAX_NESTED) return;
    this.nested++;
    withoutUpstream(() => {
      while (!this.subscriber.closed && this.isFreeToBegin && !this.waiting.isEmpty) this.begin(this.waiting.shift());
    });
    this.nested--;
    if (this.sourceCompleted && this.isFreeToBegin && this.isDone) this.subscriber.complete();
  }

  private get isFreeToBegin(): boolean {
    return this.hasRoom && this.kept.isEmpty && !this.failed;
  }

  protected get isDone(): boolean {
    return this.inners.size === 0 && this.waiting.isEmpty;
  }

  /** An inner has ended, and nothing is kept of it. */
  protected leave(inner: Inner): void {
    this.inners.delete(inner);
  }

  /** Gives up an inner, and what is kept. */
  protected drop(dropped: Inner): void {
    this.kept.clear();
    for (const inner of this.inners) inner.kept = 0;
    this.inners.delete(dropped);
    inTurn(
      () => dropped.unsubscribe(),
      () => this.innerHolds.release(),
    );
  }

  innerHeld(through: ThroughInner): void {
    this.held.add(through);
    this.heldInners += through.weight;
  }

  innerReleased(through: ThroughInner): void {
    const hadRoom = this.heldInners < MAX_HELD;
    this.held.delete(through);
    this.heldInners -= through.weight;
    if (!hadRoom && this.heldInners < MAX_HELD) this.goOn();
  }

  // ---- the way out

  private fail(error: unknown): void {
    if (this.kept.isEmpty || isStall(error)) {
      this.subscriber.error(error);
      return;
    }
    // What came before the failure is emitted before it.
    this.failed = true;
    this.failure = error;
    this.stop();
  }

  /** Does the next thing that can be done; false when there is none. */
  protected step(): boolean {
    if (!this.kept.isEmpty) {
      if (this.gate.isHeld) return false;
      this.emitKept();
    } else if (this.failed) {
      this.subscriber.error(this.failure);
    } else if (!this.innerHolds.isEmpty) {
      this.innerHolds.release();
    } else if (!this.sourceHolds.isEmpty && this.waiting.isBelowMark && !this.gate.isHeld) {
      this.sourceHolds.release();
    } else if (this.hasRoom && !this.waiting.isEmpty) {
      this.begin(this.waiting.shift());
    } else {
      return this.releaseDropping();
    }
    return true;
  }

  private emitKept(): void {
    const { inner, value } = this.kept.shift();
    inner.kept--;
    this.gate.emit(value);
    if (inner.kept === 0 && inner.closed) this.leave(inner);
  }

  protected completeIfDone(): void {
    if (!this.sourceCompleted || this.running || this.failed) return;
    if (this.isDone) this.subscriber.complete();
  }

  // ---- the end

  /**
   * Takes nothing more in. Unsubscribes before it releases, so that what was held doesn't emit to
   * nobody.
   */
  private stop(): void {
    const inners = [...this.inners];
    this.inners.clear();
    inTurn(
      () => this.source.unsubscribe(),
      () => unsubscribeAll(inners),
      () => this.waiting.clear(),
      () => this.sourceHolds.release(),
      () => this.busyHolds.release(),
    );
  }

  /** The subscriber has ended, or was unsubscribed. */
  unsubscribe(): void {
    inTurn(
      () => this.stop(),
      () => this.kept.clear(),
      () => this.innerHolds.release(),
    );
  }
}

/** Receives from one inner. */
export class Inner extends Receiver<unknown> {
  /** How many of its values are kept. */
  kept = 0;
  readonly work = new Work();
  /** How its upstream is seen from downstream. */
  through: ThroughInner | undefined = undefined;
  private readonly owner: InnerOwner;

  constructor(owner: InnerOwner) {
    super();
    this.owner = owner;
  }

  protected onNext(value: unknown): void {
    this.owner.innerNext(this, value);
  }

  protected onError(error: unknown): void {
    this.owner.innerError(error);
  }

  protected onComplete(): void {
    const { owner } = this;
    if (owner.endsBeforeTeardown) owner.innerComplete(this);
    try {
      this.unsubscribe();
    } catch (error) {
      // A teardown that throws is a failure of this flow, and of nobody that happens to be on the
      // stack.
      owner.innerThrew(error);
      return;
    }
    // Its resources are free before the next inner begins.
    if (!owner.endsBeforeTeardown) owner.innerComplete(this);
  }
}

interface InnerOwner {
  innerNext(inner: Inner, value: unknown): void;
  innerError(error: unknown): void;
  innerThrew(error: unknown): void;
  innerComplete(inner: Inner): void;
  readonly endsBeforeTeardown: boolean;
}
