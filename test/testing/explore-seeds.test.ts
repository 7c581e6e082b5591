// Many seeds, and the least faults under which a scenario fails.
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { catchAll, connect, type Flow, serve } from '../../src/index.ts';
import { mergeMap } from '../../src/rx.ts';
import {
  exploreSeeds,
  type FaultPlan,
  Random,
  type ScheduledFault,
  SeedFailed,
  type SeededRun,
  simulateNetwork,
  type SimulatedNetwork,
} from '../../src/testing/index.ts';
import { shrinkSchedule } from '../../src/testing/shrink-schedule.ts';

afterEach(() => void vi.unstubAllEnvs());

const failureOf = async (exploring: Promise<void>): Promise<SeedFailed> => {
  const failure: unknown = await exploring.then(
    () => 'nothing failed',
    (error: unknown) => error,
  );
  if (!(failure instanceof SeedFailed)) throw failure;
  return failure;
};

/** Fails in one way under a single fault, and in another one under more. */
const failingInTwoWays = (
  one: (net: SimulatedNetwork) => unknown,
  more: (net: SimulatedNetwork) => unknown,
): Promise<SeedFailed> =>
  failureOf(
    exploreSeeds(
      1,
      async ({ network, disturb }) => {
        const net = network();
        net.host('a');
        net.host('b');
        // Two steps for each: it begins, and it ends.
        const timeline = disturb(net, { links: [['a', 'b']], kinds: ['stall'], most: 20 });
        await (timeline.pending < 4 ? one(net) : more(net));
      },
      { firstSeed: 4 },
    ),
  );

const greet = (network: SimulatedNetwork, host: string): void => {
  serve({ port: 80, transport: network.host(host).transport }, () => [`from ${host}`]).subscribe({ error: () => {} });
};

const fetchFrom = (network: SimulatedNetwork, host: string): Flow<Buffer, unknown> =>
  connect({ host, port: 80, transport: network.host('app').transport, connectTimeout: 500, deadline: 1_000 }).pipe(
    mergeMap(({ incoming }) => incoming),
  );

/** Asks the first server and, when that fails, the second. It has no answer when both are out of reach. */
const fallingBack =
  (plan: Partial<FaultPlan>) =>
  async ({ network, disturb, random }: SeededRun): Promise<void> => {
    const net = network({ latency: 5 });
    greet(net, 'first');
    greet(net, 'second');
    net.host('app');
    net.host('bystander');
    greet(net, 'idle');
    disturb(net, {
      links: [
        ['app', 'first'],
        ['app', 'second'],
        ['bystander', 'idle'],
      ],
      most: 14,
      within: 5_000,
      ...plan,
    });
    await net.run(async () => {
      await net.sleep(random.integer(2_000, 4_000));
      await firstValueFrom(
        fetchFrom(net, 'first').pipe(
          catchAll(() => fetchFrom(net, 'second')),
          catchAll((): never => {
            throw new Error('nobody answers');
          }),
        ),
      );
    });
  };

/** Plays a schedule where `disturb` would make one up, and says whether the scenario fails. */
const failsUnder = async (schedule: readonly ScheduledFault[], seed: number): Promise<boolean> => {
  const run: SeededRun = {
    seed,
    random: new Random(seed, 1),
    network: (options) => simulateNetwork({ report: () => {}, ...options, seed }),
    disturb: (network) => network.play(schedule),
  };
  return fallingBack({})(run).then(
    () => false,
    () => true,
  );
};

describe('a planted bug that takes two faults', () => {
  test('is found among many, and only these two are left', { timeout: 60_000 }, async () => {
    const failed = await failureOf(
      exploreSeeds(500, fallingBack({ kinds: ['delay', 'slice', 'limitRate', 'stall', 'reset', 'partition', 'drop'] })),
    );
    expect(failed.message).toContain(`the scenario fails under seed ${failed.seed}: Error: nobody answers`);
    expect(failed.cause).toMatchObject({ message: 'nobody answers' });
    const { schedule = [] } = failed;
    expect(schedule.length).toBeLessThanOrEqual(2);
    const madeUp = Number(/of (\d+) that were made up/.exec(failed.message)?.[1]);
    expect(madeUp).toBeGreaterThan(5);
    // It is minimal: it fails, and not without any of them.
    expect(await failsUnder(schedule, failed.seed)).toBe(true);
    for (const index of schedule.keys())
      expect(await failsUnder(schedule.toSpliced(index, 1), failed.seed)).toBe(false);
    // The same again.
    const again = await failureOf(
      exploreSeeds(1, fallingBack({ kinds: ['delay', 'slice', 'limitRate', 'stall', 'reset', 'partition', 'drop'] }), {
        firstSeed: failed.seed,
      }),
    );
    expect(again.message).toBe(failed.message);
  });

  test('ten that don’t matter, and two that do', async () => {
    const bystanders = Array.from({ length: 10 }, (_, index): ScheduledFault => ({
      at: index * 100,
      for: 10_000,
      fault: 'delay',
      ms: 5 + index,
      from: 'bystander',
      to: 'idle',
    }));
    const whole = [
      ...bystanders.slice(0, 4),
      { at: 1_000, for: 60_000, fault: 'partition', between: ['app', 'first'] },
      ...bystanders.slice(4),
      { at: 1_500, for: 60_000, fault: 'reset', from: 'second', to: 'app' },
    ] as const;
    let runs = 0;
    const smallest = await shrinkSchedule(whole, 500, async (candidate) => {
      runs++;
      return failsUnder(candidate, 7);
    });
    expect(smallest).toEqual([
      { at: 0, for: expect.any(Number) as unknown, fault: 'partition', between: ['app', 'first'] },
      { at: 0, for: expect.any(Number) as unknown, fault: 'reset', from: 'second', to: 'app' },
    ]);
    expect(runs).toBeLessThan(200);
    // No shorter either.
    for (const [index, fault] of smallest.entries())
      expect(await failsUnder(smallest.with(index, { ...fault, for: (fault.for ?? 0) - 1 }), 7)).toBe(false);
  });
});

describe('shrinking', () => {
  const stall = (at: number, duration: number): ScheduledFault => ({ at, for: duration, fault: 'stall' });
  const shrink = (
    schedule: readonly ScheduledFault[],
    fails: (schedule: readonly ScheduledFault[]) => boolean,
    runs = 500,
  ): Promise<readonly ScheduledFault[]> => shrinkSchedule(schedule, runs, async (candidate) => fails(candidate));

  test('to nothing, where it takes nothing', async () => {
    expect(await shrink([stall(1, 2), stall(3, 4)], () => true)).toEqual([]);
  });

  test('to the bound, to the unit', async () => {
    const found = await shrink([stall(900, 40_000), stall(5, 5)], (all) =>
      all.some((each) => each.at >= 123 && (each.for ?? 0) > 30_000),
    );
    expect(found).toEqual([stall(123, 30_001)]);
  });

  test('values too, and a chance becomes certain', async () => {
    const found = await shrink(
      [
        { at: 9, fault: 'drop', chance: 0.4 },
        { at: 9, fault: 'cutAfter', bytes: 700 },
        { at: 9, fault: 'slice', most: 18 },
      ],
      (all) =>
        all.some((each) => each.fault === 'drop') && all.some((each) => each.fault === 'cutAfter' && each.bytes >= 7),
    );
    expect(found).toEqual([
      { at: 0, fault: 'drop', chance: 1 },
      { at: 0, fault: 'cutAfter', bytes: 7 },
    ]);
  });

  test.each([[0], [1], [5], [20]])('stops after %d runs with what it has', async (runs) => {
    let asked = 0;
    const found = await shrink(
      Array.from({ length: 30 }, (_, index) => stall(index, 1_000)),
      (all) => {
        asked++;
        return all.filter(({ at }) => at % 7 === 3).length > 3;
      },
      runs,
    );
    expect(asked).toBe(runs);
    expect(found.filter(({ at }) => at % 7 === 3).length).toBeGreaterThan(3);
  });
});

function failingStep(net: SimulatedNetwork, error: Error): Promise<void> {
  net.at(1, () => {
    throw error;
  });
  return net.advance(10);
}

describe('exploring', () => {
  test('runs every seed, in order, and each has a network and chance of its own', async () => {
    const seen: string[] = [];
    await exploreSeeds(
      5,
      ({ seed, random, network }) => void seen.push(`${seed} ${network().seed} ${random.integer(0, 9)}`),
      {
        firstSeed: 10,
      },
    );
    expect(seen.map((line) => line.slice(0, 5))).toEqual(['10 10', '11 11', '12 12', '13 13', '14 14']);
    expect(new Set(seen.map((line) => line.slice(6))).size).toBeGreaterThan(1);
  });

  test('stops at the first that fails, or goes on and names them all', async () => {
    let runs = 0;
    const scenario = ({ seed }: SeededRun): void => {
      runs++;
      if (seed % 3 === 0) throw new TypeError(`no threes: ${seed}`);
    };
    const first = await failureOf(exploreSeeds(10, scenario, { maxShrinks: 0 }));
    expect([first.seed, first.failingSeeds, runs]).toEqual([3, [3], 3]);
    expect(first.schedule).toBeUndefined();
    const all = await failureOf(exploreSeeds(10, scenario, { keepGoing: true, maxShrinks: 0 }));
    expect([all.seed, all.failingSeeds]).toEqual([3, [3, 6, 9]]);
    expect(all.message).toContain('Seeds that fail: 3, 6, 9 (3 of 10)');
    expect(all.message).toContain('TypeError: no threes: 3');
  });

  test('says so when the scenario goes by chance of its own', async () => {
    let runs = 0;
    const failed = await failureOf(
      exploreSeeds(1, () => {
        if (runs++ === 0) throw new Error('once');
      }),
    );
    expect(failed.message).toMatch(/Run again under the same seed it did not fail like that/);
    expect(failed.cause).toMatchObject({ message: 'once' });
  });

  test('keeps to the failure that it found: another one is no smaller form of it', async () => {
    const failed = await failingInTwoWays(
      () => Promise.reject(new RangeError('another failure')),
      () => Promise.reject(new TypeError('the failure')),
    );
    expect(failed.cause).toMatchObject({ message: 'the failure' });
    expect(failed.schedule).toHaveLength(2);
  });

  test.each<[what: string, small: (net: SimulatedNetwork) => unknown, great: (net: SimulatedNetwork) => unknown]>([
    [
      'being stuck, and an error of the scenario’s own',
      (net) => net.run(() => new Promise(() => {})),
      () => {
        throw new Error('the failure');
      },
    ],
    [
      'what different steps throw',
      (net) => failingStep(net, new RangeError('other')),
      (net) => failingStep(net, new TypeError('the failure')),
    ],
  ])('%s, are two failures', async (_what, small, great) => {
    const failed = await failingInTwoWays(small, great);
    expect(failed.message).toContain('the failure');
    expect(failed.schedule).toHaveLength(2);
  });

  test('a scenario that needs no faults', async () => {
    const failed = await failureOf(
      exploreSeeds(1, ({ network, disturb }) => {
        const net = network();
        net.host('a');
        net.host('b');
        disturb(net, { links: [['a', 'b']] });
        throw new Error('always');
      }),
    );
    expect(failed.schedule).toEqual([]);
    expect(failed.message).toMatch(/It takes no faults \(of \d+ that were made up; \d+ runs\)/);
  });

  test('a scenario that is stuck, and one that never becomes idle', async () => {
    const waiting = await failureOf(exploreSeeds(1, async ({ network }) => network().run(() => new Promise(() => {}))));
    expect(waiting.message).toMatch(/the scenario is stuck: nothing can happen any more/);
    const endless = await failureOf(
      exploreSeeds(1, async ({ network }) => {
        const net = network({ maxEvents: 1_000 });
        greet(net, 'a');
        const tick = (): void => void net.clock.after(1, tick);
        tick();
        await net.run(() => new Promise(() => {}));
      }),
    );
    expect(endless.message).toMatch(/still going on after 1000 events/);
    expect(endless.message).toMatch(/a:80 LISTEN$/);
  });

  test('the environment picks one seed', async () => {
    vi.stubEnv('RXJS_NET_SEED', '77');
    const seen: number[] = [];
    await exploreSeeds(100, ({ seed }) => void seen.push(seed));
    expect(seen).toEqual([77]);
    expect(simulateNetwork().seed).toBe(77);
    expect(simulateNetwork({ seed: 5 }).seed).toBe(77);
  });

  test.each(['x', '-1', '1.5', '1e3', '99999999999999999999'])('a seed %j in the environment is refused', (value) => {
    vi.stubEnv('RXJS_NET_SEED', value);
    expect(() => simulateNetwork()).toThrow(expect.objectContaining({ option: 'RXJS_NET_SEED' }));
  });

  test.each([
    ['seeds', 0, () => {}, {}],
    ['seeds', 1.5, () => {}, {}],
    ['scenario', 1, 'run', {}],
    ['firstSeed', 1, () => {}, { firstSeed: -1 }],
    ['keepGoing', 1, () => {}, { keepGoing: 1 }],
    ['maxShrinks', 1, () => {}, { maxShrinks: -1 }],
    ['maxShrink', 1, () => {}, { maxShrink: 1 }],
  ])('a wrong %s', async (option, seeds, scenario, options) => {
    await expect(exploreSeeds(seeds, scenario as never, options as never)).rejects.toMatchObject({
      _tag: 'InvalidOptions',
      option,
    });
  });

  test.each([
    ['links', {}],
    ['links', { links: [] }],
    ['links', { links: [['a', 'a']] }],
    ['crashes', { links: [['a', 'b']], kinds: ['crash'] }],
    ['kinds', { links: [['a', 'b']], kinds: [] }],
    ['kinds', { links: [['a', 'b']], kinds: ['crush'] }],
    ['most', { links: [['a', 'b']], most: -1 }],
    ['within', { links: [['a', 'b']], within: -1 }],
    ['longest', { links: [['a', 'b']], longest: Number.NaN }],
    ['linkss', { linkss: [['a', 'b']] }],
  ])('a plan with wrong %s', async (option, plan) => {
    const failed = await failureOf(
      exploreSeeds(1, ({ network, disturb }) => void disturb(network(), plan as never), { maxShrinks: 0 }),
    );
    expect(failed.cause).toMatchObject({ _tag: 'InvalidOptions', option });
  });

  test('disturb() twice', async () => {
    const failed = await failureOf(
      exploreSeeds(1, ({ network, disturb }) => {
        const net = network();
        net.host('a');
        net.host('b');
        for (let times = 2; times > 0; times--) disturb(net, { links: [['a', 'b']], most: 0 });
      }),
    );
    expect(failed.cause).toMatchObject({ message: 'disturb() may be called once in a scenario' });
  });

  test('crashes only who may crash', async () => {
    await exploreSeeds(50, async ({ network, disturb }) => {
      const net = network();
      for (const name of ['a', 'b', 'c']) net.host(name);
      await net.run(() => disturb(net, { links: [['a', 'b']], crashes: ['c'], kinds: ['crash', 'stall'] }).done);
      expect(net.trace()).not.toMatch(/[ab] CRASH/);
    });
  });
});

describe('the command', () => {
  test('names this file, and the runner', async () => {
    const failed = await failureOf(
      exploreSeeds(1, () => {
        throw new Error('no');
      }),
    );
    expect(failed.command).toBe('RXJS_NET_SEED=1 npx vitest run test/testing/explore-seeds.test.ts');
    expect(failed.message).toContain(`To repeat it: ${failed.command}`);
  });

  test.each([
    [{ JEST_WORKER_ID: '1' }, 'RXJS_NET_SEED=3 npx jest '],
    [{ NODE_TEST_CONTEXT: 'child-v8' }, 'RXJS_NET_SEED=3 node --test '],
    [{}, 'RXJS_NET_SEED=3 node '],
  ])('of other runners: %j', async (environment, expected) => {
    for (const name of ['VITEST', 'JEST_WORKER_ID', 'NODE_TEST_CONTEXT']) vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const failed = await failureOf(
      exploreSeeds(
        1,
        () => {
          throw new Error('no');
        },
        { firstSeed: 3 },
      ),
    );
    expect(failed.command.startsWith(expected)).toBe(true);
    expect(failed.command.endsWith('test/testing/explore-seeds.test.ts')).toBe(true);
  });

  test('is told when a run fails, and not when it does not', async () => {
    const notes: string[] = [];
    const network = simulateNetwork({ seed: 9, report: (note) => void notes.push(note) });
    await network.run(() => network.sleep(1));
    const failure = new RangeError('mine');
    await expect(
      network.run(async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(notes).toEqual([
      'A run of a simulated network failed under seed 9. To repeat it: RXJS_NET_SEED=9 npx vitest run test/testing/explore-seeds.test.ts',
    ]);
    expect(() => simulateNetwork({ report: 'loud' as never })).toThrow(expect.objectContaining({ option: 'report' }));
  });
});
