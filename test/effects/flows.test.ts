// From flows to effects and back: failures stay failures, defects stay defects, and who can't keep up makes the source wait.
import { left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { none, type Option, some } from 'fp-ts/lib/Option.js';
import { EMPTY, of as just, range, throwError, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import {
  bracket,
  flatMap,
  fromFlow,
  fromIO,
  left as failed,
  type Net,
  of,
  repeatUntilNone,
  runCollect,
  runForEach,
  sleep,
  stream,
  toExit,
  toFlow,
  toPromise,
} from 'rxjs-net/effects';
import { ConnectionReset, type Flow, lines, mapAsync, runFlow, toAsyncIterable } from '../../src/index.ts';
import { concat, from } from '../../src/rx.ts';
import { fakeConnection } from '../observables/support/fake-link.ts';
import { turn } from '../observables/support/wait.ts';
import { never, note } from './support/effects.ts';

const reset: Flow<never, ConnectionReset> = throwError(() => new ConnectionReset());

test('fromFlow gives the last value; a failure is one, anything else a defect; an interruption unsubscribes', async () => {
  expect(await toPromise(fromFlow(just(1, 2, 3)))).toEqual(right(some(3)));
  expect(await toPromise(fromFlow(EMPTY))).toEqual(right(none));
  expect(await toPromise(fromFlow(reset))).toEqual(left(expect.any(ConnectionReset)));
  const bug = new Error('a bug');
  expect(await toExit(fromFlow(throwError(() => bug)))).toMatchObject({ _tag: 'Defect', cause: bug });
  const { connection, link } = await fakeConnection();
  const controller = new AbortController();
  const reading = toExit(fromFlow(connection.incoming), { signal: controller.signal });
  await turn();
  expect(link.reading).toBe(true);
  controller.abort();
  expect((await reading)._tag).toBe('Interrupted');
  expect(link.reading).toBe(false);
});

test('toFlow runs the effect at each subscription; unsubscribing interrupts it', async () => {
  let runs = 0;
  const flow = pipe(
    fromIO(() => ++runs),
    toFlow(),
  );
  expect([await runFlow(flow), await runFlow(flow)]).toEqual([1, 2]);
  const errors: unknown[] = [];
  pipe(failed('no'), toFlow()).subscribe({ error: (error) => errors.push(error) });
  await turn();
  expect(errors).toEqual(['no']);
  const released: string[] = [];
  const held = bracket(of('it'), (name) => note(released, name))(() => never);
  const subscription = pipe(held, toFlow()).subscribe();
  await turn();
  subscription.unsubscribe();
  await turn();
  expect(released).toEqual(['it']);
});

test('stream repeats until none, and only while nobody holds it', async () => {
  let count = 0;
  const counting: Net<never, Option<number>> = fromIO(() => (++count <= 5 ? some(count) : none));
  const slow = pipe(counting, stream()).pipe(
    mapAsync(
      async (number) => {
        await turn();
        expect(count).toBeLessThanOrEqual(number + 2);
        return number;
      },
      { highWaterMark: 1 },
    ),
    toArray(),
  );
  expect(await runFlow(slow as Flow<number[]>)).toEqual([1, 2, 3, 4, 5]);
  count = 0;
  for await (const number of toAsyncIterable(pipe(counting, stream()))) if (number === 2) break;
  expect(count).toBe(2);
});

test('repeatUntilNone keeps nothing of the runs before', async () => {
  let count = 0;
  const net = fromIO(() => (++count < 50_000 ? some(count) : none));
  expect(await toPromise(repeatUntilNone(net))).toEqual(right(undefined));
  expect(count).toBe(50_000);
});

test('runCollect has a limit', async () => {
  expect(await toPromise(pipe(range(1, 3), runCollect({ limit: 3 })))).toEqual(right([1, 2, 3]));
  const endless = from(
    (function* () {
      for (;;) yield 1;
    })(),
  );
  expect(await toPromise(pipe(endless, runCollect({ limit: 10 })))).toMatchObject(
    left({ _tag: 'BufferOverflow', limit: 10 }),
  );
  expect(await toPromise(pipe(endless, runCollect({ limit: 0 })))).toMatchObject(left({ option: 'limit' }));
});

test('runForEach runs so many at a time, and holds the flow meanwhile', async () => {
  const { connection, link } = await fakeConnection();
  let running = 0;
  let most = 0;
  const seen: string[] = [];
  const work = (line: string): Net<never, void> =>
    pipe(
      fromIO(() => (most = Math.max(most, ++running))),
      flatMap(() => sleep(1)),
      flatMap(() =>
        fromIO(() => {
          running--;
          seen.push(line);
        }),
      ),
    );
  const all = toPromise(pipe(connection.incoming.pipe(lines()), runForEach(work, { concurrency: 3 })));
  await turn();
  link.deliver('1\n2\n3\n4\n5\n');
  expect(link.reading).toBe(false);
  while (!link.reading) await turn();
  link.deliverEnd();
  expect(await all).toEqual(right(undefined));
  expect(seen.toSorted()).toEqual(['1', '2', '3', '4', '5']);
  expect(most).toBe(3);
});

test.each(['a failure', 'a failure of the flow', 'a defect', 'an interruption'])(
  'runForEach: %s ends it; the others are interrupted and waited for',
  async (how) => {
    const released: number[] = [];
    const controller = new AbortController();
    const work = (number: number): Net<string, void> => {
      if (number < 3) {
        return bracket(of(number), () =>
          pipe(
            sleep(2),
            flatMap(() => note(released, number)),
          ),
        )(() => never);
      }
      if (how === 'a defect') throw new Error('a bug');
      if (how === 'an interruption') controller.abort();
      return how === 'a failure' ? failed('no') : of(undefined);
    };
    const numbers: Flow<number, ConnectionReset> =
      how === 'a failure of the flow' ? concat(just(1, 2), reset) : range(1, 4);
    const exit = await toExit(pipe(numbers, runForEach(work, { concurrency: 4 })), { signal: controller.signal });
    expect(released).toEqual([1, 2]);
    const expected = { 'a failure': 'Failure', 'a failure of the flow': 'Failure', 'a defect': 'Defect' }[how];
    expect(exit._tag).toBe(expected ?? 'Interrupted');
  },
);

test('runForEach refuses wrong options', async () => {
  const run = (options: object) =>
    toPromise(
      pipe(
        range(1, 3),
        runForEach(() => of(1), options),
      ),
    );
  expect(await run({ concurrency: 0 })).toMatchObject(left({ option: 'concurrency', value: 0 }));
  expect(await run({ concurency: 1 })).toMatchObject(left({ option: 'concurency' }));
});
