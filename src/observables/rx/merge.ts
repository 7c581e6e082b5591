import { EMPTY, type SchedulerLike } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { asInputs, popNumber, popScheduler } from '../pacing/arguments.ts';
import type { Inputs } from '../pacing/inputs.ts';
import { join } from '../pacing/joining.ts';
import { toObservable } from './from.ts';

/**
 * RxJS's `merge`, with the failures of all flows in the type: subscribes to all and emits what they
 * emit, in the order in which it comes. A consumer that can't keep up holds the one whose value it
 * is.
 *
 * A number after the last one bounds how many are subscribed at a time. The default is all of them.
 *
 * Its failures are those of the flows. Completes when all have.
 *
 * @example
 * ```ts
 * import { merge, of, toArray } from 'rxjs-net/rx';
 *
 * merge(of(1, 2), of('three'))
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 1, 2, 'three' ]
 * ```
 */
export function merge<I extends Inputs>(...inputs: I): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
export function merge<I extends Inputs>(
  ...inputsAndConcurrency: [...I, number]
): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `mergeAll` over `scheduled`. */
export function merge<I extends Inputs>(
  ...inputsAndScheduler: [...I, SchedulerLike]
): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `mergeAll` over `scheduled`. */
export function merge<I extends Inputs>(
  ...inputsAndConcurrencyAndScheduler: [...I, number, SchedulerLike]
): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
export function merge(...given: unknown[]): Flow<unknown, unknown> {
  const scheduler = popScheduler(given);
  const concurrency = popNumber(given, Infinity);
  const inputs = asInputs(given);
  const [first] = inputs;
  if (inputs.length === 0) return EMPTY;
  return inputs.length === 1 ? toObservable(first) : join(inputs, concurrency, scheduler);
}
