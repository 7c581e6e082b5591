// What runs at once: who decides, who is given up, and that everything is released before anybody hears of it.
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, test } from 'vitest';

import {
  apS,
  as,
  attempt,
  bind,
  bracket,
  die,
  Do,
  flatMap,
  fromCallback,
  fromIO,
  left,
  map,
  type Net,
  of,
  race,
  raceAll,
  sequenceArray,
  sleep,
  timeout,
  toExit,
  toPromise,
  traverseArray,
  uninterruptible,
} from 'rxjs-net/effects';
import { never, note } from './support/effects.ts';

/** Never ends by itself; its release takes a while, and says when it is done. */
const forever = (said: string[], name = 'it'): Net<never, never> =>
  bracket(of(name), () =>
    pipe(
      sleep(5),
      flatMap(() => note(said, `${name} is released`)),
    ),
  )(() => never);

describe('race', () => {
  test('ends as the first one, when the other one has released what it had', async () => {
    const said: string[] = [];
    const exit = await toPromise(pipe(forever(said), race(pipe(sleep(1), as('first')))));
    expect([exit, said]).toEqual([E.right('first'), ['it is released']]);
  });

  test('a failure may be first', async () => {
    const said: string[] = [];
    const exit = await toPromise(pipe(forever(said), race(left('no'))));
    expect([exit, said]).toEqual([E.left('no'), ['it is released']]);
  });

  test('a defect may be first', async () => {
    const said: string[] = [];
    const exit = await toExit(pipe(die('oops'), race(forever(said))));
    expect([exit, said]).toMatchObject([{ _tag: 'Defect', cause: 'oops' }, ['it is released']]);
  });

  test('a release that fails while it is given up is not lost', async () => {
    const stuck = bracket(of('a'), () => left('stuck'))(() => sleep(60_000));
    const exit = await toExit(raceAll([stuck, pipe(sleep(1), as(undefined))]));
    expect(exit).toMatchObject({ _tag: 'Defect', cause: 'stuck' });
  });

  test('of none is a defect', async () => {
    expect(await toExit(raceAll([]))).toMatchObject({ _tag: 'Defect', cause: { _tag: 'InvalidOptions' } });
  });

  test('an interruption from outside ends all of them', async () => {
    const said: string[] = [];
    const controller = new AbortController();
    const exit = toExit(raceAll([forever(said, 'a'), forever(said, 'b')]), { signal: controller.signal });
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(said).toEqual(['a is released', 'b is released']);
  });
});

describe('timeout', () => {
  test('fails when the time is up and everything is released', async () => {
    const said: string[] = [];
    const exit = await toPromise(pipe(forever(said), timeout(5)));
    expect([exit, said]).toMatchObject([{ left: { _tag: 'DeadlineExceeded', limit: 5 } }, ['it is released']]);
  });

  test('lets pass what ends before', async () => {
    expect(await toPromise(pipe(of(1), timeout(60_000)))).toEqual(E.right(1));
    expect(await toPromise(pipe(left('no'), timeout(60_000)))).toEqual(E.left('no'));
    expect(await toExit(pipe(die('oops'), timeout(60_000)))).toMatchObject({ _tag: 'Defect', cause: 'oops' });
  });

  test('a value that comes all the same is kept', async () => {
    expect(await toPromise(pipe(sleep(20), as(1), uninterruptible, attempt, timeout(1)))).toMatchObject({
      _tag: 'Left',
    });
    const read = fromCallback<never, number>((resolve) => () => resolve(E.right(1)));
    expect(await toExit(pipe(read, timeout(1)))).toMatchObject({ _tag: 'Failure' });
  });

  test('an interruption from outside is one, and no failure', async () => {
    const said: string[] = [];
    const exit = await toExit(pipe(forever(said), timeout(60_000)), { signal: AbortSignal.timeout(1) });
    expect([exit, said]).toMatchObject([{ _tag: 'Interrupted' }, ['it is released']]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('%s ms is a defect', async (ms) => {
    expect(await toExit(timeout(ms)(of(1)))).toMatchObject({ _tag: 'Defect', cause: { _tag: 'InvalidOptions' } });
  });
});

describe('traverseArray', () => {
  test('runs no more than so many at once, and keeps the order', async () => {
    let running = 0;
    let most = 0;
    const values = Array.from({ length: 50 }, (_, index) => index);
    const one = (n: number) =>
      bracket(
        fromIO(() => (most = Math.max(most, (running += 1)))),
        () => fromIO(() => (running -= 1)),
      )(() => pipe(sleep(n % 3), as(n * 2)));
    const exit = await toPromise(pipe(values, traverseArray(one, { concurrency: 7 })));
    expect(exit).toEqual(E.right(values.map((n) => n * 2)));
    expect([running, most]).toEqual([0, 7]);
  });

  test.each([1, 2, 3, Number.POSITIVE_INFINITY])(
    'a failure ends the others, and none is begun after it: %s',
    async (concurrency) => {
      const said: string[] = [];
      const begun: number[] = [];
      const one = (n: number): Net<string, void> =>
        pipe(
          note(begun, n),
          flatMap((): Net<string, void> =>
            n === 1 ? left('no') : concurrency === 1 ? of(undefined) : forever(said, `${n}`),
          ),
        );
      const exit = await toPromise(pipe([0, 1, 2, 3], traverseArray(one, { concurrency })));
      expect(exit).toEqual(E.left('no'));
      const others = begun.filter((n) => n !== 1);
      expect(begun).toEqual([0, 1, 2, 3].slice(0, Math.max(2, Math.min(4, concurrency))));
      expect(said).toEqual(concurrency === 1 ? [] : others.map((n) => `${n} is released`));
    },
  );

  test.each([0, -1, 1.5, Number.NaN, '3'])('a concurrency of %s is a defect', async (concurrency) => {
    const net = traverseArray((n: number) => of(n), { concurrency: concurrency as number })([1]);
    expect(await toExit(net)).toMatchObject({
      _tag: 'Defect',
      cause: { _tag: 'InvalidOptions', option: 'concurrency' },
    });
  });

  test('of nothing', async () => {
    expect(await toPromise(sequenceArray({ concurrency: 5 })([]))).toEqual(E.right([]));
  });

  test('100,000 elements', async () => {
    const values = Array.from({ length: 100_000 }, (_, index) => index);
    const sum = async (concurrency: number) => {
      const exit = await toPromise(
        pipe(
          values,
          traverseArray((n) => of(n), { concurrency }),
        ),
      );
      return E.isRight(exit) ? exit.right.reduce((a, b) => a + b, 0) : 0;
    };
    expect(await sum(1)).toBe(4_999_950_000);
    expect(await sum(10)).toBe(4_999_950_000);
    expect(await sum(Number.POSITIVE_INFINITY)).toBe(4_999_950_000);
  });
});

describe('effects side by side', () => {
  test('one that fails ends the other one', async () => {
    const said: string[] = [];
    const exit = await toPromise(pipe(Do, apS('a', forever(said)), apS('b', left('no'))));
    expect([exit, said]).toEqual([E.left('no'), ['it is released']]);
  });

  test('both values', async () => {
    const exit = await toPromise(
      pipe(
        Do,
        apS('a', pipe(sleep(3), as(1))),
        bind('c', ({ a }) => of(a + 1)),
        apS('b', of('two')),
        map(({ a, b, c }) => `${a} ${b} ${c}`),
      ),
    );
    expect(exit).toEqual(E.right('1 two 2'));
  });
});

describe('an interruption', () => {
  test('reaches through thousands of scopes within each other', async () => {
    const controller = new AbortController();
    let waiting = 0;
    let begun = (): void => {};
    const started = new Promise<void>((resolve) => (begun = resolve));
    let net: Net<unknown, unknown> = fromCallback(() => {
      waiting += 1;
      begun();
      return () => {
        waiting -= 1;
      };
    });
    for (let n = 0; n < 5_000; n += 1) net = pipe(net, timeout(60_000));
    const exit = toExit(net, { signal: controller.signal });
    await started;
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(waiting).toBe(0);
  });

  test('reaches thousands that run at once', async () => {
    const controller = new AbortController();
    let open = 0;
    let begun = (): void => {};
    const started = new Promise<void>((resolve) => (begun = resolve));
    const held = bracket(
      fromIO(() => {
        open += 1;
        if (open === 3_000) begun();
      }),
      () => fromIO(() => (open -= 1)),
    );
    const one = () =>
      pipe(
        held(() => sleep(60_000)),
        race(sleep(50_000)),
        timeout(40_000),
      );
    const all = traverseArray(one, { concurrency: Number.POSITIVE_INFINITY })(Array.from({ length: 3_000 }));
    const exit = toExit(all, { signal: controller.signal });
    await started;
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(open).toBe(0);
  });
});
