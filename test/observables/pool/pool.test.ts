// What a pool promises, over real sockets.
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  connect,
  type Connection,
  createNodeTransport,
  type HealthCheck,
  type Lease,
  lines,
  pool,
  type Pool,
  type PoolEvent,
  type PoolOptions,
  sendTo,
} from '../../../src/index.ts';
import {
  concat,
  concatMap,
  EMPTY,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  timer,
} from '../../../src/rx.ts';
import { openSockets } from '../support/resources.ts';
import { ManualClock } from '../support-failures/manual-clock.ts';
import { freePort, ipcPath, type RawServer, rawServer } from '../support-failures/peers.ts';
import { record, tagOf } from '../support-failures/record.ts';
import { turns, until, within } from '../support-failures/wait.ts';

/** A pool to a raw server, and what happened in it. */
function pooled(
  server: RawServer | { readonly port: number },
  options: PoolOptions = {},
  more: object = {},
): { connections: Pool; events: PoolEvent[]; reasons: () => string[] } {
  const connections = pool({ host: '127.0.0.1', port: server.port, ...more }, options);
  const events: PoolEvent[] = [];
  connections.events.subscribe((event) => events.push(event));
  onTestFinished(async () => {
    await connections.close({ drainTimeout: 1 });
  });
  return {
    connections,
    events,
    reasons: () => events.flatMap((event) => (event.type === 'closed' ? [event.reason] : [])),
  };
}

/** Answers each line with itself. */
async function echoing(): Promise<RawServer> {
  const server = await rawServer();
  server.server.on('connection', (socket) => socket.on('data', (chunk) => socket.write(chunk)));
  return server;
}

const ask = (connections: Pool, question: string): Observable<string> =>
  connections.use((connection) =>
    merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
  );

/** Waits until so many connections are idle, and have been looked over. */
const idle = async (connections: Pool, count: number): Promise<void> => {
  await until(
    () => connections.stats.idle === count && connections.stats.leased === 0,
    () => `${count} idle connections: ${JSON.stringify(connections.stats)}`,
  );
  await turns();
};

/** Work that goes on until it is told. */
function working(connections: Pool): {
  recording: ReturnType<typeof record<unknown>>;
  connection: () => Connection | undefined;
  done: () => void;
  fail: (error: unknown) => void;
} {
  const end = new Subject<never>();
  let used: Connection | undefined;
  const recording = record<unknown>(
    connections.use((connection) => {
      used = connection;
      return end;
    }),
  );
  return { recording, connection: () => used, done: () => end.complete(), fail: (error) => end.error(error) };
}

describe('lending', () => {
  test('a connection is used again, by one at a time', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 1 });
    for (let each = 0; each < 5; each++) {
      expect(await record(ask(connections, `q${each}`)).completion()).toEqual([`q${each}`]);
    }
    expect(server.peers).toHaveLength(1);
  });

  test('over IPC as well', async () => {
    const path = ipcPath();
    const server = await rawServer({ path });
    server.server.on('connection', (socket) => socket.on('data', (chunk) => socket.write(chunk)));
    const connections = pool({ path });
    expect(await record(ask(connections, 'a')).completion()).toEqual(['a']);
    expect(await record(ask(connections, 'b')).completion()).toEqual(['b']);
    expect(server.peers).toHaveLength(1);
    await connections.close();
  });

  test('nothing is dialled before somebody comes, and never more than size', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 3 });
    await turns();
    expect(connections.stats).toEqual({ size: 0, idle: 0, leased: 0, dialling: 0, waiting: 0 });
    const all = Array.from({ length: 20 }, (_, index) => record(ask(connections, `${index}`)));
    expect(connections.stats).toMatchObject({ size: 3, dialling: 3, waiting: 20 });
    for (const [index, each] of all.entries()) expect(await each.completion()).toEqual([`${index}`]);
    expect(server.peers).toHaveLength(3);
    await idle(connections, 3);
  });

  test('in the order of coming', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 1 });
    const order: number[] = [];
    const all = Array.from({ length: 10 }, (_, index) =>
      record(connections.use(() => of(index).pipe(map((value) => order.push(value))))),
    );
    for (const each of all) await each.completion();
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('who waits and unsubscribes is passed over, and leaves nothing', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections } = pooled(server, { size: 1, clock });
    const first = working(connections);
    await until(() => first.connection() !== undefined, 'the first');
    const second = working(connections);
    const third = working(connections);
    second.recording.unsubscribe();
    expect(connections.stats.waiting).toBe(1);
    expect(clock.pending).toBe(1);
    first.done();
    await until(() => third.connection() !== undefined, 'the third');
    expect(second.connection()).toBeUndefined();
    third.done();
  });

  test('a dial whose caller has left becomes an idle connection', async () => {
    const server = await echoing();
    const { connections } = pooled(server);
    record(ask(connections, 'x')).unsubscribe();
    await idle(connections, 1);
  });

  test('sequential uses don’t dial a second connection while the first is looked over', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 5 });
    const flow = of(1, 2, 3, 4, 5).pipe(concatMap((each) => ask(connections, `${each}`)));
    expect(await record(flow).completion()).toEqual(['1', '2', '3', '4', '5']);
    expect(server.peers).toHaveLength(1);
  });

  test('a flow may make the connections ready', async () => {
    const server = await rawServer();
    server.server.on('connection', (socket) => {
      socket.write('hello\n');
      socket.on('data', (chunk) => socket.write(chunk));
    });
    const greeted = connect({ host: '127.0.0.1', port: server.port }).pipe(
      mergeMap((connection) =>
        connection.incoming.pipe(
          lines(),
          take(1),
          map(() => connection),
        ),
      ),
    );
    const connections = pool(greeted, { size: 1 });
    expect(await record(ask(connections as unknown as Pool, 'a')).completion()).toEqual(['a']);
    expect(await record(ask(connections as unknown as Pool, 'b')).completion()).toEqual(['b']);
    expect(server.peers).toHaveLength(1);
    await connections.close();
  });

  test('what the peer says first is there for the first user', async () => {
    const server = await rawServer();
    server.server.on('connection', (socket) => socket.write('hello\n'));
    const { connections } = pooled(server);
    const greeting = connections.use(({ incoming }) => incoming.pipe(lines(), take(1)));
    expect(await record(greeting).completion()).toEqual(['hello']);
  });
});

describe('giving back: what is not reused', () => {
  test('after a failure of the work', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1 });
    const failure = new Error('mine');
    expect(await record(connections.use(() => throwError(() => failure))).failure()).toBe(failure);
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['gaveUp']);
    expect(await record(ask(connections, 'next')).completion()).toEqual(['next']);
    expect(server.peers).toHaveLength(2);
  });

  test('after work that throws, which is a defect', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1 });
    const thrown = new TypeError('mine');
    const flow = connections.use(() => {
      throw thrown;
    });
    expect(await record(flow).failure()).toBe(thrown);
    await until(() => reasons().length === 1, 'the close');
    const noInput = connections.use(() => 5 as never);
    expect(await record(noInput).failure()).toBeInstanceOf(TypeError);
  });

  test('after it was unsubscribed', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1 });
    const flow = connections.use((connection) => concat(of('x\n').pipe(sendTo(connection)), connection.incoming));
    await record(flow.pipe(take(1))).completion();
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['gaveUp']);
    await server.peers[0]?.end();
  });

  test.each([
    [
      'bytes of the answer that were not read',
      (connection: Connection) =>
        concat(of('one\ntwo\n').pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
    ],
    [
      'an answer that nobody read at all',
      (connection: Connection) => concat(of('one\n').pipe(sendTo(connection)), timer(30).pipe(ignoreElements())),
    ],
    [
      'a reader',
      (connection: Connection) => {
        connection.incoming.subscribe({ error: () => {} });
        return EMPTY;
      },
    ],
    [
      'a send that goes on',
      (connection: Connection) => {
        NEVER.pipe(sendTo(connection)).subscribe({ error: () => {} });
        return EMPTY;
      },
    ],
    [
      'bytes that could not be sent',
      (connection: Connection) => {
        connection.write(Buffer.alloc(32 * 1_048_576));
        return EMPTY;
      },
    ],
    [
      'an ended side',
      (connection: Connection) => {
        connection.end();
        return EMPTY;
      },
    ],
  ])('after it left behind %s', async (_name, work) => {
    const server = await rawServer();
    server.server.on('connection', (socket) => {
      socket.on('data', (chunk) => {
        if (chunk.length < 100) socket.write(chunk);
        // Only bulk is not taken.
        else socket.pause();
      });
    });
    const { connections, reasons } = pooled(server, { size: 1 });
    await record<unknown>(connections.use(work)).completion();
    await until(
      () => reasons().length === 1,
      () => `the close: ${JSON.stringify(connections.stats)}`,
    );
    expect(['unclean', 'ended']).toContain(reasons()[0]);
  });

  test('what one user left unread never reaches the next', async () => {
    const server = await rawServer();
    // A peer that sends more than it is asked for.
    server.server.on('connection', (socket) =>
      socket.on('data', (chunk) => socket.write(`${String(chunk)}secret of ${String(chunk)}`)),
    );
    const { connections } = pooled(server, { size: 1 });
    for (let each = 0; each < 20; each++) {
      const answer = await record(
        connections.use((connection) =>
          concat(of(`question ${each}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
        ),
      ).completion();
      expect(answer).toEqual([`question ${each}`]);
    }
    expect(server.peers).toHaveLength(20);
  });
});

describe('idle connections', () => {
  test('leave when the peer ends them, resets them, or sends what nobody asked for', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 3 });
    const all = ['a', 'b', 'c'].map((each) => record(ask(connections, each)));
    for (const each of all) await each.completion();
    await idle(connections, 3);
    server.peers[0]?.socket.end();
    await idle(connections, 2);
    server.peers[1]?.reset();
    await idle(connections, 1);
    server.peers[2]?.socket.write('news');
    await idle(connections, 0);
    await until(() => reasons().length === 3, 'the closes');
    expect(reasons()).toEqual(['ended', 'lost', 'unexpected']);
    expect(connections.stats.size).toBe(0);
  });

  test('a server that restarts costs nobody an answer once its going is seen', async () => {
    const first = await echoing();
    const { port } = first;
    const { connections } = pooled(first, { size: 4 });
    for (const each of Array.from({ length: 4 }, (_, index) => record(ask(connections, `${index}`)))) {
      await each.completion();
    }
    await idle(connections, 4);
    for (const peer of first.peers) peer.socket.destroy();
    await within(new Promise((resolve) => first.server.close(resolve)), 'the server to close');
    await idle(connections, 0);
    expect(await record(ask(connections, 'x')).failure()).toMatchObject({ _tag: 'ConnectionRefused', port });
    const second = await rawServer();
    second.server.close();
    const third = await echoing();
    const again = pooled(third, { size: 4 });
    expect(await record(ask(again.connections, 'y')).completion()).toEqual(['y']);
  });

  test('stay for idle ms, to the millisecond', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1, idle: 500, clock });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    clock.advance(499);
    await record(ask(connections, 'b')).completion();
    await idle(connections, 1);
    clock.advance(499);
    await turns();
    expect(reasons()).toEqual([]);
    clock.advance(1);
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['idle']);
    expect(clock.pending).toBe(0);
  });

  test('the one that was used last is lent first', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 2 });
    const a = working(connections);
    const b = working(connections);
    await until(() => b.connection() !== undefined, 'both');
    b.done();
    await until(() => connections.stats.idle === 1, 'b');
    a.done();
    await idle(connections, 2);
    const c = working(connections);
    expect(c.connection()).toBe(a.connection());
    c.done();
  });

  test('readTimeout of the connections does not end them', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const transport = createNodeTransport({ clock });
    const { connections, reasons } = pooled(server, { idle: 10_000 }, { transport, readTimeout: 100 });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    clock.advance(9_999);
    await turns();
    expect(reasons()).toEqual([]);
  });
});

describe('maxLifetime', () => {
  test('closes an idle connection, to the millisecond, shorter by chance', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections, reasons } = pooled(server, {
      maxLifetime: 1_000,
      lifetimeVariance: 0.2,
      random: () => 0.5,
      clock,
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    clock.advance(899);
    await turns();
    expect(reasons()).toEqual([]);
    clock.advance(1);
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['lifetime']);
  });

  test('never cuts one that is in use, and closes it when it comes back', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections, reasons } = pooled(server, { maxLifetime: 1_000, lifetimeVariance: 0, clock });
    const work = working(connections);
    await until(() => work.connection() !== undefined, 'the lease');
    clock.advance(100_000);
    await turns();
    expect(reasons()).toEqual([]);
    work.done();
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['lifetime']);
  });

  test('chance that is no number from 0 to 1 is told', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { maxLifetime: 1_000, random: () => 2 });
    expect(await record(ask(connections, 'a')).failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'random' });
    expect(connections.stats.size).toBe(0);
  });
});

describe('check', () => {
  const ping: HealthCheck = (connection) =>
    concat(of('ping\n').pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1)));

  test('is asked before a connection is lent that was unused for checkAfter ms', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    let asked = 0;
    const { connections } = pooled(server, {
      size: 1,
      check: (connection) => (asked++, ping(connection)),
      checkAfter: 100,
      clock,
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    clock.advance(99);
    await record(ask(connections, 'b')).completion();
    expect(asked).toBe(0);
    await idle(connections, 1);
    clock.advance(100);
    expect(await record(ask(connections, 'c')).completion()).toEqual(['c']);
    expect(asked).toBe(1);
    expect(server.peers).toHaveLength(1);
  });

  test('a connection that fails it leaves, and another one is lent', async () => {
    const server = await echoing();
    let asked = 0;
    const { connections, events } = pooled(server, {
      size: 2,
      checkAfter: 0,
      check: () => {
        asked++;
        return throwError(() => Object.assign(new Error('ill'), { _tag: 'Ill' }));
      },
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    expect(await record(ask(connections, 'b')).completion()).toEqual(['b']);
    expect(asked).toBe(1);
    expect(server.peers).toHaveLength(2);
    expect(events.find(({ type }) => type === 'closed')).toMatchObject({
      reason: 'unhealthy',
      failure: { _tag: 'Ill' },
    });
  });

  test('a peer that vanished without a word is found out after checkTimeout', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections, events } = pooled(server, { size: 1, check: ping, checkAfter: 100, checkTimeout: 50, clock });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    const [peer] = server.peers;
    peer?.socket.removeAllListeners('data');
    clock.advance(100);
    const answer = record(ask(connections, 'b'));
    await turns();
    clock.advance(49);
    await turns();
    expect(events.filter(({ type }) => type === 'closed')).toEqual([]);
    clock.advance(1);
    expect(await answer.completion()).toEqual(['b']);
    expect(events.find(({ type }) => type === 'closed')).toMatchObject({
      reason: 'unhealthy',
      failure: { _tag: 'DeadlineExceeded', limit: 50 },
    });
  });

  test('checkEvery asks again and again, and does not keep an unused connection from going', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    let asked = 0;
    const { connections, reasons } = pooled(server, {
      check: (connection) => (asked++, ping(connection)),
      checkEvery: 100,
      idle: 350,
      clock,
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    for (let each = 1; each <= 3; each++) {
      clock.advance(99);
      expect(asked).toBe(each - 1);
      clock.advance(1);
      expect(asked).toBe(each);
      // Looked over, and watched again.
      await until(() => clock.pending === 1 && connections.stats.idle === 1, 'the check');
      await turns();
    }
    clock.advance(50);
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['idle']);
    expect(asked).toBe(3);
  });

  test('a check that leaves something behind makes the connection unfit', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, {
      checkAfter: 0,
      check: (connection) => of('ping\n').pipe(sendTo(connection)),
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    expect(await record(ask(connections, 'b')).completion()).toEqual(['b']);
    expect(['unclean', 'unexpected']).toContain(reasons()[0]);
  });

  test('what it throws is a defect of who waits for the connection', async () => {
    const server = await echoing();
    const thrown = new TypeError('mine');
    const { connections, reasons } = pooled(server, {
      checkAfter: 0,
      check: () => {
        throw thrown;
      },
    });
    await record(ask(connections, 'a')).completion();
    await idle(connections, 1);
    expect(await record(ask(connections, 'b')).failure()).toBe(thrown);
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['unhealthy']);
  });
});

describe('who waits', () => {
  test('beyond maxWaiting fails with PoolExhausted at once', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 2, maxWaiting: 3 });
    const users = [working(connections), working(connections)];
    await until(() => connections.stats.leased === 2, 'two leases');
    const waiting = [working(connections), working(connections), working(connections)];
    const refused = record(ask(connections, 'x'));
    expect(refused.ending).toBeDefined();
    expect(await refused.failure()).toMatchObject({
      _tag: 'PoolExhausted',
      size: 2,
      waiting: 3,
      waited: undefined,
      message: 'every one of the 2 connections of the pool is taken, and 3 other callers wait already',
    });
    for (const each of [...users, ...waiting]) {
      await until(() => each.connection() !== undefined, 'a lease');
      each.done();
    }
    await idle(connections, 2);
  });

  test('maxWaiting 0 lets nobody wait for others, but for a dial', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 1, maxWaiting: 0 });
    const first = working(connections);
    expect(tagOf(await record(ask(connections, 'x')).failure())).toBe('PoolExhausted');
    await until(() => first.connection() !== undefined, 'a lease');
    expect(tagOf(await record(ask(connections, 'x')).failure())).toBe('PoolExhausted');
    first.done();
    await idle(connections, 1);
    expect(await record(ask(connections, 'y')).completion()).toEqual(['y']);
  });

  test('longer than acquireTimeout fails with PoolExhausted, to the millisecond', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections } = pooled(server, { size: 1, acquireTimeout: 200, clock });
    const first = working(connections);
    await until(() => first.connection() !== undefined, 'a lease');
    const second = record(ask(connections, 'x'));
    clock.advance(199);
    expect(second.ending).toBeUndefined();
    clock.advance(1);
    expect(await second.failure()).toMatchObject({ _tag: 'PoolExhausted', size: 1, waiting: 0, waited: 200 });
    expect(connections.stats.waiting).toBe(0);
    first.done();
  });

  test('is told of a dial that failed, each of their own', async () => {
    const port = await freePort();
    const { connections, events } = pooled({ port }, { size: 2 });
    const all = Array.from({ length: 5 }, (_, index) => record(ask(connections, `${index}`)));
    for (const each of all) expect(await each.failure()).toMatchObject({ _tag: 'ConnectionRefused', port });
    expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'dialFailed'));
    expect(connections.stats.size).toBe(0);
  });

  test('ten thousand of them are refused or served without recursion', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 2, maxWaiting: 10_000 });
    let done = 0;
    for (let each = 0; each < 10_000; each++) connections.use(() => EMPTY).subscribe({ complete: () => done++ });
    await until(
      () => done === 10_000,
      () => `all: ${done}`,
    );
    expect(server.peers).toHaveLength(2);
    const failing = pool(
      throwError(() => new Error('no')),
      { size: 3, maxWaiting: 10_000 },
    );
    let failed = 0;
    for (let each = 0; each < 10_000; each++) failing.use(() => EMPTY).subscribe({ error: () => failed++ });
    expect(failed).toBe(10_000);
  });
});

describe('lease', () => {
  test('emits one, and completes when it is released', async () => {
    const server = await echoing();
    const { connections } = pooled(server, { size: 1 });
    const recording = record(connections.lease());
    await recording.count(1);
    const [lease] = recording.values as [Lease];
    expect(connections.stats.leased).toBe(1);
    lease.release();
    lease.release();
    expect(recording.ending).toEqual({ kind: 'complete' });
    await idle(connections, 1);
    expect(await record(ask(connections, 'a')).completion()).toEqual(['a']);
    expect(server.peers).toHaveLength(1);
  });

  test('a lease that close() cuts completes, as one whose connection has closed', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server);
    const recording = record(connections.lease());
    await recording.count(1);
    expect(await connections.close({ drainTimeout: 1 })).toMatchObject({ finished: 0, cut: 1 });
    await within(recording.completion(), 'the end of the lease');
    expect(reasons()).toEqual(['closed']);
  });

  test('unsubscribing without release closes the connection', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1 });
    const recording = record(connections.lease());
    await recording.count(1);
    recording.unsubscribe();
    await until(() => reasons().length === 1, 'the close');
    expect(reasons()).toEqual(['gaveUp']);
  });

  test('completes when its connection is lost', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server, { size: 1 });
    const recording = record(connections.lease());
    await recording.count(1);
    recording.values[0]?.connection.incoming.subscribe({ error: () => {} });
    (await server.peer(0)).reset();
    await recording.completion();
    expect(reasons()).toEqual(['lost']);
    recording.values[0]?.release();
    expect(connections.stats).toMatchObject({ size: 0, leased: 0, idle: 0 });
  });
});

describe('closing', () => {
  test('refuses who waits and who comes, waits for what is in use, and reports', async () => {
    const clock = new ManualClock();
    const server = await echoing();
    const { connections, reasons, events } = pooled(server, { size: 2, clock });
    const first = working(connections);
    const second = working(connections);
    await until(() => second.connection() !== undefined, 'two leases');
    const waiting = record(ask(connections, 'x'));
    const closed = connections.close({ drainTimeout: 500 });
    expect(connections.close()).toBe(closed);
    expect(await waiting.failure()).toMatchObject({ _tag: 'ConnectionClosed', message: 'the pool is closed' });
    expect(tagOf(await record(ask(connections, 'y')).failure())).toBe('ConnectionClosed');
    expect(tagOf(await record(connections.lease()).failure())).toBe('ConnectionClosed');
    first.done();
    await until(() => reasons().length === 1, 'the first');
    clock.advance(499);
    await turns();
    expect(reasons()).toHaveLength(1);
    clock.advance(1);
    expect(await within(closed, 'the report')).toEqual({ finished: 1, cut: 1, refused: 1, duration: 500 });
    expect(reasons()).toEqual(['closed', 'closed']);
    expect(connections.stats).toEqual({ size: 0, idle: 0, leased: 0, dialling: 0, waiting: 0 });
    expect(clock.pending).toBe(0);
    let completed = false;
    connections.events.subscribe({ complete: () => (completed = true) });
    expect(completed).toBe(true);
    expect(events.at(-1)?.type).toBe('closed');
  });

  test('ends work that hears nothing of its connection, when that is cut', async () => {
    const server = await echoing();
    const { connections, reasons } = pooled(server);
    const recording = record(connections.use(() => NEVER));
    await until(() => connections.stats.leased === 1, 'the loan');
    expect(await connections.close({ drainTimeout: 1 })).toMatchObject({ finished: 0, cut: 1 });
    expect(await recording.failure()).toMatchObject({ _tag: 'ConnectionClosed', message: 'the pool is closed' });
    expect(reasons()).toEqual(['closed']);
  });

  test('leaves work that reads its connection its own failure, when that is cut', async () => {
    const server = await echoing();
    const { connections } = pooled(server);
    const recording = record(connections.use((connection) => connection.incoming));
    await until(() => connections.stats.leased === 1, 'the loan');
    await connections.close({ drainTimeout: 1 });
    expect(await recording.failure()).toMatchObject({
      _tag: 'ConnectionClosed',
      message: expect.not.stringContaining('pool') as string,
    });
  });

  test('of a pool that dials, is idle, checks or looks over leaves no socket', async () => {
    const server = await echoing();
    const before = openSockets();
    const dialling = pooled(server).connections;
    record(ask(dialling, 'x'));
    await dialling.close();
    const resting = pooled(server).connections;
    await record(ask(resting, 'x')).completion();
    await idle(resting, 1);
    await resting.close();
    const checking = pooled(server, { check: () => NEVER, checkAfter: 0 }).connections;
    await record(ask(checking, 'x')).completion();
    await idle(checking, 1);
    record(ask(checking, 'y'));
    await checking.close();
    const settling = pooled(server).connections;
    await record(ask(settling, 'x')).completion();
    await settling.close();
    for (const peer of server.peers) peer.socket.destroy();
    await until(
      () => openSockets() <= before,
      () => `${openSockets()} sockets, ${before} before`,
    );
  });

  test('of one that was never used, at once', async () => {
    expect(await pool({ port: 1 }).close()).toMatchObject({ finished: 0, cut: 0, refused: 0 });
    await expect(pool({ port: 1 }).close({ drainTimeout: -1 })).rejects.toMatchObject({ option: 'drainTimeout' });
  });
});

describe('bad options', () => {
  test.each([
    ['size', { size: 0 }],
    ['size', { size: 1.5 }],
    ['idle', { idle: 0 }],
    ['maxWaiting', { maxWaiting: -1 }],
    ['maxWaiting', { maxWaiting: Number.POSITIVE_INFINITY }],
    ['acquireTimeout', { acquireTimeout: 0 }],
    ['maxLifetime', { maxLifetime: -5 }],
    ['lifetimeVariance', { lifetimeVariance: 1.1 }],
    ['check', { check: 5 as never }],
    ['checkAfter', { checkAfter: 5 }],
    ['checkAfter', { check: () => EMPTY, checkAfter: -1 }],
    ['checkEvery', { check: () => EMPTY, checkEvery: 0 }],
    ['checkTimeout', { check: () => EMPTY, checkTimeout: 0 }],
    ['random', { random: 1 as never }],
    ['clock', { clock: {} as never }],
    ['sise', { sise: 4 } as never],
  ] satisfies [string, PoolOptions][])('%s', async (option, options) => {
    const connections = pool({ port: 1 }, options);
    for (const flow of [connections.use(() => EMPTY), connections.lease()]) {
      expect(await record<unknown>(flow).failure()).toMatchObject({ _tag: 'InvalidOptions', option });
    }
    expect(connections.stats.size).toBe(0);
    expect(await connections.close()).toMatchObject({ cut: 0 });
  });

  test('of connect', async () => {
    const connections = pool({ port: 70_000 });
    expect(await record(connections.lease()).failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'port' });
  });

  test.each([
    ['options', null],
    ['drainTimeot', { drainTimeot: 5 }],
    ['drainTimeout', { drainTimeout: -1 }],
  ])('of close: %s; the pool goes on', async (option, options) => {
    const connections = pool(EMPTY as Observable<Connection>);
    await expect(connections.close(options as never)).rejects.toMatchObject({ _tag: 'InvalidOptions', option });
    // It has not begun to close: then this would be told that the pool is closed.
    expect(await record(connections.lease()).failure()).not.toMatchObject({ message: 'the pool is closed' });
    await connections.close();
  });

  test('a flow of something else', async () => {
    const connections = pool(of({}) as unknown as Observable<Connection>);
    expect(await record(connections.lease()).failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'target' });
    expect(connections.stats.size).toBe(0);
  });

  test('a flow that completes without a connection', async () => {
    const connections = pool(EMPTY as Observable<Connection>);
    expect(await record(connections.lease()).failure()).toMatchObject({ _tag: 'ConnectionClosed' });
  });

  test('work that is no function', async () => {
    const connections = pool({ port: 1 });
    expect(await record(connections.use(5 as never)).failure()).toMatchObject({ option: 'work' });
  });
});
