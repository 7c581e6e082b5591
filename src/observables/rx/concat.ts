import type { SchedulerLike } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { asInputs, popScheduler } from '../pacing/arguments.ts';
import type { Inputs } from '../pacing/inputs.ts';
import { join } from '../pacing/joining.ts';

/**
 * RxJS's `concat`, with the failures of all flows in the type: subscribes to one after the other
 * and emits what they emit.
 *
 * Its failures are those of the flows. Completes when the last has.
 *
 * @example
 * ```ts
 * import { concat, of, toArray } from 'rxjs-net/rx';
 *
 * concat(of('header'), of('body', 'end'))
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 'header', 'body', 'end' ]
 * ```
 */
export function concat<I extends Inputs>(...inputs: I): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `concatAll` over `scheduled`. */
export function concat<I extends Inputs>(
  ...inputsAndScheduler: [...I, SchedulerLike]
): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
export function concat(...given: unknown[]): Flow<unknown, unknown> {
  const scheduler = popScheduler(given);
  return join(asInputs(given), 1, scheduler);
}
