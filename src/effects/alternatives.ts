import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { orElseW } from './recovering.ts';

/**
 * Runs another effect when it fails. It widens what both succeed with and need; only what the other
 * one can fail with is left.
 *
 * @param that - makes the other effect, so that one program may be the alternative of itself.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { altW, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const answer = pipe(left('the cache is cold'), altW(() => of(42)));
 *
 * console.log(await toPromise(answer)); // => { _tag: 'Right', right: 42 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function altW<E2, B, R2 = NetEnv>(
  that: () => ReaderTaskEither<R2, E2, B>,
): <R1, E1, A>(net: ReaderTaskEither<R1, E1, A>) => Program<A | B, E2, R1 & R2> {
  return orElseW(that);
}

/**
 * `altW` that does not widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { alt, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const answer = pipe(left<string, number>('no'), alt(() => of<string, number>(0)));
 *
 * console.log(await toPromise(answer)); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function alt<R, E, A>(
  that: () => ReaderTaskEither<R, E, A>,
): (net: ReaderTaskEither<R, E, A>) => Program<A, E, R> {
  return orElseW(that);
}
