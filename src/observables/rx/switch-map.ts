import type { ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { Op } from '../flow.ts';
import { readFlattening, type ResultSelector } from '../pacing/arguments.ts';
import { flattened, Flattening, Inner, type Project } from '../pacing/flattening.ts';
import { type PacedOptions, readQueueLimits } from '../pacing/limits.ts';
import type { Paced } from '../pacing/overflow.ts';

/**
 * RxJS's `switchMap`, with the failures of the inner flows in the type: makes an inner of each
 * value, gives up the one before, and emits what the latest emits.
 *
 * It never makes its source wait. What the latest inner emits out of a promise or a timer while the
 * consumer can't take it is kept, up to `maxBuffered`, and given up with the inner.
 *
 * Adds the failures of the inners, and `BufferOverflow`. Completes when the source and the latest
 * inner have.
 *
 * @param project makes the inner of a value: an Observable, a promise, an iterable …
 *
 * @example
 * ```ts
 * import { of, switchMap, toArray } from 'rxjs-net/rx';
 *
 * of('old', 'new')
 *   .pipe(
 *     switchMap(async (name) => `${name} one`),
 *     toArray(),
 *   )
 *   .subscribe((all) => console.log(all)); // => [ 'new one' ]
 * ```
 */
export function switchMap<A, I extends ObservableInput<unknown>>(
  project: (value: A, index: number) => I,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, EmittedBy<I>, Paced<I>['failures']>;
/** @deprecated RxJS deprecates `resultSelector`: `map` inside of `project` does the same. */
export function switchMap<A, I extends ObservableInput<unknown>, B>(
  project: (value: A, index: number) => I,
  resultSelector: ResultSelector<A, I, B>,
  options?: Omit<PacedOptions, 'concurrency'>,
): Op<A, B, Paced<I>['failures']>;
export function switchMap<A>(project: Project<A>, optionsOrSelect?: unknown, last?: unknown): Op<A, unknown, unknown> {
  const reading = readFlattening(project, optionsOrSelect, last);
  return flattened(Switching<A>, reading.project, () => readQueueLimits('switchMap', reading.options));
}

class Switching<A> extends Flattening<A> {
  override get endsBeforeTeardown(): boolean {
    return true;
  }

  /** The inner that the next value gives up. */
  private current: Inner | undefined = undefined;

  sourceNext(value: A): void {
    const { current } = this;
    let input: ObservableInput<unknown>;
    try {
      // A teardown of the inner that is given up may throw.
      if (current !== undefined) this.drop(current);
      input = this.project(value, this.index++);
    } catch (error) {
      this.innerError(error);
      return;
    }
    // As in RxJS, what the source emits while this one is made is not given up for it.
    const inner = new Inner(this);
    this.inners.add(inner);
    this.current = inner;
    this.receiveFrom(input, inner);
  }

  protected override leave(inner: Inner): void {
    super.leave(inner);
    this.current = undefined;
  }

  protected override get isDone(): boolean {
    return this.current === undefined;
  }
}
