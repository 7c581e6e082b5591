import { EMPTY, Observable } from 'rxjs';

import type { Flow } from '../flow.ts';
import { inputsOf, popCombine, popOptions } from '../pacing/arguments.ts';
import type { Inputs, ValuesOf } from '../pacing/inputs.ts';
import { type PacedOptions, readQueueLimits } from '../pacing/limits.ts';
import type { Paced } from '../pacing/overflow.ts';
import { Zipping } from '../pacing/zipping.ts';

/**
 * RxJS's `zip`, paced, and with the failures of all flows in the type: emits the first values of
 * all together, then the second ones, and so on.
 *
 * The one that is ahead by more than a few is made to wait, where RxJS's own queues without a
 * bound; what can't be made to wait is queued, up to `maxBuffered` each.
 *
 * Its failures are those of the flows, and `BufferOverflow`. Completes when one has completed and
 * all of its values are out.
 *
 * @example
 * ```ts
 * import { of, toArray, zip } from 'rxjs-net/rx';
 *
 * zip([of('a', 'b'), of(1, 2, 3)])
 *   .pipe(toArray())
 *   .subscribe((pairs) => console.log(pairs)); // => [ [ 'a', 1 ], [ 'b', 2 ] ]
 * ```
 */
export function zip<I extends Inputs>(
  inputs: readonly [...I],
  options?: Omit<PacedOptions, 'concurrency'>,
): Flow<ValuesOf<I>, Paced<I[number]>['failures']>;
export function zip<I extends Inputs, B>(
  inputs: readonly [...I],
  project: (...values: ValuesOf<I>) => B,
  options?: Omit<PacedOptions, 'concurrency'>,
): Flow<B, Paced<I[number]>['failures']>;
export function zip<I extends Inputs>(...inputs: I): Flow<ValuesOf<I>, Paced<I[number]>['failures']>;
export function zip<I extends Inputs, B>(
  ...inputsAndProject: [...I, (...values: ValuesOf<I>) => B]
): Flow<B, Paced<I[number]>['failures']>;
export function zip(...given: unknown[]): Flow<unknown, unknown> {
  const options = popOptions(given);
  const project = popCombine(given);
  const inputs = inputsOf(given);
  if (inputs.length === 0) return EMPTY;
  return new Observable((subscriber) => {
    const zipping = new Zipping(subscriber, inputs, project, readQueueLimits('zip', options));
    subscriber.add(zipping);
    zipping.start();
  });
}
