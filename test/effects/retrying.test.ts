// retrying and repeating, on a clock that the test turns: to the millisecond.
import { setImmediate as turn } from 'node:timers/promises';

import { fc, test as check } from '@fast-check/vitest';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { some } from 'fp-ts/lib/Option.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { describe, expect, test } from 'vitest';

import { ConnectionAborted, ConnectionRefused, DecodeFailed, PermissionDenied } from 'rxjs-net';
import {
  allOf,
  bracket,
  type Exit,
  exponentialBackoff,
  fixedDelay,
  flatMap,
  fromEither,
  fromIO,
  fullJitter,
  limitTo,
  type Net,
  type NetEnv,
  of,
  repeating,
  type Retry,
  retrying,
  schedule,
  sleep,
  stableAfter,
  toExit,
  toPromise,
} from 'rxjs-net/effects';
import { VirtualClock } from 'rxjs-net/testing';

/** Runs in virtual time: whenever all promises have had their turn, the clock moves to what is due next. */
async function run<E, A>(net: Net<E, A>, clock: VirtualClock, env: Partial<NetEnv> = {}): Promise<Exit<E, A>> {
  let exit: Exit<E, A> | undefined;
  void toExit(net, { clock, ...env }).then((ended) => (exit = ended));
  for (;;) {
    await turn();
    if (exit !== undefined) return exit;
    if (!clock.step()) throw new Error('it waits for nothing');
  }
}

/** An effect that notes when it began, takes its time, and ends as it is told, the last way for ever. */
function attempts<E, A>(
  clock: VirtualClock,
  ...ends: readonly { readonly lasts?: number; readonly end: Either<E, A> }[]
): { readonly net: Net<E, A>; readonly at: number[] } {
  const at: number[] = [];
  const net = pipe(
    fromIO(() => {
      const end = ends[Math.min(at.length, ends.length - 1)];
      at.push(clock.now());
      if (end === undefined) throw new Error('no end');
      return end;
    }),
    flatMap(({ lasts = 0, end }) =>
      pipe(
        lasts === 0 ? of(undefined) : sleep(lasts),
        flatMap(() => fromEither(end)),
      ),
    ),
  );
  return { net, at };
}

const refused = new ConnectionRefused();
const failing = { end: left(refused) };

describe('retrying', () => {
  test('at the times that the policy says, to the millisecond, and then the last failure', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    const exit = await run(
      pipe(net, retrying(allOf(exponentialBackoff({ initial: 100, max: 350 }), limitTo(5)))),
      clock,
    );
    expect(exit).toEqual({ _tag: 'Failure', failure: refused });
    expect(at).toEqual([0, 100, 300, 650, 1_000]);
    expect(clock.pending).toBe(0);
  });

  test('jitter by the random numbers of the environment', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    const chances = [0.5, 0, 0.999];
    const random = (): number => chances.shift() ?? 0;
    await run(pipe(net, retrying(fullJitter(allOf(fixedDelay(1_000), limitTo(4))))), clock, { random });
    expect(at).toEqual([0, 500, 500, 1_499]);
  });

  test('until it succeeds', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts<ConnectionRefused, string>(
      clock,
      failing,
      { lasts: 7, end: left(refused) },
      { end: right('up') },
    );
    expect(await run(pipe(net, retrying(fixedDelay(10))), clock)).toEqual({ _tag: 'Success', value: 'up' });
    expect(at).toEqual([0, 10, 27]);
  });

  test('no further attempt at all', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    expect(await run(pipe(net, retrying(limitTo(1))), clock)).toMatchObject({ _tag: 'Failure' });
    expect(at).toEqual([0]);
  });

  test('an attempt that lasted lets the counts start over', async () => {
    const clock = new VirtualClock();
    const long = { lasts: 1_000, end: left(refused) };
    const { net, at } = attempts(clock, failing, failing, long, failing, failing, { lasts: 999, end: left(refused) });
    const policy = allOf(exponentialBackoff({ initial: 10 }), limitTo(4), stableAfter(1_000));
    expect(await run(pipe(net, retrying(policy)), clock)).toMatchObject({ _tag: 'Failure' });
    expect(at).toEqual([0, 10, 30, 1_040, 1_060, 1_100]);
  });

  test('what the policy knows: since when, and how long the last one took', async () => {
    const clock = new VirtualClock();
    const { net } = attempts(clock, { lasts: 5, end: left(refused) });
    const asked: unknown[] = [];
    const watching = schedule((status) => {
      asked.push(status);
      return some(20);
    });
    await run(pipe(net, retrying(allOf(watching, limitTo(3)))), clock, { random: () => 0.25 });
    // The first is asked before anything runs: a wrong option is to come to light at once.
    expect(asked.slice(1)).toEqual([
      { step: 0, elapsed: 5, lasted: 5, chance: 0.25 },
      { step: 1, elapsed: 30, lasted: 5, chance: 0.25 },
      { step: 2, elapsed: 55, lasted: 5, chance: 0.25 },
    ]);
  });

  test('failures of the network that may pass, and nothing else, unless it is told', async () => {
    const policy = allOf(fixedDelay(1), limitTo(3));
    const count = async <E>(failure: E, retry: (net: Net<E, never>) => Net<E, never>): Promise<number> => {
      const clock = new VirtualClock();
      const { net, at } = attempts<E, never>(clock, { end: left(failure) });
      expect(await run(retry(net), clock)).toEqual({ _tag: 'Failure', failure });
      return at.length;
    };
    expect(await count(refused, retrying(policy))).toBe(3);
    expect(await count(new PermissionDenied(), retrying(policy))).toBe(1);
    expect(await count(new DecodeFailed(), retrying(policy))).toBe(1);
    expect(await count(new ConnectionAborted(), retrying(policy))).toBe(1);
    expect(await count('busy', retrying(policy))).toBe(1);
    expect(await count({ _tag: 'ConnectionRefused' }, retrying(policy))).toBe(1);
    expect(await count('busy', retrying(policy, { retryOn: (failure) => failure === 'busy' }))).toBe(3);
    const isBusy = (failure: string): failure is 'busy' => failure === 'busy';
    expect(await count('gone', retrying(policy, { retryOn: isBusy }))).toBe(1);
    expect(await count(refused, retrying(policy, { retryOn: undefined, onRetry: undefined }))).toBe(3);
  });

  test('each retry is told, before its wait', async () => {
    const clock = new VirtualClock();
    const { net } = attempts(clock, failing);
    const told: unknown[] = [];
    const onRetry = (retry: Retry<ConnectionRefused>): Net<never, void> =>
      fromIO(() => void told.push([clock.now(), retry]));
    await run(pipe(net, retrying(allOf(exponentialBackoff({ initial: 10 }), limitTo(3)), { onRetry })), clock);
    expect(told).toEqual([
      [0, { failure: refused, retries: 1, delay: 10 }],
      [10, { failure: refused, retries: 2, delay: 20 }],
    ]);
  });

  test('an attempt has released what it had before the next one begins', async () => {
    const clock = new VirtualClock();
    const said: string[] = [];
    const { net } = attempts(clock, failing);
    const opened = bracket(
      fromIO(() => void said.push(`open at ${clock.now()}`)),
      () => fromIO(() => void said.push(`close at ${clock.now()}`)),
    );
    await run(
      pipe(
        opened(() => net),
        retrying(allOf(fixedDelay(5), limitTo(2))),
      ),
      clock,
    );
    expect(said).toEqual(['open at 0', 'close at 0', 'open at 5', 'close at 5']);
  });

  test('an interruption ends the wait, and no timer is left', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    const controller = new AbortController();
    clock.after(250, () => controller.abort('enough'));
    const exit = await run(pipe(net, retrying(fixedDelay(100))), clock, { signal: controller.signal });
    expect(exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(at).toEqual([0, 100, 200]);
    expect(clock.pending).toBe(0);
  });

  test('interrupted in an attempt that then fails, it doesn’t try again', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    let count = 0;
    const net = pipe(
      fromIO(() => {
        count++;
        controller.abort('enough');
      }),
      // Plain fp-ts knows nothing of interruptions.
      (before): Net<ConnectionRefused, never> =>
        (env) =>
        async () => {
          await before(env)();
          return left(refused);
        },
    );
    const exit = await run(pipe(net, retrying(fixedDelay(1))), clock, { signal: controller.signal });
    expect(exit).toMatchObject({ _tag: 'Interrupted' });
    expect(count).toBe(1);
  });

  test('what fails at once, for ever and without a wait, lets the process live and can be interrupted', async () => {
    let count = 0;
    const controller = new AbortController();
    const net = pipe(
      fromIO(() => {
        count += 1;
        // From outside, which needs the event loop.
        if (count === 5) setImmediate(() => controller.abort());
      }),
      flatMap(() => fromEither(left(refused))),
    );
    const exit = toExit(pipe(net, retrying(allOf())), { signal: controller.signal });
    expect(await exit).toMatchObject({ _tag: 'Interrupted' });
  });

  test('a defect is not retried', async () => {
    const clock = new VirtualClock();
    let count = 0;
    const cause = new Error('oops');
    const net = fromIO(() => {
      count++;
      throw cause;
    });
    expect(await run(pipe(net, retrying(fixedDelay(1))), clock)).toMatchObject({ _tag: 'Defect', cause });
    expect(count).toBe(1);
  });

  test('what is wrong with its options is a defect, before the first attempt', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    const wrong: readonly [(net: Net<ConnectionRefused, never>) => Net<ConnectionRefused, never>, string][] = [
      [retrying(limitTo(-1)), 'times'],
      [retrying(allOf(fixedDelay(1), stableAfter(-5))), 'ms'],
      [retrying({ ...limitTo(2), limit: 5 } as never), 'limit'],
      [retrying(undefined as never), 'schedule'],
      [retrying({ next: 5, stableAfter: 1 } as never), 'schedule.next'],
      [retrying(schedule(() => some(-1))), 'delay'],
      [retrying(limitTo(2), { retryOn: 'ConnectionRefused' } as never), 'retryOn'],
      [retrying(limitTo(2), { onRetry: true } as never), 'onRetry'],
      [retrying(limitTo(2), { when: () => true } as never), 'when'],
    ];
    for (const [retry, option] of wrong) {
      const exit = await run(retry(net), clock);
      expect(exit).toMatchObject({ _tag: 'Defect', cause: { _tag: 'InvalidOptions', option } });
    }
    expect(at).toEqual([]);
  });

  test('what its functions throw or answer is a defect', async () => {
    const clock = new VirtualClock();
    const { net } = attempts(clock, failing);
    const cause = new Error('oops');
    const thrower = (): never => {
      throw cause;
    };
    for (const retry of [
      retrying(limitTo(2), { retryOn: thrower }),
      retrying(limitTo(2), { onRetry: thrower }),
      retrying(schedule(thrower)),
    ]) {
      expect(await run(retry(net), clock)).toMatchObject({ _tag: 'Defect', cause });
    }
    const promised = retrying(limitTo(2), { retryOn: (() => Promise.resolve(false)) as never });
    expect(await run(promised(net), clock)).toMatchObject({ cause: { _tag: 'InvalidOptions', option: 'retryOn' } });
    const random = (): number => 2;
    expect(await run(retrying(limitTo(2))(net), clock, { random })).toMatchObject({ cause: { option: 'random' } });
  });

  test('building does nothing, and each run has counts of its own', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, failing);
    const retried = pipe(net, retrying(allOf(fixedDelay(10), limitTo(2))));
    expect(at).toEqual([]);
    await run(retried, clock);
    await run(retried, clock);
    expect(at).toEqual([0, 10, 10, 20]);
  });

  test('dependencies of one’s own go through', async () => {
    interface Log {
      readonly log: string[];
    }
    const net: ReaderTaskEither<NetEnv & Log, ConnectionRefused, never> =
      ({ log }) =>
      async () => {
        log.push('attempt');
        return left(refused);
      };
    const onRetry =
      ({ retries }: Retry<unknown>): ReaderTaskEither<NetEnv & Log, never, void> =>
      ({ log }) =>
      async () => {
        log.push(`retry ${retries}`);
        return right(undefined);
      };
    const log: string[] = [];
    await toPromise(pipe(net, retrying(limitTo(3), { onRetry })), { log });
    expect(log).toEqual(['attempt', 'retry 1', 'attempt', 'retry 2', 'attempt']);
  });

  check.prop([fc.integer({ min: 1, max: 7 }), fc.nat(6), fc.nat(1_000)], { numRuns: 60 })(
    'as many attempts as it takes, or are allowed',
    async (limit, failures, ms) => {
      const clock = new VirtualClock();
      const fails = Array.from({ length: failures }, () => failing);
      const { net, at } = attempts<ConnectionRefused, string>(clock, ...fails, { end: right('up') });
      const exit = await run(pipe(net, retrying(allOf(limitTo(limit), fixedDelay(ms)))), clock);
      expect(exit._tag).toBe(failures < limit ? 'Success' : 'Failure');
      expect(at).toEqual(Array.from({ length: Math.min(failures + 1, limit) }, (_, index) => index * ms));
    },
  );
});

describe('repeating', () => {
  test('after each success, and the last value counts', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts(clock, { lasts: 3, end: right('a') }, { end: right('b') });
    expect(await run(pipe(net, repeating(allOf(fixedDelay(10), limitTo(3)))), clock)).toEqual({
      _tag: 'Success',
      value: 'b',
    });
    expect(at).toEqual([0, 13, 23]);
  });

  test('until the first failure', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts<ConnectionRefused, string>(clock, { end: right('a') }, failing);
    expect(await run(pipe(net, repeating(fixedDelay(10))), clock)).toEqual({ _tag: 'Failure', failure: refused });
    expect(at).toEqual([0, 10]);
  });

  test('with retrying within: a poll that may fail', async () => {
    const clock = new VirtualClock();
    const { net, at } = attempts<ConnectionRefused, string>(clock, { end: right('a') }, failing, { end: right('b') });
    const poll = pipe(net, retrying(fixedDelay(1)), repeating(allOf(fixedDelay(100), limitTo(3))));
    expect(await run(poll, clock)).toEqual({ _tag: 'Success', value: 'b' });
    expect(at).toEqual([0, 100, 101, 201]);
  });
});
