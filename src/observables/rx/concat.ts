import type { ObservedValueOf } from 'rxjs';

import type { FailureOf, Flow } from '../flow.ts';
import type { Inputs } from '../pacing/inputs.ts';
import { join } from '../pacing/joining.ts';

/**
 * RxJS's `concat`, with the failures of all flows in the type: subscribes to one after the other and emits what they emit.
 *
 * Its failures are those of the flows. Completes when the last has.
 *
 * @example
 * ```ts
 * import { of, toArray } from 'rxjs';
 * import { concat } from 'rxjs-net/rx';
 *
 * concat(of('header'), of('body', 'end'))
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 'header', 'body', 'end' ]
 * ```
 */
export function concat<I extends Inputs>(...inputs: I): Flow<ObservedValueOf<I[number]>, FailureOf<I[number]>>;
export function concat(...inputs: Inputs): Flow<unknown, unknown> {
  return join(inputs, 1);
}
