// Each limit under each kind of virtual time, to the millisecond: one before the edge nothing happens, on the edge it does.
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';

import {
  type Clock,
  connect,
  type Connection,
  connectTimeout,
  createNodeTransport,
  currentUpstream,
  deadline,
  firstByteTimeout,
  idleTimeout,
  lines,
  messageTimeout,
  type Op,
  rateLimit,
  readTimeout,
  timeouts,
  type TimeSource,
  writeTimeout,
} from '../../src/index.ts';
import { catchError, EMPTY, map, mergeMap, NEVER, Subject, VirtualTimeScheduler, from } from '../../src/rx.ts';
import { type FakeConnection, fakeConnection } from './support/fake-link.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { rawPeer, rawServer } from './support-failures/peers.ts';
import { record, type Recording, tagOf } from './support-failures/record.ts';
import { echo, listening, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

/** One kind of virtual time: what an operator is given, and how it is turned. */
interface VirtualTime {
  readonly source: TimeSource;
  advance(ms: number): void;
}

function byScheduler(scheduler: VirtualTimeScheduler): VirtualTime {
  let now = 0;
  return {
    source: scheduler,
    advance(ms) {
      now += ms;
      scheduler.maxFrames = now;
      scheduler.flush();
      // Its time is that of its last action: time in which nothing happens passes, too.
      scheduler.frame = now;
    },
  };
}

const times: readonly [string, () => VirtualTime][] = [
  [
    'a Clock',
    () => {
      const clock = new ManualClock();
      return { source: clock, advance: (ms) => clock.advance(ms) };
    },
  ],
  ['a VirtualTimeScheduler', () => byScheduler(new VirtualTimeScheduler())],
  ['a TestScheduler', () => byScheduler(new TestScheduler(() => undefined))],
];

/** What makes each limit run on a connection, and the failure that it ends in. */
interface Case {
  readonly tag: string;
  readonly operator: (ms: number, time: TimeSource) => Op<Buffer, unknown, unknown>;
  /** Brings the connection to where the limit counts. */
  readonly prepare?: (fake: FakeConnection) => void;
}

const then =
  <A, B>(first: Op<A, B, unknown>, second: Op<B, B, unknown>): Op<A, B, unknown> =>
  (source) =>
    from(source).pipe(first, second);

const cases: Readonly<Record<string, Case>> = {
  idleTimeout: { tag: 'IdleTimeout', operator: (ms, time) => idleTimeout(ms, time) },
  readTimeout: { tag: 'ReadTimeout', operator: (ms, time) => readTimeout(ms, time) },
  firstByteTimeout: { tag: 'FirstByteTimeout', operator: (ms, time) => firstByteTimeout(ms, time) },
  deadline: { tag: 'DeadlineExceeded', operator: (ms, time) => deadline(ms, time) },
  writeTimeout: {
    tag: 'WriteTimeout',
    operator: (ms, time) => writeTimeout(ms, time),
    prepare: ({ connection, link }) => {
      link.stall();
      connection.write('x');
    },
  },
  messageTimeout: {
    tag: 'MessageTimeout',
    operator: (ms, time) => then(lines(), messageTimeout<string>(ms, time)),
    prepare: ({ link }) => link.deliver('half a li'),
  },
  'timeouts({ idle })': { tag: 'IdleTimeout', operator: (ms, time) => timeouts({ idle: ms }, time) },
  'timeouts({ read })': { tag: 'ReadTimeout', operator: (ms, time) => timeouts({ read: ms }, time) },
  'timeouts({ firstByte })': { tag: 'FirstByteTimeout', operator: (ms, time) => timeouts({ firstByte: ms }, time) },
  'timeouts({ deadline })': { tag: 'DeadlineExceeded', operator: (ms, time) => timeouts({ deadline: ms }, time) },
  'timeouts({ message })': {
    tag: 'MessageTimeout',
    operator: (ms, time) => then(lines(), timeouts<string, { message: number }>({ message: ms }, time)),
    prepare: ({ link }) => link.deliver('half a li'),
  },
};

describe.each(times)('by %s, as an operator', (_kind, makeTime) => {
  test.each(Object.entries(cases))('%s', async (_name, { tag, operator, prepare }) => {
    const time = makeTime();
    const fake = await fakeConnection();
    time.advance(123);
    const recording = record(fake.connection.incoming.pipe(operator(1_000, time.source)));
    await turns(1);
    prepare?.(fake);
    await turns(1);
    time.advance(999);
    expect(recording.ending).toBeUndefined();
    expect(fake.link.closed).toBe(false);
    time.advance(1);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: tag, limit: 1_000 } });
    // A limit acts: what is watched is ended.
    await turns(1);
    expect(fake.link.closed).toBe(true);
  });

  test.each(['idleTimeout', 'readTimeout', 'messageTimeout', 'firstByteTimeout'])(
    '%s: time in which our own consumer holds is not counted against the peer',
    async (name) => {
      const { operator, tag } = cases[name] as Case;
      const time = makeTime();
      const { connection, link } = await fakeConnection();
      let release: (() => void) | undefined;
      // Held before the first byte counts for firstByteTimeout, after it for the others.
      const flow = connection.incoming.pipe(operator(1_000, time.source));
      const recording = record(
        flow.pipe(
          map((value) => {
            release = currentUpstream()?.hold();
            return value;
          }),
        ),
      );
      if (name === 'firstByteTimeout') {
        link.deliver('x\n');
        time.advance(100_000);
        expect(recording.ending).toBeUndefined();
        recording.unsubscribe();
        return;
      }
      link.deliver(name === 'messageTimeout' ? 'x\nhalf' : 'x\n');
      expect(release).toBeDefined();
      time.advance(100_000);
      await turns(1);
      expect(recording.ending).toBeUndefined();
      release?.();
      await turns(1);
      if (name === 'messageTimeout') link.deliver(' a li');
      time.advance(999);
      expect(recording.ending).toBeUndefined();
      time.advance(1);
      expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: tag } });
    },
  );

  test('readTimeout before a rateLimit: what the rate holds for minutes is no peer that is late', async () => {
    const time = makeTime();
    const { connection, link } = await fakeConnection();
    const recording = record(
      connection.incoming.pipe(
        readTimeout(1_000, time.source),
        rateLimit({ bytesPerSecond: 1, burst: 1 }, time.source),
      ),
    );
    link.deliver('x'.repeat(121));
    for (let second = 0; second < 120; second++) time.advance(1_000);
    expect(Buffer.concat(recording.values)).toHaveLength(121);
    await turns(1);
    time.advance(999);
    expect(recording.ending).toBeUndefined();
    time.advance(1);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: 'ReadTimeout' } });
  });

  test('connectTimeout', () => {
    const time = makeTime();
    const recording = record(NEVER.pipe(connectTimeout(1_000, time.source)));
    time.advance(999);
    expect(recording.ending).toBeUndefined();
    time.advance(1);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: 'ConnectTimeout', limit: 1_000 } });
  });

  test('timeouts({ connect, idle }) over connect: the dial, then the connection', async () => {
    const time = makeTime();
    const { connection, link } = await fakeConnection();
    const dialled = new Subject<Connection>();
    const recording = record(dialled.pipe(timeouts({ connect: 500, idle: 1_000 }, time.source)));
    time.advance(499);
    dialled.next(connection);
    time.advance(999);
    expect(recording.ending).toBeUndefined();
    time.advance(1);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: 'IdleTimeout' } });
    await turns(1);
    expect(link.closed).toBe(true);
    const late = record(NEVER.pipe(timeouts({ connect: 500, idle: 1_000 }, time.source)));
    time.advance(500);
    expect(late.ending).toMatchObject({ kind: 'error', error: { _tag: 'ConnectTimeout' } });
  });
});

describe('messageTimeout', () => {
  async function reading(): Promise<FakeConnection & { clock: ManualClock; recording: Recording<string> }> {
    const clock = new ManualClock();
    const fake = await fakeConnection({ clock });
    return { ...fake, clock, recording: record(fake.connection.incoming.pipe(lines(), messageTimeout(1_000))) };
  }

  test('between messages it does not run, however long', async () => {
    const { clock, link, recording } = await reading();
    clock.advance(1_000_000);
    link.deliver('one\n');
    expect(clock.pending).toBe(0);
    clock.advance(1_000_000);
    link.deliver('two\nthree\n');
    clock.advance(1_000_000);
    expect(recording.values).toEqual(['one', 'two', 'three']);
    expect(recording.ending).toBeUndefined();
  });

  test('bytes do not start it anew', async () => {
    const { clock, link, recording } = await reading();
    for (let i = 0; i < 10; i++) {
      link.deliver('x');
      clock.advance(i === 9 ? 99 : 100);
    }
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    expect(recording.ending).toMatchObject({ kind: 'error', error: { _tag: 'MessageTimeout' } });
    expect(clock.pending).toBe(0);
  });

  test('a message in time lets the next have its own', async () => {
    const { clock, link, recording } = await reading();
    for (let i = 0; i < 5; i++) {
      link.deliver('x');
      clock.advance(999);
      link.deliver('y\n');
      clock.advance(500);
    }
    expect(recording.values).toHaveLength(5);
    expect(recording.ending).toBeUndefined();
  });

  test('a message that begins in one piece with the end of another begins with the bytes that come next', async () => {
    const { clock, link, recording } = await reading();
    link.deliver('one\nhalf');
    clock.advance(100_000);
    link.deliver(' of');
    clock.advance(999);
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    expect(recording.ending).toBeDefined();
  });

  test('where no connection feeds it, it never fails', () => {
    const clock = new ManualClock();
    const recording = record(new Subject<string>().pipe(messageTimeout(1_000, clock)));
    clock.advance(100_000);
    expect(recording.ending).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

describe('as an option, on both sides of the edge', () => {
  const onAny = [
    ['idleTimeout', 'IdleTimeout'],
    ['readTimeout', 'ReadTimeout'],
    ['firstByteTimeout', 'FirstByteTimeout'],
    ['deadline', 'DeadlineExceeded'],
    ['writeTimeout', 'WriteTimeout'],
  ] as const;

  const withClock = (clock: Clock) => createNodeTransport({ clock });

  test.each(onAny)('connect({ %s })', async (name, tag) => {
    const clock = new ManualClock();
    const { connection, link } = await fakeConnection({ clock, [name]: 1_000 });
    record(connection.incoming.pipe(catchError(() => EMPTY)));
    if (name === 'writeTimeout') {
      link.stall();
      connection.write('x');
      await turns(1);
    }
    clock.advance(999);
    await turns(1);
    expect(link.closed).toBe(false);
    clock.advance(1);
    const [info] = await record(connection.closed).completion();
    expect(info?.failure).toMatchObject({ _tag: tag, limit: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test.each(onAny.slice(0, 4))('listen({ %s })', async (name, tag) => {
    const clock = new ManualClock();
    const { server, place } = await listening({ transport: withClock(clock), [name]: 1_000 });
    const taken = record(server.connections);
    const peer = await rawPeer(place);
    const [connection] = await taken.count(1);
    const closed = record((connection as Connection).closed);
    record((connection as Connection).incoming.pipe(catchError(() => EMPTY)));
    clock.advance(999);
    await turns();
    expect(closed.values).toEqual([]);
    clock.advance(1);
    const [info] = await closed.completion();
    expect(info?.failure).toMatchObject({ _tag: tag, limit: 1_000 });
    await peer.close();
  });

  test.each(onAny.slice(0, 4))('serve({ %s })', async (name, tag) => {
    const clock = new ManualClock();
    const server = await serving(echo, { transport: withClock(clock), [name]: 1_000 });
    const peer = await rawPeer(server.place);
    await server.one('opened');
    clock.advance(999);
    await turns();
    expect(server.all('failed')).toEqual([]);
    clock.advance(1);
    expect(tagOf((await server.one('failed')).failure)).toBe(tag);
    await peer.close();
  });

  test('connect({ firstByteTimeout }): a server that takes us and says nothing', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const options = { port: raw.port, host: '127.0.0.1', transport: withClock(clock), firstByteTimeout: 1_000 };
    const reading = record(connect(options).pipe(mergeMap((connection) => connection.incoming)));
    await raw.peer();
    await until(() => clock.pending === 1, 'the limit to run');
    clock.advance(1_000);
    await expect(reading.failure()).resolves.toMatchObject({
      _tag: 'ConnectionClosed',
      cause: { _tag: 'FirstByteTimeout' },
    });
  });
});
