import { left as leftEither, right as rightEither } from 'fp-ts/lib/Either.js';

import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';

/**
 * Succeeds with a value.
 *
 * @example
 * ```ts
 * import { of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(of(1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function of<E = never, A = never>(value: A): Net<E, A> {
  return () => () => Promise.resolve(rightEither(value));
}

/**
 * Succeeds with a value: `of` under the name that matches `left`.
 *
 * @example
 * ```ts
 * import { right, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(right(1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const right: typeof of = of;

/**
 * Fails.
 *
 * @example
 * ```ts
 * import { left, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(left('no'))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function left<E = never, A = never>(failure: E): Net<E, A> {
  return () => () => Promise.resolve(leftEither(failure));
}

/**
 * What the effect is given when it runs.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { ask, map, toPromise } from 'rxjs-net/effects';
 *
 * const chance = pipe(ask(), map((env) => env.random()));
 *
 * console.log(await toPromise(chance, { random: () => 0.25 })); // => { _tag: 'Right', right: 0.25 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function ask<R = NetEnv, E = never>(): Program<R, E, R> {
  return (env) => () => Promise.resolve(rightEither(env));
}

/**
 * Something of what the effect is given when it runs.
 *
 * @example
 * ```ts
 * import { asks, type NetEnv, toPromise } from 'rxjs-net/effects';
 *
 * interface Env extends NetEnv {
 *   readonly greeting: string;
 * }
 * const greeting = asks((env: Env) => env.greeting);
 *
 * console.log(await toPromise(greeting, { greeting: 'hello' })); // => { _tag: 'Right', right: 'hello' }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function asks<A, R = NetEnv, E = never>(f: (env: R) => A): Program<A, E, R> {
  return (env) => async () => rightEither(f(env));
}

/**
 * Ends with a defect: for what can't happen unless the program is wrong.
 *
 * @example
 * ```ts
 * import { die, toExit } from 'rxjs-net/effects';
 *
 * const exit = await toExit(die(new Error('the table is full')));
 *
 * console.log(exit._tag, 'message' in exit && exit.message); // => Defect the effect died: the table is full
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function die(cause: unknown): Net<never, never> {
  return () => async () => {
    throw cause;
  };
}

/**
 * Fails: `left` under the name that it has in `MonadThrow`.
 *
 * @example
 * ```ts
 * import { throwError, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(throwError('no'))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const throwError: typeof left = left;
