// Values and failures become one another, and dependencies are given: what each does not touch passes.
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';

import * as N from 'rxjs-net/effects';

const no: N.Net<string, number> = N.left('no');
const one: N.Net<string, number> = N.of(1);
const bug: N.Net<string, number> = N.die('bug');

describe.each<[string, (net: N.Net<string, number>) => N.Net<unknown, unknown>, unknown, unknown]>([
  [
    'match',
    N.match(
      (why: string) => `failed: ${why}`,
      (n: number) => n + 1,
    ),
    E.right('failed: no'),
    E.right(2),
  ],
  ['getOrElse', N.getOrElse((why: string) => why.length), E.right(2), E.right(1)],
  [
    'matchE, which fails and succeeds',
    N.matchE(
      (why: string) => N.left([why]),
      (n: number) => N.of(n + 1),
    ),
    E.left(['no']),
    E.right(2),
  ],
  [
    'matchE, which succeeds and fails',
    N.matchE(
      (why: string) => N.of([why]),
      (n: number) => N.left(n + 1),
    ),
    E.right(['no']),
    E.left(2),
  ],
  [
    'filterOrElse that lets pass',
    N.filterOrElse(
      (n: number) => n < 2,
      () => 'big',
    ),
    E.left('no'),
    E.right(1),
  ],
  [
    'filterOrElse that does not',
    N.filterOrElse(
      (n: number) => n > 2,
      (n) => n,
    ),
    E.left('no'),
    E.left(1),
  ],
  ['flatMapTask', N.flatMapTask((n: number) => async () => n + 1), E.left('no'), E.right(2)],
  [
    'flatMapReader',
    N.flatMapReader((n: number) => (env: N.NetEnv) => [n, env.random()]),
    E.left('no'),
    E.right([1, 0.5]),
  ],
])('%s', (_, step, ofFailure, ofSuccess) => {
  const run = (net: N.Net<string, number>): Promise<unknown> => N.toPromise(step(net), { random: () => 0.5 });

  test('after a failure', async () => {
    expect(await run(no)).toEqual(ofFailure);
  });

  test('after a success', async () => {
    expect(await run(one)).toEqual(ofSuccess);
  });

  test('a defect passes', async () => {
    await expect(run(bug)).rejects.toMatchObject({ _tag: 'Defect', cause: 'bug' });
  });
});

test('what the functions throw is a defect', async () => {
  const throwing = (): never => {
    throw new Error('oops');
  };
  for (const net of [
    pipe(
      no,
      N.match(throwing, () => 1),
    ),
    pipe(
      one,
      N.match(() => 1, throwing),
    ),
    pipe(
      no,
      N.matchE(throwing, () => one),
    ),
    pipe(no, N.getOrElse(throwing)),
    pipe(
      one,
      N.filterOrElse(throwing, () => 'no'),
    ),
    pipe(
      one,
      N.filterOrElse(() => false, throwing),
    ),
    pipe(N.of(O.none), N.someOrElse(throwing)),
    N.fromPredicate(throwing, () => 'no')(1),
    pipe(one, N.local(throwing)),
    pipe(one, N.flatMapTask(throwing)),
    pipe(
      one,
      N.flatMapReader(() => throwing),
    ),
  ]) {
    expect(await N.toExit(net)).toMatchObject({ _tag: 'Defect', cause: { message: 'oops' } });
  }
});

test('match: an interruption passes; matchE: neither of its effects is begun', async () => {
  const controller = new AbortController();
  const interrupt = N.fromIO<number, string>(() => {
    controller.abort('enough');
    return 1;
  });
  let begun = 0;
  const begin = N.fromIO(() => (begun += 1));
  const exit = await N.toExit(
    pipe(
      interrupt,
      N.matchE(
        () => begin,
        () => begin,
      ),
    ),
    { signal: controller.signal },
  );
  expect([exit, begun]).toMatchObject([{ _tag: 'Interrupted', reason: 'enough' }, 0]);
  const waited = pipe(
    N.sleep(60_000),
    N.match(
      (never: never) => never,
      () => 'slept',
    ),
  );
  expect(await N.toExit(waited, { signal: AbortSignal.timeout(1) })).toMatchObject({ _tag: 'Interrupted' });
});

test('someOrElse takes the value out, or fails', async () => {
  const value = (option: O.Option<number>): Promise<unknown> =>
    N.toPromise(
      pipe(
        N.of(option),
        N.someOrElse(() => 'the end'),
      ),
    );
  expect([await value(O.some(1)), await value(O.none)]).toEqual([E.right(1), E.left('the end')]);
});

test('fromPredicate does nothing when it is built', async () => {
  let asked = 0;
  const even = N.fromPredicate(
    (n: number) => (asked += 1) > 0 && n % 2 === 0,
    (n) => `${n} is odd`,
  );
  const [four, three] = [even(4), even(3)];
  expect(asked).toBe(0);
  expect([await N.toPromise(four), await N.toPromise(three)]).toEqual([E.right(4), E.left('3 is odd')]);
});

test('local gives one dependency after the other, and the signal stays the one of the scope', async () => {
  interface A extends N.NetEnv {
    readonly a: string;
  }
  interface B extends N.NetEnv {
    readonly b: string;
  }
  const both = N.asks((env: A & B) => env.a + env.b);
  const net = pipe(
    both,
    N.local((env: A) => ({ ...env, b: 'b' })),
    N.local((env: N.NetEnv) => ({ ...env, a: 'a' })),
  );
  expect(await N.toPromise(net)).toEqual(E.right('ab'));
  const late = pipe(
    N.sleep(60_000),
    N.local((env: N.NetEnv) => ({ ...env, a: 'a' })),
    N.timeout(1),
  );
  expect(await N.toExit(late)).toMatchObject({ _tag: 'Failure', failure: { _tag: 'DeadlineExceeded' } });
});
