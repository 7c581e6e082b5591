// What several faults at one time make of each other, and of the network's own settings.
import { firstValueFrom, lastValueFrom, reduce } from 'rxjs';
import { connect, serve } from 'rxjs-net';
import { mergeMap } from 'rxjs-net/rx';
import { delay, limitRate, pass, simulateNetwork, type SimulatedNetwork, slice, stall } from 'rxjs-net/testing';
import { describe, expect, test } from 'vitest';

function hosts(...names: readonly string[]): SimulatedNetwork {
  const network = simulateNetwork({ report: () => {} });
  for (const name of names) network.host(name);
  return network;
}

/** How long a kilobyte takes from `b` to `a`, in ms. */
async function download(network: SimulatedNetwork): Promise<number> {
  serve({ port: 80, transport: network.host('b').transport }, () => [Buffer.alloc(1_000)]).subscribe();
  const length = connect({ host: 'b', port: 80, family: 4, transport: network.host('a').transport }).pipe(
    mergeMap(({ incoming }) => incoming),
    reduce((sum, bytes) => sum + bytes.length, 0),
  );
  expect(await network.run(() => lastValueFrom(length))).toBe(1_000);
  return network.clock.now();
}

describe('partitions and crashes that overlap', () => {
  test('last until the end of the last one, in a schedule', async () => {
    const network = hosts('a', 'b');
    network.play([
      { at: 0, for: 100, fault: 'partition', between: ['a', 'b'] },
      { at: 50, for: 200, fault: 'partition', between: ['b', 'a'] },
      { at: 300, for: 100, fault: 'crash', host: 'a' },
      { at: 350, for: 200, fault: 'crash', host: 'a' },
    ]);
    await network.advance(1_000);
    expect(network.traceEntries().map(({ time, what }) => [time, what])).toEqual([
      [0, 'PARTITION'],
      [250, 'HEAL'],
      [300, 'CRASH'],
      [550, 'RESTART'],
    ]);
  });

  test('each guard takes back its own, once; heal() and restart() all of them', () => {
    const network = hosts('a', 'b');
    const what = () => network.traceEntries().map((entry) => entry.what);
    const [first, second] = [network.partition('a', 'b'), network.partition('b', 'a')];
    first();
    first();
    expect(what()).toEqual(['PARTITION']);
    second();
    expect(what()).toEqual(['PARTITION', 'HEAL']);
    const old = network.partition('a', 'b');
    network.heal('a', 'b');
    network.partition('a', 'b');
    old();
    expect(what()).toEqual(['PARTITION', 'HEAL', 'PARTITION', 'HEAL', 'PARTITION']);
  });

  test('a crash by hand outlasts one of a schedule, and restart() ends both', async () => {
    const network = hosts('a');
    network.play([{ at: 0, for: 100, fault: 'crash', host: 'a' }]);
    network.at(50, () => network.crash('a')).at(200, () => network.restart('a'));
    await network.advance(1_000);
    expect(network.trace()).toBe('       0.000 a CRASH\n     200.000 a RESTART');
  });
});

test('heal() with one name heals what is between that host and others', () => {
  const network = hosts('a', 'b', 'c');
  for (const [one, other] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ] as const)
    network.partition(one, other);
  network.heal('a');
  const healed = network.traceEntries().filter(({ what }) => what === 'HEAL');
  expect(healed.map(({ from, to }) => [from, to])).toEqual([
    ['a', 'b'],
    ['c', 'a'],
  ]);
  expect(() => network.heal('nobody')).toThrow('option "host" must be the name of a host of this network');
});

describe('a fault between a host and itself would do nothing', () => {
  const network = hosts('a');
  const between = ['a', 'a'] as const;
  test.each<[string, () => unknown]>([
    ['host', () => network.partition('a', 'a')],
    ['to', () => network.fault({ from: 'a', to: 'a' }, stall())],
    ['schedule[0].between', () => network.play([{ at: 0, fault: 'partition', between }])],
    ['schedule[0].to', () => network.play([{ at: 0, fault: 'stall', from: 'a', to: 'a' }])],
  ])('%s is refused', (option, install) => {
    expect(install).toThrow(`option "${option}" must be `);
  });
});

test('pass() keeps later faults from cutting segments up, too', async () => {
  const network = hosts('a', 'b');
  const { length } = await sizes(network, pass(), slice(1));
  expect(length).toBe(1);
  expect(await sizes(hosts('a', 'b'), slice(4), pass(), slice(1))).toEqual([4, 1]);
});

async function sizes(network: SimulatedNetwork, ...faults: readonly ReturnType<typeof pass>[]): Promise<number[]> {
  for (const fault of faults) network.fault({}, fault);
  serve({ port: 80, transport: network.host('b').transport }, () => ['hello']).subscribe();
  const { transport } = network.host('a');
  const bytes = connect({ host: 'b', port: 80, transport }).pipe(mergeMap(({ incoming }) => incoming));
  await network.run(() => lastValueFrom(bytes));
  await network.settle();
  // Not even the timer after which the other address would have been tried.
  expect(network.clock.pending).toBe(0);
  return network.traceEntries().flatMap(({ what, size }) => (what === 'DATA' ? [size] : []));
}

test.each([
  [1_000, 100_000, 1_004],
  [100_000, 1_000, 1_004],
])('of a bandwidth of %d and a limit of %d the lower one counts', async (bandwidth, limit, time) => {
  const network = simulateNetwork({ bandwidth });
  network.host('a');
  network.host('b');
  network.fault({}, limitRate(limit));
  network.fault({}, delay(0));
  expect(await download(network)).toBe(time);
});

test('who gave up while a fault held what it sent is forgotten', async () => {
  const network = hosts('a', 'b');
  const takeBack = network.fault({}, stall());
  const { transport } = network.host('a');
  for (let round = 0; round < 20; round++) {
    const dial = connect({ host: 'b', port: 80, transport, connectTimeout: 100 });
    await expect(network.run(() => firstValueFrom(dial))).rejects.toMatchObject({ _tag: 'ConnectTimeout' });
  }
  await network.settle();
  expect(network.clock.pending).toBe(0);
  takeBack();
  expect(network.clock.pending).toBe(0);
});
