import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { throwIfInterrupted } from './interrupted.ts';
import type { NetEnv } from './net-env.ts';
import { start } from './start.ts';

/**
 * Changes what it succeeds with. What `f` throws is a defect.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { map, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(20), map((n) => n + 1)))); // => { _tag: 'Right', right: 21 }
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function map<A, B>(
  f: (value: A) => B,
): <R extends NetEnv, E>(net: ReaderTaskEither<R, E, A>) => ReaderTaskEither<R, E, B> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return isLeft(either) ? either : right(f(either.right));
  };
}

/**
 * Goes on with what `f` makes of the value, unless it failed, or was interrupted meanwhile. It widens: the failures of both are in the type.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMap, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const positive = (n: number) => (n > 0 ? of(n) : left('not positive' as const));
 *
 * console.log(await toPromise(pipe(of(-1), flatMap(positive)))); // => { _tag: 'Left', left: 'not positive' }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMap<A, R2 extends NetEnv, E2, B>(
  f: (value: A) => ReaderTaskEither<R2, E2, B>,
): <R1 extends NetEnv, E1>(net: ReaderTaskEither<R1, E1, A>) => ReaderTaskEither<R1 & R2, E1 | E2, B> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    if (isLeft(either)) return either;
    throwIfInterrupted(env.signal);
    return start(f(either.right), env);
  };
}
