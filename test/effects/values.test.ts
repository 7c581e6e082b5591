// An effect is a value, its channels are kept apart, and it goes together with fp-ts's own module.
import * as E from 'fp-ts/lib/Either.js';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';

import { Defect, type Transport } from 'rxjs-net';
import * as N from 'rxjs-net/effects';
import { simulateNetwork, VirtualClock } from 'rxjs-net/testing';

describe('an effect', () => {
  test('does nothing when it is built, and all of it at each run', async () => {
    let runs = 0;
    const count = N.fromIO(() => (runs += 1));
    const held = N.bracket(count, () => count);
    const net = pipe(
      count,
      N.flatMap(() => count),
      N.tap(() => count),
      N.race(N.sleep(60_000)),
      N.timeout(60_000),
      N.apFirst(count),
      N.flatMap(() => N.bracketed(held, held)(() => N.sequenceArray({ concurrency: 2 })([count, count]))),
      N.uninterruptible,
      N.attempt,
    );
    const task = N.toTaskEither()(net);
    expect(runs).toBe(0);
    await N.toPromise(net);
    expect(runs).toBe(10);
    await N.toPromise(net);
    await task();
    expect(runs).toBe(30);
  });

  test('what was thrown is a defect, wherever it was', async () => {
    const oops = new Error('oops');
    const throwing = (): never => {
      throw oops;
    };
    const one = N.of(1);
    const nets: Record<string, N.Net<unknown, unknown>> = {
      map: pipe(one, N.map(throwing)),
      flatMap: pipe(one, N.flatMap(throwing)),
      orElse: pipe(N.left(1), N.orElse(throwing)),
      mapLeft: pipe(N.left(1), N.mapLeft(throwing)),
      tapError: pipe(N.left(1), N.tapError(throwing)),
      fromIO: N.fromIO(throwing),
      fromTask: N.fromTask(throwing),
      'a rejection': N.fromTask(() => Promise.reject(oops)),
      onRejected: N.tryCatch(throwing, throwing),
      asks: N.asks(throwing),
      fromOption: N.fromOption(throwing)(O.none),
      fromCallback: N.fromCallback(throwing),
      'the reader': throwing,
      'the task': () => throwing,
      'within a scope': pipe(N.sleep(60_000), N.race(throwing)),
      'a time limit': pipe(throwing as N.Net<never, never>, N.timeout(60_000)),
      traverseArray: pipe([1], N.traverseArray(throwing, { concurrency: 1 })),
      'traverseArray at once': pipe([1, 2], N.traverseArray(throwing, { concurrency: 2 })),
      acquire: N.bracket(throwing, () => one)(() => one),
      use: N.bracket(one, () => one)(throwing),
      release: N.bracket(one, throwing)(() => one),
      bracketed: N.bracketed(N.bracket(one, () => one))(throwing),
      uninterruptible: N.uninterruptible(throwing),
      catchTag: pipe(N.left({ _tag: 'A' as const }), N.catchTag('A', throwing)),
      fpts: pipe(one, RTE.map(throwing)),
      die: N.die(oops),
    };
    for (const [name, net] of Object.entries(nets)) {
      const exit = await N.toExit(net);
      expect([name, exit]).toMatchObject([name, { _tag: 'Defect', cause: oops }]);
      await expect(N.toPromise(net)).rejects.toBeInstanceOf(Defect);
    }
  });

  test('a defect passes what handles failures', async () => {
    const net = pipe(
      N.die('oops'),
      N.orElse(() => N.of(1)),
      N.attempt,
      RTE.orElseW(() => RTE.right(1)),
    );
    expect(await N.toExit(net)).toMatchObject({ _tag: 'Defect', cause: 'oops' });
  });

  test.each([
    ['null', null],
    ['no transport', { transport: {} }],
    ['no clock', { clock: 1 }],
    ['no signal', { signal: 'abort' }],
    ['no function', { random: 0.5 }],
  ])('wrong options are a defect: %s', async (_, options) => {
    const exit = await N.toExit(N.of(1), options as Partial<N.NetEnv>);
    expect(exit).toMatchObject({ _tag: 'Defect', cause: { _tag: 'InvalidOptions' } });
  });

  test('one that was given up before does not begin', async () => {
    let runs = 0;
    const exit = await N.toExit(
      N.fromIO(() => (runs += 1)),
      { signal: AbortSignal.abort('late') },
    );
    expect([exit, runs]).toMatchObject([{ _tag: 'Interrupted', reason: 'late' }, 0]);
  });

  test('one that never waits is interrupted between its steps', async () => {
    const controller = new AbortController();
    let steps = 0;
    const loop = (): N.Net<never, never> =>
      pipe(
        N.fromIO(() => {
          steps += 1;
          if (steps === 10) controller.abort('enough');
        }),
        N.flatMap(loop),
      );
    expect(await N.toExit(loop(), { signal: controller.signal })).toMatchObject({ _tag: 'Interrupted' });
    expect(steps).toBe(10);
  });

  test('a task that can not be told to stop is left behind', async () => {
    const controller = new AbortController();
    const exit = N.toExit(
      N.fromTask(() => new Promise(() => {})),
      { signal: controller.signal },
    );
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
  });

  test('a wait that can not be given up properly tells why', async () => {
    const stuck = N.fromCallback<never, never>(() => () => Promise.reject(new Error('stuck')));
    const exit = await N.toExit(stuck, { signal: AbortSignal.timeout(1) });
    expect(exit).toMatchObject({ _tag: 'Interrupted', suppressed: [{ _tag: 'Defect', cause: { message: 'stuck' } }] });
  });

  test('the release of an interrupted bracket is not lost when it fails', async () => {
    const held = N.bracket(N.of(1), () => N.left('stuck'));
    const exit = await N.toExit(
      held(() => N.sleep(60_000)),
      { signal: AbortSignal.timeout(1) },
    );
    expect(exit).toMatchObject({ _tag: 'Interrupted', suppressed: [{ _tag: 'Failure', failure: 'stuck' }] });
  });
});

describe('the environment', () => {
  test('has the clock of its transport', () => {
    const network = simulateNetwork({ seed: 1 });
    const { transport } = network.host('a');
    expect(N.netEnv({ transport }).clock).toBe(transport.clock);
    const clock = new VirtualClock();
    expect(N.netEnv({ transport, clock }).clock).toBe(clock);
  });

  test('keeps what a program adds, also within scopes, and also what has a class', async () => {
    class Env {
      readonly transport: Transport = simulateNetwork({ seed: 1 }).host('a').transport;
      readonly name: string = 'db';
      greet(): string {
        return `hello ${this.name}`;
      }
    }
    const greeting = N.asks((env: N.NetEnv & Env) => env.greet());
    const net = N.bracket(greeting, () => greeting)(() => pipe(greeting, N.timeout(1_000), N.race(greeting)));
    expect(await N.toPromise(net, new Env())).toEqual(E.right('hello db'));
    const local = RTE.local((env: N.NetEnv) => ({ ...env, greet: () => 'hi', name: '' }))(
      pipe(greeting, N.timeout(1_000)),
    );
    expect(await N.toPromise(local)).toEqual(E.right('hi'));
  });

  test('may be frozen, and have undefined where there is a default', async () => {
    class Env {
      readonly signal = undefined;
      readonly name: string = 'db';
      constructor() {
        Object.freeze(this);
      }
    }
    const name = pipe(
      N.asks((env: N.NetEnv & { readonly name: string }) => env.name),
      N.timeout(1_000),
    );
    expect(await N.toPromise(name, new Env())).toEqual(E.right('db'));
    expect(await N.toPromise(name, Object.freeze(N.netEnv(new Env())))).toEqual(E.right('db'));
  });
});

describe('with fp-ts', () => {
  test('its functions and ours, in one pipe', async () => {
    const net = pipe(
      RTE.Do,
      RTE.bind('a', () => N.of(1)),
      N.bind('b', ({ a }) => RTE.right(a + 1)),
      RTE.apS('c', N.of(3)),
      RTE.chainW(({ a, b, c }) => (a + b + c === 6 ? N.of('six') : N.left('no' as const))),
      RTE.chainTaskEitherK((text) => TE.right(text.toUpperCase())),
      RTE.filterOrElseW(
        (text) => text === 'SIX',
        () => 'other' as const,
      ),
      N.timeout(1_000),
      RTE.map((text) => `${text}!`),
    );
    expect(await N.toPromise(net)).toEqual(E.right('SIX!'));
    expect(await net(N.netEnv())()).toEqual(E.right('SIX!'));
    expect(
      await pipe(
        net,
        N.toTaskEither(),
        TE.map((text) => text.length),
        TE.getOrElse(() => async () => 0),
      )(),
    ).toBe(4);
  });

  test('its bracket does not release after a defect; ours does', async () => {
    const released: string[] = [];
    const release = (name: string) => () => N.fromIO(() => void released.push(name));
    await N.toExit(RTE.bracket(N.of<never, number>(1), (): N.Net<never, number> => N.die('oops'), release('theirs')));
    await N.toExit(N.bracket(N.of(1), release('ours'))(() => N.die('oops')));
    expect(released).toEqual(['ours']);
  });
});

describe('deep programs', () => {
  const DEEP = 100_000;

  test('a loop by recursion', async () => {
    const loop = (n: number): N.Net<never, string> => (n === 0 ? N.of('done') : pipe(N.of(n - 1), N.flatMap(loop)));
    expect(await N.toPromise(loop(DEEP))).toEqual(E.right('done'));
  });

  test('a loop by recursion with fp-ts’s own chain', async () => {
    const loop = (n: number): N.Net<never, string> =>
      n === 0 ? N.of('done') : pipe(N.of<never, number>(n - 1), RTE.chain(loop));
    expect(await N.toPromise(loop(DEEP))).toEqual(E.right('done'));
  });

  test.each<[string, number, (net: N.Net<never, number>) => N.Net<never, number>]>([
    ['flatMap', DEEP, N.flatMap((n) => N.of(n + 1))],
    ['map', DEEP, N.map((n) => n + 1)],
    [
      'tap and map',
      20_000,
      flow(
        N.tap(() => N.of(0)),
        N.map((n) => n + 1),
      ),
    ],
    [
      'orElse and map',
      20_000,
      flow(
        N.orElse((e: never) => N.left(e)),
        N.map((n) => n + 1),
      ),
    ],
    [
      'uninterruptible and map',
      20_000,
      flow(
        N.uninterruptible,
        N.map((n) => n + 1),
      ),
    ],
  ])('%s, built in a loop', async (_, times, step) => {
    let net: N.Net<never, number> = N.of(0);
    for (let n = 0; n < times; n += 1) net = step(net);
    expect(await N.toPromise(net)).toEqual(E.right(times));
  });

  test('brackets within each other', async () => {
    let open = 0;
    const held = N.bracket(
      N.fromIO(() => (open += 1)),
      () => N.fromIO(() => (open -= 1)),
    );
    const loop = (n: number): N.Net<never, number> => (n === 0 ? N.fromIO(() => open) : held(() => loop(n - 1)));
    expect(await N.toPromise(loop(10_000))).toEqual(E.right(10_000));
    expect(open).toBe(0);
  });
});
