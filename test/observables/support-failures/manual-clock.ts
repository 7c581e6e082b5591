import type { Clock } from '../../../src/index.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that a test turns by hand. */
export class ManualClock implements Clock {
  private time = 1_000;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.time + delay, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.timers.size;
  }

  /** Lets `ms` pass, and fires what is due in between in its order. */
  advance(ms: number): void {
    const target = this.time + ms;
    for (let timer = this.firstUntil(target); timer !== undefined; timer = this.firstUntil(target)) {
      this.timers.delete(timer);
      this.time = Math.max(this.time, timer.at);
      timer.callback();
    }
    this.time = target;
  }

  private firstUntil(target: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= target && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}
