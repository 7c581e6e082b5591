import { isRight } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import type { Schedule } from './schedule.ts';
import { runScheduled } from './scheduled.ts';

/**
 * Runs an effect again after each success, as long as the schedule says, and succeeds with the last
 * value. The first failure ends it.
 *
 * Waits go by the environment's clock; the time of a run is not part of a wait. An interruption
 * ends a wait, too. A schedule that is wrong is a defect, `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { allOf, fixedDelay, fromIO, limitTo, repeating, toPromise } from 'rxjs-net/effects';
 *
 * const polls = pipe(
 *   fromIO(() => console.log('polled')),
 *   repeating(allOf(fixedDelay(5), limitTo(3))),
 * );
 * await toPromise(polls);
 * // => polled
 * // => polled
 * // => polled
 * ```
 *
 * @category retrying
 * @since 0.1.0
 */
export function repeating(schedule: Schedule): <R, E, A>(net: ReaderTaskEither<R, E, A>) => Program<A, E, R & NetEnv> {
  return <R, E, A>(net: ReaderTaskEither<R, E, A>) =>
    (env: R & NetEnv) =>
    () =>
      runScheduled<R & NetEnv, E, A>(schedule, net, env, { goesOn: isRight });
}
