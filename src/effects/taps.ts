import type { Either } from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderEither } from 'fp-ts/lib/ReaderEither.js';
import type { ReaderIO } from 'fp-ts/lib/ReaderIO.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import {
  liftEither,
  liftIO,
  liftReader,
  liftReaderEither,
  liftReaderIO,
  liftReaderTask,
  liftTask,
  liftTaskEither,
} from './lifts.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { tap } from './sequencing.ts';

/**
 * Runs an `Either` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as E from 'fp-ts/lib/Either.js';
 * import { of, tapEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapEither((n) => E.right(n + 1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapEither<A, E2>(
  f: (value: A) => Either<E2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1> {
  return tap((value: A) => liftEither(f(value)));
}

/**
 * Runs an `IO` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, tapIO, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapIO((n) => () => n + 1)))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapIO<A>(
  f: (value: A) => IO<unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1, R1> {
  return tap((value: A) => liftIO(f(value)));
}

/**
 * Runs a `Task` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, tapTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapTask((n) => async () => n + 1)))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapTask<A>(
  f: (value: A) => Task<unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1, R1> {
  return tap((value: A) => liftTask(f(value)));
}

/**
 * Runs a `TaskEither` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as TE from 'fp-ts/lib/TaskEither.js';
 * import { of, tapTaskEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapTaskEither((n) => TE.right(n + 1))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapTaskEither<A, E2>(
  f: (value: A) => TaskEither<E2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1> {
  return tap((value: A) => liftTaskEither(f(value)));
}

/**
 * Runs a `Reader` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, tapReader, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapReader((n) => (env: NetEnv) => n + Number(env.signal.aborted) + 1)))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapReader<A, R2 = NetEnv>(
  f: (value: A) => Reader<R2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1, R1 & R2> {
  return tap((value: A) => liftReader(f(value)));
}

/**
 * Runs a `ReaderIO` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, tapReaderIO, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapReaderIO((n) => (env: NetEnv) => () => n + Number(env.signal.aborted) + 1)))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapReaderIO<A, R2 = NetEnv>(
  f: (value: A) => ReaderIO<R2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1, R1 & R2> {
  return tap((value: A) => liftReaderIO(f(value)));
}

/**
 * Runs a `ReaderTask` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, tapReaderTask, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapReaderTask((n) => (env: NetEnv) => async () => n + Number(env.signal.aborted) + 1)))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapReaderTask<A, R2 = NetEnv>(
  f: (value: A) => ReaderTask<R2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1, R1 & R2> {
  return tap((value: A) => liftReaderTask(f(value)));
}

/**
 * Runs a `ReaderEither` that is computed from the value, and keeps the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as E from 'fp-ts/lib/Either.js';
 * import { of, tapReaderEither, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), tapReaderEither((n) => (env: NetEnv) => (env.signal.aborted ? E.left('late') : E.right(n + 1)))))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function tapReaderEither<A, E2, R2 = NetEnv>(
  f: (value: A) => ReaderEither<R2, E2, unknown>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<A, E1 | E2, R1 & R2> {
  return tap((value: A) => liftReaderEither(f(value)));
}
