import type { Either } from 'fp-ts/lib/Either.js';
import { isNone, type Option } from 'fp-ts/lib/Option.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { checkDuration, checkFunction, refuseUnknown } from '../core/options/index.ts';
import { checkChance } from '../observables/reconnecting/backoff.ts';
import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Schedule, ScheduleStatus } from './schedule.ts';
import { sleep } from './sleep.ts';
import { start } from './start.ts';

/** How a run that ended leads to the next. */
export interface Again<R, E, A> {
  /** Whether the schedule is asked at all after this end. */
  readonly goesOn: (either: Either<E, A>) => boolean;
  /**
   * What is done before the wait; `step` is the number of the next run, from 1 for the first one
   * that is done again.
   */
  readonly before?:
    ((either: Either<E, A>, step: number, delay: number) => ReaderTaskEither<R, never, unknown>) | undefined;
}

/**
 * Runs an effect until it has not to be run again, and ends as its last run did. What is wrong with
 * the schedule is a defect.
 */
export async function runScheduled<R extends NetEnv, E, A>(
  plan: Schedule,
  net: ReaderTaskEither<R, E, A>,
  env: R,
  { goesOn, before }: Again<R, E, A>,
): Promise<Either<E, A>> {
  const next = questionOf(plan);
  const { clock, random } = env;
  let since = clock.now();
  let step = 0;
  for (;;) {
    const began = clock.now();
    const either = await start(net, env);
    if (!goesOn(either)) return either;
    throwIfOver(env);
    const now = clock.now();
    const lasted = now - began;
    if (lasted >= plan.stableAfter) {
      step = 0;
      since = now;
    }
    const delay = next({ step, elapsed: now - since, lasted, chance: checkChance(random()) });
    if (isNone(delay)) return either;
    step += 1;
    if (before !== undefined) await start(before(either, step, delay.value), env);
    // Also when it is 0: what fails at once would never give the event loop its turn.
    await start(sleep(delay.value), env);
  }
}

/** The schedule's function, with what it answers checked. */
function questionOf(plan: Schedule): (status: ScheduleStatus) => Option<number> {
  refuseUnknown(plan, ['next', 'stableAfter'], 'schedule');
  const ask = checkFunction<Schedule['next']>('schedule.next', plan.next);
  const next = (status: ScheduleStatus): Option<number> => {
    const delay = ask(status);
    if (!isNone(delay)) checkDuration('delay', delay.value, { zero: true });
    return delay;
  };
  // Options that are wrong are to come to light with the first run, and not with the first failure.
  next({ step: 0, elapsed: 0, lasted: 0, chance: 0 });
  return next;
}
