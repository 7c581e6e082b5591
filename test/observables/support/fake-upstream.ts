import type { Flow } from '../../../src/observables/flow.ts';
import { Observable, type Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Upstream } from '../../../src/core/demand.ts';

/** A source that can be held, and counts: it emits `first`, `first + 1` … as fast as it may, up to `total` values. */
export class FakeUpstream implements Upstream {
  emitting: unknown = undefined;
  /** How many values it got rid of. */
  emitted = 0;
  /** How many holds were taken, and how many of them were released. */
  holds = 0;
  releases = 0;
  /** The most holds at a time. */
  mostHolds = 0;
  /** Releases that were called more than once. */
  repeatedReleases = 0;
  subscribed = 0;
  unsubscribed = 0;
  private subscriber: Subscriber<number> | undefined = undefined;
  private readonly total: number;
  private readonly first: number;
  private looping = false;
  private permits: number;

  /** With `permits` it emits no more than it was allowed to by `allow`. */
  constructor(total: number, first = 0, permits = Infinity) {
    this.total = total;
    this.first = first;
    this.permits = permits;
  }

  readonly values: Flow<number> = new Observable((subscriber) => {
    this.subscribed++;
    this.subscriber = subscriber;
    subscriber.add(() => {
      this.unsubscribed++;
      this.subscriber = undefined;
    });
    this.loop();
  });

  /** How many holds are on it now. */
  get held(): number {
    return this.holds - this.releases;
  }

  allow(more: number): void {
    this.permits += more;
    this.loop();
  }

  hold(): () => void {
    this.holds++;
    this.mostHolds = Math.max(this.mostHolds, this.held);
    let released = false;
    return () => {
      if (released) {
        this.repeatedReleases++;
        return;
      }
      released = true;
      this.releases++;
      this.loop();
    };
  }

  fail(error: unknown): void {
    this.subscriber?.error(error);
  }

  private loop(): void {
    if (this.looping) return;
    this.looping = true;
    while (this.held === 0 && this.subscriber !== undefined && this.permits > 0) {
      if (this.emitted === this.total) {
        this.subscriber.complete();
        break;
      }
      this.permits--;
      this.emitting = this.first + this.emitted++;
      deliver(this, this.subscriber, this.first + this.emitted - 1);
    }
    this.looping = false;
  }
}

/** A consumer that holds whatever brings it a value, until told otherwise. */
export class SlowConsumer<A> {
  readonly values: A[] = [];
  /** What was on the stack at each value. */
  readonly upstreams: (Upstream | null)[] = [];
  completed = false;
  error: unknown = undefined;
  holding: boolean;
  private releases: (() => void)[] = [];

  constructor(holding = true) {
    this.holding = holding;
  }

  next(value: A): void {
    this.values.push(value);
    const upstream = currentUpstream();
    this.upstreams.push(upstream);
    if (this.holding && upstream !== null) this.releases.push(upstream.hold());
  }

  /** Releases what it holds; the values that come of this are held again while `holding`. */
  release(): void {
    for (const release of this.releases.splice(0)) release();
  }

  /** Takes all that is left. */
  drain(): void {
    this.holding = false;
    this.release();
  }

  readonly observer = {
    next: (value: A) => this.next(value),
    error: (error: unknown) => {
      this.error = error ?? 'an error';
    },
    complete: () => {
      this.completed = true;
    },
  };
}
