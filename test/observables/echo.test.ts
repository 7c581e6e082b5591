import { setMaxListeners } from 'node:events';

import { EMPTY, NEVER, type ObservableInput, of } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { type Chunk, connect, type Connection, createNodeTransport, idleTimeout, serve } from '../../src/index.ts';
import { concat, from, merge } from '../../src/rx.ts';
import { pieces, sha256 } from './support/data.ts';
import { CountingClock, heapInUse, listenerCount, openSockets } from './support/resources.ts';
import { dialled, type Place, rawPeer, serving, transports } from './support/sockets.ts';
import { standstill, turn, until, watch, within } from './support/wait.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** What came back for what was sent. */
interface Exchange {
  readonly sent: string;
  readonly received: string;
  readonly bytes: number;
}

/** Sends all of it, ends, and reads to the end. */
function exchange(place: Place, total: number, sizes: readonly number[]): Promise<Exchange> {
  const sent = sha256();
  const received = sha256();
  let bytes = 0;
  return new Promise((resolve, reject) => {
    connect(place).subscribe({
      next: (connection) => {
        const source = pieces(total, sizes, (piece) => sent.update(piece));
        connection.send(source).subscribe({ complete: () => connection.end(), error: reject });
        connection.incoming.subscribe({
          next: (chunk) => {
            bytes += chunk.length;
            received.update(chunk);
          },
          error: reject,
        });
      },
      error: reject,
      complete: () => resolve({ sent: sent.digest('hex'), received: received.digest('hex'), bytes }),
    });
  });
}

describe.each(transports)('an echo over %s', (_name, place) => {
  test.each([
    ['64 MiB in large pieces', 64 * MiB, [256 * KiB]],
    ['8 MiB in odd pieces', 8 * MiB, [1, 65_537, 3, 1_021, 100_003, 7]],
    ['64 KiB byte by byte, nearly', 64 * KiB, [1, 2, 3]],
  ])('gives back %s', async (_what, total, sizes) => {
    const server = await serving((connection) => connection.incoming, place());
    const { sent, received, bytes } = await within(exchange(server.place, total, sizes), 'the echo', 18_000);
    expect(bytes).toBe(total);
    expect(received).toBe(sent);
    await until(() => server.log.some(({ type }) => type === 'closed'), 'the close');
    const closed = server.log.find((event) => event.type === 'closed');
    expect(closed).toMatchObject({ info: { read: 'fin', write: 'fin', bytesRead: total, bytesWritten: total } });
  });

  test('to a peer that knows nothing of us', async () => {
    const server = await serving((connection) => connection.incoming, place());
    const peer = (await rawPeer(server.place)).read();
    const sent = sha256();
    const received = sha256();
    peer.onChunk = (chunk) => received.update(chunk);
    const source = pieces(16 * MiB, [64 * KiB, 5], (piece) => sent.update(piece));
    peer.flood(() => source.next().value ?? undefined);
    await within(peer.gotEnd, 'the end', 10_000);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });

  test('through what the operators make of it: sent by a flow, merged, one after the other', async () => {
    const server = await serving((connection) => merge(connection.incoming, EMPTY), place());
    const connection = await dialled(server.place);
    const sent = sha256();
    const received = sha256();
    const reading = watch(connection.incoming);
    const flow = concat(
      connection.send(from(pieces(2 * MiB, [64 * KiB], (piece) => sent.update(piece)))),
      connection.send(from(pieces(1 * MiB, [999], (piece) => sent.update(piece)))),
    );
    flow.subscribe({ complete: () => connection.end() });
    await within(reading.ended, 'the end', 10_000);
    for (const chunk of reading.values) received.update(chunk);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });
});

describe('1,000 connections at once', () => {
  test('each gets its own data', async () => {
    const count = 1_000;
    const server = await serving((connection) => connection.incoming, { backlog: 1_024 });
    const own = (i: number): string => `${i};`.repeat(500);
    const connections: Connection[] = [];
    const ended: Promise<string>[] = [];
    await new Promise<void>((resolve, reject) => {
      for (let i = 0; i < count; i++) {
        const text = own(i);
        ended.push(
          new Promise((done, fail) => {
            const got: Buffer[] = [];
            connect(server.place).subscribe({
              next: (connection) => {
                connections[i] = connection;
                connection.incoming.subscribe({ next: (chunk) => got.push(chunk), error: fail });
                connection.write(text.slice(0, 100));
                if (Object.keys(connections).length === count) resolve();
              },
              error: reject,
              complete: () => done(Buffer.concat(got).toString()),
            });
          }),
        );
      }
    });
    await until(() => server.log.filter(({ type }) => type === 'opened').length === count, 'all of them');
    // All of them stand now; none has closed.
    expect(server.log.filter(({ type }) => type === 'closed')).toEqual([]);
    for (const [i, connection] of connections.entries()) connection.end(own(i).slice(100));
    const answers = await within(Promise.all(ended), 'the answers', 15_000);
    expect(answers.every((text, i) => text === own(i))).toBe(true);
    await until(() => server.log.filter(({ type }) => type === 'closed').length === count, 'all closes');
    const ledgers = server.log.flatMap((event) => (event.type === 'closed' ? [event.info] : []));
    expect(ledgers.every(({ read, write }) => read === 'fin' && write === 'fin')).toBe(true);
  });
});

/** The ways in which a connection is made and ends, one after the other. */
const lives: readonly ((connection: Connection, done: () => void) => void)[] = [
  // In order, with an answer.
  (connection) => {
    connection.incoming.pipe(idleTimeout(10_000)).subscribe({ error() {} });
    connection.end('hello');
  },
  // Given up after the first byte.
  (connection, done) => {
    connection.incoming.subscribe({ next: done, error() {} });
    connection.write('hello');
  },
  (connection) => {
    connection.setTimeout(10_000);
    connection.send(NEVER).subscribe({ error() {} });
    connection.reset();
  },
  // Never read, never written.
  (connection) => connection.destroy(),
  (connection) => {
    connection.events.subscribe();
    connection.closed.subscribe();
    void connection[Symbol.asyncDispose]();
  },
];

describe('10,000 connections one after the other', () => {
  test('leave nothing open, and the heap as it was', async () => {
    const clock = new CountingClock();
    const transport = createNodeTransport({ clock });
    // What lives longer than a connection, and could be left with something of each.
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const processListeners = listenerCount(process);
    // Those of the tests before are gone by then.
    const socketsBefore = await standstill(openSockets, 50);

    let open = 0;
    let closed = 0;
    const handlers: readonly ((connection: Connection) => ObservableInput<Chunk>)[] = [
      (connection) => connection.incoming,
      (connection) => connection.incoming.pipe(idleTimeout(10_000)),
      (connection) => concat(of('hello '), connection.incoming),
    ];
    let next = 0;
    const options = { host: '127.0.0.1', port: 0, transport, signal, idleTimeout: 60_000 };
    const address = await new Promise<Place>((resolve, reject) => {
      serve(options, (connection) => (handlers[next++ % handlers.length] ?? (() => EMPTY))(connection)).subscribe({
        next: (event) => {
          if (event.type === 'listening' && 'port' in event.address)
            resolve({ host: event.address.address, port: event.address.port });
          else if (event.type === 'opened') open++;
          else if (event.type === 'closed') closed++;
        },
        error: reject,
      });
    });

    const one = (i: number): Promise<void> =>
      new Promise((resolve) => {
        const live = lives[i % lives.length] as (typeof lives)[number];
        const subscription = connect({
          ...(address as { host: string; port: number }),
          transport,
          signal,
          connectTimeout: 10_000,
          writeTimeout: 10_000,
        }).subscribe({
          next: (connection) => {
            live(connection, () => {
              subscription.unsubscribe();
              resolve();
            });
          },
          error: () => resolve(),
          complete: resolve,
        });
      });
    const cycles = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: 50 }, (_, j) => one(i + j)));
      await until(() => closed === open && openSockets() === socketsBefore + 1, 'every socket closed');
    };

    // What leaks grows in every round; what the engine keeps of hot code, in some.
    const heaps: number[] = [];
    for (let round = 0; round < 5; round++) {
      await within(cycles(2_000), `round ${round}`, 30_000);
      await turn();
      heaps.push(heapInUse());
    }
    const growth = Math.min(...heaps.slice(1).map((heap, i) => heap - (heaps[i] as number)));

    expect(open).toBeGreaterThan(9_000);
    expect(clock.started).toBeGreaterThan(10_000);
    expect(clock.pending).toBe(0);
    expect(listenerCount(process)).toBe(processListeners);
    // The listener's own.
    expect(listenerCount(signal)).toBe(1);
    // 64 bytes of each of the 2,000 would be more.
    expect(growth).toBeLessThan(125 * KiB);
  }, 100_000);

  test('an abort of the long-lived signal takes what is left', async () => {
    const clock = new CountingClock();
    const transport = createNodeTransport({ clock });
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    const before = await standstill(openSockets, 50);
    const options = { host: '127.0.0.1', port: 0, transport, signal };
    const events = watch(serve(options, (connection) => connection.incoming));
    await until(() => events.values.length === 1, 'listening');
    const [listening] = events.values;
    if (listening?.type !== 'listening' || !('port' in listening.address)) throw new Error('not listening');
    const { port } = listening.address;
    const flows = Array.from({ length: 20 }, () => connect({ host: '127.0.0.1', port, transport, signal }));
    const connections = await Promise.all(flows.map((flow) => within(standing(flow), 'a connection')));
    expect(connections).toHaveLength(20);
    // They share one.
    expect(listenerCount(signal)).toBe(1);
    controller.abort();
    await within(events.ended, 'the end of the server');
    await until(() => openSockets() === before, 'every socket closed');
    expect(events.completed).toBe(true);
    expect(listenerCount(signal)).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

/** The connection, whose dial goes on: `firstValueFrom` would destroy it. */
function standing(flow: ReturnType<typeof connect>): Promise<Connection> {
  return new Promise((resolve, reject) => {
    flow.subscribe({ next: resolve, error: reject });
  });
}
