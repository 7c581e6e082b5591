import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { start } from './start.ts';

/**
 * Makes a value of a failure, and one of a success. Nothing is left that it can fail with; a defect
 * and an interruption pass. It widens.
 *
 * `match` of fp-ts gives a `ReaderTask`; this one stays an effect. `matchTags` has a case for each
 * kind of failure, `matchExit` is for what `toExit` gives.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, match, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(
 *   left<string, number>('nobody is there'),
 *   match(
 *     (why) => `failed: ${why}`,
 *     (n) => `got ${n}`,
 *   ),
 * );
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'failed: nobody is there' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export function match<E, A, B, C = B>(
  onFailure: (failure: E) => B,
  onSuccess: (value: A) => C,
): <R>(net: ReaderTaskEither<R, E, A>) => Program<B | C, never, R> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return right(isLeft(either) ? onFailure(either.left) : onSuccess(either.right));
  };
}

/**
 * Goes on with one effect after a failure, and with another one after a success. It widens. (Older
 * versions of fp-ts call it `fold`.)
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, matchE, of, sleep, toPromise } from 'rxjs-net/effects';
 *
 * const program = pipe(
 *   left<'busy' | 'gone', string>('busy'),
 *   matchE(
 *     (why) => (why === 'busy' ? of('later') : left(why)),
 *     (text) => of(text.toUpperCase()),
 *   ),
 * );
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: 'later' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export function matchE<E1, A, E2, B, E3, C, R2 = NetEnv, R3 = NetEnv>(
  onFailure: (failure: E1) => ReaderTaskEither<R2, E2, B>,
  onSuccess: (value: A) => ReaderTaskEither<R3, E3, C>,
): <R1>(net: ReaderTaskEither<R1, E1, A>) => Program<B | C, E2 | E3, R1 & R2 & R3> {
  return <R1>(net: ReaderTaskEither<R1, E1, A>) =>
    (env: R1 & R2 & R3) =>
    async () => {
      const either = await start<R1, E1, A>(net, env);
      throwIfOver(env);
      return isLeft(either)
        ? start<R2, E2 | E3, B | C>(onFailure(either.left), env)
        : start<R3, E2 | E3, B | C>(onSuccess(either.right), env);
    };
}

/**
 * Makes a value of a failure, and leaves a success as it is. Nothing is left that it can fail with.
 * It widens. Where an effect is to be run instead, take `orElseW`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { getOrElse, left, toPromise } from 'rxjs-net/effects';
 *
 * const count = pipe(
 *   left<string, number>('nobody knows'),
 *   getOrElse(() => 0),
 * );
 *
 * console.log(await toPromise(count)); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function getOrElse<E, B>(
  onFailure: (failure: E) => B,
): <R, A>(net: ReaderTaskEither<R, E, A>) => Program<A | B, never, R> {
  return <R, A>(net: ReaderTaskEither<R, E, A>) => match(onFailure, (value: A) => value)(net);
}

/**
 * `match` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, matchW, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(left<string, number>('no'), matchW((why) => `failed: ${why}`, (n) => `got ${n}`));
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'failed: no' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export const matchW: typeof match = match;

/**
 * `matchE` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, matchEW, of, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(left<string, number>('no'), matchEW((why) => of(`failed: ${why}`), (n) => of(`got ${n}`)));
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'failed: no' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export const matchEW: typeof matchE = matchE;

/**
 * `matchE` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { fold, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(left<string, number>('no'), fold((why) => of(`failed: ${why}`), (n) => of(`got ${n}`)));
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'failed: no' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export const fold: typeof matchE = matchE;

/**
 * `matchE` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { foldW, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(left<string, number>('no'), foldW((why) => of(`failed: ${why}`), (n) => of(`got ${n}`)));
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'failed: no' }
 * ```
 *
 * @category pattern matching
 * @since 0.1.0
 */
export const foldW: typeof matchE = matchE;

/**
 * `getOrElse` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { getOrElseW, left, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(left<string, number>('no'), getOrElseW(() => 'none')))); // => { _tag: 'Right', right: 'none' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export const getOrElseW: typeof getOrElse = getOrElse;
