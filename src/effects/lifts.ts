import {
  type Either,
  fromNullable as eitherOfNullable,
  fromOption as eitherOfOption,
  right,
} from 'fp-ts/lib/Either.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderEither } from 'fp-ts/lib/ReaderEither.js';
import type { ReaderIO } from 'fp-ts/lib/ReaderIO.js';
import type { ReaderTask } from 'fp-ts/lib/ReaderTask.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import { lifted } from './conversions.ts';
import { throwIfEnded } from './in-flight.ts';
import { signalOf } from './net-env.ts';

/**
 * The kinds of fp-ts as effects that need no more than these do: what the functions of several
 * files lift by.
 */

export const liftEither =
  <E, A>(either: Either<E, A>): ReaderTaskEither<unknown, E, A> =>
  () =>
  () =>
    Promise.resolve(either);

export const liftOption =
  <A, E>(option: Option<A>, onNone: () => E): ReaderTaskEither<unknown, E, A> =>
  () =>
  async () =>
    eitherOfOption(onNone)(option);

export const liftNullable =
  <A, E>(value: A, onNullable: () => E): ReaderTaskEither<unknown, E, NonNullable<A>> =>
  () =>
  async () =>
    value === null || value === undefined ? eitherOfNullable(onNullable())(value) : right<E, NonNullable<A>>(value);

export const liftIOEither =
  <E, A>(io: IOEither<E, A>): ReaderTaskEither<unknown, E, A> =>
  (env) =>
  async () => {
    throwIfEnded(signalOf(env));
    return io();
  };

export const liftIO = <A>(io: IO<A>): ReaderTaskEither<unknown, never, A> => liftIOEither(() => right(io()));

export const liftTaskEither = <E, A>(task: TaskEither<E, A>): ReaderTaskEither<unknown, E, A> => lifted(task);

export const liftTask = <A>(task: Task<A>): ReaderTaskEither<unknown, never, A> =>
  lifted(async () => right(await task()));

export const liftReaderEither =
  <R, E, A>(reader: ReaderEither<R, E, A>): ReaderTaskEither<R, E, A> =>
  (env) =>
  async () =>
    reader(env);

export const liftReader = <R, A>(reader: Reader<R, A>): ReaderTaskEither<R, never, A> =>
  liftReaderEither((env) => right(reader(env)));

export const liftReaderIO =
  <R, A>(reader: ReaderIO<R, A>): ReaderTaskEither<R, never, A> =>
  (env) =>
    liftIO(reader(env))(env);

export const liftReaderTask =
  <R, A>(reader: ReaderTask<R, A>): ReaderTaskEither<R, never, A> =>
  (env) =>
    liftTask(reader(env))(env);
