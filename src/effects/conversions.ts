import {
  type Either,
  fromNullable as eitherOfNullable,
  fromOption as eitherOfOption,
  left,
  right,
} from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderEither } from 'fp-ts/lib/ReaderEither.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import { asks } from './constructors.ts';
import { fromCallback } from './from-callback.ts';
import { enter, throwIfEnded } from './in-flight.ts';
import { Interrupted, throwIfInterrupted } from './interrupted.ts';
import { type NetEnv, signalOf } from './net-env.ts';
import type { Net, Program } from './net.ts';

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
 * An `Option` as an effect; `onNone` says what a missing value means.
 *
 * @example
 * ```ts
 * import { none } from 'fp-ts/lib/Option.js';
 * import { fromOption, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromOption(() => 'nobody is there')(none))); // => { _tag: 'Left', left: 'nobody is there' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromOption<E>(onNone: () => E): <A>(option: Option<A>) => Net<E, A> {
  const found = eitherOfOption(onNone);
  return (option) => () => async () => found(option);
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
  return (env) => async () => {
    throwIfEnded(signalOf(env));
    return right(io());
  };
}

/**
 * A `Task` as an effect. What its promise is rejected with is a defect. It can't be told to stop:
 * see `fromTaskEither`.
 *
 * @example
 * ```ts
 * import { fromTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromTask(async () => 1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromTask<A, E = never>(task: Task<A>): Net<E, A> {
  return fromTaskEither<E, A>(async () => right(await task()));
}

/**
 * A `TaskEither` as an effect. What its promise is rejected with is a defect.
 *
 * It can't be told to stop. An interruption doesn't wait for it: it is left behind, and how it ends
 * is not told. Where that matters take `fromAbortable`, or `uninterruptible`.
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
  return lifted(task);
}

/** A `TaskEither` as an effect that needs nothing. */
export function lifted<R, E, A>(task: TaskEither<E, A>): Program<A, E, R> {
  return fromCallback<E, A, R>((resolve, reject) => {
    task().then(resolve, reject);
    return () => {};
  });
}

/**
 * A promise that is made at each run, and what a rejection of it means as a failure. It can't be
 * told to stop: see `fromTaskEither`.
 *
 * @param onRejected - makes a failure of what the function throws, or its promise is rejected with.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { toPromise, tryCatch } from 'rxjs-net/effects';
 *
 * const text = tryCatch(() => readFile('/does/not/exist', 'utf8'), () => 'no such file');
 *
 * console.log(await toPromise(text)); // => { _tag: 'Left', left: 'no such file' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function tryCatch<E, A>(make: () => Promise<A>, onRejected: (reason: unknown) => E): Net<E, A> {
  return fromTaskEither(async () => caught(make, onRejected));
}

/**
 * A promise of something that stops when its signal is aborted, such as `fetch` or `events.once`.
 * An interruption waits until it has ended.
 *
 * @param make - is given the signal. One that ignores it delays the interruption.
 * @param onRejected - makes a failure of what the function throws, or its promise is rejected with, unless it was aborted.
 *
 * @example
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { fromAbortable, toExit } from 'rxjs-net/effects';
 *
 * const late = fromAbortable((signal) => setTimeout(60_000, 'late', { signal }), () => 'no timer');
 *
 * console.log((await toExit(late, { signal: AbortSignal.timeout(5) }))._tag); // => Interrupted
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromAbortable<E, A>(
  make: (signal: AbortSignal) => Promise<A>,
  onRejected: (reason: unknown) => E,
): Net<E, A> {
  return ({ signal }) =>
    async () => {
      throwIfInterrupted(signal);
      const leave = enter(signal);
      try {
        return await caught(
          () => make(signal),
          (reason) => {
            if (signal.aborted) throw new Interrupted(signal.reason);
            return onRejected(reason);
          },
        );
      } finally {
        leave();
      }
    };
}

/**
 * What a function makes of the environment, as an effect.
 *
 * @example
 * ```ts
 * import { fromReader, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromReader((env) => env.signal.aborted))); // => { _tag: 'Right', right: false }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromReader<A, R = NetEnv, E = never>(reader: Reader<R, A>): Program<A, E, R> {
  return asks(reader);
}

async function caught<E, A>(make: () => Promise<A>, onRejected: (reason: unknown) => E): Promise<Either<E, A>> {
  let value: A;
  try {
    value = await make();
  } catch (reason) {
    return left(onRejected(reason));
  }
  return right(value);
}

/**
 * A value that may be missing, as an effect; `onNullable` is the failure of `null` and `undefined`.
 *
 * @example
 * ```ts
 * import { fromNullable, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromNullable('no value')(null))); // => { _tag: 'Left', left: 'no value' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromNullable<E>(onNullable: E): <A>(value: A) => Net<E, NonNullable<A>> {
  const found = eitherOfNullable(onNullable);
  return (value) => () => async () => found(value);
}

/**
 * An `IOEither` as an effect. It is called at each run; what it throws is a defect.
 *
 * @example
 * ```ts
 * import { left } from 'fp-ts/lib/IOEither.js';
 * import { fromIOEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromIOEither(left('no')))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromIOEither<E, A>(io: IOEither<E, A>): Net<E, A> {
  return (env) => async () => {
    throwIfEnded(signalOf(env));
    return io();
  };
}

/**
 * What a function makes of the environment, as an effect that may fail.
 *
 * @example
 * ```ts
 * import { left } from 'fp-ts/lib/Either.js';
 * import { fromReaderEither, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromReaderEither((env: NetEnv) => left(env.signal.aborted)))); // => { _tag: 'Left', left: false }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromReaderEither<E, A, R = NetEnv>(reader: ReaderEither<R, E, A>): Program<A, E, R> {
  return (env) => async () => reader(env);
}
