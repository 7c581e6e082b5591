import * as rxjs from 'rxjs';

import type { After, After2, After3, After4, After5, After6, After7, After8, After9 } from '../../failures-left.ts';
import type { Carries, Outcome, Step } from '../../flow.ts';

/**
 * Several operators as one, from `A` to `B`: `X` and `H` are what any of them adds or handles,
 * `Added` and `Handled` what is left of it at the end.
 */
type Piped<A, E, B, X, H, Added, Handled> = (
  source: rxjs.Observable<A> & Outcome<E, never> & Carries<X, H>,
) => rxjs.Observable<B> & Outcome<Added, Handled>;

/**
 * Of one to nine operators. What one adds and a later one handles is neither added nor handled by
 * all together.
 */
interface PipeOfOperators {
  <A, B, E, X1 = never, H1 = never>(o1: Step<A, E, B, X1, H1>): Piped<A, E, B, X1, H1, After<never, X1, H1>, H1>;
  <A, B, C, E, X1 = never, H1 = never, X2 = never, H2 = never>(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
  ): Piped<A, E, C, X1 | X2, H1 | H2, After2<never, X1, H1, X2, H2>, H1 | Exclude<H2, X1>>;
  <A, B, C, D, E, X1 = never, H1 = never, X2 = never, H2 = never, X3 = never, H3 = never>(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
  ): Piped<
    A,
    E,
    D,
    X1 | X2 | X3,
    H1 | H2 | H3,
    After3<never, X1, H1, X2, H2, X3, H3>,
    H1 | Exclude<H2, X1> | Exclude<H3, X1 | X2>
  >;
  <A, B, C, D, F, E, X1 = never, H1 = never, X2 = never, H2 = never, X3 = never, H3 = never, X4 = never, H4 = never>(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
  ): Piped<
    A,
    E,
    F,
    X1 | X2 | X3 | X4,
    H1 | H2 | H3 | H4,
    After4<never, X1, H1, X2, H2, X3, H3, X4, H4>,
    H1 | Exclude<H2, X1> | Exclude<H3, X1 | X2> | Exclude<H4, X1 | X2 | X3>
  >;
  <
    A,
    B,
    C,
    D,
    F,
    G,
    E,
    X1 = never,
    H1 = never,
    X2 = never,
    H2 = never,
    X3 = never,
    H3 = never,
    X4 = never,
    H4 = never,
    X5 = never,
    H5 = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
    o5: Step<F, NoInfer<After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>, G, X5, H5>,
  ): Piped<
    A,
    E,
    G,
    X1 | X2 | X3 | X4 | X5,
    H1 | H2 | H3 | H4 | H5,
    After5<never, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>,
    H1 | Exclude<H2, X1> | Exclude<H3, X1 | X2> | Exclude<H4, X1 | X2 | X3> | Exclude<H5, X1 | X2 | X3 | X4>
  >;
  <
    A,
    B,
    C,
    D,
    F,
    G,
    I,
    E,
    X1 = never,
    H1 = never,
    X2 = never,
    H2 = never,
    X3 = never,
    H3 = never,
    X4 = never,
    H4 = never,
    X5 = never,
    H5 = never,
    X6 = never,
    H6 = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
    o5: Step<F, NoInfer<After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>, G, X5, H5>,
    o6: Step<G, NoInfer<After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>>, I, X6, H6>,
  ): Piped<
    A,
    E,
    I,
    X1 | X2 | X3 | X4 | X5 | X6,
    H1 | H2 | H3 | H4 | H5 | H6,
    After6<never, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>,
    | H1
    | Exclude<H2, X1>
    | Exclude<H3, X1 | X2>
    | Exclude<H4, X1 | X2 | X3>
    | Exclude<H5, X1 | X2 | X3 | X4>
    | Exclude<H6, X1 | X2 | X3 | X4 | X5>
  >;
  <
    A,
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    E,
    X1 = never,
    H1 = never,
    X2 = never,
    H2 = never,
    X3 = never,
    H3 = never,
    X4 = never,
    H4 = never,
    X5 = never,
    H5 = never,
    X6 = never,
    H6 = never,
    X7 = never,
    H7 = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
    o5: Step<F, NoInfer<After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>, G, X5, H5>,
    o6: Step<G, NoInfer<After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>>, I, X6, H6>,
    o7: Step<I, NoInfer<After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>>, J, X7, H7>,
  ): Piped<
    A,
    E,
    J,
    X1 | X2 | X3 | X4 | X5 | X6 | X7,
    H1 | H2 | H3 | H4 | H5 | H6 | H7,
    After7<never, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>,
    | H1
    | Exclude<H2, X1>
    | Exclude<H3, X1 | X2>
    | Exclude<H4, X1 | X2 | X3>
    | Exclude<H5, X1 | X2 | X3 | X4>
    | Exclude<H6, X1 | X2 | X3 | X4 | X5>
    | Exclude<H7, X1 | X2 | X3 | X4 | X5 | X6>
  >;
  <
    A,
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    K,
    E,
    X1 = never,
    H1 = never,
    X2 = never,
    H2 = never,
    X3 = never,
    H3 = never,
    X4 = never,
    H4 = never,
    X5 = never,
    H5 = never,
    X6 = never,
    H6 = never,
    X7 = never,
    H7 = never,
    X8 = never,
    H8 = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
    o5: Step<F, NoInfer<After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>, G, X5, H5>,
    o6: Step<G, NoInfer<After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>>, I, X6, H6>,
    o7: Step<I, NoInfer<After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>>, J, X7, H7>,
    o8: Step<J, NoInfer<After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>>, K, X8, H8>,
  ): Piped<
    A,
    E,
    K,
    X1 | X2 | X3 | X4 | X5 | X6 | X7 | X8,
    H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8,
    After8<never, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>,
    | H1
    | Exclude<H2, X1>
    | Exclude<H3, X1 | X2>
    | Exclude<H4, X1 | X2 | X3>
    | Exclude<H5, X1 | X2 | X3 | X4>
    | Exclude<H6, X1 | X2 | X3 | X4 | X5>
    | Exclude<H7, X1 | X2 | X3 | X4 | X5 | X6>
    | Exclude<H8, X1 | X2 | X3 | X4 | X5 | X6 | X7>
  >;
  <
    A,
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    K,
    L,
    E,
    X1 = never,
    H1 = never,
    X2 = never,
    H2 = never,
    X3 = never,
    H3 = never,
    X4 = never,
    H4 = never,
    X5 = never,
    H5 = never,
    X6 = never,
    H6 = never,
    X7 = never,
    H7 = never,
    X8 = never,
    H8 = never,
    X9 = never,
    H9 = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, NoInfer<After<E, X1, H1>>, C, X2, H2>,
    o3: Step<C, NoInfer<After2<E, X1, H1, X2, H2>>, D, X3, H3>,
    o4: Step<D, NoInfer<After3<E, X1, H1, X2, H2, X3, H3>>, F, X4, H4>,
    o5: Step<F, NoInfer<After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>, G, X5, H5>,
    o6: Step<G, NoInfer<After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>>, I, X6, H6>,
    o7: Step<I, NoInfer<After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>>, J, X7, H7>,
    o8: Step<J, NoInfer<After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>>, K, X8, H8>,
    o9: Step<K, NoInfer<After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>>, L, X9, H9>,
  ): Piped<
    A,
    E,
    L,
    X1 | X2 | X3 | X4 | X5 | X6 | X7 | X8 | X9,
    H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8 | H9,
    After9<never, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8, X9, H9>,
    | H1
    | Exclude<H2, X1>
    | Exclude<H3, X1 | X2>
    | Exclude<H4, X1 | X2 | X3>
    | Exclude<H5, X1 | X2 | X3 | X4>
    | Exclude<H6, X1 | X2 | X3 | X4 | X5>
    | Exclude<H7, X1 | X2 | X3 | X4 | X5 | X6>
    | Exclude<H8, X1 | X2 | X3 | X4 | X5 | X6 | X7>
    | Exclude<H9, X1 | X2 | X3 | X4 | X5 | X6 | X7 | X8>
  >;
}

type Fn<A, B> = rxjs.UnaryFunction<A, B>;

/**
 * Anything where `A` to `B` is no operator, and else what no function is: TypeScript prefers RxJS's
 * signatures, which would forget.
 */
type Unless<A, B> = [A] extends [rxjs.Observable<unknown>]
  ? [B] extends [rxjs.Observable<unknown>]
    ? never
    : unknown
  : unknown;

/** Of any functions, and of more than nine operators, as in RxJS. */
interface PipeOfFunctions {
  (): typeof rxjs.identity;
  <T, A>(fn1: Fn<T, A> & Unless<T, A>): Fn<T, A>;
  <T, A, B>(fn1: Fn<T, A> & Unless<T, B>, fn2: Fn<A, B>): Fn<T, B>;
  <T, A, B, C>(fn1: Fn<T, A> & Unless<T, C>, fn2: Fn<A, B>, fn3: Fn<B, C>): Fn<T, C>;
  <T, A, B, C, D>(fn1: Fn<T, A> & Unless<T, D>, fn2: Fn<A, B>, fn3: Fn<B, C>, fn4: Fn<C, D>): Fn<T, D>;
  <T, A, B, C, D, F>(
    fn1: Fn<T, A> & Unless<T, F>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
  ): Fn<T, F>;
  <T, A, B, C, D, F, G>(
    fn1: Fn<T, A> & Unless<T, G>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
    fn6: Fn<F, G>,
  ): Fn<T, G>;
  <T, A, B, C, D, F, G, I>(
    fn1: Fn<T, A> & Unless<T, I>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
    fn6: Fn<F, G>,
    fn7: Fn<G, I>,
  ): Fn<T, I>;
  <T, A, B, C, D, F, G, I, J>(
    fn1: Fn<T, A> & Unless<T, J>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
    fn6: Fn<F, G>,
    fn7: Fn<G, I>,
    fn8: Fn<I, J>,
  ): Fn<T, J>;
  <T, A, B, C, D, F, G, I, J, K>(
    fn1: Fn<T, A> & Unless<T, K>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
    fn6: Fn<F, G>,
    fn7: Fn<G, I>,
    fn8: Fn<I, J>,
    fn9: Fn<J, K>,
  ): Fn<T, K>;
  <T, A, B, C, D, F, G, I, J, K>(
    fn1: Fn<T, A>,
    fn2: Fn<A, B>,
    fn3: Fn<B, C>,
    fn4: Fn<C, D>,
    fn5: Fn<D, F>,
    fn6: Fn<F, G>,
    fn7: Fn<G, I>,
    fn8: Fn<I, J>,
    fn9: Fn<J, K>,
    ...fns: Fn<any, any>[]
  ): Fn<T, unknown>;
}

/**
 * RxJS's `pipe`, which makes one function of several, and keeps what each operator adds to the
 * failures of a flow and handles of them.
 *
 * @example
 * ```ts
 * import { idleTimeout, lines } from 'rxjs-net';
 * import { from, map, pipe } from 'rxjs-net/rx';
 *
 * const lengths = pipe(
 *   lines(),
 *   idleTimeout(5_000),
 *   map((line) => line.length),
 * );
 *
 * from([Buffer.from('one\nthree\n')])
 *   .pipe(lengths)
 *   .subscribe((length) => console.log(length));
 * // => 3
 * // => 5
 * ```
 */
export const pipe: PipeOfOperators & PipeOfFunctions = rxjs.pipe;
