import type { Flow } from '../../src/observables/flow.ts';
import {
  catchError,
  concat,
  concatMap,
  EMPTY,
  finalize,
  from,
  interval,
  map,
  mergeMap,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  timer,
} from '../../src/rx.ts';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  connectTimeout,
  createNodeTransport,
  currentUpstream,
  deadline,
  firstByteTimeout,
  idleTimeout,
  readTimeout,
  sendTo,
  serve,
  systemClock,
  timeouts,
  type TimeSource,
  writeTimeout,
  type NetFailure,
  type Op,
} from '../../src/index.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { type RawPeer, rawPeer, rawServer } from './support-failures/peers.ts';
import { record, Recording, tagOf } from './support-failures/record.ts';
import { connected, echo, type Serving, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

/** A server on a clock that the test turns, and one raw peer of it. */
async function served(
  handler: (connection: Connection) => Observable<Chunk>,
  options: Parameters<typeof serving>[1] = {},
): Promise<{ clock: ManualClock; server: Serving; peer: RawPeer; connection: Connection }> {
  const clock = new ManualClock();
  const transport = createNodeTransport({ clock });
  const server = await serving(handler, { unclaimedTimeout: 1_000_000, ...options, transport });
  const peer = await rawPeer(server.place);
  const { connection } = await server.one('opened');
  return { clock, server, peer, connection };
}

/** The failure of the one connection, once it has closed. */
async function endOf(server: Serving): Promise<{ failure: unknown; read: string; write: string }> {
  const { info } = await server.one('closed');
  const failed = server.all('failed');
  expect(failed).toHaveLength(1);
  const [{ failure } = { failure: undefined }] = failed;
  return { failure, read: info.read, write: info.write };
}

/** Sends, and waits until the library has seen it. */
async function sendSeen(peer: RawPeer, connection: Connection, text: string): Promise<void> {
  const before = connection.bytesRead;
  await peer.send(text);
  await until(() => connection.bytesRead >= before + Buffer.byteLength(text), 'bytes to be read');
}

/** More than the kernel takes for a peer that doesn't read. */
const PLENTY = 16 * 1_048_576;

describe('on a connection, to the millisecond', () => {
  test('idleTimeout: no byte either way', async () => {
    const { clock, server, peer } = await served((connection) => connection.incoming.pipe(idleTimeout(1_000)));
    clock.advance(999);
    await turns();
    expect(server.types).toEqual(['listening', 'opened']);
    clock.advance(1);
    await peer.close();
    const { failure, read, write } = await endOf(server);
    expect(failure).toMatchObject({
      _tag: 'IdleTimeout',
      limit: 1_000,
      address: '127.0.0.1',
      port: peer.localPort,
    });
    expect([read, write]).toEqual(['timeout', 'timeout']);
    expect(server.types).toEqual(['listening', 'opened', 'failed', 'closed']);
    expect(clock.pending).toBe(0);
  });

  test('idleTimeout: bytes in start it anew', async () => {
    const { clock, server, peer, connection } = await served((each) =>
      each.incoming.pipe(
        idleTimeout(1_000),
        mergeMap(() => EMPTY),
      ),
    );
    clock.advance(600);
    await sendSeen(peer, connection, 'x');
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect(tagOf((await endOf(server)).failure)).toBe('IdleTimeout');
  });

  test('idleTimeout: bytes out start it anew', async () => {
    const { clock, server, peer, connection } = await served((each) => each.incoming.pipe(idleTimeout(1_000)));
    clock.advance(600);
    connection.write('x');
    await peer.receives('x');
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect(tagOf((await endOf(server)).failure)).toBe('IdleTimeout');
  });

  test('idleTimeout: time spent held is not counted', async () => {
    let release: (() => void) | undefined;
    const { clock, server, peer } = await served((each) =>
      each.incoming.pipe(
        idleTimeout(1_000),
        mergeMap(() => {
          release = currentUpstream()?.hold();
          return EMPTY;
        }),
      ),
    );
    await peer.send('x');
    await until(() => release !== undefined, 'a hold');
    clock.advance(100_000);
    await turns();
    expect(server.all('failed')).toEqual([]);
    release?.();
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect(tagOf((await endOf(server)).failure)).toBe('IdleTimeout');
  });

  test('idleTimeout: a peer that does not take our answers is idle, although it is us who are held', async () => {
    const { clock, server, peer, connection } = await served(
      (each) =>
        each.incoming.pipe(
          idleTimeout(1_000),
          map(() => Buffer.alloc(PLENTY)),
        ),
      { maxQueued: 2 * PLENTY },
    );
    peer.stall();
    await peer.send('x');
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await stalled(connection);
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    await until(() => server.all('failed').length > 0, 'the failure');
    expect(tagOf(server.all('failed')[0]?.failure)).toBe('IdleTimeout');
    // What was written before had its chance, for 30 s.
    await turns();
    clock.advance(30_000);
    const { info } = await server.one('closed');
    expect(info.bytesUnflushed).toBeGreaterThan(0);
  });

  test('readTimeout: bytes are wanted and none come, whatever we write', async () => {
    const { clock, server, peer, connection } = await served((each) =>
      each.incoming.pipe(
        readTimeout(1_000),
        mergeMap(() => EMPTY),
      ),
    );
    clock.advance(600);
    await sendSeen(peer, connection, 'x');
    clock.advance(600);
    connection.write('y');
    await peer.receives('y');
    clock.advance(399);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect((await endOf(server)).failure).toMatchObject({ _tag: 'ReadTimeout', limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test('readTimeout: time spent held is not counted, and a release starts it anew', async () => {
    let release: (() => void) | undefined;
    const { clock, server, peer } = await served((each) =>
      each.incoming.pipe(
        readTimeout(1_000),
        mergeMap(() => {
          release = currentUpstream()?.hold();
          return EMPTY;
        }),
      ),
    );
    clock.advance(900);
    await peer.send('x');
    await until(() => release !== undefined, 'a hold');
    clock.advance(100_000);
    release?.();
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect(tagOf((await endOf(server)).failure)).toBe('ReadTimeout');
  });

  test('writeTimeout: what is queued makes no progress; an empty queue needs none', async () => {
    const { clock, server, peer, connection } = await served(
      (each) =>
        each.incoming.pipe(
          map(() => Buffer.alloc(PLENTY)),
          writeTimeout(1_000),
        ),
      { maxQueued: 2 * PLENTY },
    );
    clock.advance(100_000);
    peer.stall();
    await peer.send('x');
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await stalled(connection);
    clock.advance(999);
    // Some progress: the peer takes a part.
    const before = connection.bytesQueued;
    await some(peer, () => connection.bytesQueued < before);
    await stalled(connection);
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    await until(() => {
      // The system may have moved some more of it, which begins the time anew.
      clock.advance(100);
      return server.all('failed').length > 0;
    }, 'the failure');
    expect(server.all('failed')[0]?.failure).toMatchObject({ _tag: 'WriteTimeout', limit: 1_000 });
    clock.advance(5_000);
    await server.one('closed');
    expect(clock.pending).toBe(0);
  });

  test('writeTimeout: over a sendTo before it, and all is well when everything has left', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const { connection } = await connected({ port: raw.port }, { transport: createNodeTransport({ clock }) });
    const sending = record(of('hello').pipe(sendTo(connection), writeTimeout(1_000)));
    await sending.completion();
    expect(clock.pending).toBe(0);

    const peer = await raw.peer();
    peer.stall();
    const second = record(of(Buffer.alloc(PLENTY)).pipe(sendTo(connection), writeTimeout(1_000)));
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await stalled(connection);
    clock.advance(1_000);
    await expect(second.failure()).resolves.toMatchObject({ _tag: 'WriteTimeout', limit: 1_000, port: raw.port });
  });

  test('firstByteTimeout: the first byte is wanted and does not come', async () => {
    const { clock, server } = await served((each) => each.incoming.pipe(firstByteTimeout(1_000)));
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect((await endOf(server)).failure).toMatchObject({ _tag: 'FirstByteTimeout', limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test('firstByteTimeout: the first byte ends it for good', async () => {
    const { clock, server, peer } = await served((each) => each.incoming.pipe(firstByteTimeout(1_000)));
    clock.advance(999);
    await peer.send('x');
    await peer.receives('x');
    expect(clock.pending).toBe(0);
    clock.advance(100_000);
    await turns();
    expect(server.types).toEqual(['listening', 'opened']);
  });

  test('deadline: however lively it is', async () => {
    const { clock, server, peer } = await served((each) => each.incoming.pipe(deadline(1_000)));
    for (const text of ['a', 'b', 'c']) {
      clock.advance(333);
      await peer.send(text);
      await peer.receives(text);
    }
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect((await endOf(server)).failure).toMatchObject({ _tag: 'DeadlineExceeded', limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test('deadline: it holds for what is still under way when the connection has closed', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const { connection, recording } = await connected(
      { port: raw.port },
      { transport: createNodeTransport({ clock }) },
    );
    let cancelled = false;
    const job = NEVER.pipe(
      finalize(() => {
        cancelled = true;
      }),
    );
    const working = record(
      connection.incoming.pipe(
        mergeMap(() => job),
        deadline(1_000),
      ),
    );
    const peer = await raw.peer();
    peer.socket.end('x');
    await recording.completion();
    clock.advance(999);
    expect(working.ending).toBeUndefined();
    clock.advance(1);
    await expect(working.failure()).resolves.toMatchObject({ _tag: 'DeadlineExceeded', limit: 1_000 });
    expect(cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('deadline: over connect, the dial counts', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const options = { port: raw.port, host: '127.0.0.1', transport: createNodeTransport({ clock }) };
    const recording = record(connect(options).pipe(deadline(1_000, clock)));
    clock.advance(500);
    await recording.count(1);
    clock.advance(499);
    await turns();
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'DeadlineExceeded' });
    await (await raw.peer()).end();
    expect(clock.pending).toBe(0);
  });

  test('idleTimeout over connect watches the connection that comes out of it', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const options = { port: raw.port, host: '127.0.0.1', transport: createNodeTransport({ clock }) };
    const recording = record(connect(options).pipe(idleTimeout(1_000, clock)));
    clock.advance(900);
    const [connection] = await recording.count(1);
    clock.advance(900);
    connection?.write('x');
    await (await raw.peer()).receives('x');
    clock.advance(999);
    await turns();
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'IdleTimeout', port: raw.port });
    await (await raw.peer()).end();
    expect(clock.pending).toBe(0);
  });

  test.each(['idle', 'read', 'firstByte', 'deadline'] as const)('timeouts({ %s })', async (name) => {
    const tags = {
      idle: 'IdleTimeout',
      read: 'ReadTimeout',
      firstByte: 'FirstByteTimeout',
      deadline: 'DeadlineExceeded',
    };
    const limits: { idle: number; read: number; firstByte: number; deadline: number; write: number } = {
      idle: 2_000,
      read: 2_000,
      firstByte: 2_000,
      deadline: 2_000,
      write: 2_000,
    };
    limits[name] = 1_000;
    const { clock, server, peer } = await served((each) => each.incoming.pipe(timeouts(limits)));
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    await peer.close();
    expect(tagOf((await endOf(server)).failure)).toBe(tags[name]);
    expect(clock.pending).toBe(0);
  });

  test('timeouts({ write })', async () => {
    const { clock, server, peer, connection } = await served(
      (each) =>
        each.incoming.pipe(
          map(() => Buffer.alloc(PLENTY)),
          timeouts({ write: 1_000 }),
        ),
      { maxQueued: 2 * PLENTY },
    );
    peer.stall();
    await peer.send('x');
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await stalled(connection);
    clock.advance(1_000);
    await until(() => server.all('failed').length > 0, 'the failure');
    expect(tagOf(server.all('failed')[0]?.failure)).toBe('WriteTimeout');
  });

  test('several limits in one pipe each have their own connection to watch', async () => {
    const { clock, server } = await served((each) => each.incoming.pipe(deadline(2_000), idleTimeout(1_000)));
    clock.advance(1_000);
    expect(tagOf((await endOf(server)).failure)).toBe('IdleTimeout');
    expect(clock.pending).toBe(0);
  });

  test('a clock that is given is used instead of the connection’s', async () => {
    const mine = new ManualClock();
    const { clock, server } = await served((each) => each.incoming.pipe(idleTimeout(1_000, mine)));
    clock.advance(10_000);
    await turns();
    expect(server.all('failed')).toEqual([]);
    mine.advance(1_000);
    expect(tagOf((await endOf(server)).failure)).toBe('IdleTimeout');
  });

  test('one connection’s limit does not touch another connection', async () => {
    const { clock, server, peer } = await served((each) => each.incoming.pipe(idleTimeout(1_000)));
    clock.advance(500);
    const other = await rawPeer(server.place);
    await server.until('opened', 2);
    clock.advance(500);
    await peer.close();
    await server.one('closed');
    await other.send('still there');
    await other.receives('still there');
    expect(server.all('failed')).toHaveLength(1);
  });
});

/** Waits until nothing moves any more: the kernel takes no more. */
async function stalled(connection: Connection): Promise<void> {
  let queued = -1;
  let still = 0;
  await until(() => {
    still = connection.bytesQueued === queued ? still + 1 : 0;
    queued = connection.bytesQueued;
    return still > 50;
  }, 'a stall');
}

/** Reads until something has happened. */
async function some(peer: RawPeer, happened: () => boolean): Promise<void> {
  const look = (): void => {
    if (happened()) peer.stall();
  };
  peer.socket.on('data', look).resume();
  await until(happened, 'progress');
  peer.stall();
  peer.socket.off('data', look);
}

describe('a limit that is caught', () => {
  const limits = { idleTimeout, readTimeout, firstByteTimeout, deadline };
  const names = ['idleTimeout', 'readTimeout', 'firstByteTimeout', 'deadline'] as const;

  test.each(names)('%s: a last word arrives, then the FIN, and nothing has failed', async (name) => {
    const { clock, server, peer } = await served((each) =>
      each.incoming.pipe(
        limits[name](1_000) as Op<Buffer, Buffer, NetFailure>,
        catchError((failure: unknown) => of(`${tagOf(failure)}\n`)),
      ),
    );
    clock.advance(1_000);
    await peer.close();
    expect(peer.text).toMatch(/^\w+\n$/);
    expect(peer.error).toBeUndefined();
    const { info } = await server.one('closed');
    expect(info).toMatchObject({ read: 'timeout', failure: { limit: 1_000 } });
    expect(server.all('failed')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('a large last word to a peer that is slow arrives whole', async () => {
    const { clock, server, peer } = await served(
      (each) =>
        each.incoming.pipe(
          idleTimeout(1_000),
          catchError(() => of(Buffer.alloc(PLENTY, 'z'))),
        ),
      { maxQueued: 2 * PLENTY },
    );
    peer.stall();
    clock.advance(1_000);
    await turns();
    peer.socket.resume();
    await peer.close();
    expect(peer.bytes).toHaveLength(PLENTY);
    expect(peer.error).toBeUndefined();
    expect((await server.one('closed')).info).toMatchObject({ bytesUnflushed: 0 });
    expect(server.all('failed')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('a peer that does not take the last word is given up after `closeTimeout`', async () => {
    const { clock, server, peer, connection } = await served(
      (each) =>
        each.incoming.pipe(
          idleTimeout(1_000),
          catchError(() => of(Buffer.alloc(PLENTY))),
        ),
      { maxQueued: 2 * PLENTY },
    );
    peer.stall();
    clock.advance(1_000);
    await stalled(connection);
    clock.advance(29_999);
    await turns();
    expect(server.all('closed')).toEqual([]);
    clock.advance(1);
    expect((await server.one('closed')).info.bytesUnflushed).toBeGreaterThan(0);
    expect(clock.pending).toBe(0);
  });

  test('the connection is ended, whatever the replacement does', async () => {
    const { clock, server, peer } = await served((each) =>
      each.incoming.pipe(
        idleTimeout(1_000),
        catchError(() => NEVER),
      ),
    );
    clock.advance(1_000);
    await peer.close();
    const { info } = await server.one('closed');
    expect(info.failure).toMatchObject({ _tag: 'IdleTimeout' });
  });
});

describe('as an option', () => {
  test.each([
    ['idleTimeout', 'IdleTimeout'],
    ['readTimeout', 'ReadTimeout'],
    ['firstByteTimeout', 'FirstByteTimeout'],
    ['deadline', 'DeadlineExceeded'],
  ])('serve({ %s })', async (name, tag) => {
    const { clock, server, peer } = await served(echo as never, { [name]: 1_000 });
    clock.advance(999);
    await turns();
    expect(server.types).toEqual(['listening', 'opened']);
    clock.advance(1);
    await peer.close();
    const { failure } = await endOf(server);
    const { info } = await server.one('closed');
    expect(info.failure).toMatchObject({ _tag: tag, limit: 1_000, port: peer.localPort });
    expect([info.read, info.write]).toEqual(['timeout', 'timeout']);
    // The handler's reading ended with its connection; what is reported is why.
    expect(failure).toMatchObject({ _tag: tag, limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test('serve({ writeTimeout })', async () => {
    const { clock, server, peer, connection } = await served(() => of(Buffer.alloc(PLENTY)), {
      writeTimeout: 1_000,
      maxQueued: 2 * PLENTY,
    });
    peer.stall();
    await stalled(connection);
    clock.advance(999);
    await turns();
    expect(connection.bytesQueued).toBeGreaterThan(0);
    expect(server.all('closed')).toEqual([]);
    clock.advance(1);
    const { info } = await server.one('closed');
    expect(info.failure).toMatchObject({ _tag: 'WriteTimeout', limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test('serve({ readTimeout }) begins when somebody wants bytes', async () => {
    const open = new Subject<void>();
    const { clock, server } = await served(
      (each) =>
        concat(
          open.pipe(
            take(1),
            mergeMap(() => EMPTY),
          ),
          each.incoming,
        ),
      {
        readTimeout: 1_000,
      },
    );
    clock.advance(10_000);
    await turns();
    expect(server.all('closed')).toEqual([]);
    open.next();
    clock.advance(1_000);
    expect((await server.one('closed')).info.failure).toMatchObject({ _tag: 'ReadTimeout' });
  });

  test.each([
    ['idleTimeout', 'IdleTimeout'],
    ['readTimeout', 'ReadTimeout'],
    ['deadline', 'DeadlineExceeded'],
  ])('connect({ %s })', async (name, tag) => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const { connection, recording } = await connected(
      { port: raw.port },
      { transport: createNodeTransport({ clock }), [name]: 1_000 },
    );
    const reading = record(connection.incoming);
    clock.advance(999);
    await turns();
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    await recording.completion();
    await expect(reading.failure()).resolves.toMatchObject({ _tag: 'ConnectionClosed', cause: { _tag: tag } });
    const [info] = await record(connection.closed).completion();
    expect(info?.failure).toMatchObject({ _tag: tag, limit: 1_000, port: raw.port });
    await (await raw.peer()).end();
    expect(clock.pending).toBe(0);
  });

  test('connect({ connectTimeout }): the lookup counts', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const options = {
      host: 'slow.test',
      port: 1,
      lookup: () => void asked++,
      connectTimeout: 1_000,
      transport: createNodeTransport({ clock }),
    };
    const recording = record(connect(options));
    await until(() => asked === 1, 'the lookup');
    clock.advance(999);
    await turns();
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    await expect(recording.failure()).resolves.toMatchObject({
      _tag: 'ConnectTimeout',
      limit: 1_000,
      address: 'slow.test',
      port: 1,
      syscall: 'connect',
    });
    expect(clock.pending).toBe(0);
  });

  test('connect({ connectTimeout }) is over once it stands, and when the dial failed', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const options = { transport: createNodeTransport({ clock }), connectTimeout: 1_000 };
    const { recording } = await connected({ port: raw.port }, options);
    expect(clock.pending).toBe(0);
    recording.unsubscribe();
    const refused = record(connect({ ...options, port: 1, host: '127.0.0.1' }));
    expect(tagOf(await refused.failure())).toBe('ConnectionRefused');
    expect(clock.pending).toBe(0);
    const given = record(connect({ ...options, port: raw.port, host: '127.0.0.1' }));
    expect(clock.pending).toBe(1);
    given.unsubscribe();
    expect(clock.pending).toBe(0);
  });
});

describe('connection.setTimeout', () => {
  test('tells once per such time without a byte, and ends nothing', async () => {
    const { clock, server, peer, connection } = await served((each) => each.incoming);
    const events = record(connection.events);
    const told = (): number => events.values.filter(({ type }) => type === 'timeout').length;
    connection.setTimeout(1_000);
    clock.advance(999);
    expect(told()).toBe(0);
    clock.advance(1);
    expect(told()).toBe(1);
    clock.advance(999);
    expect(told()).toBe(1);
    clock.advance(1);
    expect(told()).toBe(2);
    await sendSeen(peer, connection, 'x');
    await peer.receives('x');
    clock.advance(999);
    expect(told()).toBe(2);
    clock.advance(1);
    expect(told()).toBe(3);
    connection.setTimeout(5_000);
    clock.advance(4_999);
    expect(told()).toBe(3);
    clock.advance(1);
    expect(told()).toBe(4);
    connection.setTimeout(0);
    expect(clock.pending).toBe(0);
    clock.advance(100_000);
    expect(told()).toBe(4);
    expect(server.types).toEqual(['listening', 'opened']);
  });

  test('leaves no timer when the connection closes, nor afterwards', async () => {
    const { clock, server, connection } = await served((each) => each.incoming);
    connection.setTimeout(1_000);
    connection.destroy();
    await server.one('closed');
    expect(clock.pending).toBe(0);
    connection.setTimeout(1_000);
    expect(clock.pending).toBe(0);
  });

  test('called within its own event, it is the new time that counts', async () => {
    const { clock, connection } = await served((each) => each.incoming);
    let told = 0;
    connection.events.subscribe(({ type }) => {
      if (type !== 'timeout') return;
      told++;
      connection.setTimeout(told === 1 ? 5_000 : 0);
    });
    connection.setTimeout(1_000);
    clock.advance(1_000);
    expect(told).toBe(1);
    clock.advance(4_999);
    expect(told).toBe(1);
    clock.advance(1);
    expect(told).toBe(2);
    expect(clock.pending).toBe(0);
  });
});

describe('no timer is left', () => {
  const everything = <A>(clock?: TimeSource) =>
    timeouts<A, { idle: number; read: number; write: number; firstByte: number; deadline: number }>(
      { idle: 5_000, read: 5_000, write: 5_000, firstByte: 5_000, deadline: 5_000 },
      clock,
    );

  test.each<[string, (connection: Connection, peer: RawPeer, server: Serving) => unknown]>([
    ['the peer ends', (_connection, peer) => peer.socket.end()],
    ['the peer resets', (_connection, peer) => peer.reset()],
    ['the connection is destroyed', (connection) => connection.destroy()],
    ['the connection is reset', (connection) => connection.reset()],
  ])('when %s', async (_name, act) => {
    const { clock, server, peer, connection } = await served((each) => each.incoming.pipe(everything()), {
      idleTimeout: 7_000,
      readTimeout: 7_000,
      writeTimeout: 7_000,
      firstByteTimeout: 7_000,
      deadline: 7_000,
    });
    connection.setTimeout(3_000);
    expect(clock.pending).toBeGreaterThan(5);
    act(connection, peer, server);
    await server.one('closed');
    expect(clock.pending).toBe(0);
  });

  test('when the server is unsubscribed', async () => {
    const { clock, server, peer, connection } = await served((each) => each.incoming.pipe(everything()), {
      idleTimeout: 7_000,
    });
    connection.setTimeout(3_000);
    server.unsubscribe();
    await peer.close();
    await until(
      () => clock.pending === 0,
      () => `${clock.pending} timers to go`,
    );
  });

  test('when the reading is given up, and the connection lives on', async () => {
    const { clock, peer, connection } = await served((each) =>
      concat(each.incoming.pipe(everything(), take(1)), NEVER),
    );
    const unguarded = clock.pending;
    expect(unguarded).toBeGreaterThan(0);
    await peer.send('x');
    await peer.receives('x');
    // Nobody reads it: that alone is watched.
    await until(
      () => clock.pending === 1,
      () => `one timer; there are ${clock.pending}`,
    );
    connection.destroy();
  });

  const plain: [string, Flow<number, unknown>][] = [
    ['of a source that completes', of(1)],
    ['of a source that fails', throwError(() => new Error('boom'))],
    ['of a source that is empty', EMPTY],
  ];

  test.each(plain)('%s', (_name, source) => {
    const clock = new ManualClock();
    const recording = new Recording(source.pipe(everything(clock), connectTimeout(1_000, clock)));
    expect(recording.ending).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  test('of a source that is given up within its first item', () => {
    const clock = new ManualClock();
    let emitted = 0;
    const endless = from(
      (function* numbers() {
        for (;;) yield emitted++;
      })(),
    );
    const recording = new Recording(endless.pipe(everything(clock), connectTimeout(1_000, clock), take(3)));
    expect(recording.values).toEqual([0, 1, 2]);
    expect(emitted).toBeLessThan(5);
    expect(clock.pending).toBe(0);
  });

  test('of a source that never does anything, when it is unsubscribed', () => {
    const clock = new ManualClock();
    const recording = new Recording(NEVER.pipe(everything(clock), connectTimeout(1_000, clock)));
    expect(clock.pending).toBeGreaterThan(3);
    recording.unsubscribe();
    expect(clock.pending).toBe(0);
  });

  test('when one of several limits fires', () => {
    const clock = new ManualClock();
    const recording = new Recording(NEVER.pipe(everything(clock), connectTimeout(1_000, clock)));
    clock.advance(1_000);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: 'ConnectTimeout' } });
    expect(clock.pending).toBe(0);
  });

  test('for each connection that has closed, where connections come one after the other', async () => {
    const raw = await rawServer({}, { allowHalfOpen: false });
    const clock = new ManualClock();
    const transport = createNodeTransport({ clock });
    const options = { port: raw.port, host: '127.0.0.1', transport };
    const many = record(
      from([1, 2, 3]).pipe(
        concatMap(() => connect(options)),
        idleTimeout(1_000, clock),
      ),
    );
    for (let index = 0; index < 3; index++) {
      const connection = (await many.count(index + 1))[index];
      expect(clock.pending).toBe(1);
      connection?.destroy();
    }
    await many.completion();
    expect(clock.pending).toBe(0);
  });
});

describe('on a source that comes from no connection', () => {
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });

  /** The tag in place of the failure, so that marbles can be compared. */
  const tagged = <A>(source: Observable<A>): Observable<A> =>
    from(source).pipe(catchError((error: unknown) => throwError(() => tagOf(error))));

  test.each<[string, Op<string, string, NetFailure>, string, string, string]>([
    ['idleTimeout starts anew with each item', idleTimeout(5), '--a----b---------', '--a----b----#', 'IdleTimeout'],
    ['readTimeout starts anew with each item', readTimeout(5), '--a----b---------', '--a----b----#', 'ReadTimeout'],
    ['firstByteTimeout waits for the first item', firstByteTimeout(5), '---------', '-----#', 'FirstByteTimeout'],
    ['firstByteTimeout is over with the first item', firstByteTimeout(5), '--a-----------|', '--a-----------|', ''],
    ['deadline counts from the subscription', deadline(5), '-a-a--a-a', '-a-a-#', 'DeadlineExceeded'],
    ['deadline lets go what is done in time', deadline(5), '-a-a|', '-a-a|', ''],
    ['writeTimeout has nothing to watch', writeTimeout(5), '-a--------a--|', '-a--------a--|', ''],
    ['connectTimeout waits for the first item', connectTimeout(5), '---------', '-----#', 'ConnectTimeout'],
    ['connectTimeout is over with the first item', connectTimeout(5), '--a-----------|', '--a-----------|', ''],
    ['an item after the edge comes too late', idleTimeout(5), '------a', '-----#', 'IdleTimeout'],
    ['an item on the edge that comes before the timer is in time', idleTimeout(5), '-----a---|', '-----a---|', ''],
    ['an item before the edge is in time', idleTimeout(5), '----a----b|', '----a----b|', ''],
    ['an item in the same turn as the subscription counts', firstByteTimeout(5), '(a)--------|', 'a----------|', ''],
    ['an error passes', idleTimeout(5), '--a-#', '--a-#', 'error'],
  ])('%s', (_name, operator, given, expected, tag) => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(given);
      const end = expected.replaceAll(/[()]/g, '').search(/[#|]/);
      expectObservable(tagged(from(source).pipe(operator))).toBe(expected, undefined, tag);
      expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(Math.max(0, end - 1))}!`);
    });
  });

  test('an item that comes within subscribe counts', () => {
    const clock = new ManualClock();
    const recording = new Recording(concat(of('a'), NEVER).pipe(firstByteTimeout(1_000, clock)));
    expect(recording.values).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  test('a scheduler that is given is used', () => {
    const virtual = scheduler();
    virtual.run(({ cold, expectObservable }) => {
      const flow = tagged(from(cold('--a----')).pipe(idleTimeout(5, virtual)));
      expectObservable(flow).toBe('--a----#', undefined, 'IdleTimeout');
    });
  });

  test.each(['idle', 'read', 'firstByte', 'deadline'] as const)('timeouts({ %s })', (name) => {
    scheduler().run(({ cold, expectObservable }) => {
      const tags = {
        idle: 'IdleTimeout',
        read: 'ReadTimeout',
        firstByte: 'FirstByteTimeout',
        deadline: 'DeadlineExceeded',
      };
      const limits: { [Name in keyof typeof tags]?: number } = {
        idle: 9,
        read: 9,
        firstByte: 9,
        deadline: 9,
        [name]: 4,
      };
      expectObservable(tagged(from(cold('-------')).pipe(timeouts(limits)))).toBe('----#', undefined, tags[name]);
    });
  });

  test('timeouts({}) limits nothing', () => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(from(cold('-a-|')).pipe(timeouts({}))).toBe('-a-|');
    });
  });

  test('fake timers drive it', () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const quiet = new Recording(NEVER.pipe(idleTimeout(1_000)));
    const lively = new Recording(interval(900).pipe(idleTimeout(1_000), take(5)));
    vi.advanceTimersByTime(999);
    expect(quiet.ending).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(quiet.ending).toMatchObject({ kind: 'error', error: { _tag: 'IdleTimeout', limit: 1_000 } });
    vi.advanceTimersByTime(10_000);
    expect(lively.ending).toEqual({ kind: 'complete' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('fake timers drive the clock of the process, which is what connections go by', async () => {
    const server = await serving((each) => each.incoming.pipe(idleTimeout(1_000)));
    const peer = await rawPeer(server.place);
    await server.one('opened');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const second = await rawPeer(server.place);
    await server.until('opened', 2);
    vi.advanceTimersByTime(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    vi.advanceTimersByTime(1);
    const { failure } = await server.one('failed');
    expect(tagOf(failure)).toBe('IdleTimeout');
    await second.close();
    expect(peer.closed).toBe(false);
    vi.useRealTimers();
  });

  test('real time drives it, too', async () => {
    const recording = record(timer(0, 5).pipe(deadline(30, systemClock)));
    expect(tagOf(await recording.failure())).toBe('DeadlineExceeded');
    expect(recording.values.length).toBeGreaterThan(0);
  });

  test('a limit is a subscription’s own', () => {
    const clock = new ManualClock();
    const flow = NEVER.pipe(idleTimeout(1_000, clock));
    const first = new Recording(flow);
    clock.advance(600);
    const second = new Recording(flow);
    clock.advance(400);
    expect(first.ending).toBeDefined();
    expect(second.ending).toBeUndefined();
    clock.advance(600);
    expect(second.ending).toBeDefined();
  });

  test('a timer that fires early is set anew: a platform’s may, by a fraction of a millisecond', () => {
    let now = 0;
    const timers: { delay: number; callback: () => void }[] = [];
    const hasty = {
      now: () => now,
      after: (delay: number, callback: () => void) => {
        timers.push({ delay, callback });
        return () => {};
      },
    };
    const recording = new Recording(NEVER.pipe(idleTimeout(100, hasty)));
    now = 99.4;
    timers.shift()?.callback();
    expect(recording.ending).toBeUndefined();
    expect(timers.map(({ delay }) => delay)).toEqual([1]);
    now = 100.4;
    timers.shift()?.callback();
    expect(recording.ending).toBeDefined();
  });
});

test('serve itself can be limited from outside: the clock of RxJS drives it, and everything is let go', async () => {
  const clock = new ManualClock();
  const recording = record(serve({ port: 0, host: '127.0.0.1' }, echo).pipe(deadline(1_000, clock)));
  await recording.count(1);
  clock.advance(1_000);
  await expect(recording.failure()).resolves.toMatchObject({ _tag: 'DeadlineExceeded' });
  expect(clock.pending).toBe(0);
});
