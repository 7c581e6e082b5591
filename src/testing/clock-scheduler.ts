import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

import type { Clock } from '../core/clock.ts';
import { checkClock } from './settings.ts';

/**
 * An RxJS scheduler whose time is a clock's. `interval`, `timer`, `delay`, `debounceTime` and the
 * like take it as their last parameter, and then run in that time.
 *
 * @throws InvalidOptions
 *
 * @example
 * ```ts
 * import { timer } from 'rxjs-net/rx';
 * import { clockScheduler, VirtualClock } from 'rxjs-net/testing';
 *
 * const clock = new VirtualClock();
 * timer(1_000, 500, clockScheduler(clock)).subscribe((count) => console.log(`${count} at ${clock.now()} ms`));
 * clock.advance(1_500);
 * // => 0 at 1000 ms
 * // => 1 at 1500 ms
 * ```
 */
export function clockScheduler(clock: Clock): SchedulerLike {
  checkClock(clock);
  return {
    now: () => clock.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay?: number, state?: T) =>
      new ClockAction<T>(clock, work).schedule(state, delay),
  };
}

/** One thing that is scheduled; it may schedule itself again, which is how RxJS repeats. */
class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  private readonly clock: Clock;
  private readonly work: (this: SchedulerAction<T>, state: T) => void;
  private cancel: () => void = () => {};

  constructor(clock: Clock, work: (this: SchedulerAction<T>, state: T) => void) {
    super();
    this.clock = clock;
    this.work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.cancel();
    let again = false;
    const run = (): void => {
      const before = this.cancel;
      try {
        Reflect.apply(this.work, this, [state]);
        again = this.cancel !== before;
      } finally {
        // What doesn't go on has ended.
        if (!again) this.unsubscribe();
      }
    };
    // As timers of RxJS's own do, it keeps the process alive.
    this.cancel = this.clock.after(delay, run, true);
    return this;
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.cancel();
    super.unsubscribe();
  }
}
