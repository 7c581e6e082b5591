import * as rxjs from 'rxjs';

import type { EmittedBy } from '../../emitted-by.ts';
import type { FailureOf, Op } from '../../flow.ts';
import type { Inputs, ValuesOf } from '../../pacing/inputs.ts';
import type { Inert } from './inert.ts';

/** RxJS's `mergeWith`, with the failures of the other flows in the type. */
export const mergeWith: <A, I extends Inputs>(
  ...otherSources: [...I]
) => Op<A, A | EmittedBy<I[number]>, FailureOf<I[number]>> = rxjs.mergeWith as never;

/** RxJS's `concatWith`, with the failures of the other flows in the type. */
export const concatWith: <A, I extends Inputs>(
  ...otherSources: [...I]
) => Op<A, A | EmittedBy<I[number]>, FailureOf<I[number]>> = rxjs.concatWith as never;

/** RxJS's `raceWith`, with the failures of the other flows in the type. */
export const raceWith: <A, I extends Inputs>(
  ...otherSources: [...I]
) => Op<A, A | EmittedBy<I[number]>, FailureOf<I[number]>> = rxjs.raceWith as never;

/** RxJS's `zipWith`, with the failures of the other flows in the type. */
export const zipWith: <A, I extends Inputs>(
  ...otherInputs: [...I]
) => Op<A, [A, ...ValuesOf<I>], FailureOf<I[number]>> = rxjs.zipWith as never;

/** RxJS's `combineLatestWith`, with the failures of the other flows in the type. */
export const combineLatestWith: <A, I extends Inputs>(
  ...otherSources: [...I]
) => Op<A, [A, ...ValuesOf<I>], FailureOf<I[number]>> = rxjs.combineLatestWith as never;

/** RxJS's `withLatestFrom`, with the failures of the other flows in the type. */
export const withLatestFrom: {
  <A, I extends Inputs>(...inputs: [...I]): Op<A, [A, ...ValuesOf<I>], FailureOf<I[number]>>;
  <A, I extends Inputs, B>(
    ...inputsAndProject: [...I, (...values: [A, ...ValuesOf<I>]) => B]
  ): Op<A, B, FailureOf<I[number]>>;
} = rxjs.withLatestFrom;

/** RxJS's `sequenceEqual`, with the failures of the other flow in the type. */
export const sequenceEqual: <A, I extends rxjs.ObservableInput<unknown> = Inert<A>>(
  compareTo: I & rxjs.ObservableInput<A>,
  comparator?: (a: A, b: A) => boolean,
) => Op<A, boolean, FailureOf<I>> = rxjs.sequenceEqual;
