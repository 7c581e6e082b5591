// The laws of the instances and of brackets, over effects that succeed, fail, die, and take their time.
import { fc, test } from '@fast-check/vitest';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect } from 'vitest';

import {
  ApplicativePar,
  ApplicativeSeq,
  as,
  bimap,
  bracket,
  die,
  type Exit,
  flatMap,
  fromEither,
  fromTask,
  left,
  map,
  Monad,
  MonadThrow,
  type NetEnv,
  type Net,
  of,
  orElse,
  race,
  sleep,
  timeout,
  toExit,
  traverseArray,
  uninterruptible,
} from 'rxjs-net/effects';
import { never, note } from './support/effects.ts';

const later = <E, A>(net: Net<E, A>): Net<E, A> =>
  pipe(
    sleep(0),
    flatMap(() => net),
  );

/** An effect with an `A`: at once or later. */
const effects = <A>(values: fc.Arbitrary<A>): fc.Arbitrary<Net<string, A>> =>
  fc.oneof(
    { arbitrary: values.map((value) => of<string, A>(value)), weight: 3 },
    values.map((value) => later<string, A>(of(value))),
    values.map((value) => fromTask<A, string>(async () => value)),
    fc.string({ maxLength: 3 }).map((failure) => left<string, A>(failure)),
    fc.string({ maxLength: 3 }).map((failure) => die(failure)),
  );

/** An effect that takes no time. */
const atOnce = <A>(values: fc.Arbitrary<A>): fc.Arbitrary<Net<string, A>> =>
  fc.oneof(
    values.map((value) => of<string, A>(value)),
    fc.string({ maxLength: 3 }).map((failure) => left<string, A>(failure)),
    fc.string({ maxLength: 3 }).map((failure) => die(failure)),
  );

const numbers = effects(fc.integer({ min: -9, max: 9 }));
const functions = fc.constantFrom(
  (n: number) => n + 1,
  (n: number) => n * 3,
  (n: number) => -n,
);
const arrows: fc.Arbitrary<(n: number) => Net<string, number>> = fc.constantFrom(
  (n: number) => of(n + 1),
  (n: number) => (n > 0 ? left(`${n} is too much`) : of(n * 2)),
  (n: number) => later(of(n - 1)),
  (n: number): Net<string, number> => (n === 3 ? die('three') : of(n)),
);

const shown = (exit: Exit<unknown, unknown>): readonly unknown[] => {
  if (exit._tag === 'Success') return [exit._tag, exit.value];
  return [exit._tag, exit._tag === 'Failure' ? exit.failure : exit.cause];
};
const same = async (a: Net<unknown, unknown>, b: Net<unknown, unknown>): Promise<void> => {
  expect(shown(await toExit(a))).toEqual(shown(await toExit(b)));
};

describe('a functor', () => {
  test.prop([numbers])('identity', (fa) =>
    same(
      pipe(
        fa,
        map((a) => a),
      ),
      fa,
    ),
  );
  test.prop([numbers, functions, functions])('composition', (fa, f, g) =>
    same(
      pipe(fa, map(f), map(g)),
      pipe(
        fa,
        map((a) => g(f(a))),
      ),
    ),
  );
  test.prop([numbers])('of both sides', (fa) =>
    same(
      pipe(
        fa,
        bimap(
          (e) => e,
          (a) => a,
        ),
      ),
      fa,
    ),
  );
});

describe.each([
  ['in parallel', ApplicativePar],
  ['in turn', ApplicativeSeq],
])('an applicative %s', (_, { ap, of: pure }) => {
  test.prop([numbers])('identity', (fa) =>
    same(
      ap(
        pure((a: number) => a),
        fa,
      ),
      fa,
    ),
  );
  test.prop([fc.integer(), functions])('homomorphism', (a, f) => same(ap(pure(f), pure(a)), pure(f(a))));
  test.prop([effects(functions), fc.integer()])('interchange', (fab, a) =>
    same(
      ap(fab, pure(a)),
      ap(
        pure((f: (n: number) => number) => f(a)),
        fab,
      ),
    ),
  );
});

describe('an applicative', () => {
  const compose = (f: (n: number) => number) => (g: (n: number) => number) => (n: number) => f(g(n));
  test.prop([effects(functions), effects(functions), numbers])('composition, in turn', (u, v, w) => {
    const { ap, map: mapped } = ApplicativeSeq;
    return same(ap(ap(mapped(u, compose), v), w), ap(u, ap(v, w)));
  });
  // Which of several failures is told is a matter of time, unless all come at once: then it is the one that stands first.
  test.prop([atOnce(functions), atOnce(functions), atOnce(fc.integer())])('composition, in parallel', (u, v, w) => {
    const { ap, map: mapped } = ApplicativePar;
    return same(ap(ap(mapped(u, compose), v), w), ap(u, ap(v, w)));
  });
});

describe('a monad', () => {
  test.prop([fc.integer({ min: -9, max: 9 }), arrows])('left identity', (a, f) => same(Monad.chain(of(a), f), f(a)));
  test.prop([numbers])('right identity', (fa) => same(Monad.chain(fa, Monad.of), fa));
  test.prop([numbers, arrows, arrows])('associativity', (fa, f, g) =>
    same(
      Monad.chain(Monad.chain(fa, f), g),
      Monad.chain(fa, (a) => Monad.chain(f(a), g)),
    ),
  );
  test.prop([fc.string(), arrows])('a failure is its left zero', (e, f) =>
    same(MonadThrow.chain(MonadThrow.throwError<NetEnv, string, number>(e), f), MonadThrow.throwError(e)),
  );
  test.prop([fc.string(), fc.integer()])('fails as an Either does', (e, a) =>
    Promise.all([
      same(fromEither({ _tag: 'Left', left: e }), MonadThrow.throwError(e)),
      same(fromEither({ _tag: 'Right', right: a }), MonadThrow.of(a)),
    ]).then(() => {}),
  );
  test.prop([numbers])('orElse(left) changes nothing', (fa) =>
    same(
      pipe(
        fa,
        orElse((e) => left<string, number>(e)),
      ),
      fa,
    ),
  );
});

describe('a bracket', () => {
  const nothing = () => of(undefined);
  test.prop([fc.integer({ min: -9, max: 9 }), arrows])('that opens and closes nothing is its use', (a, use) =>
    same(bracket(of(a), nothing)(use), use(a)),
  );
  test.prop([numbers, arrows])('is a chain, and a release', async (acquire, use) => {
    const released: number[] = [];
    const opened = bracket(acquire, (a) => note(released, a));
    await same(opened(use), Monad.chain(acquire, use));
    const exit = await toExit(acquire);
    expect(released).toEqual(exit._tag === 'Success' ? [exit.value] : []);
  });
  test.prop([numbers, arrows, arrows])('within another one releases in reverse order', async (a, b, use) => {
    const said: string[] = [];
    const opened = (name: string, net: Net<string, number>) =>
      bracket(
        pipe(
          net,
          map((n) => (said.push(name), n)),
        ),
        () => note(said, `-${name}`),
      );
    await toExit(opened('a', a)((n) => opened('b', b(n))(use)));
    expect(said).toEqual([
      ...said.slice(0, said.length / 2),
      ...said
        .slice(0, said.length / 2)
        .toReversed()
        .map((name) => `-${name}`),
    ]);
  });
  test.prop([numbers, fc.string()])('a release that fails has what the use ended with', async (use, stuck) => {
    const [exit, alone] = [await toExit(bracket(of(1), () => left(stuck))(() => use)), await toExit(use)];
    if (alone._tag === 'Defect') expect(exit).toMatchObject({ cause: alone.cause, suppressed: [{ failure: stuck }] });
    else expect(exit).toMatchObject({ failure: { _tag: 'ReleaseFailed', release: stuck, exit: alone } });
  });
});

describe('scopes', () => {
  test.prop([numbers])('a race against what never ends changes nothing', (fa) => same(pipe(fa, race(never)), fa));
  test.prop([numbers])('so does a time limit that is far away', (fa) => same(pipe(fa, timeout(60_000)), fa));
  test.prop([numbers])('so does being uninterruptible', (fa) => same(uninterruptible(fa), fa));
  test.prop([fc.array(fc.integer(), { maxLength: 8 }), fc.integer({ min: 1, max: 9 })])(
    'traversing with `of` is `of`',
    (values, concurrency) =>
      same(
        pipe(
          values,
          traverseArray((n) => of(n), { concurrency }),
        ),
        of(values),
      ),
  );
  test.prop([fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }), fc.integer({ min: 1, max: 9 })])(
    'the values of a traversal do not depend on its concurrency',
    (values, concurrency) => {
      const slow = (n: number) => pipe(sleep(n), as(-n));
      return same(
        pipe(values, traverseArray(slow, { concurrency })),
        pipe(values, traverseArray(slow, { concurrency: 1 })),
      );
    },
  );
});
