import * as rxjs from 'rxjs';

import type { EmittedBy } from '../../emitted-by.ts';
import type { FailureOf, Flow } from '../../flow.ts';
import type { Inputs, ValuesOf } from '../../pacing/inputs.ts';
import type { Input } from './inert.ts';

/** RxJS's `iif`, with the failures of both flows in the type. */
export const iif: <I extends Input, J extends Input>(
  condition: () => boolean,
  trueResult: I,
  falseResult: J,
) => Flow<EmittedBy<I> | EmittedBy<J>, FailureOf<I> | FailureOf<J>> = rxjs.iif as never;

/** RxJS's `using`, with the failures of the flow in the type. */
export const using: <I extends Input>(
  resourceFactory: () => rxjs.Unsubscribable | void,
  observableFactory: (resource: rxjs.Unsubscribable | void) => I | void,
) => Flow<EmittedBy<I>, FailureOf<I>> = rxjs.using as never;

/** RxJS's `scheduled`, with the failures of the flow in the type. */
export const scheduled: <I extends Input>(input: I, scheduler: rxjs.SchedulerLike) => Flow<EmittedBy<I>, FailureOf<I>> =
  rxjs.scheduled as never;

declare const anyValue: unique symbol;

/** What only an `any` is assignable to. */
interface OnlyAny {
  readonly [anyValue]: never;
}

/** RxJS's `forkJoin`, with the failures of all flows in the type. */
export const forkJoin: {
  <I extends OnlyAny>(arg: I): Flow<unknown>;
  (scheduler: null | undefined): Flow<never>;
  (sources: readonly []): Flow<never>;
  <I extends Inputs>(sources: readonly [...I]): Flow<ValuesOf<I>, FailureOf<I[number]>>;
  <I extends Inputs, B>(
    sources: readonly [...I],
    resultSelector: (...values: ValuesOf<I>) => B,
  ): Flow<B, FailureOf<I[number]>>;
  /** Deprecated in RxJS: pass an array. */
  <I extends Inputs>(...sources: [...I]): Flow<ValuesOf<I>, FailureOf<I[number]>>;
  /** Deprecated in RxJS: pass an array. */
  <I extends Inputs, B>(
    ...sourcesAndResultSelector: [...I, (...values: ValuesOf<I>) => B]
  ): Flow<B, FailureOf<I[number]>>;
  (sourcesObject: { [K in any]: never }): Flow<never>;
  <I extends Record<string, rxjs.ObservableInput<any>>>(
    sourcesObject: I,
  ): Flow<{ [K in keyof I]: EmittedBy<I[K]> }, FailureOf<I[keyof I]>>;
} = rxjs.forkJoin;

/** The two flows of `partition`. */
type Parts<I, A, B> = [Flow<A, FailureOf<I>>, Flow<B, FailureOf<I>>];

/** RxJS's `partition`, with the failures of the source in both types. */
export const partition: {
  /** Deprecated in RxJS: bind the predicate. */
  <I extends Input, B extends EmittedBy<I>, T>(
    source: I,
    predicate: (this: T, value: EmittedBy<I>, index: number) => value is B,
    thisArg: T,
  ): Parts<I, B, Exclude<EmittedBy<I>, B>>;
  <I extends Input, B extends EmittedBy<I>>(
    source: I,
    predicate: (value: EmittedBy<I>, index: number) => value is B,
  ): Parts<I, B, Exclude<EmittedBy<I>, B>>;
  /** Deprecated in RxJS: bind the predicate. */
  <I extends Input, T>(
    source: I,
    predicate: (this: T, value: EmittedBy<I>, index: number) => boolean,
    thisArg: T,
  ): Parts<I, EmittedBy<I>, EmittedBy<I>>;
  <I extends Input>(
    source: I,
    predicate: (value: EmittedBy<I>, index: number) => boolean,
  ): Parts<I, EmittedBy<I>, EmittedBy<I>>;
} = rxjs.partition;
