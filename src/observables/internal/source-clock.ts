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
  if (typeof source === 'object' || typeof source === 'function') {
    if ('after' in source && typeof source.after === 'function') return source;
    if ('schedule' in source && typeof source.schedule === 'function') return schedulerClock(source);
  }
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
