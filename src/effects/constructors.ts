import { type Either, left as leftEither, right as rightEither } from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import type { NetEnv } from './net-env.ts';
import type { Net } from './net.ts';

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
 * An `Either` as an effect.
 *
 * @example
 * ```ts
 * import { left } from 'fp-ts/lib/Either.js';
 * import { fromEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromEither(left('no')))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromEither<E, A>(either: Either<E, A>): Net<E, A> {
  return () => () => Promise.resolve(either);
}

/**
 * Calls a function at each run. What it throws is a defect.
 *
 * @example
 * ```ts
 * import { fromIO, toPromise } from 'rxjs-net/effects';
 *
 * let calls = 0;
 * const count = fromIO(() => (calls += 1));
 *
 * await toPromise(count);
 * console.log(await toPromise(count)); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromIO<A, E = never>(io: IO<A>): Net<E, A> {
  return () => async () => rightEither(io());
}

/**
 * A `TaskEither` as an effect. What its promise is rejected with is a defect.
 *
 * @example
 * ```ts
 * import * as TE from 'fp-ts/lib/TaskEither.js';
 * import { fromTaskEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromTaskEither(TE.left('no')))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromTaskEither<E, A>(task: TaskEither<E, A>): Net<E, A> {
  return () => task;
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
export function ask<R extends NetEnv = NetEnv, E = never>(): ReaderTaskEither<R, E, R> {
  return (env) => () => Promise.resolve(rightEither(env));
}
