import { type Either, isLeft, right, swap as swapped } from 'fp-ts/lib/Either.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { liftReaderTask } from './lifts.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { orElseW } from './recovering.ts';
import { start } from './start.ts';

/**
 * Makes a failure of the value, and a value of the failure.
 *
 * @example
 * ```ts
 * import { left, swap, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(swap(left('no')))); // => { _tag: 'Right', right: 'no' }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function swap<R, E, A>(net: ReaderTaskEither<R, E, A>): Program<E, A, R> {
  return (env) => async () => swapped(await start(net, env));
}

/**
 * The value, or the failure as a value. Nothing is left that it can fail with.
 *
 * `toUnion` of fp-ts gives a `ReaderTask`; this one stays an effect.
 *
 * @example
 * ```ts
 * import { left, toPromise, toUnion } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(toUnion(left('no')))); // => { _tag: 'Right', right: 'no' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export function toUnion<R, E, A>(net: ReaderTaskEither<R, E, A>): Program<E | A, never, R> {
  return (env) => async () => right(unionOf<E, A>(await start(net, env)));
}

/**
 * Makes another failure of a failure, by a `ReaderTask`. It widens what is needed.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, orLeft, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left('no'), orLeft((why) => () => async () => why.length)))); // => { _tag: 'Left', left: 2 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function orLeft<E1, E2, R2 = NetEnv>(
  onLeft: (failure: E1) => ReaderTask<R2, E2>,
): <R1, A>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E2, R1 & R2> {
  return orElseW((failure: E1) => swap(liftReaderTask(onLeft(failure))));
}

/**
 * `orLeft` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, orLeftW, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left('no'), orLeftW((why) => () => async () => why.length)))); // => { _tag: 'Left', left: 2 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export const orLeftW: typeof orLeft = orLeft;

function unionOf<E, A>(either: Either<E, A>): E | A {
  return isLeft(either) ? either.left : either.right;
}
