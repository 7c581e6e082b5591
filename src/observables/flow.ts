import type { Observable, Operator } from 'rxjs';

import type {
  After,
  After2,
  After3,
  After4,
  After5,
  After6,
  After7,
  After8,
  After9,
  Everything,
} from './failures-left.ts';

export type { Everything } from './failures-left.ts';

// Neither exists at run time: they only give a type a place to write E down. Values of functions,
// so that an optional property's `undefined` stays outside, whatever the consumer's compiler
// options are.
declare const fails: unique symbol;
declare const handles: unique symbol;

/**
 * What an operator does to the failures of a flow: adds `X`, removes `H`.
 *
 * Type only. An operator of your own says so in its return type, most simply by returning an {@link
 * Op}.
 */
export interface Outcome<out X, out H> {
  readonly [fails]?: () => X;
  readonly [handles]?: () => H;
}

/**
 * An operator from `A` to `B` which adds the failures `X` to a flow and removes the failures `H`.
 * At run time a plain RxJS operator.
 *
 * One that adds or handles failures does not compile in the `pipe` of a plain Observable, whose
 * type would forget them: `from(source)` of `rxjs-net/rx` makes a Flow of it.
 *
 * @example
 * ```ts
 * import { type Flow, type Op } from 'rxjs-net';
 * import { map, of } from 'rxjs-net/rx';
 *
 * class TooHot extends Error {
 *   readonly _tag = 'TooHot';
 * }
 *
 * const atMost = (limit: number): Op<number, number, TooHot> =>
 *   map((degrees) => {
 *     if (degrees > limit) throw new TooHot(`${degrees} degrees`);
 *     return degrees;
 *   });
 *
 * const readings: Flow<number> = of(99);
 * const checked: Flow<number, TooHot> = readings.pipe(atMost(30));
 *
 * checked.subscribe({ error: (failure: TooHot) => console.log(failure.message) }); // => 99 degrees
 * ```
 */
export type Op<A, B, X = never, H = never> = (source: Observable<A> & Carries<X, H>) => Observable<B> & Outcome<X, H>;

/**
 * What the `pipe` of a Flow has and that of a plain Observable has not: a place for failures. An
 * operator that adds or handles some asks its source for it. The name of its one property is what
 * the compiler says where it is missing.
 */
export interface Carrier {
  readonly 'a plain Observable forgets failures: begin with from(source) of rxjs-net/rx': never;
}

/**
 * The source of an operator that knows what it may fail with: `E` comes from the pipe that the
 * operator stands in. Outside of one it is `unknown`.
 */
export type FlowSource<A, E> = Observable<A> & Outcome<E, never> & Carrier;

/** What an operator asks of its source: nothing, where it neither adds nor handles failures. */
export type Carries<X, H> = [X | H] extends [never] ? unknown : Carrier;

/**
 * An operator as `Flow.pipe` takes it. Its source carries E for one that asks, `<A, E>(source:
 * Flow<A, E>) => …`; it is no Flow, because Observable against Observable is compared by A alone,
 * where a Flow would be compared by all of its overloads.
 */
export type Step<A, E, B, X, H> = (
  source: Observable<A> & Outcome<E, never> & Carrier,
) => Observable<B> & Outcome<X, H> & NoPromise;

/**
 * Stands in the way of `toPromise(): Promise<B | undefined>`, one overload for each: where a type
 * is inferred from an intersection, member by member, the compiler would take the `undefined` in it
 * for a value of `first()`.
 */
interface NoPromise {
  toPromise(): unknown;
  toPromise(PromiseCtor: never): unknown;
  toPromise(PromiseCtor: never, again?: never): unknown;
}

/** An operator behind the ninth: as in RxJS, of anything. */
// oxlint-disable-next-line typescript/no-explicit-any -- what callbacks get there
type BeyondNine = (source: Observable<any> & Carrier) => Observable<unknown>;

/**
 * An Observable of `A` whose failures are known by type: it completes, or fails with one of `E`.
 *
 * Type only. At run time a Flow is an RxJS Observable, and every API that takes an Observable takes
 * it. The names of `rxjs-net/rx` carry `E`. This library's operators add to it or remove from it,
 * and `runFlow` takes a flow with nothing left in `E`.
 *
 * `E` lists the failures that are expected. An exception out of a function of your own is a defect:
 * it travels the error channel too, as it is, and no type speaks of it. So a plain `Observable<A>`
 * is a `Flow<A>`: one that expects no failure.
 *
 * Take RxJS's names from `rxjs-net/rx`: the types of `rxjs` forget what an inner flow may fail
 * with.
 *
 * @example
 * ```ts
 * import { type ConnectionReset, type Flow } from 'rxjs-net';
 * import { map, of } from 'rxjs-net/rx';
 *
 * const bytes: Flow<Uint8Array, ConnectionReset> = of(new Uint8Array(3));
 * const lengths: Flow<number, ConnectionReset> = bytes.pipe(map((chunk) => chunk.length));
 *
 * lengths.subscribe((length) => console.log(length)); // => 3
 * ```
 */
export interface Flow<out A, out E = never> extends Observable<A> {
  readonly [fails]?: () => E;

  /** RxJS's own, deprecated there. */
  lift<B>(operator?: Operator<A, B>): Flow<B, E>;

  // RxJS has two overloads where this is one. So a Flow is no strict subtype of an Observable,
  // though assignable to it, and `condition ? flow : of(1)` stays a union, where it would else be
  // reduced to `Observable<number>` and lose E.
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;

  // The overloads stand one to one beside those of Observable's `pipe`, for inference pairs them
  // from the last to the first, and with a list of another length `unknown` gets into A
  // (docs/decisions/0002-flow-type.md).
  pipe(): Flow<A, E>;
  pipe<B, X1 = never, H1 extends E | Everything = never>(o1: Step<A, E, B, X1, H1>): Flow<B, After<E, X1, H1>>;
  pipe<
    B,
    C,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
  ): Flow<C, After2<E, X1, H1, X2, H2>>;
  pipe<
    B,
    C,
    D,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
  ): Flow<D, After3<E, X1, H1, X2, H2, X3, H3>>;
  pipe<
    B,
    C,
    D,
    F,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
  ): Flow<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>>;
  pipe<
    B,
    C,
    D,
    F,
    G,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
  ): Flow<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>>;
  pipe<
    B,
    C,
    D,
    F,
    G,
    I,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
    X6 = never,
    H6 extends After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
    o6: Step<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>, I, X6, H6>,
  ): Flow<I, After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>>;
  pipe<
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
    X6 = never,
    H6 extends After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> | Everything = never,
    X7 = never,
    H7 extends After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
    o6: Step<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>, I, X6, H6>,
    o7: Step<I, After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>, J, X7, H7>,
  ): Flow<J, After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>>;
  pipe<
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    K,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
    X6 = never,
    H6 extends After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> | Everything = never,
    X7 = never,
    H7 extends After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6> | Everything = never,
    X8 = never,
    H8 extends After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
    o6: Step<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>, I, X6, H6>,
    o7: Step<I, After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>, J, X7, H7>,
    o8: Step<J, After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>, K, X8, H8>,
  ): Flow<K, After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>>;
  pipe<
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    K,
    L,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
    X6 = never,
    H6 extends After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> | Everything = never,
    X7 = never,
    H7 extends After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6> | Everything = never,
    X8 = never,
    H8 extends After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7> | Everything = never,
    X9 = never,
    H9 extends After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
    o6: Step<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>, I, X6, H6>,
    o7: Step<I, After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>, J, X7, H7>,
    o8: Step<J, After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>, K, X8, H8>,
    o9: Step<K, After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>, L, X9, H9>,
  ): Flow<L, After9<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8, X9, H9>>;

  /**
   * Beyond nine neither values nor failures are known, so that it can't be run: split the pipe in
   * two to keep them.
   */
  pipe<
    B,
    C,
    D,
    F,
    G,
    I,
    J,
    K,
    L,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends After<E, X1, H1> | Everything = never,
    X3 = never,
    H3 extends After2<E, X1, H1, X2, H2> | Everything = never,
    X4 = never,
    H4 extends After3<E, X1, H1, X2, H2, X3, H3> | Everything = never,
    X5 = never,
    H5 extends After4<E, X1, H1, X2, H2, X3, H3, X4, H4> | Everything = never,
    X6 = never,
    H6 extends After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> | Everything = never,
    X7 = never,
    H7 extends After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6> | Everything = never,
    X8 = never,
    H8 extends After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7> | Everything = never,
    X9 = never,
    H9 extends After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8> | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, After<E, X1, H1>, C, X2, H2>,
    o3: Step<C, After2<E, X1, H1, X2, H2>, D, X3, H3>,
    o4: Step<D, After3<E, X1, H1, X2, H2, X3, H3>, F, X4, H4>,
    o5: Step<F, After4<E, X1, H1, X2, H2, X3, H3, X4, H4>, G, X5, H5>,
    o6: Step<G, After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>, I, X6, H6>,
    o7: Step<I, After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>, J, X7, H7>,
    o8: Step<J, After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>, K, X8, H8>,
    o9: Step<K, After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>, L, X9, H9>,
    ...more: BeyondNine[]
  ): Flow<unknown, unknown>;
}

/** The failures of a Flow; `never` for any other input of an Observable. */
export type FailureOf<I> = I extends unknown
  ? typeof fails extends keyof I
    ? I extends { readonly [fails]?: () => infer E }
      ? E
      : never
    : never
  : never;

/** What a Flow, or any other Observable, emits. */
export type ValueOf<F extends Observable<unknown>> = F extends Observable<infer A> ? A : never;
