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
  if (isClock(source)) return source;
  if (isScheduler(source)) return schedulerClock(source);
  return refuse('clock', source, 'a Clock or an RxJS scheduler');
}

const isClock = (source: unknown): source is Clock => has(source, 'now') && has(source, 'after');

const isScheduler = (source: unknown): source is SchedulerLike => has(source, 'now') && has(source, 'schedule');

function has(source: unknown, method: string): boolean {
  const isObject = typeof source === 'function' || (typeof source === 'object' && source !== null);
  return isObject && typeof Reflect.get(source, method) === 'function';
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
