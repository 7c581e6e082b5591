import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { Program } from './net.ts';
import { map } from './sequencing.ts';
import { atOnce } from './traverse.ts';

/**
 * Runs both at once. When one doesn't succeed the other one is interrupted, and it is over when
 * that has released what it had.
 */
export function both<R1, E1, A, R2, E2, B>(
  first: ReaderTaskEither<R1, E1, A>,
  second: ReaderTaskEither<R2, E2, B>,
): Program<readonly [A, B], E1 | E2, R1 & R2>;
export function both<R, E>(
  first: ReaderTaskEither<R, E, unknown>,
  second: ReaderTaskEither<R, E, unknown>,
): Program<readonly unknown[], E, R> {
  return (env) => () => atOnce([first, second], (_, net) => net, env, 2);
}

/**
 * Applies a function to a value. Both effects run at once; when one fails the other one is
 * interrupted, and it fails when that has released what it had. (fp-ts's own `ap` lets it go on.)
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { ap, of, toPromise } from 'rxjs-net/effects';
 *
 * const sum = pipe(of((a: number) => (b: number) => a + b), ap(of(1)), ap(of(2)));
 *
 * console.log(await toPromise(sum)); // => { _tag: 'Right', right: 3 }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function ap<R, E, A>(
  value: ReaderTaskEither<R, E, A>,
): <B>(f: ReaderTaskEither<R, E, (value: A) => B>) => Program<B, E, R> {
  return apW(value);
}

/**
 * `ap` that widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apW, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const sum = pipe(of((n: number) => n + 1), apW(left('no number' as const)));
 *
 * console.log(await toPromise(sum)); // => { _tag: 'Left', left: 'no number' }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function apW<R2, E2, A>(
  value: ReaderTaskEither<R2, E2, A>,
): <R1, E1, B>(f: ReaderTaskEither<R1, E1, (value: A) => B>) => Program<B, E1 | E2, R1 & R2> {
  return <R1, E1, B>(f: ReaderTaskEither<R1, E1, (value: A) => B>) =>
    map(([g, a]: readonly [(value: A) => B, A]) => g(a))(both(f, value));
}

/**
 * Runs both at once and keeps the first one's value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apFirst, of, sleep, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), apFirst(sleep(1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function apFirst<R2, E2>(
  second: ReaderTaskEither<R2, E2, unknown>,
): <R1, E1, A>(first: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1 & R2> {
  return <R1, E1, A>(first: ReaderTaskEither<R1, E1, A>) => map(([a]: readonly [A, unknown]) => a)(both(first, second));
}

/**
 * Runs both at once and keeps the second one's value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apSecond, of, sleep, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(sleep(1), apSecond(of(1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function apSecond<R2, E2, B>(
  second: ReaderTaskEither<R2, E2, B>,
): <R1, E1>(first: ReaderTaskEither<R1, E1, unknown>) => Program<B, E1 | E2, R1 & R2> {
  return <R1, E1>(first: ReaderTaskEither<R1, E1, unknown>) =>
    map(([, b]: readonly [unknown, B]) => b)(both(first, second));
}

/**
 * `apFirst` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apFirstW, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), apFirstW(of(2))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export const apFirstW: typeof apFirst = apFirst;

/**
 * `apSecond` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { apSecondW, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), apSecondW(of(2))))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export const apSecondW: typeof apSecond = apSecond;
