// Connections that nobody reads: a reset is invisible on them, so they are bounded in number and in time.
import { concat, EMPTY, finalize, mergeMap, NEVER, type Observable, Subject, take } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { type Chunk, type Connection, createNodeTransport, currentUpstream } from '../../src/index.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { type Place, type RawPeer, rawPeer } from './support-failures/peers.ts';
import { record, tagOf } from './support-failures/record.ts';
import { echo, listening, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

const LIMIT = 1_000;

/** A clock that the test turns, and options of a server that goes by it. */
function timed(): {
  clock: ManualClock;
  options: { transport: ReturnType<typeof createNodeTransport>; unclaimedTimeout: number };
} {
  const clock = new ManualClock();
  return { clock, options: { transport: createNodeTransport({ clock }), unclaimedTimeout: LIMIT } };
}

/** What a peer may have done before it was let go. */
const behaviours: [string, (peer: RawPeer) => unknown][] = [
  ['does nothing', () => {}],
  ['has sent data', (peer) => peer.send('unread')],
  ['has ended', (peer) => peer.socket.end('unread')],
  ['has reset', (peer) => peer.reset()],
];

describe('a handler that never reads and never writes', () => {
  test.each(behaviours)('is let go at unclaimedTimeout, when its peer %s', async (_name, act) => {
    const { clock, options } = timed();
    const server = await serving(() => NEVER, options);
    const peer = await rawPeer(server.place);
    const { connection } = await server.one('opened');
    await act(peer);
    await turns();
    clock.advance(LIMIT - 1);
    await turns();
    expect(server.types).toEqual(['listening', 'opened']);
    clock.advance(1);
    await peer.close();
    const { info, ...closed } = await server.one('closed');
    expect(closed.connection).toBe(connection);
    expect(server.all('dropped')).toMatchObject([{ reason: 'unclaimed', failure: undefined }]);
    expect(info).toMatchObject({ read: 'timeout', write: 'timeout', bytesRead: 0 });
    // It was dropped, and has not failed.
    expect(server.types).toEqual(['listening', 'opened', 'dropped', 'closed']);
    expect(clock.pending).toBe(0);
  });

  test('is told with the peer’s address', async () => {
    const { clock, options } = timed();
    const server = await serving(() => NEVER, options);
    const peer = await rawPeer(server.place);
    await server.one('opened');
    clock.advance(LIMIT);
    expect(await server.one('dropped')).toMatchObject({ remote: { address: '127.0.0.1', port: peer.localPort } });
  });

  test('its subscription is ended, and it hears no failure of its own making', async () => {
    const { clock, options } = timed();
    let cancelled = 0;
    const handler = (): Observable<Chunk> => NEVER.pipe(finalize(() => cancelled++));
    const server = await serving(handler, options);
    await rawPeer(server.place);
    await server.one('opened');
    clock.advance(LIMIT);
    await server.one('closed');
    expect(cancelled).toBe(1);
  });

  test.each([1, 50])('each of %i has its own time', async (count) => {
    const { clock, options } = timed();
    const server = await serving(() => NEVER, options);
    for (let each = 1; each <= count; each++) {
      await rawPeer(server.place);
      await server.until('opened', each);
      clock.advance(3);
    }
    clock.advance(LIMIT - 3 * count - 1);
    for (let each = 1; each <= count; each++) {
      expect(server.all('dropped')).toHaveLength(each - 1);
      clock.advance(1);
      expect(server.all('dropped')).toHaveLength(each);
      clock.advance(2);
    }
    await server.until('closed', count);
    expect(clock.pending).toBe(0);
  });
});

describe('who is not let go', () => {
  test('a handler that reads, however long nothing comes', async () => {
    const { clock, options } = timed();
    const server = await serving(echo, options);
    const peer = await rawPeer(server.place);
    await server.one('opened');
    expect(clock.pending).toBe(0);
    clock.advance(100 * LIMIT);
    await peer.send('x');
    await peer.receives('x');
  });

  test('a handler that only writes, as long as it does', async () => {
    const { clock, options } = timed();
    const ticks = new Subject<Chunk>();
    const server = await serving(() => ticks, options);
    const peer = await rawPeer(server.place);
    await server.one('opened');
    for (let tick = 0; tick < 5; tick++) {
      clock.advance(LIMIT - 1);
      ticks.next(`tick ${tick}\n`);
      await peer.receives(`tick ${tick}\n`);
    }
    expect(server.types).toEqual(['listening', 'opened']);
    // It ticks no more: seen to have stopped one or two limits later.
    clock.advance(2 * LIMIT);
    await peer.close();
    expect(server.types).toEqual(['listening', 'opened', 'dropped', 'closed']);
  });

  test.each([1, 5])('%i of them, however long they go on, have one timer', async (count) => {
    const { clock, options } = timed();
    const outputs: Subject<Chunk>[] = [];
    const server = await serving(() => {
      const output = new Subject<Chunk>();
      outputs.push(output);
      return output;
    }, options);
    const peers: RawPeer[] = [];
    for (let index = 0; index < count; index++) {
      peers.push(await rawPeer(server.place));
      await server.until('opened', index + 1);
      // Each at a time of its own.
      clock.advance(10);
    }
    for (let round = 0; round < 20; round++) {
      for (const output of outputs) output.next('tick\n');
      await turns();
      clock.advance(LIMIT);
      expect(clock.pending).toBe(1);
    }
    expect(server.all('dropped')).toEqual([]);
    server.unsubscribe();
    expect(clock.pending).toBe(0);
    for (const peer of peers) await peer.close();
  });

  test('one that was read up to the peer’s end, and answers in its own time', async () => {
    const { clock, options } = timed();
    const answer = new Subject<Chunk>();
    const server = await serving(
      (connection) => concat(connection.incoming.pipe(mergeMap(() => EMPTY)), answer.pipe(take(1))),
      options,
    );
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    peer.socket.end('question');
    await until(() => answer.observed, 'the end to be seen');
    clock.advance(100 * LIMIT);
    answer.next('answer');
    await peer.receives('answer');
    await peer.end();
    expect(server.all('dropped')).toEqual([]);
  });

  test('one that is held: it has its reader', async () => {
    const { clock, options } = timed();
    const releases: (() => void)[] = [];
    const server = await serving(
      (connection) =>
        connection.incoming.pipe(
          mergeMap(() => {
            const release = currentUpstream()?.hold();
            if (release !== undefined) releases.push(release);
            return EMPTY;
          }),
        ),
      options,
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await until(() => releases.length > 0, 'a hold');
    clock.advance(100 * LIMIT);
    await turns();
    expect(server.all('dropped')).toEqual([]);
  });

  test('anybody, with pauseOnConnect', async () => {
    const { clock, options } = timed();
    const server = await serving(() => NEVER, { ...options, pauseOnConnect: true });
    const peer = await rawPeer(server.place);
    const { connection } = await server.one('opened');
    clock.advance(100 * LIMIT);
    await turns();
    expect(server.all('dropped')).toEqual([]);
    expect(clock.pending).toBe(0);
    // And it can still be read.
    await peer.send('later');
    expect(String((await record(connection.incoming).count(1))[0])).toBe('later');
  });
});

test('a reading that was given up leaves a connection that nobody reads', async () => {
  const { clock, options } = timed();
  const server = await serving((connection) => concat(connection.incoming.pipe(take(1)), NEVER), options);
  const peer = await rawPeer(server.place);
  await server.one('opened');
  clock.advance(5 * LIMIT);
  await peer.send('x');
  await peer.receives('x');
  await until(() => clock.pending === 1, 'the time to begin');
  clock.advance(LIMIT);
  // Something was written since: once more.
  clock.advance(LIMIT);
  await peer.close();
  expect(server.types).toEqual(['listening', 'opened', 'dropped', 'closed']);
});

test('a reading that is given up and taken up again is a reading', async () => {
  const { clock, options } = timed();
  const server = await serving(
    (connection) => concat(connection.incoming.pipe(take(1)), connection.incoming.pipe(take(1)), connection.incoming),
    options,
  );
  const peer = await rawPeer(server.place);
  for (const text of ['a', 'b', 'c']) {
    await peer.send(text);
    await peer.receives(text);
  }
  expect(clock.pending).toBe(0);
});

describe('maxUnclaimed', () => {
  test('of handlers that do not read: one too many is dropped, the others stay', async () => {
    const { options } = timed();
    const server = await serving(() => NEVER, { ...options, maxUnclaimed: 3 });
    const peers: RawPeer[] = [];
    for (let each = 1; each <= 4; each++) {
      peers.push(await rawPeer(server.place));
      await server.until('opened', each);
    }
    await peers[3]?.close();
    expect(server.all('dropped')).toMatchObject([{ reason: 'unclaimed' }]);
    expect(peers.map(({ closed }) => closed)).toEqual([false, false, false, true]);
  });

  test('of connections that wait for somebody to take them', async () => {
    const { options } = timed();
    const { server, place } = await listening({ ...options, maxUnclaimed: 3 });
    const dropped = record(server.dropped);
    const peers: RawPeer[] = [];
    for (let each = 1; each <= 4; each++) {
      peers.push(await rawPeer(place));
      await until(() => server.connectionCount + dropped.values.length >= each, 'the connection');
    }
    await peers[3]?.close();
    expect(dropped.values).toMatchObject([{ reason: 'unclaimed', remote: { port: peers[3]?.localPort } }]);
    expect(server.connectionCount).toBe(3);
    // Who takes them gets those that stayed, in their order.
    const taken = record(server.connections);
    const connections = await taken.count(3);
    expect(connections.map(portOf)).toEqual(peers.slice(0, 3).map(({ localPort }) => localPort));
  });

  test('those that are read do not count', async () => {
    const { options } = timed();
    const server = await serving(echo, { ...options, maxUnclaimed: 1 });
    await Promise.all([1, 2, 3].map(() => rawPeer(server.place)));
    await server.until('opened', 3);
    expect(server.all('dropped')).toEqual([]);
  });
});

function portOf({ remote }: Connection): number | undefined {
  return remote !== undefined && 'port' in remote ? remote.port : undefined;
}

describe('whenFull', () => {
  test('drop: one too many is closed and told, the next one after a close is served', async () => {
    const server = await serving(echo, { maxConnections: 2 });
    const first = await rawPeer(server.place);
    await server.until('opened', 1);
    await rawPeer(server.place);
    await server.until('opened', 2);
    const third = await rawPeer(server.place);
    await third.close();
    expect(server.all('dropped')).toMatchObject([
      { reason: 'full', failure: undefined, remote: { address: '127.0.0.1', port: third.localPort } },
    ]);
    first.socket.end();
    await server.one('closed');
    const fourth = await rawPeer(server.place);
    await fourth.send('x');
    await fourth.receives('x');
    expect(server.types.filter((type) => type === 'opened')).toHaveLength(3);
  });

  test('wait: they begin in their order as there is room, and nothing they sent is lost', async () => {
    const { clock, options } = timed();
    const server = await serving(echo, { ...options, maxConnections: 2, whenFull: 'wait' });
    const peers: RawPeer[] = [];
    for (let index = 0; index < 5; index++) {
      const peer = await rawPeer(server.place);
      peers.push(peer);
      await peer.send(`peer ${index}`);
    }
    await Promise.all(peers.slice(0, 2).map((peer, index) => peer.receives(`peer ${index}`)));
    await turns();
    expect(server.all('opened')).toHaveLength(2);
    for (let index = 0; index < 3; index++) {
      peers[index]?.socket.end();
      await peers[index + 2]?.receives(`peer ${index + 2}`);
      expect(server.all('opened')).toHaveLength(index + 3);
    }
    expect(server.all('opened').map(({ connection }) => connection)).toHaveLength(5);
    expect(server.all('dropped')).toEqual([]);
    await server.until('closed', 3);
    expect(clock.pending).toBe(0);
  });

  test('wait: those that wait are let go at unclaimedTimeout, and were never begun', async () => {
    const { clock, options } = timed();
    const server = await serving(echo, { ...options, maxConnections: 1, whenFull: 'wait' });
    await rawPeer(server.place);
    await server.one('opened');
    const second = await rawPeer(server.place);
    await until(() => clock.pending === 1, 'the second connection to wait');
    clock.advance(LIMIT - 1);
    await turns();
    expect(second.closed).toBe(false);
    clock.advance(1);
    await second.close();
    await turns();
    expect(server.types).toEqual(['listening', 'opened', 'dropped']);
    expect(server.all('dropped')).toMatchObject([{ reason: 'unclaimed', remote: { port: second.localPort } }]);
    expect(clock.pending).toBe(0);
  });

  test('wait: one that is being let go does not begin when there is room in the same turn', async () => {
    const { clock, options } = timed();
    const server = await serving(echo, { ...options, maxConnections: 1, whenFull: 'wait' });
    await rawPeer(server.place);
    const { connection } = await server.one('opened');
    const second = await rawPeer(server.place);
    await until(() => clock.pending === 1, 'the second connection to wait');
    clock.advance(LIMIT);
    connection.destroy();
    await second.close();
    await server.one('closed');
    await turns();
    expect(server.types).toEqual(['listening', 'opened', 'dropped', 'closed']);
  });

  test('wait: how many may wait is bounded', async () => {
    const server = await serving(echo, { maxConnections: 1, whenFull: 'wait', maxUnclaimed: 2 });
    const peers: RawPeer[] = [];
    for (let each = 0; each < 4; each++) {
      peers.push(await rawPeer(server.place));
      await turns(10);
    }
    await peers[3]?.close();
    expect(server.all('dropped')).toMatchObject([{ reason: 'unclaimed' }]);
    expect(peers.map(({ closed }) => closed)).toEqual([false, false, false, true]);
  });

  test('wait: connectionCount counts those that wait, too', async () => {
    const { server, place } = await listening({ maxConnections: 1, whenFull: 'wait' });
    const taken = record(server.connections);
    const peers = [await rawPeer(place), await rawPeer(place), await rawPeer(place)];
    await until(
      () => server.connectionCount === 3,
      () => `3 connections, not ${server.connectionCount}`,
    );
    expect(taken.values).toHaveLength(1);
    for (const connection of taken.values) connection.destroy();
    await taken.count(2);
    await until(() => server.connectionCount === 2, 'one less');
    taken.values[1]?.destroy();
    const connections = await taken.count(3);
    expect(connections.map(portOf)).toEqual(peers.map(({ localPort }) => localPort));
  });
});

describe('Server.connections', () => {
  /** A server, and so many peers that it has accepted, in this order. */
  async function withPeers(count: number): Promise<{
    server: Awaited<ReturnType<typeof listening>>['server'];
    ports: (number | undefined)[];
    place: Place;
    clock: ManualClock;
  }> {
    const { clock, options } = timed();
    const { server, place } = await listening(options);
    const ports: (number | undefined)[] = [];
    for (let each = 1; each <= count; each++) {
      ports.push((await rawPeer(place)).localPort);
      await until(() => server.connectionCount === each, 'the connection to be accepted');
    }
    return { server, ports, place, clock };
  }

  test('without a subscriber they wait, and come in their order to who subscribes', async () => {
    const { server, ports } = await withPeers(3);
    const connections = await record(server.connections).count(3);
    expect(connections.map(portOf)).toEqual(ports);
    expect(server.connectionCount).toBe(3);
  });

  test('without a subscriber they are let go at unclaimedTimeout', async () => {
    const { server, ports, clock } = await withPeers(2);
    const dropped = record(server.dropped);
    clock.advance(LIMIT - 1);
    await turns();
    expect(dropped.values).toEqual([]);
    clock.advance(1);
    await until(() => server.connectionCount === 0, 'the connections to go');
    expect(dropped.values).toMatchObject(ports.map((port) => ({ reason: 'unclaimed', remote: { port } })));
    expect(clock.pending).toBe(0);
    expect(record(server.connections).values).toEqual([]);
  });

  test('one that was given out and is never read is let go, too', async () => {
    const { server, clock } = await withPeers(1);
    const [connection] = await record(server.connections).count(1);
    const closed = record((connection as Connection).closed);
    clock.advance(LIMIT);
    expect(await closed.completion()).toMatchObject([{ read: 'timeout', write: 'timeout' }]);
  });

  test('one subscriber takes one; the next subscriber starts with the next', async () => {
    const { server, ports } = await withPeers(3);
    const first = record(server.connections.pipe(take(1)));
    expect((await first.completion()).map(portOf)).toEqual(ports.slice(0, 1));
    const second = record(server.connections.pipe(take(1)));
    expect((await second.completion()).map(portOf)).toEqual(ports.slice(1, 2));
    const third = record(server.connections);
    expect((await third.count(1)).map(portOf)).toEqual(ports.slice(2));
  });

  test('a second subscriber, meanwhile, fails with AlreadySubscribed', async () => {
    const { server } = await withPeers(0);
    const first = record(server.connections);
    expect(tagOf(await record(server.connections).failure())).toBe('AlreadySubscribed');
    expect(first.ending).toBeUndefined();
    first.unsubscribe();
    expect(record(server.connections).ending).toBeUndefined();
  });

  test('held, they wait; released, they come in their order', async () => {
    const { server, ports } = await withPeers(3);
    const taken: Connection[] = [];
    const releases: (() => void)[] = [];
    const subscription = server.connections.subscribe((connection) => {
      taken.push(connection);
      const release = currentUpstream()?.hold();
      if (release !== undefined) releases.push(release);
    });
    for (let count = 1; count <= 3; count++) {
      await turns();
      expect(taken.map(portOf)).toEqual(ports.slice(0, count));
      expect(server.connectionCount).toBe(3);
      releases.shift()?.();
    }
    subscription.unsubscribe();
  });

  test('held, those that wait are let go in time', async () => {
    const { server, ports, clock } = await withPeers(2);
    const dropped = record(server.dropped);
    const subscription = server.connections.subscribe((connection) => {
      connection.incoming.subscribe({ error() {} });
      currentUpstream()?.hold();
    });
    clock.advance(LIMIT);
    await until(() => server.connectionCount === 1, 'one to go');
    expect(dropped.values).toMatchObject([{ reason: 'unclaimed', remote: { port: ports[1] } }]);
    subscription.unsubscribe();
  });

  test('they complete when the server closes, also for who comes later', async () => {
    const { server } = await withPeers(1);
    const before = record(server.connections);
    const [connection] = await before.count(1);
    (connection as Connection).incoming.subscribe({ error() {} });
    (connection as Connection).destroy();
    await server.close();
    await before.completion();
    await record(server.connections).completion();
    await record(server.dropped).completion();
  });
});

describe('at shutdown', () => {
  test.each(behaviours)(
    'a connection that was accepted and not given to anybody is destroyed at once: its peer %s',
    async (_name, act) => {
      const { clock, options } = timed();
      const { server, place, recording } = await listening(options);
      const peer = await rawPeer(place);
      await until(() => server.connectionCount === 1, 'the connection');
      await act(peer);
      await turns();
      const report = await server.close();
      expect(report).toMatchObject({ finished: 0, cut: [], unclaimed: 1, duration: 0 });
      await peer.close();
      await recording.completion();
      expect(clock.pending).toBe(0);
    },
  );

  /** Ends on the peer's side, unless it has. */
  async function finish(peer: RawPeer, behaviour: string): Promise<void> {
    if (behaviour === 'has ended' || behaviour === 'has reset') return;
    await peer.end();
    peer.socket.end();
  }

  test.each(behaviours)('one that was given out and is not read is half-closed: its peer %s', async (name, act) => {
    const { clock, options } = timed();
    const { server, place, recording } = await listening(options);
    const connections = record(server.connections);
    const peer = await rawPeer(place, { allowHalfOpen: true });
    await connections.count(1);
    await act(peer);
    await turns();
    const closing = server.close();
    await finish(peer, name);
    expect(await closing).toMatchObject({ finished: 1, cut: [], unclaimed: 0 });
    await recording.completion();
    expect(clock.pending).toBe(0);
  });

  test.each(behaviours)('so is one whose handler neither reads nor writes: its peer %s', async (name, act) => {
    const { clock, options } = timed();
    const shutdown = new Subject<void>();
    const server = await serving(() => NEVER, { ...options, shutdown });
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    await server.one('opened');
    await act(peer);
    await turns();
    shutdown.next();
    await finish(peer, name);
    const { report } = await server.one('stopped');
    expect(report).toMatchObject({ finished: 1, cut: [], unclaimed: 0 });
    await server.recording.completion();
    expect(server.all('failed')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('if its peer does not end either, it is closed after `closeTimeout`, or at the deadline', async () => {
    const { clock, options } = timed();
    const shutdown = new Subject<void>();
    const server = await serving(() => NEVER, { ...options, shutdown, drainTimeout: 60_000 });
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    await server.one('opened');
    shutdown.next();
    await peer.end();
    clock.advance(29_999);
    await turns();
    expect(server.all('stopped')).toEqual([]);
    clock.advance(1);
    await server.recording.completion();
    expect(clock.pending).toBe(0);
  });

  test('connections that wait for room are destroyed at once', async () => {
    const { clock, options } = timed();
    const shutdown = new Subject<void>();
    const server = await serving(echo, { ...options, maxConnections: 1, whenFull: 'wait', shutdown });
    const first = await rawPeer(server.place);
    await server.one('opened');
    const waiting = await Promise.all([rawPeer(server.place), rawPeer(server.place)]);
    await until(() => clock.pending === 1, 'them to wait');
    await turns(10);
    shutdown.next();
    await Promise.all(waiting.map((peer) => peer.close()));
    await first.end();
    const { report } = await server.one('stopped');
    expect(report).toMatchObject({ finished: 1, cut: [], unclaimed: 2 });
    expect(server.all('opened')).toHaveLength(1);
    expect(server.all('closed')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('an abort destroys them too, and the report says how many they were', async () => {
    const { clock, options } = timed();
    const controller = new AbortController();
    const server = await serving(echo, {
      ...options,
      maxConnections: 1,
      whenFull: 'wait',
      signal: controller.signal,
    });
    await rawPeer(server.place);
    await server.one('opened');
    const waiting = await rawPeer(server.place);
    await until(() => clock.pending === 1, 'it to wait');
    controller.abort();
    await waiting.close();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{}], unclaimed: 1 });
    expect(clock.pending).toBe(0);
  });
});
