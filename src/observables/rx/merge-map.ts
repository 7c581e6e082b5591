import type { ObservableInput, OperatorFunction } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import { deliver, type Upstream } from '../../core/demand.ts';
import type { Op } from '../flow.ts';
import { readFlattening, type ResultSelector } from '../pacing/arguments.ts';
import { flattened, Flattening, type Inner, type Project } from '../pacing/flattening.ts';
import { type Limits, type PacedOptions, readLimits } from '../pacing/limits.ts';
import type { Paced } from '../pacing/overflow.ts';
import { ThroughInner } from '../pacing/through-inner.ts';

/**
 * RxJS's `mergeMap`, paced, and with the failures of the inner flows in the type: makes an inner of
 * each value and emits what all of them emit, in the order in which it comes.
 *
 * With a `concurrency` it makes its source wait while that many inners are active. The default is
 * `Infinity`, as in RxJS: then the source is never made to wait for inners, and how many there are
 * is up to you.
 *
 * What an inner emits out of a promise or a timer is held back while the consumer can't take it:
 * the inner keeps its slot meanwhile. What can't be made to wait is queued, up to `maxBuffered`.
 *
 * Adds the failures of the inners, and `BufferOverflow`. Completes when the source and all inners
 * have.
 *
 * @param project makes the inner of a value: an Observable, a promise, an iterable …
 * @param options the concurrency, or an object with more.
 *
 * @example
 * ```ts
 * import { mergeMap, of, toArray } from 'rxjs-net/rx';
 *
 * of(1, 2)
 *   .pipe(
 *     mergeMap((n) => [n, n * 10]),
 *     toArray(),
 *   )
 *   .subscribe((all) => console.log(all)); // => [ 1, 10, 2, 20 ]
 * ```
 */
export function mergeMap<A, I extends ObservableInput<unknown>>(
  project: (value: A, index: number) => I,
  options?: number | PacedOptions,
): Op<A, EmittedBy<I>, Paced<I>['failures']>;
/** @deprecated RxJS deprecates `resultSelector`: `map` inside of `project` does the same. */
export function mergeMap<A, I extends ObservableInput<unknown>, B>(
  project: (value: A, index: number) => I,
  resultSelector: ResultSelector<A, I, B>,
  options?: number | PacedOptions,
): Op<A, B, Paced<I>['failures']>;
/** @deprecated RxJS deprecates `resultSelector`: leave it out. */
export function mergeMap<A, I extends ObservableInput<unknown>>(
  project: (value: A, index: number) => I,
  resultSelector: undefined,
  options?: number | PacedOptions,
): Op<A, EmittedBy<I>, Paced<I>['failures']>;
export function mergeMap<A>(project: Project<A>, optionsOrSelect?: unknown, last?: unknown): Op<A, unknown, unknown> {
  const reading = readFlattening(project, optionsOrSelect, last);
  // As in RxJS, which begins one more while fewer are active than that.
  const options = typeof reading.options === 'number' ? Math.ceil(reading.options) : reading.options;
  return queueing(reading.project, () => readLimits('mergeMap', options, Infinity));
}

/** What `mergeMap` and `concatMap` are. */
export function queueing<A>(project: Project<A>, limits: () => Limits): OperatorFunction<A, unknown> {
  return flattened(Queueing<A>, project, limits);
}

class Queueing<A> extends Flattening<A> {
  sourceNext(value: A): void {
    this.beginOrQueue(value);
  }

  protected override passOn(inner: Inner, value: unknown, upstream: Upstream): void {
    // What delivers the value of which the inner is made is held as it is: it is the source.
    if (inner === this.beginning && upstream === this.beginningFeeder) {
      this.subscriber.next(value);
      return;
    }
    if (inner.through?.upstream !== upstream)
      inner.through = new ThroughInner(upstream, this, inner === this.beginning);
    deliver(inner.through, this.subscriber, value);
  }
}
