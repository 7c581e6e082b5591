import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { of } from './constructors.ts';
import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';
import { both } from './parallel.ts';
import { flatMap, map } from './sequencing.ts';

/**
 * Where a `Do` notation begins.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bind, Do, let as define, map, of, toPromise } from 'rxjs-net/effects';
 *
 * const area = pipe(
 *   Do,
 *   bind('width', () => of(2)),
 *   bind('height', ({ width }) => of(width + 1)),
 *   define('area', ({ width, height }) => width * height),
 *   map(({ area }) => area),
 * );
 *
 * console.log(await toPromise(area)); // => { _tag: 'Right', right: 6 }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export const Do: Net<never, {}> = of({});

/**
 * Gives the value a name, where a `Do` notation begins with an effect.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bindTo, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(80), bindTo('port')))); // => { _tag: 'Right', right: { port: 80 } }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export function bindTo<N extends string>(
  name: N,
): <R, E, A>(net: ReaderTaskEither<R, E, A>) => Program<{ readonly [K in N]: A }, E, R> {
  return <R, E, A>(net: ReaderTaskEither<R, E, A>) => map((value: A) => named<N, A>(name, value))(net);
}

/**
 * Runs an effect, which may depend on what is known so far, and gives its value a name. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bind, Do, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const both = pipe(
 *   Do,
 *   bind('a', () => of(1)),
 *   bind('b', ({ a }) => left(`no b for ${a}`)),
 * );
 *
 * console.log(await toPromise(both)); // => { _tag: 'Left', left: 'no b for 1' }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export function bind<N extends string, A, E2, B, R2 = NetEnv>(
  name: Exclude<N, keyof A>,
  f: (known: A) => ReaderTaskEither<R2, E2, B>,
): <R1, E1>(
  net: ReaderTaskEither<R1, E1, A>,
) => Program<{ readonly [K in N | keyof A]: K extends keyof A ? A[K] : B }, E1 | E2, R1 & R2> {
  return flatMap((known: A) => map((value: B) => extended(known, name, value))(f(known)));
}

/**
 * Gives a name to what is computed from what is known so far.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bindTo, let as define, of, toPromise } from 'rxjs-net/effects';
 *
 * const named = pipe(of(2), bindTo('n'), define('square', ({ n }) => n * n));
 *
 * console.log(await toPromise(named)); // => { _tag: 'Right', right: { n: 2, square: 4 } }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export { let_ as let };
function let_<N extends string, A, B>(
  name: Exclude<N, keyof A>,
  f: (known: A) => B,
): <R, E>(
  net: ReaderTaskEither<R, E, A>,
) => Program<{ readonly [K in N | keyof A]: K extends keyof A ? A[K] : B }, E, R> {
  return map((known: A) => extended(known, name, f(known)));
}

/**
 * Runs another effect at the same time and gives its value a name. When one fails the other one is
 * interrupted. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apS, Do, of, toPromise } from 'rxjs-net/effects';
 *
 * const both = pipe(Do, apS('a', of(1)), apS('b', of('two')));
 *
 * console.log(await toPromise(both)); // => { _tag: 'Right', right: { a: 1, b: 'two' } }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export function apS<N extends string, A, R2, E2, B>(
  name: Exclude<N, keyof A>,
  net: ReaderTaskEither<R2, E2, B>,
): <R1, E1>(
  known: ReaderTaskEither<R1, E1, A>,
) => Program<{ readonly [K in N | keyof A]: K extends keyof A ? A[K] : B }, E1 | E2, R1 & R2> {
  return <R1, E1>(known: ReaderTaskEither<R1, E1, A>) =>
    map(([a, b]: readonly [A, B]) => extended<N, A, B>(a, name, b))(both(known, net));
}

/**
 * `bind` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bindW, Do, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(Do, bindW('a', () => of(1))))); // => { _tag: 'Right', right: { a: 1 } }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export const bindW: typeof bind = bind;

/**
 * `apS` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apSW, Do, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(Do, apSW('a', of(1))))); // => { _tag: 'Right', right: { a: 1 } }
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export const apSW: typeof apS = apS;

function extended<N extends string, A, B>(
  known: A,
  name: Exclude<N, keyof A>,
  value: B,
): { readonly [K in N | keyof A]: K extends keyof A ? A[K] : B };
function extended(known: object, name: string, value: unknown): object {
  return { ...known, [name]: value };
}

function named<N extends string, A>(name: N, value: A): { readonly [K in N]: A };
function named(name: string, value: unknown): object {
  return { [name]: value };
}
