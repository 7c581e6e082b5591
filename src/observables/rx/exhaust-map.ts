import type { ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { Op } from '../flow.ts';
import { readFlattening, type ResultSelector } from '../pacing/arguments.ts';
import { flattened, Flattening, type Project } from '../pacing/flattening.ts';
import { type PacedOptions, readQueueLimits } from '../pacing/limits.ts';
import type { Paced } from '../pacing/overflow.ts';

/**
 * RxJS's `exhaustMap`, with the failures of the inner flows in the type: makes an inner of a value
 * and ignores the values that come while it is active.
 *
 * It never makes its source wait. What the inner emits out of a promise or a timer while the
 * consumer can't take it is kept, up to `maxBuffered`, and the inner counts as active until that is
 * out.
 *
 * Adds the failures of the inners, and `BufferOverflow`. Completes when the source and the last
 * inner have.
 *
 * @param project makes the inner of a value: an Observable, a promise, an iterable …
 *
 * @example
 * ```ts
 * import { exhaustMap, of, toArray } from 'rxjs-net/rx';
 *
 * of('first', 'second')
 *   .pipe(
 *     exhaustMap(async (name) => `${name} one`),
 *     toArray(),
 *   )
 *   .subscribe((all) => console.log(all)); // => [ 'first one' ]
 * ```
 */
export function exhaustMap<A, I extends ObservableInput<unknown>>(
  project: (value: A, index: number) => I,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, EmittedBy<I>, Paced<I>['failures']>;
/** @deprecated RxJS deprecates `resultSelector`: `map` inside of `project` does the same. */
export function exhaustMap<A, I extends ObservableInput<unknown>, B>(
  project: (value: A, index: number) => I,
  resultSelector: ResultSelector<A, I, B>,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, B, Paced<I>['failures']>;
export function exhaustMap<A>(project: Project<A>, optionsOrSelect?: unknown, last?: unknown): Op<A, unknown, unknown> {
  const reading = readFlattening(project, optionsOrSelect, last);
  return flattened(Exhausting<A>, reading.project, () => readQueueLimits('exhaustMap', reading.options));
}

class Exhausting<A> extends Flattening<A> {
  override get endsBeforeTeardown(): boolean {
    return true;
  }

  sourceNext(value: A): void {
    if (this.inners.size === 0) this.begin(value);
  }
}
