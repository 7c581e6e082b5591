import type { Observable } from 'rxjs';

// Neither exists at run time: they only give a type a place to write E down. Values of functions, so that an
// optional property's `undefined` stays outside, whatever the consumer's compiler options are.
declare const fails: unique symbol;
declare const handles: unique symbol;
declare const everything: unique symbol;

/**
 * What an operator does to the failures of a flow: adds `X`, removes `H`.
 *
 * Type only. An operator of your own says so in its return type, most simply by returning an {@link Op}.
 */
export interface Outcome<out X, out H> {
  readonly [fails]?: () => X;
  readonly [handles]?: () => H;
}

/** The `H` of an operator that leaves no failure over, such as `orDie()`. */
export interface Everything {
  readonly [everything]: true;
}

/**
 * An operator from `A` to `B` which adds the failures `X` to a flow and removes the failures `H`.
 * At run time a plain RxJS operator: it works in any Observable's `pipe`.
 *
 * @example
 * ```ts
 * import { of, throwError } from 'rxjs';
 * import { type Flow, type Op } from 'rxjs-net';
 * import { mergeMap } from 'rxjs-net/operators';
 *
 * class TooHot extends Error {
 *   readonly _tag = 'TooHot';
 * }
 *
 * const atMost = (limit: number): Op<number, number, TooHot> =>
 *   mergeMap((degrees) => (degrees > limit ? throwError(() => new TooHot('too hot')) : of(degrees)));
 *
 * const readings: Flow<number> = of(20, 21, 99);
 * const checked: Flow<number, TooHot> = readings.pipe(atMost(30));
 *
 * checked.subscribe({
 *   next: (degrees) => console.log(degrees), // => 20, then 21
 *   error: (failure: TooHot) => console.log(failure._tag), // => TooHot
 * });
 * ```
 */
export type Op<A, B, X = never, H = never> = (source: Observable<A>) => Observable<B> & Outcome<X, H>;

/** An operator as `Flow.pipe` takes it. The source is a Flow, so that `<A, E>(source: Flow<A, E>) => …` sees its E. */
type Step<A, E, B, X, H> = (source: Flow<A, E>) => Observable<B> & Outcome<X, H>;

type AnyStep = (source: never) => Observable<unknown>;

/** What `H` removes. */
type Covers<H> = Everything extends H ? unknown : H;

/**
 * An Observable of `A` whose failures are known by type: it completes, or fails with one of `E`.
 *
 * Type only. At run time a Flow is an RxJS Observable, and every API that takes an Observable takes it. RxJS's
 * operators keep `E`; this library's add to it or remove from it, and `runFlow` takes a flow with nothing left in `E`.
 *
 * `E` lists the failures that are expected. An exception out of a function of your own is a defect: it travels
 * the error channel too, as it is, and no type speaks of it. So a plain `Observable<A>` is a `Flow<A>`: one that
 * expects no failure.
 *
 * What an inner flow of RxJS's own `mergeMap`, `switchMap`, `merge`, `defer` … may fail with is lost, for
 * their types have no word for it: take those of `rxjs-net/operators`.
 *
 * @example
 * ```ts
 * import { map, of } from 'rxjs';
 * import { type ConnectionReset, type Flow } from 'rxjs-net';
 *
 * const bytes: Flow<Uint8Array, ConnectionReset> = of(new Uint8Array(3));
 * const lengths: Flow<number, ConnectionReset> = bytes.pipe(map((chunk) => chunk.length));
 *
 * lengths.subscribe((length) => console.log(length)); // => 3
 * ```
 */
export interface Flow<out A, out E = never> extends Observable<A> {
  readonly [fails]?: () => E;

  // The overloads stand one to one beside those of Observable's `pipe`: inference pairs them from the last to the
  // first, and a list of another length lets `unknown` into A. What is left of E is written out in place, since an
  // alias would be what an editor shows instead of the union (docs/decisions/0002-flow-type.md).
  pipe(): Flow<A, E>;
  pipe<B, X1 = never, H1 extends E | Everything = never>(
    o1: Step<A, E, B, X1, H1>,
  ): Flow<B, (E extends Covers<H1> ? never : E) | X1>;
  pipe<
    B,
    C,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
  ): Flow<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2>;
  pipe<
    B,
    C,
    D,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
  ): Flow<
    D,
    | (E extends Covers<H1 | H2 | H3> ? never : E)
    | (X1 extends Covers<H2 | H3> ? never : X1)
    | (X2 extends Covers<H3> ? never : X2)
    | X3
  >;
  pipe<
    B,
    C,
    D,
    F,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
  ): Flow<
    F,
    | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
    | (X2 extends Covers<H3 | H4> ? never : X2)
    | (X3 extends Covers<H4> ? never : X3)
    | X4
  >;
  pipe<
    B,
    C,
    D,
    F,
    G,
    X1 = never,
    H1 extends E | Everything = never,
    X2 = never,
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
    X5 = never,
    H5 extends
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
    o5: Step<
      F,
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4,
      G,
      X5,
      H5
    >,
  ): Flow<
    G,
    | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
    | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
    | (X3 extends Covers<H4 | H5> ? never : X3)
    | (X4 extends Covers<H5> ? never : X4)
    | X5
  >;
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
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
    X5 = never,
    H5 extends
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4
      | Everything = never,
    X6 = never,
    H6 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
    o5: Step<
      F,
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4,
      G,
      X5,
      H5
    >,
    o6: Step<
      G,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5,
      I,
      X6,
      H6
    >,
  ): Flow<
    I,
    | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
    | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
    | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
    | (X4 extends Covers<H5 | H6> ? never : X4)
    | (X5 extends Covers<H6> ? never : X5)
    | X6
  >;
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
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
    X5 = never,
    H5 extends
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4
      | Everything = never,
    X6 = never,
    H6 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5
      | Everything = never,
    X7 = never,
    H7 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
    o5: Step<
      F,
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4,
      G,
      X5,
      H5
    >,
    o6: Step<
      G,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5,
      I,
      X6,
      H6
    >,
    o7: Step<
      I,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6,
      J,
      X7,
      H7
    >,
  ): Flow<
    J,
    | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7> ? never : X1)
    | (X2 extends Covers<H3 | H4 | H5 | H6 | H7> ? never : X2)
    | (X3 extends Covers<H4 | H5 | H6 | H7> ? never : X3)
    | (X4 extends Covers<H5 | H6 | H7> ? never : X4)
    | (X5 extends Covers<H6 | H7> ? never : X5)
    | (X6 extends Covers<H7> ? never : X6)
    | X7
  >;
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
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
    X5 = never,
    H5 extends
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4
      | Everything = never,
    X6 = never,
    H6 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5
      | Everything = never,
    X7 = never,
    H7 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6
      | Everything = never,
    X8 = never,
    H8 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7> ? never : X4)
      | (X5 extends Covers<H6 | H7> ? never : X5)
      | (X6 extends Covers<H7> ? never : X6)
      | X7
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
    o5: Step<
      F,
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4,
      G,
      X5,
      H5
    >,
    o6: Step<
      G,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5,
      I,
      X6,
      H6
    >,
    o7: Step<
      I,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6,
      J,
      X7,
      H7
    >,
    o8: Step<
      J,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7> ? never : X4)
      | (X5 extends Covers<H6 | H7> ? never : X5)
      | (X6 extends Covers<H7> ? never : X6)
      | X7,
      K,
      X8,
      H8
    >,
  ): Flow<
    K,
    | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : X1)
    | (X2 extends Covers<H3 | H4 | H5 | H6 | H7 | H8> ? never : X2)
    | (X3 extends Covers<H4 | H5 | H6 | H7 | H8> ? never : X3)
    | (X4 extends Covers<H5 | H6 | H7 | H8> ? never : X4)
    | (X5 extends Covers<H6 | H7 | H8> ? never : X5)
    | (X6 extends Covers<H7 | H8> ? never : X6)
    | (X7 extends Covers<H8> ? never : X7)
    | X8
  >;
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
    H2 extends (E extends Covers<H1> ? never : E) | X1 | Everything = never,
    X3 = never,
    H3 extends (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2 | Everything = never,
    X4 = never,
    H4 extends
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3
      | Everything = never,
    X5 = never,
    H5 extends
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4
      | Everything = never,
    X6 = never,
    H6 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5
      | Everything = never,
    X7 = never,
    H7 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6
      | Everything = never,
    X8 = never,
    H8 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7> ? never : X4)
      | (X5 extends Covers<H6 | H7> ? never : X5)
      | (X6 extends Covers<H7> ? never : X6)
      | X7
      | Everything = never,
    X9 = never,
    H9 extends
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7 | H8> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7 | H8> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7 | H8> ? never : X4)
      | (X5 extends Covers<H6 | H7 | H8> ? never : X5)
      | (X6 extends Covers<H7 | H8> ? never : X6)
      | (X7 extends Covers<H8> ? never : X7)
      | X8
      | Everything = never,
  >(
    o1: Step<A, E, B, X1, H1>,
    o2: Step<B, (E extends Covers<H1> ? never : E) | X1, C, X2, H2>,
    o3: Step<C, (E extends Covers<H1 | H2> ? never : E) | (X1 extends Covers<H2> ? never : X1) | X2, D, X3, H3>,
    o4: Step<
      D,
      | (E extends Covers<H1 | H2 | H3> ? never : E)
      | (X1 extends Covers<H2 | H3> ? never : X1)
      | (X2 extends Covers<H3> ? never : X2)
      | X3,
      F,
      X4,
      H4
    >,
    o5: Step<
      F,
      | (E extends Covers<H1 | H2 | H3 | H4> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4> ? never : X1)
      | (X2 extends Covers<H3 | H4> ? never : X2)
      | (X3 extends Covers<H4> ? never : X3)
      | X4,
      G,
      X5,
      H5
    >,
    o6: Step<
      G,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5> ? never : X2)
      | (X3 extends Covers<H4 | H5> ? never : X3)
      | (X4 extends Covers<H5> ? never : X4)
      | X5,
      I,
      X6,
      H6
    >,
    o7: Step<
      I,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6> ? never : X3)
      | (X4 extends Covers<H5 | H6> ? never : X4)
      | (X5 extends Covers<H6> ? never : X5)
      | X6,
      J,
      X7,
      H7
    >,
    o8: Step<
      J,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7> ? never : X4)
      | (X5 extends Covers<H6 | H7> ? never : X5)
      | (X6 extends Covers<H7> ? never : X6)
      | X7,
      K,
      X8,
      H8
    >,
    o9: Step<
      K,
      | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : E)
      | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7 | H8> ? never : X1)
      | (X2 extends Covers<H3 | H4 | H5 | H6 | H7 | H8> ? never : X2)
      | (X3 extends Covers<H4 | H5 | H6 | H7 | H8> ? never : X3)
      | (X4 extends Covers<H5 | H6 | H7 | H8> ? never : X4)
      | (X5 extends Covers<H6 | H7 | H8> ? never : X5)
      | (X6 extends Covers<H7 | H8> ? never : X6)
      | (X7 extends Covers<H8> ? never : X7)
      | X8,
      L,
      X9,
      H9
    >,
  ): Flow<
    L,
    | (E extends Covers<H1 | H2 | H3 | H4 | H5 | H6 | H7 | H8 | H9> ? never : E)
    | (X1 extends Covers<H2 | H3 | H4 | H5 | H6 | H7 | H8 | H9> ? never : X1)
    | (X2 extends Covers<H3 | H4 | H5 | H6 | H7 | H8 | H9> ? never : X2)
    | (X3 extends Covers<H4 | H5 | H6 | H7 | H8 | H9> ? never : X3)
    | (X4 extends Covers<H5 | H6 | H7 | H8 | H9> ? never : X4)
    | (X5 extends Covers<H6 | H7 | H8 | H9> ? never : X5)
    | (X6 extends Covers<H7 | H8 | H9> ? never : X6)
    | (X7 extends Covers<H8 | H9> ? never : X7)
    | (X8 extends Covers<H9> ? never : X8)
    | X9
  >;
  /** Beyond nine the failures are no longer known; split the pipe in two to keep them. */
  pipe(
    o1: (source: Flow<A, E>) => Observable<unknown>,
    o2: AnyStep,
    o3: AnyStep,
    o4: AnyStep,
    o5: AnyStep,
    o6: AnyStep,
    o7: AnyStep,
    o8: AnyStep,
    o9: AnyStep,
    o10: AnyStep,
    ...more: AnyStep[]
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
