import * as rxjs from 'rxjs';

import type { EmittedBy } from '../../emitted-by.ts';
import type { FailureOf, Op } from '../../flow.ts';
import type { Inert, Input } from './inert.ts';

type All = <I extends Input>() => Op<I, EmittedBy<I>, FailureOf<I>>;

type ResultSelector<A, I, B> = (outerValue: A, innerValue: EmittedBy<I>, outerIndex: number, innerIndex: number) => B;

/** `combineLatestAll` and `zipAll`. */
interface AllTogether {
  <I extends Input>(): Op<I, EmittedBy<I>[], FailureOf<I>>;
  <A>(): rxjs.OperatorFunction<Inert<A>, A[]>;
  <I extends Input, B>(project: (...values: EmittedBy<I>[]) => B): Op<I, B, FailureOf<I>>;
  <B>(project: (...values: any[]) => B): rxjs.OperatorFunction<Inert, B>;
}

/** `concatMapTo` and `switchMapTo`. */
interface MapTo {
  <I extends Input>(inner: I, resultSelector?: undefined): Op<unknown, EmittedBy<I>, FailureOf<I>>;
  /** Deprecated in RxJS: `map` inside. */
  <A, B, I extends Input>(inner: I, resultSelector: ResultSelector<A, I, B>): Op<A, B, FailureOf<I>>;
}

/**
 * RxJS's `mergeAll`, with the failures of the inner flows in the type. It queues without a bound:
 * see `mergeMap`.
 */
export const mergeAll: <I extends Input>(concurrent?: number) => Op<I, EmittedBy<I>, FailureOf<I>> =
  rxjs.mergeAll as never;

/**
 * RxJS's `concatAll`, with the failures of the inner flows in the type. It queues without a bound:
 * see `concatMap`.
 */
export const concatAll: All = rxjs.concatAll as never;

/** RxJS's `switchAll`, with the failures of the inner flows in the type. */
export const switchAll: All = rxjs.switchAll as never;

/** RxJS's `exhaustAll`, with the failures of the inner flows in the type. */
export const exhaustAll: All = rxjs.exhaustAll as never;

/**
 * RxJS's `exhaust`, with the failures of the inner flows in the type. Deprecated there: take
 * `exhaustAll`.
 */
export const exhaust: All = rxjs.exhaust as never;

/** RxJS's `combineLatestAll`, with the failures of the inner flows in the type. */
export const combineLatestAll: AllTogether = rxjs.combineLatestAll;

/**
 * RxJS's `combineAll`, with the failures of the inner flows in the type. Deprecated there: take
 * `combineLatestAll`.
 */
export const combineAll: AllTogether = rxjs.combineAll;

/** RxJS's `zipAll`, with the failures of the inner flows in the type. */
export const zipAll: AllTogether = rxjs.zipAll;

/**
 * RxJS's `mergeMapTo`, with the failures of the inner flow in the type. Deprecated there: take
 * `mergeMap`.
 */
export const mergeMapTo: {
  <I extends Input>(inner: I, concurrent?: number): Op<unknown, EmittedBy<I>, FailureOf<I>>;
  /** Deprecated in RxJS: `map` inside. */
  <A, B, I extends Input>(
    inner: I,
    resultSelector: ResultSelector<A, I, B>,
    concurrent?: number,
  ): Op<A, B, FailureOf<I>>;
} = rxjs.mergeMapTo;

/**
 * RxJS's `concatMapTo`, with the failures of the inner flow in the type. Deprecated there: take
 * `concatMap`.
 */
export const concatMapTo: MapTo = rxjs.concatMapTo;

/**
 * RxJS's `switchMapTo`, with the failures of the inner flow in the type. Deprecated there: take
 * `switchMap`.
 */
export const switchMapTo: MapTo = rxjs.switchMapTo;

/**
 * RxJS's `flatMap`, with the failures of the inner flows in the type. Deprecated there: take
 * `mergeMap`, which is paced.
 */
export const flatMap: {
  <A, I extends Input>(project: (value: A, index: number) => I, concurrent?: number): Op<A, EmittedBy<I>, FailureOf<I>>;
  <A, I extends Input>(
    project: (value: A, index: number) => I,
    resultSelector: undefined,
    concurrent?: number,
  ): Op<A, EmittedBy<I>, FailureOf<I>>;
  <A, B, I extends Input>(
    project: (value: A, index: number) => I,
    resultSelector: ResultSelector<A, I, B>,
    concurrent?: number,
  ): Op<A, B, FailureOf<I>>;
} = rxjs.flatMap;

/** RxJS's `expand`, with the failures of the inner flows in the type. */
export const expand: <A, I extends Input>(
  project: (value: A, index: number) => I,
  concurrent?: number,
  scheduler?: rxjs.SchedulerLike,
) => Op<A, EmittedBy<I>, FailureOf<I>> = rxjs.expand;

/** RxJS's `mergeScan`, with the failures of the inner flows in the type. */
export const mergeScan: <A, B, I extends Input = Inert<B>>(
  accumulator: (acc: B, value: A, index: number) => I & rxjs.ObservableInput<B>,
  seed: B,
  concurrent?: number,
) => Op<A, B, FailureOf<I>> = rxjs.mergeScan;

/** RxJS's `switchScan`, with the failures of the inner flows in the type. */
export const switchScan: <A, B, I extends Input>(
  accumulator: (acc: B, value: A, index: number) => I,
  seed: B,
) => Op<A, EmittedBy<I>, FailureOf<I>> = rxjs.switchScan as never;
