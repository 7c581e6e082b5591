import { finalize, mergeMap, NEVER, of } from '../../../src/rx.ts';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type Connection,
  connect,
  framed,
  idleTimeout,
  lines,
  type Lease,
  listen,
  pool,
  reconnecting,
  rpc,
  runFlow,
  type Server,
  toAsyncIterable,
  toReadableStream,
} from '../../../src/index.ts';
import { onAbort } from '../../../src/core/on-abort.ts';
import { dialled, pair, rawServer, serving } from '../support/sockets.ts';
import { next, turn, until, watch, within } from '../support/wait.ts';
import { Bomb, misreported, watchProcess } from './support.ts';

const COUNT = 3;
const each = <T>(make: (index: number) => T): T[] => Array.from({ length: COUNT }, (_, index) => make(index));

/** The process goes on, and each exception was reported once. */
async function expectReports(
  bomb: Bomb,
  watched: ReturnType<typeof watchProcess>,
  thrown: number,
  others: readonly unknown[] = [],
): Promise<void> {
  await turn();
  await turn();
  expect(watched.uncaught).toEqual([]);
  expect(bomb.thrown).toHaveLength(thrown);
  expect(misreported(bomb, [...watched.warnings, ...others])).toEqual([]);
}

describe('of several that one signal ends, each ends, though the teardowns of all throw', () => {
  test('callbacks', async () => {
    const bomb = new Bomb('callback');
    const watched = watchProcess();
    const controller = new AbortController();
    const called: number[] = [];
    for (const index of each((i) => i)) {
      onAbort(controller.signal, () => {
        called.push(index);
        bomb.go();
      });
    }
    controller.abort();
    expect(called).toEqual([0, 1, 2]);
    await expectReports(bomb, watched, COUNT);
  });

  test('reconnecting', async () => {
    const bomb = new Bomb('reconnecting');
    const watched = watchProcess();
    const server = await serving(() => NEVER);
    const { signal, ...controller } = abortable();
    const seen = each(() =>
      watch(
        connect({ ...server.place }).pipe(
          mergeMap(({ incoming }) => incoming),
          finalize(bomb.go),
          reconnecting({ signal }),
        ),
      ),
    );
    await server.opened(COUNT - 1);
    controller.abort();
    for (const { errors } of seen) expect(errors).toHaveLength(1);
    await expectReports(bomb, watched, COUNT);
  });

  test('requests', async () => {
    const bomb = new Bomb('request');
    const watched = watchProcess();
    const { signal, ...controller } = abortable();
    const seen = [];
    for (let i = 0; i < COUNT; i++) {
      const { connection } = await pair();
      const client = rpc(framed(connection, lines()));
      seen.push(watch(client.request('question', { signal }).pipe(finalize(bomb.go))));
    }
    controller.abort();
    for (const { errors } of seen) expect(errors).toMatchObject([{ _tag: 'ConnectionAborted' }]);
    await expectReports(bomb, watched, COUNT);
  });

  test.each([
    ['for await', (flow: typeof NEVER, signal: AbortSignal) => toAsyncIterable(flow, { signal })],
    ['web streams', (flow: typeof NEVER, signal: AbortSignal) => toReadableStream(flow, { signal })],
  ])('%s', async (_name, iterable) => {
    const bomb = new Bomb('loop');
    const watched = watchProcess();
    const { signal, ...controller } = abortable();
    const loops = each(async () => {
      for await (const _item of iterable(NEVER.pipe(finalize(bomb.go)), signal)) throw new Error('no item is to come');
    });
    await turn();
    controller.abort(new Error('enough'));
    for (const loop of loops) await expect(within(loop, 'the end of a loop')).rejects.toThrow('enough');
    await expectReports(bomb, watched, COUNT);
  });

  test('runFlow', async () => {
    const bomb = new Bomb('flow');
    const watched = watchProcess();
    const { signal, ...controller } = abortable();
    const runs = each(() => runFlow(NEVER.pipe(finalize(bomb.go)), { signal }));
    controller.abort(new Error('enough'));
    for (const run of runs) await expect(within(run, 'the end of a flow')).rejects.toThrow('enough');
    await expectReports(bomb, watched, COUNT);
  });
});

function abortable(): { readonly signal: AbortSignal; abort(reason?: unknown): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

describe('of several on one connection, each is told', () => {
  test('requests in flight when it goes', async () => {
    const bomb = new Bomb('request');
    const watched = watchProcess();
    const { connection, peer } = await pair();
    const client = rpc(framed(connection, lines()));
    const seen = each(() => watch(client.request('question').pipe(finalize(bomb.go))));
    peer.reset();
    await until(() => seen.every(({ errors }) => errors.length === 1), 'the end of the requests');
    expect(client.inFlight).toBe(0);
    await expectReports(bomb, watched, COUNT);
  });

  test('requests that are answered: the connection goes on for the others', async () => {
    const bomb = new Bomb('request');
    const watched = watchProcess();
    const server = await serving(({ incoming }) => incoming);
    const client = rpc(framed(await dialled(server.place), lines()));
    const failing = watch(client.request('one').pipe(finalize(bomb.go)));
    const other = watch(client.request('two'));
    await within(Promise.all([failing.ended, other.ended]), 'the answers');
    expect([failing.values, other.values]).toEqual([['one'], ['two']]);
    const later = watch(client.request('three'));
    await within(later.ended, 'a later answer');
    expect(later.values).toEqual(['three']);
    await expectReports(bomb, watched, 1);
  });

  test('requests at their deadline', async () => {
    const bomb = new Bomb('request');
    const watched = watchProcess();
    const { connection } = await pair();
    const client = rpc(framed(connection, lines()), { deadline: 20 });
    const seen = each(() => watch(client.request('question').pipe(finalize(bomb.go))));
    await within(Promise.all(seen.map(({ ended }) => ended)), 'the deadline');
    await expectReports(bomb, watched, COUNT);
  });

  test('subscribers of closed, and of events', async () => {
    const bomb = new Bomb('subscriber');
    const watched = watchProcess();
    const { connection } = await pair();
    const closed = each(() => watch(connection.closed.pipe(finalize(bomb.go))));
    const events = each(() => watch(connection.events.pipe(finalize(bomb.go))));
    connection.destroy();
    await within(Promise.all([...closed, ...events].map(({ ended }) => ended)), 'the end of all');
    await expectReports(bomb, watched, 2 * COUNT);
  });

  test('sends', async () => {
    const bomb = new Bomb('send');
    const watched = watchProcess();
    const { connection, peer } = await pair();
    const seen = each(() => watch(connection.send(NEVER).pipe(finalize(bomb.go))));
    const reading = watch(connection.incoming.pipe(finalize(bomb.go)));
    await turn();
    peer.reset();
    await within(Promise.all([...seen, reading].map(({ ended }) => ended)), 'the end of all');
    await expectReports(bomb, watched, COUNT + 1);
  });
});

describe('a limit acts, though the teardown of what it limits throws', () => {
  test('on a connection', async () => {
    const bomb = new Bomb('limited');
    const watched = watchProcess();
    const { connection } = await pair();
    const seen = watch(connection.incoming.pipe(finalize(bomb.go), idleTimeout(30)));
    const info = next(connection.closed, 'the close');
    await within(seen.ended, 'the limit');
    expect(seen.errors).toMatchObject([{ _tag: 'IdleTimeout' }]);
    expect(await info).toMatchObject({ failure: { _tag: 'IdleTimeout' } });
    await expectReports(bomb, watched, 1);
  });

  test('where there is none', async () => {
    const bomb = new Bomb('limited');
    const watched = watchProcess();
    const seen = watch(NEVER.pipe(finalize(bomb.go), idleTimeout(10)));
    await within(seen.ended, 'the limit');
    expect(seen.errors).toMatchObject([{ _tag: 'IdleTimeout' }]);
    await expectReports(bomb, watched, 1);
  });
});

describe('a pool', () => {
  const borrowers = {
    'a use whose work throws in its teardown': (connection: Connection, bomb: Bomb) =>
      connection.incoming.pipe(finalize(bomb.go)),
    'a use behind which a teardown throws': (connection: Connection) => connection.incoming,
  };

  test.each(Object.entries(borrowers))('closes in time, with its report: %s', async (_name, work) => {
    const bomb = new Bomb('borrower');
    const watched = watchProcess();
    const server = await serving(() => NEVER);
    const connections = pool(connect({ ...server.place }), { size: COUNT });
    const seen = each(() => watch(connections.use((connection) => work(connection, bomb)).pipe(finalize(bomb.go))));
    await until(() => connections.stats.leased === COUNT, 'the leases');
    const report = await within(connections.close({ drainTimeout: 30 }), 'the report');
    expect(report).toMatchObject({ cut: COUNT, finished: 0 });
    await within(Promise.all(seen.map(({ ended }) => ended)), 'the end of the uses');
    expect(connections.stats).toMatchObject({ size: 0, leased: 0, waiting: 0 });
    await expectReports(bomb, watched, bomb.thrown.length);
    expect(bomb.thrown.length).toBeGreaterThanOrEqual(COUNT);
  });

  test('closes, though the flow that dials, those who wait and those who hear of it throw', async () => {
    const bomb = new Bomb('pool');
    const watched = watchProcess();
    const server = await serving(() => NEVER);
    const connections = pool(connect({ ...server.place }).pipe(finalize(bomb.go)), { size: 1 });
    const events = each(() => watch(connections.events.pipe(finalize(bomb.go))));
    const leases: Lease[] = [];
    const lease = watch(connections.lease().pipe(finalize(bomb.go)));
    const waiting = each(() => watch(connections.lease().pipe(finalize(bomb.go))));
    await until(() => connections.stats.leased === 1, 'the lease');
    leases.push(...lease.values);
    const report = await within(connections.close({ drainTimeout: 30 }), 'the report');
    expect(report).toMatchObject({ cut: 1, refused: COUNT });
    await within(Promise.all([lease, ...waiting, ...events].map(({ ended }) => ended)), 'the end of all');
    expect(connections.stats).toMatchObject({ size: 0, leased: 0, waiting: 0 });
    await expectReports(bomb, watched, 2 + 2 * COUNT);
  });

  test('lends the next connection after a borrower that throws', async () => {
    const bomb = new Bomb('borrower');
    const watched = watchProcess();
    const server = await serving(({ incoming }) => incoming);
    const connections = pool(connect({ ...server.place }), { size: 1 });
    const ask = (connection: Connection) => rpc(framed(connection, lines())).request('hello');
    const failing = watch(connections.use((connection) => ask(connection).pipe(finalize(bomb.go))));
    await within(failing.ended, 'the first');
    const other = watch(connections.use(ask));
    await within(other.ended, 'the second');
    expect(other.values).toEqual(['hello']);
    await expectReports(bomb, watched, 1, failing.errors);
    await connections.close();
  });
});

describe('a server of listen', () => {
  test('closes with its report, though all who hear of it throw', async () => {
    const bomb = new Bomb('listener');
    const watched = watchProcess();
    const listening = watch(listen({ host: '127.0.0.1', port: 0 }).pipe(finalize(bomb.go)));
    onTestFinished(() => {
      if (!listening.completed) listening.unsubscribe();
    });
    await until(() => listening.values.length === 1, 'the server');
    const [server] = listening.values as [Server];
    const dropped = each(() => watch(server.dropped.pipe(finalize(bomb.go))));
    const taken = watch(server.connections.pipe(finalize(bomb.go)));
    await within(server.close({ drainTimeout: 30 }), 'the report');
    await within(Promise.all([...dropped, taken, listening].map(({ ended }) => ended)), 'the end of all');
    await expectReports(bomb, watched, COUNT + 2);
  });
});

test('a connection that is dialled: each end is told, whatever teardown throws', async () => {
  const bomb = new Bomb('dial');
  const watched = watchProcess();
  const server = await rawServer();
  const dial = watch(connect({ ...server.place }).pipe(finalize(bomb.go)));
  const peer = await server.peer();
  await until(() => dial.values.length === 1, 'the connection');
  peer.reset();
  dial.values[0]?.send(of('x')).subscribe({ error: () => {} });
  await within(dial.ended, 'the end');
  await expectReports(bomb, watched, 1);
});
