import type { Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import { deliver, type Holder, type Upstream, type Waits } from '../../core/demand.ts';
import { HeldBy } from '../../core/held-by.ts';
import { Fifo } from '../pacing/fifo.ts';

/** What a request tells the one that sends it. */
export interface RequestOwner {
  /** It ends before its last answer, for a reason of its own: it was unsubscribed, its deadline has passed, or its signal was aborted. */
  onGivenUp(run: RequestRun): void;
  /** The upstream that delivers the answers. */
  readonly feeder: Upstream | null;
  /** An answer that was kept for it has been taken. */
  onTaken(run: RequestRun, count: number): void;
  /**
   * Why requests wait for their turn, as the second half of a sentence; empty where there is no
   * special reason.
   */
  whyWaiting(): string;
  /** A teardown of its subscriber's threw. */
  onThrown(run: RequestRun, error: unknown): void;
}

type End = 'complete' | { readonly error: unknown };

/**
 * Where a request stands. `answered`: the last answer has come, some may be kept; `settled`: its subscriber has been told.
 *
 * ```
 *  waiting ──▶ sent ──▶ answered ──▶ settled
 *     └──────────┴─────────────────────▲        failure, unsubscription
 * ```
 */
type State = 'waiting' | 'sent' | 'answered' | 'settled';

/**
 * One subscription of a request. It is the upstream of its answers: whoever holds them makes only this request keep what comes on, while
 * the connection goes on with the others.
 */
export class RequestRun implements Upstream {
  emitting: unknown = undefined;
  /** The request as it was given; let go once it was sent. */
  request: unknown;
  state: State = 'waiting';
  /** Where answers are matched by id. */
  id = 0;
  /** Where its message begins in what the connection has written. */
  position = 0;
  /** The deadline and the signal that may end it early. */
  cancelTimer: (() => void) | undefined = undefined;
  stopFollowing: (() => void) | undefined = undefined;
  readonly owner: RequestOwner;
  /** That of the one who asks: answers come in the context of the connection's reader. */
  readonly context: Context = captureContext();
  private readonly subscriber: Subscriber<unknown>;
  private kept: Fifo<unknown> | undefined = undefined;
  private readonly holds = new HeldBy();
  private end: End | undefined = undefined;
  private emittingKept = false;

  constructor(owner: RequestOwner, subscriber: Subscriber<unknown>, request: unknown) {
    this.owner = owner;
    this.subscriber = subscriber;
    this.request = request;
  }

  /** An answer would have to be kept. So has one that comes while a kept one is on its way out: it comes behind that. */
  get isBehind(): boolean {
    return !this.holds.isEmpty || this.hasKept || this.emittingKept;
  }

  get hasKept(): boolean {
    return this.kept !== undefined && !this.kept.isEmpty;
  }

  get isSettled(): boolean {
    return this.state === 'settled';
  }

  /** Its message is being written, at this position. */
  sent(position: number): void {
    this.state = 'sent';
    this.position = position;
    this.request = undefined;
  }

  /** An answer while it isn't behind. */
  emit(answer: unknown): void {
    this.emitting = answer;
    this.context.runInAsyncScope(deliver, undefined, this, this.subscriber, answer);
    this.emitting = undefined;
  }

  /** An answer while it is behind. */
  keep(answer: unknown): void {
    (this.kept ??= new Fifo()).push(answer);
  }

  /** The last answer has come: nothing ends it early any more. */
  answered(): void {
    if (this.state === 'settled') return;
    this.state = 'answered';
    this.release();
  }

  complete(): void {
    this.finish('complete');
  }

  /** Fails, after the answers that are kept. */
  fail(error: unknown): void {
    this.finish({ error });
  }

  /** Fails at once, and drops what is kept. */
  failNow(error: unknown): void {
    this.drop();
    this.finish({ error });
  }

  private finish(end: End): void {
    if (this.state === 'settled') return;
    this.end = end;
    this.release();
    if (this.hasKept || this.emittingKept) this.state = 'answered';
    else this.tell(end);
  }

  private tell(end: End): void {
    this.state = 'settled';
    try {
      this.context.runInAsyncScope(tellEnd, undefined, this.subscriber, end);
    } catch (error) {
      this.owner.onThrown(this, error);
    }
  }

  private release(): void {
    const { cancelTimer, stopFollowing } = this;
    this.cancelTimer = undefined;
    this.stopFollowing = undefined;
    this.request = undefined;
    cancelTimer?.();
    stopFollowing?.();
  }

  // ---- demand

  needs(waits: Waits): boolean {
    const { feeder } = this.owner;
    return feeder !== null && waits.forDelivery(feeder);
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  hold(holder?: Holder): () => void {
    this.holds.add(holder);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds.remove(holder);
      this.emitKept();
    };
  }

  private emitKept(): void {
    if (this.emittingKept) return;
    this.emittingKept = true;
    try {
      while (this.holds.isEmpty && this.kept !== undefined && !this.kept.isEmpty) {
        const answer = this.kept.shift();
        this.owner.onTaken(this, 1);
        this.emit(answer);
      }
    } catch (error) {
      this.owner.onThrown(this, error);
    } finally {
      this.emittingKept = false;
    }
    if (this.end !== undefined && this.state !== 'settled' && !this.hasKept) this.tell(this.end);
  }

  private drop(): void {
    const count = this.kept?.size ?? 0;
    this.kept?.clear();
    if (count > 0) this.owner.onTaken(this, count);
  }

  /** The subscriber has gone, or has been told. */
  unsubscribe(): void {
    if (this.state === 'settled') return;
    this.drop();
    this.owner.onGivenUp(this);
    this.release();
    this.state = 'settled';
  }
}

function tellEnd(subscriber: Subscriber<unknown>, end: End): void {
  if (end === 'complete') subscriber.complete();
  else subscriber.error(end.error);
}
