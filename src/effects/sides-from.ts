import type { IO } from 'fp-ts/lib/IO.js';
import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderIO } from 'fp-ts/lib/ReaderIO.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { Task } from 'fp-ts/lib/Task.js';

import { liftIO, liftReader, liftReaderIO, liftReaderTask, liftTask } from './lifts.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { swap } from './sides.ts';

/**
 * Succeeds with what an `IO` gives.
 *
 * @example
 * ```ts
 * import { rightIO, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(rightIO(() => 1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function rightIO<A>(io: IO<A>): Program<A, never, unknown> {
  return liftIO(io);
}

/**
 * Fails with what an `IO` gives.
 *
 * @example
 * ```ts
 * import { leftIO, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(leftIO(() => 1))); // => { _tag: 'Left', left: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function leftIO<E>(io: IO<E>): Program<never, E, unknown> {
  return swap(liftIO(io));
}

/**
 * Succeeds with what a `Task` gives.
 *
 * @example
 * ```ts
 * import { rightTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(rightTask(async () => 1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function rightTask<A>(task: Task<A>): Program<A, never, unknown> {
  return liftTask(task);
}

/**
 * Fails with what a `Task` gives.
 *
 * @example
 * ```ts
 * import { leftTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(leftTask(async () => 1))); // => { _tag: 'Left', left: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function leftTask<E>(task: Task<E>): Program<never, E, unknown> {
  return swap(liftTask(task));
}

/**
 * Succeeds with what a `Reader` gives.
 *
 * @example
 * ```ts
 * import { rightReader, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(rightReader((env: NetEnv) => Number(env.signal.aborted)))); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function rightReader<A, R = NetEnv>(reader: Reader<R, A>): Program<A, never, R> {
  return liftReader(reader);
}

/**
 * Fails with what a `Reader` gives.
 *
 * @example
 * ```ts
 * import { leftReader, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(leftReader((env: NetEnv) => Number(env.signal.aborted)))); // => { _tag: 'Left', left: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function leftReader<E, R = NetEnv>(reader: Reader<R, E>): Program<never, E, R> {
  return swap(liftReader(reader));
}

/**
 * Succeeds with what a `ReaderIO` gives.
 *
 * @example
 * ```ts
 * import { rightReaderIO, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(rightReaderIO((env: NetEnv) => () => Number(env.signal.aborted)))); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function rightReaderIO<A, R = NetEnv>(reader: ReaderIO<R, A>): Program<A, never, R> {
  return liftReaderIO(reader);
}

/**
 * Fails with what a `ReaderIO` gives.
 *
 * @example
 * ```ts
 * import { leftReaderIO, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(leftReaderIO((env: NetEnv) => () => Number(env.signal.aborted)))); // => { _tag: 'Left', left: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function leftReaderIO<E, R = NetEnv>(reader: ReaderIO<R, E>): Program<never, E, R> {
  return swap(liftReaderIO(reader));
}

/**
 * Succeeds with what a `ReaderTask` gives.
 *
 * @example
 * ```ts
 * import { rightReaderTask, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(rightReaderTask((env: NetEnv) => async () => Number(env.signal.aborted)))); // => { _tag: 'Right', right: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function rightReaderTask<A, R = NetEnv>(reader: ReaderTask<R, A>): Program<A, never, R> {
  return liftReaderTask(reader);
}

/**
 * Fails with what a `ReaderTask` gives.
 *
 * @example
 * ```ts
 * import { leftReaderTask, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(leftReaderTask((env: NetEnv) => async () => Number(env.signal.aborted)))); // => { _tag: 'Left', left: 0 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function leftReaderTask<E, R = NetEnv>(reader: ReaderTask<R, E>): Program<never, E, R> {
  return swap(liftReaderTask(reader));
}
