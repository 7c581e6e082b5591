// A connection whose reader is held still learns of its peer: FIN, reset, and what frees its place.
import { createHash } from 'node:crypto';
import { from, ignoreElements, map, NEVER, type Observable, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  connect,
  type Connection,
  currentUpstream,
  idleTimeout,
  lines,
  mapAsync,
  serve,
  type ServeEvent,
  toAsyncIterable,
} from '../../src/index.ts';
import { concatMap, mergeMap } from '../../src/rx.ts';
import { simulateNetwork } from '../../src/testing/index.ts';
import { pattern } from './support/data.ts';
import { fakeConnection, ledger } from './support/fake-link.ts';
import { LiveConnection } from '../../src/observables/internal/live-connection.ts';
import { HandClock } from './support/resources.ts';
import { pair, rawPeer, type RawPeer, serving, transports } from './support/sockets.ts';
import { failureOf, SOON, standstill, tick, until, watch, within } from './support/wait.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Work that never ends by itself; it counts what is in progress. */
class Work {
  inProgress = 0;
  readonly begin = (): Observable<string> =>
    NEVER.pipe(tap({ subscribe: () => this.inProgress++, finalize: () => this.inProgress-- }));
}

/** One at a time, and one more that waits: with that the source is paused. */
const one = { concurrency: 1, highWaterMark: 1 };

/** Whether its reader is held. */
const isHeld = (connection: Connection): boolean => connection instanceof LiveConnection && connection.isHeld;

/** Handlers that are held by their own work, in every way that the library offers. */
const holders: readonly (readonly [string, (connection: Connection, work: Work) => Observable<string>])[] = [
  ['mapAsync', ({ incoming }, work) => incoming.pipe(lines(), mapAsync(work.begin, one))],
  ['mapAsync over chunks', ({ incoming }, work) => incoming.pipe(mapAsync(work.begin, one))],
  ['concatMap', ({ incoming }, work) => incoming.pipe(lines(), concatMap(work.begin, { highWaterMark: 1 }))],
  ['mergeMap', ({ incoming }, work) => incoming.pipe(lines(), mergeMap(work.begin, one))],
  [
    'for await',
    ({ incoming }, work) =>
      from(
        (async function* () {
          for await (const line of toAsyncIterable(incoming.pipe(lines()))) {
            const subscription = work.begin().subscribe();
            try {
              yield `${line}\n`;
              await new Promise(() => {});
            } finally {
              subscription.unsubscribe();
            }
          }
        })(),
      ),
  ],
  [
    'hold()',
    ({ incoming }, work) =>
      incoming.pipe(
        tap(() => currentUpstream()?.hold()),
        mergeMap(work.begin),
      ),
  ],
];

const closedOf = (log: readonly ServeEvent[]): number => log.filter(({ type }) => type === 'closed').length;

describe.each(holders)('held by %s', (name, handler) => {
  test('a reset is seen: the connection closes, its place is free, its work is cancelled', async () => {
    const work = new Work();
    const server = await serving((connection) => handler(connection, work), { maxConnections: 2 });
    for (let round = 0; round < 2; round++) {
      const peers = [await rawPeer(server.place), await rawPeer(server.place)] as const;
      for (const { socket } of peers) socket.write('work\n');
      await until(() => work.inProgress === 2, 'the work');
      for (const { socket } of peers) socket.write('next\n');
      const connections = [await server.opened(2 * round), await server.opened(2 * round + 1)];
      await until(() => connections.every(isHeld), 'the pause');
      // Requests that wait behind it, too.
      peers[0].socket.write('more\nand more\n');
      await standstill(() => peers[0].socket.bytesWritten, 50);
      for (const peer of peers) peer.reset();
      await until(() => closedOf(server.log) === 2 * (round + 1), 'the close');
      // An async generator that waits can't be interrupted: that is the language.
      if (name !== 'for await') expect(work.inProgress).toBe(0);
      else work.inProgress = 0;
    }
    expect(server.log.filter(({ type }) => type === 'dropped')).toEqual([]);
    expect(server.log.filter(({ type }) => type === 'failed')).toMatchObject(
      Array.from({ length: 4 }, () => ({ failure: { _tag: 'ConnectionReset' } })),
    );
  });

  test.each(transports)('over %s, a half-close is seen, and the work goes on', async (_name, place) => {
    const work = new Work();
    const server = await serving((connection) => handler(connection, work), place());
    const peer = await rawPeer(server.place);
    peer.socket.write('work\n');
    const connection = await server.opened();
    const events = watch(connection.events);
    await until(() => work.inProgress === 1, 'the work');
    peer.socket.write('next\n');
    await until(() => isHeld(connection), 'the pause');
    peer.socket.end('more\n');
    await until(() => events.values.some(({ type }) => type === 'end'), 'the FIN');
    expect(work.inProgress).toBe(1);
    expect(closedOf(server.log)).toBe(0);
  });
});

describe('bytes and the end', () => {
  test.each(transports)('over %s, all answers reach a peer that has ended its side meanwhile', async (_name, place) => {
    const server = await serving(
      ({ incoming }) =>
        incoming.pipe(
          lines(),
          concatMap(
            async (line) => {
              await new Promise((resolve) => {
                setTimeout(resolve, 5);
              });
              return `${line}!\n`;
            },
            { highWaterMark: 1 },
          ),
        ),
      place(),
    );
    const peer = (await rawPeer(server.place)).read();
    for (let i = 0; i < 20; i++) {
      peer.socket.write(`${i}\n`);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    peer.socket.end('last');
    await within(peer.gotEnd, 'the end');
    expect(peer.text).toBe(`${Array.from({ length: 20 }, (_, i) => `${i}!\n`).join('')}last!\n`);
    await until(() => closedOf(server.log) === 1, 'the close');
    expect(server.log.find(({ type }) => type === 'closed')).toMatchObject({ info: { read: 'fin', write: 'fin' } });
  });

  test('a consumer with an item in hand can still write its answer after the peer’s FIN', async () => {
    const { connection, peer } = await pair();
    peer.read();
    peer.socket.end('question\n');
    const events = watch(connection.events);
    for await (const line of toAsyncIterable(connection.incoming.pipe(lines()))) {
      await until(() => events.values.some(({ type }) => type === 'end'), 'the FIN');
      connection.write(`${line}: answer\n`);
    }
    await within(peer.gotEnd, 'the end');
    expect(peer.text).toBe('question: answer\n');
    expect(await within(ledger(connection), 'the close')).toMatchObject({ read: 'fin', write: 'fin' });
  });

  test('what came before a reset is emitted before it', async () => {
    const { connection, peer } = await pair();
    let release: (() => void) | undefined;
    const seen = watch(
      connection.incoming.pipe(
        map(String),
        tap(() => (release ??= currentUpstream()?.hold())),
      ),
    );
    peer.socket.write('one');
    await until(() => release !== undefined, 'the first chunk');
    peer.socket.write('two');
    await standstill(() => peer.socket.bytesWritten, 50);
    peer.reset();
    await within(ledger(connection), 'the close');
    expect(seen.values).toEqual(['one']);
    expect(seen.errors).toEqual([]);
    release?.();
    await within(seen.ended, 'the failure');
    expect(seen.values.join('')).toBe('onetwo');
    expect(failureOf(seen)._tag).toBe('ConnectionReset');
  });

  test('an end that was decided here waits for no reader that is held', async () => {
    const { connection, link } = await fakeConnection();
    const seen = watch(connection.incoming.pipe(tap(() => currentUpstream()?.hold())));
    link.deliver('one');
    link.deliver('two');
    connection.destroy();
    await within(seen.ended, 'the failure');
    expect(seen.values.map(String)).toEqual(['one']);
    expect(failureOf(seen)._tag).toBe('ConnectionClosed');
  });

  test('whatever is held and released, no byte is lost or out of order', async () => {
    const { connection, peer } = await pair();
    const all = pattern(4 * MiB);
    peer.socket.end(all);
    const hash = createHash('sha256');
    let count = 0;
    const seen = watch(
      connection.incoming.pipe(
        tap((chunk) => {
          hash.update(chunk);
          const release = currentUpstream()?.hold();
          if (count++ % 3 === 0) setImmediate(() => release?.());
          else if (count % 3 === 1) process.nextTick(() => release?.());
          else release?.();
        }),
        ignoreElements(),
      ),
    );
    await within(seen.ended, 'the end', 2 * SOON);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(all).digest('hex'));
  });

  test('a reader that gives up leaves what was read ahead to the next, behind what it gives back', async () => {
    const { connection, link } = await fakeConnection();
    const first = watch(
      connection.incoming.pipe(
        lines(),
        tap(() => currentUpstream()?.hold()),
      ),
    );
    link.deliver('a\nb\n');
    link.deliver('c\n');
    link.deliver('d\n');
    expect(first.values).toEqual(['a']);
    first.unsubscribe();
    const second = watch(connection.incoming.pipe(lines()));
    await tick();
    expect(second.values).toEqual(['b', 'c', 'd']);
  });
});

describe('how much is read ahead', () => {
  test('64 KiB, and then it stops', async () => {
    const { connection, link } = await fakeConnection();
    let release: (() => void) | undefined;
    const seen = watch(connection.incoming.pipe(tap(() => (release ??= currentUpstream()?.hold()))));
    link.deliver('x');
    for (let i = 0; i < 63; i++) link.deliver(Buffer.alloc(KiB));
    expect(link.started).toBe(true);
    link.deliver(Buffer.alloc(KiB));
    expect(link.started).toBe(false);
    expect(connection.bytesRead).toBe(1);
    release?.();
    await tick();
    expect(link.started).toBe(true);
    expect(Buffer.concat(seen.values).length).toBe(1 + 64 * KiB);
    expect(connection.bytesRead).toBe(1 + 64 * KiB);
  });

  test.each(transports)('over %s, a peer that floods is stopped', async (_name, place) => {
    const { connection, peer } = await pair({}, place());
    connection.incoming.subscribe({ next: () => void currentUpstream()?.hold(), error() {} });
    const piece = pattern(64 * KiB);
    let made = 0;
    peer.flood(() => {
      made += piece.length;
      return made > 64 * MiB ? undefined : piece;
    });
    expect(await standstill(() => peer.gotRidOf)).toBeLessThan(16 * MiB);
    expect(connection.bytesRead).toBeLessThanOrEqual(64 * KiB);
  });

  test('small chunks cost little more than their bytes', async () => {
    const { connection, link } = await fakeConnection();
    const values: Buffer[] = [];
    let release: (() => void) | undefined;
    connection.incoming.subscribe({
      next: (chunk) => {
        values.push(chunk);
        release ??= currentUpstream()?.hold();
      },
      error() {},
    });
    for (let i = 0; i < 10_000; i++) link.deliver('x');
    release?.();
    await tick();
    expect(Buffer.concat(values).length).toBe(10_000);
    expect(values.length).toBeLessThan(20);
  });
});

describe('a reset that no read reports', () => {
  const serveSilently = async (): Promise<{ work: Work; server: Awaited<ReturnType<typeof serving>> }> => {
    const work = new Work();
    const server = await serving(({ incoming }) => incoming.pipe(lines(), mapAsync(work.begin, one)));
    return { work, server };
  };

  test.each([
    // libuv reports what is behind a partial read as an end.
    ['right behind bytes', 'more\n'],
    ['behind more than is read ahead', pattern(512 * KiB)],
  ])('%s', async (_name, bytes) => {
    const { work, server } = await serveSilently();
    const peer = await rawPeer(server.place);
    peer.socket.write('work\nnext\n');
    const connection = await server.opened();
    await until(() => isHeld(connection), 'the pause');
    await new Promise<void>((resolve) => {
      peer.socket.write(bytes, () => resolve());
    });
    peer.reset();
    await until(() => closedOf(server.log) === 1, 'the close');
    expect(work.inProgress).toBe(0);
  });

  test('behind the peer’s FIN', async () => {
    const { work, server } = await serveSilently();
    const peer = await rawPeer(server.place);
    peer.socket.write('work\nnext\n');
    const connection = await server.opened();
    const events = watch(connection.events);
    await until(() => isHeld(connection), 'the pause');
    peer.socket.end();
    await until(() => events.values.some(({ type }) => type === 'end'), 'the FIN');
    peer.reset();
    await until(() => closedOf(server.log) === 1, 'the close');
    expect(work.inProgress).toBe(0);
  });

  test('a peer that is there is not disturbed by being asked for', async () => {
    const { work, server } = await serveSilently();
    const peer = (await rawPeer(server.place)).read();
    peer.socket.end('work\n');
    await until(() => work.inProgress === 1, 'the work');
    const connection = await server.opened();
    // Asked for twice.
    await new Promise((resolve) => {
      setTimeout(resolve, 1_200);
    });
    expect(closedOf(server.log)).toBe(0);
    expect(connection.bytesWritten).toBe(0);
    connection.write('answer');
    await until(() => peer.received === 6, 'the answer');
  });
});

describe('time limits', () => {
  test('idleTimeout counts once the peer has ended: only our side could still move a byte', async () => {
    const clock = new HandClock();
    const { connection, link } = await fakeConnection({ clock, allowHalfOpen: true });
    const seen = watch(
      connection.incoming.pipe(
        tap(() => currentUpstream()?.hold()),
        idleTimeout(1_000),
      ),
    );
    link.deliver('work');
    clock.advance(5_000);
    expect(seen.errors).toEqual([]);
    link.deliverEnd();
    clock.advance(999);
    expect(seen.errors).toEqual([]);
    clock.advance(1);
    expect(failureOf(seen)._tag).toBe('IdleTimeout');
  });
});

test('a thousand held connections whose peers reset at once are all closed', async () => {
  const work = new Work();
  const server = await serving(({ incoming }) => incoming.pipe(lines(), mapAsync(work.begin, one)), {
    maxConnections: 1_000,
  });
  const peers: RawPeer[] = [];
  while (peers.length < 1_000) {
    const batch = await Promise.all(Array.from({ length: 100 }, () => rawPeer(server.place)));
    for (const peer of batch) peer.socket.write('work\nnext\n');
    peers.push(...batch);
  }
  await until(() => work.inProgress === 1_000, 'the work', 4 * SOON);
  for (const peer of peers) peer.reset();
  await until(() => closedOf(server.log) === 1_000, 'the closes', 4 * SOON);
  expect(work.inProgress).toBe(0);
  const honest = await rawPeer(server.place);
  honest.socket.write('work\n');
  await until(() => work.inProgress === 1, 'the work of one more');
}, 60_000);

describe('on a simulated network', () => {
  test('a reset is seen at once, a FIN lets the work go on', async () => {
    const network = simulateNetwork({ latency: 10 });
    const work = new Work();
    const log: ServeEvent[] = [];
    serve({ port: 80, transport: network.host('server').transport }, ({ incoming }) =>
      incoming.pipe(lines(), mapAsync(work.begin, one)),
    ).subscribe((event) => log.push(event));
    const connections: Connection[] = [];
    const { transport } = network.host('client');
    await network.run(async () => {
      for (let i = 0; i < 2; i++) {
        connect({ host: 'server', port: 80, transport, allowHalfOpen: true }).subscribe({
          next: (connection) => {
            connections.push(connection);
            connection.write('work\nnext\n');
          },
        });
      }
      await network.sleep(100);
      expect(work.inProgress).toBe(2);
      connections[0]?.reset();
      connections[1]?.end('more\n');
      await network.sleep(100);
    });
    expect(work.inProgress).toBe(1);
    expect(log.filter(({ type }) => type === 'closed')).toMatchObject([{ info: { read: 'reset', write: 'reset' } }]);
  });
});
