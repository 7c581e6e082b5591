import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import { lifted } from './conversions.ts';
import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
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
 * @category mapping
 * @since 0.1.0
 */
export function map<A, B>(f: (value: A) => B): <R, E>(net: ReaderTaskEither<R, E, A>) => Program<B, E, R> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return isLeft(either) ? either : right(f(either.right));
  };
}

/**
 * Replaces what it succeeds with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { as, sleep, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(sleep(1), as('rested')))); // => { _tag: 'Right', right: 'rested' }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function as<B>(value: B): <R, E>(net: ReaderTaskEither<R, E, unknown>) => Program<B, E, R> {
  return map(() => value);
}

/**
 * Goes on with what `f` makes of the value, unless it failed, or was interrupted meanwhile. It
 * widens: the failures and the needs of both are in the type.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMap, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const positive = (n: number) => (n > 0 ? of(n) : left('not positive'));
 *
 * console.log(await toPromise(pipe(of(-1), flatMap(positive)))); // => { _tag: 'Left', left: 'not positive' }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMap<A, E2, B, R2 = NetEnv>(
  f: (value: A) => ReaderTaskEither<R2, E2, B>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1 | E2, R1 & R2>;
export function flatMap<R1, E1, A, E2, B, R2 = NetEnv>(
  net: ReaderTaskEither<R1, E1, A>,
  f: (value: A) => ReaderTaskEither<R2, E2, B>,
): Program<B, E1 | E2, R1 & R2>;
export function flatMap<A, R, E, B>(
  ...args:
    | readonly [f: (value: A) => ReaderTaskEither<R, E, B>]
    | readonly [net: ReaderTaskEither<R, E, A>, f: (value: A) => ReaderTaskEither<R, E, B>]
): unknown {
  if (args.length === 2) return flatMapped(...args);
  const [f] = args;
  return (net: ReaderTaskEither<R, E, A>) => flatMapped(net, f);
}

function flatMapped<R, E, A, B>(
  net: ReaderTaskEither<R, E, A>,
  f: (value: A) => ReaderTaskEither<R, E, B>,
): Program<B, E, R> {
  return (env) => async () => {
    const either = await start(net, env);
    if (isLeft(either)) return either;
    throwIfOver(env);
    return start(f(either.right), env);
  };
}

/**
 * `flatMap` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { chainW, left, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), chainW(left)))); // => { _tag: 'Left', left: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export const chainW: typeof flatMap = flatMap;

/**
 * `chainW` that doesn't widen: both fail alike and need the same.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { chain, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), chain((n) => of(n + 1))))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function chain<R, E, A, B>(
  f: (value: A) => ReaderTaskEither<R, E, B>,
): (net: ReaderTaskEither<R, E, A>) => Program<B, E, R> {
  return flatMap(f);
}

/**
 * Runs the effect that it succeeds with. It widens.
 *
 * @example
 * ```ts
 * import { flatten, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(flatten(of(of(1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatten<R1, E1, R2, E2, A>(
  net: ReaderTaskEither<R1, E1, ReaderTaskEither<R2, E2, A>>,
): Program<A, E1 | E2, R1 & R2> {
  return flatMap((inner: ReaderTaskEither<R2, E2, A>) => inner)(net);
}

/**
 * Runs another effect with the value, and keeps the value. It widens. (`chainFirstW` of older
 * fp-ts.)
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { fromIO, of, tap, toPromise } from 'rxjs-net/effects';
 *
 * await toPromise(pipe(of('hello'), tap((text) => fromIO(() => console.log(text))))); // => hello
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tap<A, E2, R2 = NetEnv>(
  f: (value: A) => ReaderTaskEither<R2, E2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1 & R2>;
export function tap<R1, E1, A, E2, R2 = NetEnv>(
  net: ReaderTaskEither<R1, E1, A>,
  f: (value: A) => ReaderTaskEither<R2, E2, unknown>,
): Program<A, E1 | E2, R1 & R2>;
export function tap<A, R, E>(
  ...args:
    | readonly [f: (value: A) => ReaderTaskEither<R, E, unknown>]
    | readonly [net: ReaderTaskEither<R, E, A>, f: (value: A) => ReaderTaskEither<R, E, unknown>]
): unknown {
  const keeping = (f: (value: A) => ReaderTaskEither<R, E, unknown>) => (value: A) => as(value)(f(value));
  if (args.length === 2) return flatMapped(args[0], keeping(args[1]));
  const [f] = args;
  return (net: ReaderTaskEither<R, E, A>) => flatMapped(net, keeping(f));
}

/**
 * Goes on with an `Either` that is computed from the value. It widens.
 *
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js';
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapEither, of, toPromise } from 'rxjs-net/effects';
 *
 * const parsed = pipe(of('80'), flatMapEither((text) => E.tryCatch(() => JSON.parse(text), () => 'no JSON')));
 *
 * console.log(await toPromise(parsed)); // => { _tag: 'Right', right: 80 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapEither<A, E2, B>(
  f: (value: A) => Either<E2, B>,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<B, E1 | E2, R> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    return isLeft(either) ? either : f(either.right);
  };
}

/**
 * Goes on with a function that is called at each run. What it throws is a defect.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapIO, of, toPromise } from 'rxjs-net/effects';
 *
 * await toPromise(pipe(of('hello'), flatMapIO((text) => () => console.log(text)))); // => hello
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapIO<A, B>(f: (value: A) => IO<B>): <R, E>(net: ReaderTaskEither<R, E, A>) => Program<B, E, R> {
  return map((value: A) => f(value)());
}

/**
 * Goes on with a `Task`. What its promise is rejected with is a defect. It can't be told to stop:
 * see `fromTaskEither`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapTask, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapTask((n) => async () => n + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapTask<A, B>(
  f: (value: A) => Task<B>,
): <R, E>(net: ReaderTaskEither<R, E, A>) => Program<B, E, R> {
  return flatMapLifted((value) => async () => right(await f(value)()));
}

/**
 * Goes on with a `TaskEither`. It widens. As it can't be told to stop, an interruption leaves it
 * behind: see `fromTaskEither`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as TE from 'fp-ts/lib/TaskEither.js';
 * import { flatMapTaskEither, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapTaskEither(TE.left)))); // => { _tag: 'Left', left: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapTaskEither<A, E2, B>(
  f: (value: A) => TaskEither<E2, B>,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<B, E1 | E2, R> {
  return flatMapLifted(f);
}

function flatMapLifted<A, E2, B>(
  f: (value: A) => TaskEither<E2, B>,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<B, E1 | E2, R> {
  return <R, E1>(net: ReaderTaskEither<R, E1, A>) => flatMap((value: A) => lifted<R, E2, B>(f(value)))(net);
}

/**
 * `tap` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { chainFirst, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), chainFirst(() => of(2))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export const chainFirst: typeof tap = tap;

/**
 * `tap` under its older name.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { chainFirstW, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), chainFirstW(() => of(2))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export const chainFirstW: typeof tap = tap;

/**
 * `flatten` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { flattenW, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(flattenW(of(of(1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export const flattenW: typeof flatten = flatten;

/**
 * Replaces what it succeeds with by nothing.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { asUnit, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), asUnit))); // => { _tag: 'Right', right: undefined }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function asUnit<R, E>(net: ReaderTaskEither<R, E, unknown>): Program<void, E, R> {
  return map(() => undefined)(net);
}

/**
 * Applies a function that it succeeds with to a value.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flap, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of((n: number) => n + 1), flap(1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category mapping
 * @since 0.1.0
 */
export function flap<A>(value: A): <R, E, B>(net: ReaderTaskEither<R, E, (value: A) => B>) => Program<B, E, R> {
  return <R, E, B>(net: ReaderTaskEither<R, E, (value: A) => B>) => map((f: (value: A) => B) => f(value))(net);
}
