// The same seed gives the same run, to the byte, also of what the library leaves to chance when it isn't told otherwise.
import { pipe } from 'fp-ts/lib/function.js';
import { expect, test, vi } from 'vitest';

import { connect, lines, orDie, pool, reconnecting, runFlow, sendTo, serve, type Transport } from '../../src/index.ts';
import * as N from '../../src/effects/index.ts';
import { EMPTY, ignoreElements, merge, mergeMap, of, take } from '../../src/rx.ts';
import { exploreSeeds, SeedFailed, simulateNetwork, type SimulatedNetwork } from '../../src/testing/index.ts';

/** A program that leaves everything to the defaults: `reconnecting`, a pool whose lifetimes vary, effects that retry. */
async function program(network: SimulatedNetwork): Promise<string> {
  const app = network.host('app');
  const { transport } = app;
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${network.clock.now()} ${what}`);
  let calls = 0;
  const server = serve({ port: 80, transport: network.host('db').transport }, (connection) => {
    // It is in trouble at first.
    if (++calls <= 5) connection.reset();
    return connection.incoming;
  }).subscribe();

  const following = connect({ host: 'db', port: 80, transport }).pipe(
    mergeMap((connection) => merge(of('hello\n').pipe(sendTo(connection)), connection.incoming.pipe(lines()))),
    reconnecting({
      onEvent: (event) => note(`${event.type}${event.type === 'waiting' ? ` ${event.delay}` : ''}`),
    }),
    take(1),
  );
  const connections = pool(connect({ host: 'db', port: 80, transport }), { maxLifetime: 10_000 });
  connections.events.subscribe((event) =>
    note(event.type === 'closed' ? `pool ${event.reason}` : `pool ${event.type}`),
  );
  const asking = pipe(
    N.withConnection({ host: 'nowhere', port: 1 })(() => N.of('connected')),
    N.retrying(N.fullJitter(N.allOf(N.exponentialBackoff(), N.limitTo(5))), {
      retryOn: () => true,
      onRetry: ({ delay }) => N.fromIO(() => note(`retries after ${delay}`)),
    }),
  );
  await network.run(async () => {
    await runFlow(following.pipe(orDie()), { next: (line) => note(line) });
    const uses = Array.from({ length: 3 }, (_, at) =>
      runFlow(connections.use(() => (at === 0 ? EMPTY : of(at).pipe(ignoreElements()))).pipe(orDie())),
    );
    await Promise.all(uses);
    note((await N.toPromise(asking, { transport }))._tag);
    await network.sleep(15_000);
    await connections.close();
  });
  server.unsubscribe();
  await network.settle();
  return `${log.join('\n')}\n${network.trace()}`;
}

const runOf = (seed: number): Promise<string> =>
  program(simulateNetwork({ seed, latency: 5, jitter: 3, chunking: { least: 1, most: 9 } }));

test('each of 200 seeds gives the same run twice, to the byte', async () => {
  const runs = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const run = await runOf(seed);
    expect(await runOf(seed)).toBe(run);
    runs.add(run);
  }
  // And each another one.
  expect(runs.size).toBe(200);
}, 60_000);

test('nothing asks the process for its chance, or for its time', async () => {
  const chance = vi.spyOn(Math, 'random');
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    const run = await runOf(7);
    expect(run).toMatch(/pool lifetime/);
    expect(run).toMatch(/waiting \d+/);
    expect(run).toMatch(/retries after \d+/);
    expect(chance).not.toHaveBeenCalled();
    expect(timers).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
  }
});

test('the seed of the environment repeats a run exactly', async () => {
  const run = await runOf(11);
  vi.stubEnv('RXJS_NET_SEED', '11');
  try {
    expect(await runOf(99)).toBe(run);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a failure of an exploration comes again under the seed that it prints', async () => {
  // It fails where the first waits are short, which chance decides.
  const scenario = async ({ network }: { network: () => SimulatedNetwork }): Promise<void> => {
    const run = await program(network());
    const [, first = ''] = /waiting (\d+)/.exec(run) ?? [];
    if (Number(first) < 5) throw new Error(`a wait of ${first} ms`);
  };
  const failed = await exploreSeeds(200, scenario).catch((error: unknown) => error);
  if (!(failed instanceof SeedFailed)) throw new Error('no seed failed');
  expect(failed.message).not.toMatch(/did not fail like that/);
  vi.stubEnv('RXJS_NET_SEED', `${failed.seed}`);
  try {
    for (let time = 0; time < 3; time++)
      expect((await exploreSeeds(1, scenario).catch((error: unknown) => error)) as SeedFailed).toMatchObject({
        seed: failed.seed,
        cause: { message: (failed.cause as Error).message },
      });
  } finally {
    vi.unstubAllEnvs();
  }
}, 60_000);

test('hosts have streams of chance of their own, which another host doesn’t shift', () => {
  const draw = ({ random }: Transport): number[] => [random(), random(), random()];
  const one = simulateNetwork({ seed: 5 });
  const other = simulateNetwork({ seed: 5 });
  const third = simulateNetwork({ seed: 6 });
  other.host('before');
  const drawn = draw(one.host('app').transport);
  draw(other.host('before').transport);
  expect(draw(other.host('app').transport)).toEqual(drawn);
  expect(draw(one.host('db').transport)).not.toEqual(drawn);
  expect(draw(third.host('app').transport)).not.toEqual(drawn);
  for (const chance of drawn) expect(chance >= 0 && chance < 1).toBe(true);
});

test('chance that is given has precedence, and a transport without any has that of the process', async () => {
  const network = simulateNetwork({ seed: 5 });
  const { transport } = network.host('app');
  const waits = async (given: Transport, random?: () => number): Promise<number[]> => {
    const delays: number[] = [];
    const dialling = connect({ host: 'db', port: 80, transport: given }).pipe(
      reconnecting({
        random,
        maxAttempts: 3,
        retryOn: () => true,
        onEvent: (event) => void (event.type === 'waiting' && delays.push(event.delay)),
      }),
    );
    await network.run(() => new Promise<void>((resolve) => void dialling.subscribe({ error: () => resolve() })));
    return delays;
  };
  expect(await waits(transport, () => 1)).toEqual([100, 200]);
  expect(await waits({ ...transport, random: () => 0.5 })).toEqual([50, 100]);
  expect(await waits({ ...transport, random: () => 0.5 }, () => 1)).toEqual([100, 200]);
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0.25);
  const { random: _none, ...without } = transport;
  expect(await waits(without as Transport)).toEqual([25, 50]);
  expect(chance).toHaveBeenCalledTimes(2);
  vi.restoreAllMocks();
  expect(N.netEnv({ transport: { ...transport, random: () => 0.125 } }).random()).toBe(0.125);
});

test('what is no function is no chance', () => {
  const { transport } = simulateNetwork().host('app');
  const told: unknown[] = [];
  connect({ port: 1, transport: { ...transport, random: 4 as never } }).subscribe({
    error: (error) => told.push(error),
  });
  expect(told).toMatchObject([{ _tag: 'InvalidOptions', option: 'transport' }]);
});
