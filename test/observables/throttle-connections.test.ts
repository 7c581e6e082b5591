import { EMPTY, ignoreElements, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  type Chunk,
  type Connection,
  createNodeTransport,
  listen,
  serve,
  throttleConnections,
  type ThrottleOptions,
} from '../../src/index.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { type RawPeer, rawPeer } from './support-failures/peers.ts';
import { record, Recording } from './support-failures/record.ts';
import { listening, type Serving, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

/** Reads, and says nothing. */
const reads = (connection: Connection) => connection.incoming.pipe(ignoreElements());

async function throttled(
  options: ThrottleOptions,
  more: object = {},
): Promise<{ clock: ManualClock; server: Serving }> {
  const clock = new ManualClock();
  const transport = createNodeTransport({ clock });
  const throttle = throttleConnections(options);
  const server = await serving(reads, { unclaimedTimeout: 1_000_000, ...more, transport, throttle });
  return { clock, server };
}

async function peers(server: Serving, count: number): Promise<RawPeer[]> {
  const all: RawPeer[] = [];
  for (let i = 0; i < count; i++) all.push(await rawPeer(server.place));
  await turns(10);
  return all;
}

describe('beyond the rate', () => {
  test('they wait, unread, and begin in their order, to the millisecond', async () => {
    const { clock, server } = await throttled({ perSecond: 10, burst: 2 });
    const all = await peers(server, 5);
    const ports = all.map(({ localPort }) => localPort);
    const opened = (): unknown[] =>
      server.all('opened').map(({ connection }) => (connection.remote as { port: number }).port);
    expect(opened()).toEqual(ports.slice(0, 2));
    for (let begun = 2; begun < 5; begun++) {
      clock.advance(99);
      await turns();
      expect(opened()).toEqual(ports.slice(0, begun));
      clock.advance(1);
      expect(opened()).toEqual(ports.slice(0, begun + 1));
    }
    expect(server.all('dropped')).toEqual([]);
    server.unsubscribe();
    await until(() => clock.pending === 0, 'no timer');
  });

  test('they are dropped where that is wanted, with an event for each', async () => {
    const { clock, server } = await throttled({ perSecond: 10, burst: 2, whenExceeded: 'drop' });
    const all = await peers(server, 4);
    await all[2]?.close();
    await all[3]?.close();
    expect(server.all('opened')).toHaveLength(2);
    expect(server.all('dropped')).toMatchObject([
      { reason: 'throttled', remote: { port: all[2]?.localPort }, count: 1 },
      { reason: 'throttled', remote: { port: all[3]?.localPort }, count: 1 },
    ]);
    clock.advance(99);
    await (await rawPeer(server.place)).close();
    clock.advance(1);
    await rawPeer(server.place);
    await server.until('opened', 3);
    expect(server.all('dropped')).toHaveLength(3);
  });

  test('after a pause no more than the burst begin at once', async () => {
    const { clock, server } = await throttled({ perSecond: 1_000, burst: 3 });
    clock.advance(1_000_000);
    await peers(server, 5);
    expect(server.all('opened')).toHaveLength(3);
    clock.advance(1);
    expect(server.all('opened')).toHaveLength(4);
  });

  test('a rate below one in a second', async () => {
    const { clock, server } = await throttled({ perSecond: 0.1 });
    await peers(server, 2);
    clock.advance(9_999);
    await turns();
    expect(server.all('opened')).toHaveLength(1);
    clock.advance(1);
    expect(server.all('opened')).toHaveLength(2);
  });
});

describe('together with the other bounds', () => {
  test('those that wait count as unclaimed: maxUnclaimed drops what is too many', async () => {
    const { server } = await throttled({ perSecond: 1, burst: 1 }, { maxUnclaimed: 2 });
    await peers(server, 5);
    expect(server.all('opened')).toHaveLength(1);
    expect(server.all('dropped').map(({ reason }) => reason)).toEqual(['unclaimed', 'unclaimed']);
  });

  test('those that wait too long are let go, and the next in turn begins', async () => {
    const { clock, server } = await throttled({ perSecond: 0.001, burst: 1 }, { unclaimedTimeout: 5_000 });
    const [, second] = await peers(server, 2);
    clock.advance(5_000);
    await second?.close();
    await server.one('dropped');
    expect(server.all('dropped')[0]).toMatchObject({ reason: 'unclaimed', remote: { port: second?.localPort } });
  });

  test('a place that becomes free is no turn, and a turn is no free place', async () => {
    const { clock, server } = await throttled({ perSecond: 10, burst: 1 }, { maxConnections: 1, whenFull: 'wait' });
    const [first] = await peers(server, 3);
    clock.advance(1_000);
    await turns();
    expect(server.all('opened')).toHaveLength(1);
    first?.reset();
    server.all('opened')[0]?.connection.destroy();
    await server.until('closed', 1);
    expect(server.all('opened')).toHaveLength(2);
    server.all('opened')[1]?.connection.destroy();
    await server.until('closed', 2);
    expect(server.all('opened')).toHaveLength(2);
    clock.advance(100);
    expect(server.all('opened')).toHaveLength(3);
  });

  test('a shutdown does not wait for those that wait, and leaves no timer', async () => {
    const clock = new ManualClock();
    const transport = createNodeTransport({ clock });
    const stop = new AbortController();
    const throttle = throttleConnections({ perSecond: 0.001, burst: 1 });
    const server = await serving(() => EMPTY, { transport, throttle, shutdown: stop.signal });
    const [first, second] = await peers(server, 2);
    first?.socket.end();
    await server.one('closed');
    expect(clock.pending).toBeGreaterThan(0);
    stop.abort();
    const { report } = await server.one('stopped');
    expect(report.unclaimed).toBe(1);
    await second?.close();
    expect(clock.pending).toBe(0);
  });

  test('listen: whoever takes the connections gets them at that rate', async () => {
    const clock = new ManualClock();
    const transport = createNodeTransport({ clock });
    const { server, place } = await listening({ transport, throttle: throttleConnections({ perSecond: 2 }) });
    const taken = record(server.connections);
    for (let i = 0; i < 3; i++) await rawPeer(place);
    await until(() => server.connectionCount === 3, 'all of them');
    expect(taken.values).toHaveLength(1);
    clock.advance(500);
    expect(taken.values).toHaveLength(2);
    clock.advance(500);
    expect(taken.values).toHaveLength(3);
  });
});

test('one throttle may be given to several servers, and each counts for itself', async () => {
  const throttle = throttleConnections({ perSecond: 0.001, burst: 1 });
  for (let i = 0; i < 2; i++) {
    const server = await serving(() => NEVER, { throttle });
    await rawPeer(server.place);
    await server.one('opened');
  }
});

describe('bad input', () => {
  const wrong: [string, unknown][] = [
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined, null].map((perSecond): [string, unknown] => [
      'perSecond',
      { perSecond },
    ]),
    ...[0, -1, 1.5, Number.POSITIVE_INFINITY, '5'].map((burst): [string, unknown] => [
      'burst',
      { perSecond: 1, burst },
    ]),
    ['whenExceeded', { perSecond: 1, whenExceeded: 'hold' }],
    ['rate', { perSecond: 1, rate: 5 }],
    ['options', undefined],
    ['options', 5],
  ];

  test.each(wrong)('%s of %j', (option, options) => {
    const throttle = throttleConnections(options as ThrottleOptions);
    const at = { port: 0, host: '127.0.0.1' };
    for (const flow of [listen({ ...at, throttle }), serve({ ...at, throttle }, (): Chunk[] => [])]) {
      const { ending } = new Recording<unknown>(flow);
      expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option } });
    }
  });

  test('a throttle that is none', () => {
    for (const throttle of [5, { perSecond: 5 }, null]) {
      const { ending } = new Recording<unknown>(listen({ port: 0, throttle: throttle as never }));
      expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option: 'throttle' } });
    }
  });
});
