import type { Observable, Subscriber } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import { InvalidOptions } from '../../core/failures/index.ts';
import { BoundedQueue } from '../pacing/bounded-queue.ts';
import type { Limits } from '../pacing/limits.ts';
import { Relay } from '../pacing/relay.ts';

/** Told of each value that is dropped, and of how many that makes. */
export type OnDropped<A> = (value: A, count: number) => void;

/** What the strategies have in common: a bounded queue, and a word about what is dropped. */
abstract class Keeping<A> extends Relay<A> {
  readonly operator = 'paced';
  protected readonly kept: BoundedQueue<A>;
  private readonly onDropped: OnDropped<A> | undefined;
  private droppedCount = 0;

  constructor(subscriber: Subscriber<A>, limits: Limits, onDropped: OnDropped<A> | undefined, clock?: Clock) {
    super(subscriber, clock);
    this.kept = new BoundedQueue(limits, (value) => value);
    this.onDropped = onDropped;
  }

  protected get isEmpty(): boolean {
    return this.kept.isEmpty;
  }

  protected mayEmit(): boolean {
    return true;
  }

  protected take(): A {
    return this.kept.shift();
  }

  protected get mustWait(): boolean {
    return false;
  }

  protected get mayGoOn(): boolean {
    return true;
  }

  protected leftOver(): readonly Uint8Array[] {
    return this.kept.toArray().filter((value) => value instanceof Uint8Array);
  }

  protected clear(): void {
    this.kept.clear();
  }

  protected drop(value: A): void {
    this.droppedCount++;
    try {
      this.onDropped?.(value, this.droppedCount);
    } catch (error) {
      this.fail(error);
    }
  }
}

/** `buffer` with `overflow: 'fail'`. */
export class FailingBuffer<A> extends Keeping<A> {
  protected accept(value: A): void {
    if (!this.kept.fits(value) && this.canHold) {
      // The bound is the limit and the one in hand, as wherever a source can be made to wait.
      this.kept.pushBeyond(value);
      return;
    }
    const overflow = this.kept.push(value);
    if (overflow !== undefined) this.fail(overflow);
  }

  protected override get mustWait(): boolean {
    return this.kept.isFull;
  }

  // Not at once: to stop and start a socket with each value is dear.
  protected override get mayGoOn(): boolean {
    return this.kept.isHalfEmpty;
  }
}

/** What drops values: it says so of bytes, whose types were lost on the way, before anything is missing in them. */
export abstract class Lossy<A> extends Keeping<A> {
  readonly dropsWhilePaused = true;

  protected abstract keep(value: A): void;

  protected accept(value: A): void {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      const message =
        'the option "strategy" of paced drops values, and bytes can not be dropped without breaking every message after them: ' +
        "decode them first (lines() …), or take buffer with overflow: 'fail'";
      this.fail(
        new InvalidOptions({ message, option: 'strategy', value, allowed: 'one that loses nothing, for bytes' }),
      );
    } else {
      this.keep(value);
    }
  }
}

/** `latest`: what comes takes the place of what waits. */
export class KeepingLatest<A> extends Lossy<A> {
  protected keep(value: A): void {
    if (!this.kept.isEmpty) this.drop(this.kept.shift());
    // The report of what was dropped may have ended it.
    if (!this.isClosed) this.kept.push(value);
  }
}

/** `drop`: whatever the consumer can't take at once. */
export class Dropping<A> extends Lossy<A> {
  protected keep(value: A): void {
    // What is kept is on its way out: a consumer that feeds its own source is busy.
    if (this.isHeld || !this.kept.isEmpty) this.drop(value);
    else this.kept.push(value);
  }
}

/** `sample`: the newest, on the beat. */
export class Sampling<A> extends Lossy<A> {
  private readonly period: number;
  /** When the beat began. */
  private since: number | undefined = undefined;
  private due = false;

  constructor(
    subscriber: Subscriber<A>,
    limits: Limits,
    onDropped: OnDropped<A> | undefined,
    clock: Clock | undefined,
    period: number,
  ) {
    super(subscriber, limits, onDropped, clock);
    this.period = period;
  }

  override start(flow: Observable<A>): void {
    super.start(flow);
    this.since ??= this.clock.now();
  }

  protected keep(value: A): void {
    if (!this.kept.isEmpty) this.drop(this.kept.shift());
    if (this.isClosed) return;
    this.kept.push(value);
    if (!this.due) this.awaitBeat();
  }

  private awaitBeat(): void {
    const { clock, period } = this;
    const now = clock.now();
    const since = (this.since ??= now);
    const beat = since + (Math.floor((now - since) / period) + 1) * period;
    this.startTimer(Math.ceil(beat - now), () => {
      // A platform's timer may come a fraction of a millisecond early.
      this.due = clock.now() >= beat;
      if (this.due) this.goOn();
      else this.awaitBeat();
    });
  }

  protected override mayEmit(): boolean {
    return this.due || this.isOver;
  }

  protected override take(): A {
    this.due = false;
    return super.take();
  }
}
