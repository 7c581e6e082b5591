import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { ReaderEither } from 'fp-ts/lib/ReaderEither.js';
import type { ReaderIO } from 'fp-ts/lib/ReaderIO.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { liftIOEither, liftNullable, liftOption, liftReaderEither, liftReaderIO, liftReaderTask } from './lifts.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { flatMap } from './sequencing.ts';

/**
 * Goes on with an `IOEither` that is computed from the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as IOE from 'fp-ts/lib/IOEither.js';
 * import { flatMapIOEither, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapIOEither((n) => IOE.right(n + 1))))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapIOEither<A, E2, B>(
  f: (value: A) => IOEither<E2, B>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1 | E2, R1> {
  return flatMap((value: A) => liftIOEither(f(value)));
}

/**
 * Goes on with a `ReaderIO` that is computed from the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapReaderIO, of, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapReaderIO((n) => (env: NetEnv) => () => n + Number(env.signal.aborted) + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapReaderIO<A, B, R2 = NetEnv>(
  f: (value: A) => ReaderIO<R2, B>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1, R1 & R2> {
  return flatMap((value: A) => liftReaderIO(f(value)));
}

/**
 * Goes on with a `ReaderTask` that is computed from the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapReaderTask, of, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapReaderTask((n) => (env: NetEnv) => async () => n + Number(env.signal.aborted) + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapReaderTask<A, B, R2 = NetEnv>(
  f: (value: A) => ReaderTask<R2, B>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1, R1 & R2> {
  return flatMap((value: A) => liftReaderTask(f(value)));
}

/**
 * Goes on with a `ReaderEither` that is computed from the value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as E from 'fp-ts/lib/Either.js';
 * import { flatMapReaderEither, of, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), flatMapReaderEither((n) => (env: NetEnv) => (env.signal.aborted ? E.left('late') : E.right(n + 1)))))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapReaderEither<A, E2, B, R2 = NetEnv>(
  f: (value: A) => ReaderEither<R2, E2, B>,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1 | E2, R1 & R2> {
  return flatMap((value: A) => liftReaderEither(f(value)));
}

/**
 * Goes on with an `Option`; `onNone` makes the failure of a missing value. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { fromNullable } from 'fp-ts/lib/Option.js';
 * import { flatMapOption, of, toPromise } from 'rxjs-net/effects';
 *
 * const first = pipe(of<never, readonly string[]>([]), flatMapOption((all) => fromNullable(all[0]), () => 'none'));
 *
 * console.log(await toPromise(first)); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapOption<A, B, E2>(
  f: (value: A) => Option<B>,
  onNone: (value: A) => E2,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<B, E1 | E2, R1> {
  return flatMap((value: A) => liftOption(f(value), () => onNone(value)));
}

/**
 * Goes on with a value that may be missing; `onNullable` makes the failure of `null` and
 * `undefined`. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapNullable, of, toPromise } from 'rxjs-net/effects';
 *
 * const first = pipe(of<never, readonly string[]>([]), flatMapNullable((all) => all[0], () => 'none'));
 *
 * console.log(await toPromise(first)); // => { _tag: 'Left', left: 'none' }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapNullable<A, B, E2>(
  f: (value: A) => B | null | undefined,
  onNullable: (value: A) => E2,
): <R1, E1>(net: ReaderTaskEither<R1, E1, A>) => Program<NonNullable<B>, E1 | E2, R1> {
  return flatMap((value: A) => liftNullable<B | null | undefined, E2>(f(value), () => onNullable(value)));
}
