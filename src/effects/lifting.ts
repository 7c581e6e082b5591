import type { Either } from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderEither } from 'fp-ts/lib/ReaderEither.js';
import type { ReaderIO } from 'fp-ts/lib/ReaderIO.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import {
  liftEither,
  liftIO,
  liftIOEither,
  liftNullable as liftNullableOf,
  liftOption as liftOptionOf,
  liftReader,
  liftReaderEither,
  liftReaderIO,
  liftReaderTask,
  liftTask,
  liftTaskEither,
} from './lifts.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';

/**
 * Makes an effect of a function that returns an `Either`.
 *
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js';
 * import { fromEitherK, toPromise } from 'rxjs-net/effects';
 *
 * const next = fromEitherK((n: number) => E.right(n + 1));
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromEitherK<P extends readonly unknown[], E, A>(
  f: (...args: P) => Either<E, A>,
): (...args: P) => Program<A, E, unknown> {
  return (...args) => liftEither(f(...args));
}

/**
 * Makes an effect of a function that returns an `IO`.
 *
 * @example
 * ```ts
 * import { fromIOK, toPromise } from 'rxjs-net/effects';
 *
 * const next = fromIOK((n: number) => () => n + 1);
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromIOK<P extends readonly unknown[], A>(
  f: (...args: P) => IO<A>,
): (...args: P) => Program<A, never, unknown> {
  return (...args) => liftIO(f(...args));
}

/**
 * Makes an effect of a function that returns a `Task`.
 *
 * @example
 * ```ts
 * import { fromTaskK, toPromise } from 'rxjs-net/effects';
 *
 * const next = fromTaskK((n: number) => async () => n + 1);
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromTaskK<P extends readonly unknown[], A>(
  f: (...args: P) => Task<A>,
): (...args: P) => Program<A, never, unknown> {
  return (...args) => liftTask(f(...args));
}

/**
 * Makes an effect of a function that returns a `TaskEither`.
 *
 * @example
 * ```ts
 * import * as TE from 'fp-ts/lib/TaskEither.js';
 * import { fromTaskEitherK, toPromise } from 'rxjs-net/effects';
 *
 * const next = fromTaskEitherK((n: number) => TE.right(n + 1));
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromTaskEitherK<P extends readonly unknown[], E, A>(
  f: (...args: P) => TaskEither<E, A>,
): (...args: P) => Program<A, E, unknown> {
  return (...args) => liftTaskEither(f(...args));
}

/**
 * Makes an effect of a function that returns an `IOEither`.
 *
 * @example
 * ```ts
 * import * as IOE from 'fp-ts/lib/IOEither.js';
 * import { fromIOEitherK, toPromise } from 'rxjs-net/effects';
 *
 * const next = fromIOEitherK((n: number) => IOE.right(n + 1));
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromIOEitherK<P extends readonly unknown[], E, A>(
  f: (...args: P) => IOEither<E, A>,
): (...args: P) => Program<A, E, unknown> {
  return (...args) => liftIOEither(f(...args));
}

/**
 * Makes an effect of a function that returns a `Reader`.
 *
 * @example
 * ```ts
 * import { fromReaderK, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const next = fromReaderK((n: number) => (env: NetEnv) => n + Number(env.signal.aborted) + 1);
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromReaderK<P extends readonly unknown[], A, R = NetEnv>(
  f: (...args: P) => Reader<R, A>,
): (...args: P) => Program<A, never, R> {
  return (...args) => liftReader(f(...args));
}

/**
 * Makes an effect of a function that returns a `ReaderIO`.
 *
 * @example
 * ```ts
 * import { fromReaderIOK, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const next = fromReaderIOK((n: number) => (env: NetEnv) => () => n + Number(env.signal.aborted) + 1);
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromReaderIOK<P extends readonly unknown[], A, R = NetEnv>(
  f: (...args: P) => ReaderIO<R, A>,
): (...args: P) => Program<A, never, R> {
  return (...args) => liftReaderIO(f(...args));
}

/**
 * Makes an effect of a function that returns a `ReaderTask`.
 *
 * @example
 * ```ts
 * import { fromReaderTaskK, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const next = fromReaderTaskK((n: number) => (env: NetEnv) => async () => n + Number(env.signal.aborted) + 1);
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromReaderTaskK<P extends readonly unknown[], A, R = NetEnv>(
  f: (...args: P) => ReaderTask<R, A>,
): (...args: P) => Program<A, never, R> {
  return (...args) => liftReaderTask(f(...args));
}

/**
 * Makes an effect of a function that returns a `ReaderEither`.
 *
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js';
 * import { fromReaderEitherK, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const next = fromReaderEitherK((n: number) => (env: NetEnv) => (env.signal.aborted ? E.left('late') : E.right(n + 1)));
 *
 * console.log(await toPromise(next(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromReaderEitherK<P extends readonly unknown[], E, A, R = NetEnv>(
  f: (...args: P) => ReaderEither<R, E, A>,
): (...args: P) => Program<A, E, R> {
  return (...args) => liftReaderEither(f(...args));
}

/**
 * Makes an effect of a function that returns an `Option`; `onNone` makes the failure of a missing
 * value.
 *
 * @example
 * ```ts
 * import { fromNullable } from 'fp-ts/lib/Option.js';
 * import { liftOption, toPromise } from 'rxjs-net/effects';
 *
 * const first = liftOption((names: readonly string[]) => fromNullable(names[0]), () => 'none');
 *
 * console.log(await toPromise(first([]))); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function liftOption<P extends readonly unknown[], A, E>(
  f: (...args: P) => Option<A>,
  onNone: (...args: P) => E,
): (...args: P) => Program<A, E, unknown> {
  return (...args) => liftOptionOf(f(...args), () => onNone(...args));
}

/**
 * `liftOption` with its arguments one after the other: the older form.
 *
 * @example
 * ```ts
 * import { fromNullable } from 'fp-ts/lib/Option.js';
 * import { fromOptionK, toPromise } from 'rxjs-net/effects';
 *
 * const first = fromOptionK(() => 'none')((names: readonly string[]) => fromNullable(names[0]));
 *
 * console.log(await toPromise(first([]))); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromOptionK<E>(
  onNone: () => E,
): <P extends readonly unknown[], A>(f: (...args: P) => Option<A>) => (...args: P) => Program<A, E, unknown> {
  return (f) => liftOption(f, onNone);
}

/**
 * Makes an effect of a function that returns a value that may be `null` or `undefined`;
 * `onNullable` makes the failure of a missing value.
 *
 * @example
 * ```ts
 * import { liftNullable, toPromise } from 'rxjs-net/effects';
 *
 * const first = liftNullable((names: readonly string[]) => names[0], () => 'none');
 *
 * console.log(await toPromise(first([]))); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function liftNullable<P extends readonly unknown[], A, E>(
  f: (...args: P) => A | null | undefined,
  onNullable: (...args: P) => E,
): (...args: P) => Program<NonNullable<A>, E, unknown> {
  return (...args) => liftNullableOf<A | null | undefined, E>(f(...args), () => onNullable(...args));
}

/**
 * `liftNullable` with its arguments one after the other: the older form.
 *
 * @example
 * ```ts
 * import { fromNullableK, toPromise } from 'rxjs-net/effects';
 *
 * const first = fromNullableK(() => 'none')((names: readonly string[]) => names[0]);
 *
 * console.log(await toPromise(first([]))); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category lifting
 * @since 0.1.0
 */
export function fromNullableK<E>(
  onNullable: () => E,
): <P extends readonly unknown[], A>(
  f: (...args: P) => A | null | undefined,
) => (...args: P) => Program<NonNullable<A>, E, unknown> {
  return (f) => liftNullable(f, onNullable);
}
