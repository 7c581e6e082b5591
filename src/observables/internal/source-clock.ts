import { asyncScheduler, type SchedulerLike } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import { refuse } from '../../core/options/index.ts';

/** Where an operator takes its time from: a `Clock`, or an RxJS scheduler. */
export type TimeSource = Clock | SchedulerLike;

/**
 * The clock that a time source stands for.
 *
 * @throws InvalidOptions
 */
export function clockOf(source: TimeSource): Clock {
  if (typeof (source as Partial<Clock>).after === 'function') return source as Clock;
  if (typeof (source as Partial<SchedulerLike>).schedule === 'function') return schedulerClock(source as SchedulerLike);
  return refuse('clock', source, 'a Clock or an RxJS scheduler');
}

function schedulerClock(scheduler: SchedulerLike): Clock {
  return {
    now: () => scheduler.now(),
    after: (delay, callback) => {
      const subscription = scheduler.schedule(callback, delay);
      return () => subscription.unsubscribe();
    },
  };
}

/** For sources that come from no connection. RxJS's own default, so that `TestScheduler.run` drives it. */
export const defaultSourceClock: Clock = schedulerClock(asyncScheduler);
