import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { start } from './start.ts';

/**
 * Changes what it fails with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, mapLeft, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left(404), mapLeft((code) => `status ${code}`)))); // => { _tag: 'Left', left: 'status 404' }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function mapLeft<E, G>(f: (failure: E) => G): <R, A>(net: ReaderTaskEither<R, E, A>) => Program<A, G, R> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return isLeft(either) ? left(f(either.left)) : either;
  };
}

/**
 * Changes what it fails with and what it succeeds with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bimap, of, toPromise } from 'rxjs-net/effects';
 *
 * const shown = pipe(of(1), bimap((failure) => `failed: ${String(failure)}`, (n) => `got ${n}`));
 *
 * console.log(await toPromise(shown)); // => { _tag: 'Right', right: 'got 1' }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function bimap<E, G, A, B>(
  f: (failure: E) => G,
  g: (value: A) => B,
): <R>(net: ReaderTaskEither<R, E, A>) => Program<B, G, R> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return isLeft(either) ? left(f(either.left)) : right(g(either.right));
  };
}

/**
 * Goes on with what `f` makes of a failure. Defects and interruptions pass it by. It widens, and
 * only what `f` can fail with is left.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, of, orElseW, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left('no'), orElseW((why) => of(`because: ${why}`)))));
 * // => { _tag: 'Right', right: 'because: no' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function orElseW<E1, E2, B, R2 = NetEnv>(
  f: (failure: E1) => ReaderTaskEither<R2, E2, B>,
): <R1, A>(net: ReaderTaskEither<R1, E1, A>) => Program<A | B, E2, R1 & R2> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    if (!isLeft(either)) return either;
    throwIfOver(env);
    return start(f(either.left), env);
  };
}

/**
 * `orElseW` that doesn't widen what it succeeds with and needs.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, of, orElse, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left<string, number>('no'), orElse(() => of(0))))); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function orElse<R, E1, E2, A>(
  f: (failure: E1) => ReaderTaskEither<R, E2, A>,
): (net: ReaderTaskEither<R, E1, A>) => Program<A, E2, R> {
  return orElseW(f);
}

/**
 * Runs another effect with the failure, and keeps the failure. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { fromIO, left, tapError, toPromise } from 'rxjs-net/effects';
 *
 * const logged = pipe(left('no'), tapError((why) => fromIO(() => console.log(`it failed: ${why}`))));
 *
 * console.log(await toPromise(logged));
 * // => it failed: no
 * // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function tapError<E1, E2, R2 = NetEnv>(
  f: (failure: E1) => ReaderTaskEither<R2, E2, unknown>,
): <R1, A>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1 & R2> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    if (!isLeft(either)) return either;
    throwIfOver(env);
    const tapped = await start(f(either.left), env);
    return isLeft(tapped) ? tapped : either;
  };
}

/**
 * The failure as a value, so that it can't fail: to go on with others when one has failed.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { attempt, left, of, toPromise, traverseArray } from 'rxjs-net/effects';
 *
 * const half = (n: number) => (n % 2 === 0 ? of(n / 2) : left(`${n} is odd`));
 * const report = pipe([3, 4], traverseArray((n) => attempt(half(n)), { concurrency: 2 }));
 * const ended = await toPromise(report);
 *
 * console.log(ended._tag === 'Right' && ended.right);
 * // => [ { _tag: 'Left', left: '3 is odd' }, { _tag: 'Right', right: 2 } ]
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function attempt<R, E, A>(net: ReaderTaskEither<R, E, A>): Program<Either<E, A>, never, R> {
  return (env) => async () => right(await start(net, env));
}

/**
 * `mapLeft` under its newer name: changes what it fails with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, mapError, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left(404), mapError((code) => `status ${code}`)))); // => { _tag: 'Left', left: 'status 404' }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export const mapError: typeof mapLeft = mapLeft;

/**
 * `bimap` under its newer name: changes what it fails with and what it succeeds with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { mapBoth, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), mapBoth(String, (n) => n + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export const mapBoth: typeof bimap = bimap;

/**
 * `tapError` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, of, orElseFirst, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left('no'), orElseFirst(() => of('logged'))))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export const orElseFirst: typeof tapError = tapError;

/**
 * `tapError` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, of, orElseFirstW, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left('no'), orElseFirstW(() => of('logged'))))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export const orElseFirstW: typeof tapError = tapError;
