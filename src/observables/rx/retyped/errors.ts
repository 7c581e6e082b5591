import * as rxjs from 'rxjs';

import type { EmittedBy } from '../../emitted-by.ts';
import type { Everything } from '../../failures-left.ts';
import type { Carries, FailureOf, Flow, Op, Outcome } from '../../flow.ts';
import type { Healing, Inert, Input, KnownFailureOf } from './inert.ts';

/**
 * Whether a handler that returns `I` passes on what it caught: it always throws, or its flow fails
 * with an `any`.
 */
type Rethrows<I> = [I] extends [never]
  ? true
  : I extends unknown
    ? unknown extends FailureOf<I>
      ? true
      : never
    : never;

/**
 * RxJS's `catchError`, which knows what is left: what the flow that its handler returns can fail
 * with, and no failure of the source. A handler that only throws, or returns `throwError(() =>
 * error)` of its own argument, keeps those of the source.
 *
 * One that looks at the error and throws some of them again forgets these: take `catchFailure`,
 * which names what it handles, and lets the rest pass. Defects are caught as well, as in RxJS;
 * `catchAll` lets them pass.
 *
 * @param selector gets the failure, and the flow that this operator gives, to be tried again.
 *
 * @example
 * ```ts
 * import { runFlow } from 'rxjs-net';
 * import { catchError, of, throwError } from 'rxjs-net/rx';
 *
 * class TooHot extends Error {
 *   readonly _tag = 'TooHot';
 * }
 *
 * const safe = throwError(() => new TooHot('99 degrees')).pipe(catchError((failure) => of(failure.message)));
 *
 * console.log(await runFlow(safe)); // => 99 degrees
 * ```
 */
export const catchError: <A, I extends Input>(
  selector: (error: any, caught: Flow<A>) => I,
) => (
  source: rxjs.Observable<A> & Carries<KnownFailureOf<I>, never>,
) => rxjs.Observable<A | EmittedBy<I>> &
  Outcome<KnownFailureOf<I>, [Rethrows<I>] extends [never] ? Everything : never> = rxjs.catchError as never;

/** RxJS's `onErrorResumeNextWith`: no failure is left, of the source or of the others. */
export const onErrorResumeNextWith: {
  <A, B extends readonly unknown[]>(sources: [...rxjs.ObservableInputTuple<B>]): Healing<A, A | B[number]>;
  <A, B extends readonly unknown[]>(...sources: [...rxjs.ObservableInputTuple<B>]): Healing<A, A | B[number]>;
} = rxjs.onErrorResumeNextWith;

/** RxJS's `onErrorResumeNext`, as a Flow: no failure is left of any of its flows. */
export const onErrorResumeNext: {
  <A extends readonly unknown[]>(sources: [...rxjs.ObservableInputTuple<A>]): Flow<A[number]>;
  <A extends readonly unknown[]>(...sources: [...rxjs.ObservableInputTuple<A>]): Flow<A[number]>;
} = rxjs.onErrorResumeNext;

/**
 * RxJS's `throwIfEmpty`, with the failure that is made in the type. Without a function it is an
 * `EmptyError`, a defect.
 */
export const throwIfEmpty: {
  <A>(errorFactory?: undefined): rxjs.MonoTypeOperatorFunction<A>;
  <A, F>(errorFactory: () => F): Op<A, A, F>;
} = rxjs.throwIfEmpty;

/**
 * RxJS's `timeout`, with the failures of `with` in the type. Without it, it fails with a
 * `TimeoutError`, a defect.
 */
export const timeout: {
  <A, I extends Input, M = unknown>(
    config: rxjs.TimeoutConfig<A, I, M> & { with: (info: rxjs.TimeoutInfo<A, M>) => I },
  ): Op<A, A | EmittedBy<I>, FailureOf<I>>;
  <A, M = unknown>(config: Omit<rxjs.TimeoutConfig<A, any, M>, 'with'>): rxjs.OperatorFunction<A, A>;
  <A>(first: Date, scheduler?: rxjs.SchedulerLike): rxjs.MonoTypeOperatorFunction<A>;
  <A>(each: number, scheduler?: rxjs.SchedulerLike): rxjs.MonoTypeOperatorFunction<A>;
} = rxjs.timeout;

/**
 * RxJS's `timeoutWith`, with the failures of the other flow in the type. Deprecated there: take
 * `timeout({ with })`.
 */
export const timeoutWith: {
  <A, B, I extends Input = Inert<B>>(
    dueBy: Date,
    switchTo: I & rxjs.ObservableInput<B>,
    scheduler?: rxjs.SchedulerLike,
  ): Op<A, A | B, FailureOf<I>>;
  <A, B, I extends Input = Inert<B>>(
    waitFor: number,
    switchTo: I & rxjs.ObservableInput<B>,
    scheduler?: rxjs.SchedulerLike,
  ): Op<A, A | B, FailureOf<I>>;
} = rxjs.timeoutWith;

/** What `materialize` emits: RxJS's notification, and in its type what the flow could fail with. */
type Materialized<A, E> = rxjs.Notification<A> &
  rxjs.ObservableNotification<A> &
  ([E] extends [never] ? unknown : Outcome<E, never>);

/**
 * RxJS's `materialize`: no failure is left, for it is emitted. `dematerialize` brings it back, in
 * the type as well.
 */
export const materialize: <A>() => <E = never>(
  source: rxjs.Observable<A> & Outcome<E, never>,
) => rxjs.Observable<Materialized<A, E>> & Outcome<never, Everything> = rxjs.materialize;

/** RxJS's `dematerialize`, with the failures that `materialize` has emitted in the type. */
export const dematerialize: <N extends rxjs.ObservableNotification<any>>() => Op<
  N,
  rxjs.ValueFromNotification<N>,
  FailureOf<N>
> = rxjs.dematerialize;
