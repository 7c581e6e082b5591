import {
  groupBy as rxGroupBy,
  type ObservableInput,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  type SubjectLike,
  window as rxWindow,
  windowCount as rxWindowCount,
  windowTime as rxWindowTime,
  windowToggle as rxWindowToggle,
  windowWhen as rxWindowWhen,
} from 'rxjs';

import type { Carries, FailureOf, Flow, Outcome } from '../flow.ts';
import { fedBySource } from '../pacing/windows.ts';
import type { Inert, Input } from './retyped/inert.ts';
import type { GroupedObservable } from './retyped/observable.ts';

type Windows = (...given: never[]) => OperatorFunction<never, Observable<unknown>>;

/** The same function, whose windows or groups tell a paced operator that they need their source. */
function announced<F extends Windows>(make: F): F {
  const windows: Windows = (...given) => fedBySource(make(...given));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- takes and gives what all of its overloads do
  return windows as F;
}

/** Windows of a source, which fail as it does and as what opens and closes them does. */
type Windowing<A, X = never> = <E = never>(
  source: Observable<A> & Outcome<E, never> & Carries<X, never>,
) => Observable<Flow<A, E | X>> & Outcome<X, never>;

/** Groups of a source, which fail as it does and as what ends them does. */
type Grouping<A, K, B, X = never> = <E = never>(
  source: Observable<A> & Outcome<E, never>,
) => Observable<GroupedObservable<K, B, E | X>>;

/** `groupBy`, as RxJS has it. */
interface GroupBy {
  <A, K, D extends Input = Inert>(
    key: (value: A) => K,
    options: {
      element?: undefined;
      duration?: (grouped: GroupedObservable<K, A>) => D;
      connector?: () => SubjectLike<A>;
    },
  ): Grouping<A, K, A, FailureOf<D>>;
  <A, K, B, D extends Input = Inert>(
    key: (value: A) => K,
    options: {
      element: (value: A) => B;
      duration?: (grouped: GroupedObservable<K, B>) => D;
      connector?: () => SubjectLike<B>;
    },
  ): Grouping<A, K, B, FailureOf<D>>;
  <A, K extends A>(
    key: (value: A) => value is K,
  ): <E = never>(
    source: Observable<A> & Outcome<E, never>,
  ) => Observable<GroupedObservable<true, K, E> | GroupedObservable<false, Exclude<A, K>, E>>;
  <A, K>(key: (value: A) => K): Grouping<A, K, A>;
  /** Deprecated in RxJS: take the form with an object. */
  <A, K, D extends Observable<unknown> = Flow<unknown>>(
    key: (value: A) => K,
    element: void,
    duration: (grouped: GroupedObservable<K, A>) => D,
  ): Grouping<A, K, A, FailureOf<D>>;
  /** Deprecated in RxJS: take the form with an object. */
  <A, K, B, D extends Observable<unknown> = Flow<unknown>>(
    key: (value: A) => K,
    element?: (value: A) => B,
    duration?: (grouped: GroupedObservable<K, B>) => D,
    connector?: () => SubjectLike<B>,
  ): Grouping<A, K, B, FailureOf<D>>;
}

/**
 * RxJS's `groupBy`, whose groups tell a paced operator that they need their source: `mergeMap(work,
 * 4)` over them buffers further groups, and does not pause the source that feeds the four.
 */
export const groupBy: GroupBy = announced(rxGroupBy);

/** RxJS's `window`, whose windows tell a paced operator that they need their source. */
export const window: <A, I extends Input = Inert>(windowBoundaries: I) => Windowing<A, FailureOf<I>> =
  announced(rxWindow);

/**
 * RxJS's `windowCount`, whose windows tell a paced operator that they need their source.
 *
 * @example
 * ```ts
 * import { concatMap, from, toArray, windowCount } from 'rxjs-net/rx';
 *
 * from([1, 2, 3])
 *   .pipe(
 *     windowCount(2),
 *     concatMap((two) => two.pipe(toArray())),
 *   )
 *   .subscribe((numbers) => console.log(numbers));
 * // => [ 1, 2 ]
 * // => [ 3 ]
 * ```
 */
export const windowCount: <A>(windowSize: number, startWindowEvery?: number) => Windowing<A> = announced(rxWindowCount);

/** RxJS's `windowTime`, whose windows tell a paced operator that they need their source. */
export const windowTime: {
  <A>(windowTimeSpan: number, scheduler?: SchedulerLike): Windowing<A>;
  <A>(windowTimeSpan: number, windowCreationInterval: number, scheduler?: SchedulerLike): Windowing<A>;
  <A>(
    windowTimeSpan: number,
    windowCreationInterval: number | null | void,
    maxWindowSize: number,
    scheduler?: SchedulerLike,
  ): Windowing<A>;
} = announced(rxWindowTime);

/** RxJS's `windowToggle`, whose windows tell a paced operator that they need their source. */
export const windowToggle: <A, O, I extends Input = Inert<O>, C extends Input = Inert>(
  openings: I & ObservableInput<O>,
  closingSelector: (openValue: O) => C,
) => Windowing<A, FailureOf<I> | FailureOf<C>> = announced(rxWindowToggle);

/** RxJS's `windowWhen`, whose windows tell a paced operator that they need their source. */
export const windowWhen: <A, I extends Input = Inert>(closingSelector: () => I) => Windowing<A, FailureOf<I>> =
  announced(rxWindowWhen);
