import type { ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { Op } from '../flow.ts';
import { readFlattening, type ResultSelector } from '../pacing/arguments.ts';
import type { Project } from '../pacing/flattening.ts';
import { type PacedOptions, readQueueLimits } from '../pacing/limits.ts';
import type { Paced } from '../pacing/overflow.ts';
import { queueing } from './merge-map.ts';

/**
 * RxJS's `concatMap`, paced, and with the failures of the inner flows in the type: makes an inner
 * of each value, one after the other, and emits what they emit.
 *
 * It makes its source wait while an inner is active, where RxJS's own queues without a bound. So an
 * inner must not wait for something of the very source that it makes wait: take `mergeMap` for
 * that. What can't be made to wait (a timer, a Subject) is queued, up to `maxBuffered`.
 *
 * Adds the failures of the inners, and `BufferOverflow`. Completes when the source and the last
 * inner have.
 *
 * @param project makes the inner of a value: an Observable, a promise, an iterable …
 *
 * @example
 * ```ts
 * import { concatMap, of, toArray } from 'rxjs-net/rx';
 *
 * of('a', 'b')
 *   .pipe(
 *     concatMap(async (letter, index) => `${index}${letter}`),
 *     toArray(),
 *   )
 *   .subscribe((all) => console.log(all)); // => [ '0a', '1b' ]
 * ```
 */
export function concatMap<A, I extends ObservableInput<unknown>>(
  project: (value: A, index: number) => I,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, EmittedBy<I>, Paced<I>['failures']>;
/** @deprecated RxJS deprecates `resultSelector`: `map` inside of `project` does the same. */
export function concatMap<A, I extends ObservableInput<unknown>, B>(
  project: (value: A, index: number) => I,
  resultSelector: ResultSelector<A, I, B>,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, B, Paced<I>['failures']>;
export function concatMap<A>(project: Project<A>, optionsOrSelect?: unknown, last?: unknown): Op<A, unknown, unknown> {
  const reading = readFlattening(project, optionsOrSelect, last);
  return queueing(reading.project, () => readQueueLimits('concatMap', reading.options));
}
