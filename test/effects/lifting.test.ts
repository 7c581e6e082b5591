// What goes over from other kinds of fp-ts into effects, and data first.
import * as E from 'fp-ts/lib/Either.js';
import * as IOE from 'fp-ts/lib/IOEither.js';
import * as O from 'fp-ts/lib/Option.js';
import type * as RTE from 'fp-ts/lib/ReaderTaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, test } from 'vitest';

import * as N from 'rxjs-net/effects';

interface Env extends N.NetEnv {
  readonly step: number;
}
const run = <A, E1>(net: RTE.ReaderTaskEither<Env, E1, A>) => N.toPromise(net, { step: 2 });

const readers = {
  Reader: (n: number) => (env: Env) => n + env.step,
  ReaderIO: (n: number) => (env: Env) => () => n + env.step,
  ReaderTask: (n: number) => (env: Env) => async () => n + env.step,
  ReaderEither: (n: number) => (env: Env) => E.right(n + env.step),
};
const plain = {
  Either: (n: number) => E.right(n + 2),
  IO: (n: number) => () => n + 2,
  Task: (n: number) => async () => n + 2,
  TaskEither: (n: number) => TE.right(n + 2),
  IOEither: (n: number) => IOE.right(n + 2),
};

describe('a step', () => {
  const of1 = N.of<string, number>(1);
  test.each([
    ['flatMapEither', pipe(of1, N.flatMapEither(plain.Either))],
    ['flatMapIO', pipe(of1, N.flatMapIO(plain.IO))],
    ['flatMapTask', pipe(of1, N.flatMapTask(plain.Task))],
    ['flatMapTaskEither', pipe(of1, N.flatMapTaskEither(plain.TaskEither))],
    ['flatMapIOEither', pipe(of1, N.flatMapIOEither(plain.IOEither))],
    ['flatMapReader', pipe(of1, N.flatMapReader(readers.Reader))],
    ['flatMapReaderIO', pipe(of1, N.flatMapReaderIO(readers.ReaderIO))],
    ['flatMapReaderTask', pipe(of1, N.flatMapReaderTask(readers.ReaderTask))],
    ['flatMapReaderEither', pipe(of1, N.flatMapReaderEither(readers.ReaderEither))],
    ['flatMap, data first', N.flatMap(of1, (n) => N.of(n + 2))],
    ['fromEitherK', N.fromEitherK(plain.Either)(1)],
    ['fromIOK', N.fromIOK(plain.IO)(1)],
    ['fromTaskK', N.fromTaskK(plain.Task)(1)],
    ['fromTaskEitherK', N.fromTaskEitherK(plain.TaskEither)(1)],
    ['fromIOEitherK', N.fromIOEitherK(plain.IOEither)(1)],
    ['fromReaderK', N.fromReaderK(readers.Reader)(1)],
    ['fromReaderIOK', N.fromReaderIOK(readers.ReaderIO)(1)],
    ['fromReaderTaskK', N.fromReaderTaskK(readers.ReaderTask)(1)],
    ['fromReaderEitherK', N.fromReaderEitherK(readers.ReaderEither)(1)],
    ['rightReaderTask', N.rightReaderTask(readers.ReaderTask(1))],
    ['swap of leftTask', N.swap(N.leftTask(plain.Task(1)))],
  ])('%s', async (_, net) => {
    expect(await run<unknown, unknown>(net)).toEqual(E.right(3));
  });

  test.each([
    ['tapEither', pipe(of1, N.tapEither(plain.Either))],
    ['tapIO', pipe(of1, N.tapIO(plain.IO))],
    ['tapTask', pipe(of1, N.tapTask(plain.Task))],
    ['tapTaskEither', pipe(of1, N.tapTaskEither(plain.TaskEither))],
    ['tapReader', pipe(of1, N.tapReader(readers.Reader))],
    ['tapReaderIO', pipe(of1, N.tapReaderIO(readers.ReaderIO))],
    ['tapReaderTask', pipe(of1, N.tapReaderTask(readers.ReaderTask))],
    ['tapReaderEither', pipe(of1, N.tapReaderEither(readers.ReaderEither))],
    ['tap, data first', N.tap(of1, () => N.of('dropped'))],
  ])('%s keeps the value', async (_, net) => {
    expect(await run<unknown, unknown>(net)).toEqual(E.right(1));
  });

  test.each([
    [
      'tapEither',
      pipe(
        of1,
        N.tapEither(() => E.left('no')),
      ),
    ],
    [
      'tapTaskEither',
      pipe(
        of1,
        N.tapTaskEither(() => TE.left('no')),
      ),
    ],
    [
      'tapReaderEither',
      pipe(
        of1,
        N.tapReaderEither(() => () => E.left('no')),
      ),
    ],
    [
      'flatMapOption',
      pipe(
        of1,
        N.flatMapOption(
          () => O.none,
          () => 'no',
        ),
      ),
    ],
    [
      'flatMapNullable',
      pipe(
        of1,
        N.flatMapNullable(
          () => null,
          () => 'no',
        ),
      ),
    ],
    [
      'flatMapIOEither',
      pipe(
        of1,
        N.flatMapIOEither(() => IOE.left('no')),
      ),
    ],
    [
      'liftOption',
      N.liftOption(
        () => O.none,
        () => 'no',
      )(),
    ],
    [
      'liftNullable',
      N.liftNullable(
        () => undefined,
        () => 'no',
      )(),
    ],
    ['fromNullable', N.fromNullable('no')(undefined)],
    [
      'orLeft',
      pipe(
        N.left(1),
        N.orLeft(() => () => async () => 'no'),
      ),
    ],
  ])('%s fails', async (_, net) => {
    expect(await run<unknown, unknown>(net)).toEqual(E.left('no'));
  });
});

test('0, false and an empty text are no missing values', async () => {
  for (const value of [0, false, '']) {
    expect(await run(N.fromNullable('no')(value))).toEqual(E.right(value));
    expect(
      await run(
        N.flatMapNullable(
          () => value,
          () => 'no',
        )(N.of(1)),
      ),
    ).toEqual(E.right(value));
  }
});

test('what a function of these throws is a defect', async () => {
  const oops = (): never => {
    throw new Error('oops');
  };
  for (const net of [
    pipe(
      N.of(1),
      N.tapIO(() => oops),
    ),
    pipe(
      N.of(1),
      N.flatMapReaderTask(() => () => oops),
    ),
    pipe(
      N.of(1),
      N.flatMapOption(oops, () => 'no'),
    ),
    N.fromIOEither(oops),
    N.asksReaderTaskEither(oops),
  ]) {
    expect(await N.toExit<N.NetEnv, unknown, unknown>(net)).toMatchObject({
      _tag: 'Defect',
      cause: { message: 'oops' },
    });
  }
});

test('an environment without a signal does for a program that needs none', async () => {
  const logged: string[] = [];
  const logger: RTE.ReaderTaskEither<{ readonly log: (line: string) => void }, never, void> =
    ({ log }) =>
    async () =>
      E.right(log('hello'));
  const program = pipe(
    logger,
    N.flatMap(() => N.asks(({ log }: { readonly log: (line: string) => void }) => log('again'))),
    N.apSecond(N.fromIOK(() => () => 1)()),
  );
  expect(await program({ log: (line) => void logged.push(line) })()).toEqual(E.right(1));
  expect(logged).toEqual(['hello', 'again']);
});
