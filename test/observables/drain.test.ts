// A graceful shutdown: what is under way may finish, what is idle is half-closed, what is left is cut and reported.
import {
  concat,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  type ObservableInput,
  of,
  Subject,
  take,
  tap,
} from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  createNodeTransport,
  currentUpstream,
  type DrainReport,
  lines,
  listen,
  mapAsync,
  serve,
  type ServeEvent,
} from '../../src/index.ts';
import { concatMap } from '../../src/rx.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { ipcPath, type RawPeer, rawPeer, rawServer } from './support-failures/peers.ts';
import { record, tagOf } from './support-failures/record.ts';
import { listenersOf, openResources, untilOnly } from './support-failures/resources.ts';
import { connected, echo, listening, type Serving, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

const local = { host: '127.0.0.1' };
const PLENTY = 16 * 1_048_576;

/** Answers that are given when the test says so: each request is a line, each answer its line. */
class Desk {
  private readonly open = new Map<string, (answer: string) => void>();

  readonly handler = (connection: Connection): Observable<Chunk> =>
    connection.incoming.pipe(
      lines(),
      mapAsync((line) => this.ask(line)),
    );

  ask(line: string): Promise<string> {
    return new Promise((resolve) => {
      this.open.set(line, resolve);
    });
  }

  async has(line: string): Promise<void> {
    await until(() => this.open.has(line), `the request ${line}`);
  }

  answer(line: string): void {
    this.open.get(line)?.(`answer to ${line}\n`);
    this.open.delete(line);
  }
}

interface Draining {
  readonly clock: ManualClock;
  readonly shutdown: Subject<void>;
  readonly server: Serving;
}

/** A server on a clock that the test turns, with a way to begin its shutdown. */
async function drainable(
  handler: (connection: Connection) => ObservableInput<Chunk>,
  options: Parameters<typeof serving>[1] = {},
): Promise<Draining> {
  const clock = new ManualClock();
  const shutdown = new Subject<void>();
  const transport = createNodeTransport({ clock });
  const server = await serving(handler, { drainTimeout: 10_000, ...options, shutdown, transport });
  return { clock, shutdown, server };
}

/** So many raw peers, whose connections stand. */
async function peersOf(server: Serving, count: number): Promise<RawPeer[]> {
  const peers = await Promise.all(Array.from({ length: count }, () => rawPeer(server.place)));
  await server.until('opened', server.all('closed').length + count);
  return peers;
}

/** Whether nobody listens there any more. */
async function isRefused(server: Serving): Promise<boolean> {
  const { place } = server;
  const recording = record('port' in place ? connect({ ...local, port: place.port }) : connect({ path: place.path }));
  return ['ConnectionRefused', 'PathNotFound'].includes(tagOf(await recording.failure()));
}

describe('it begins', () => {
  const begins: [
    string,
    () => { shutdown: AbortSignal | Observable<unknown> | Promise<unknown>; begin: () => void },
  ][] = [
    [
      'when a signal is aborted',
      () => {
        const controller = new AbortController();
        return { shutdown: controller.signal, begin: () => controller.abort() };
      },
    ],
    [
      'when an Observable emits',
      () => {
        const subject = new Subject<string>();
        return { shutdown: subject, begin: () => subject.next('now') };
      },
    ],
    [
      'when an Observable completes',
      () => {
        const subject = new Subject<string>();
        return { shutdown: subject, begin: () => subject.complete() };
      },
    ],
    [
      'when a promise is resolved',
      () => {
        let begin: (value: unknown) => void = () => {};
        const shutdown = new Promise((resolve) => {
          begin = resolve;
        });
        return { shutdown, begin: () => begin('now') };
      },
    ],
  ];

  test.each(begins)('%s', async (_name, make) => {
    const start = await openResources();
    const { shutdown, begin } = make();
    const server = await serving(echo, { shutdown });
    const peer = await rawPeer(server.place);
    await server.one('opened');
    begin();
    await peer.close();
    await server.recording.completion();
    expect(server.types).toEqual(['listening', 'opened', 'draining', 'closed', 'stopped']);
    expect(server.all('draining')).toMatchObject([{ open: 1, deadline: 10_000 }]);
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [], unclaimed: 0 });
    await untilOnly(start);
  });

  test('once: what comes afterwards changes nothing', async () => {
    const { clock, shutdown, server } = await drainable(new Desk().handler);
    const [peer] = await peersOf(server, 1);
    await peer?.send('never\n');
    await turns();
    shutdown.next();
    clock.advance(5_000);
    shutdown.next();
    shutdown.complete();
    clock.advance(5_000);
    await server.recording.completion();
    expect(server.all('draining')).toHaveLength(1);
    expect(server.all('stopped')).toHaveLength(1);
  });

  test('a signal that is aborted already: nothing stays open, and the report is empty', async () => {
    const start = await openResources();
    const signal = AbortSignal.abort();
    const recording = record(serve({ port: 0, ...local, shutdown: signal }, echo));
    const events = await recording.completion();
    expect(events.map(({ type }) => type)).toEqual(['draining', 'stopped']);
    expect(events[1]).toMatchObject({ report: { finished: 0, cut: [], unclaimed: 0 } });
    expect(listenersOf(signal)).toBe(0);
    await untilOnly(start);
  });

  test('an Observable that emits at once: the same', async () => {
    const start = await openResources();
    const recording = record(serve({ port: 0, ...local, shutdown: of('now') }, echo));
    const events = await recording.completion();
    expect(events.map(({ type }) => type)).toEqual(['draining', 'stopped']);
    await untilOnly(start);
  });

  test.each(['127.0.0.1', 'localhost'])(
    'while it binds on %s: it never listens, and its port is free when it has stopped',
    async (host) => {
      const start = await openResources();
      // A port that is known beforehand, and free.
      const { server, port } = await rawServer();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      const shutdown = new Subject<void>();
      const first = record(serve({ port, host, shutdown }, echo));
      shutdown.next();
      const events = await first.completion();
      expect(events.map(({ type }) => type)).toEqual(['draining', 'stopped']);
      const second = record(serve({ port, host }, echo));
      await second.count(1);
      expect(second.ending).toBeUndefined();
      second.unsubscribe();
      await untilOnly(start);
    },
  );

  test('and an Observable that fails is the failure of the server', async () => {
    const failure = new Error('boom');
    const shutdown = new Subject<void>();
    const server = await serving(echo, { shutdown });
    const peer = await rawPeer(server.place);
    shutdown.error(failure);
    await expect(server.recording.failure()).resolves.toBe(failure);
    await peer.close();
    expect(await isRefused(server)).toBe(true);
  });
});

describe('what happens', () => {
  test('nothing is accepted any more, from the draining event on', async () => {
    const desk = new Desk();
    const { shutdown, server } = await drainable(desk.handler);
    const [peer] = await peersOf(server, 1);
    await peer?.send('question\n');
    await desk.has('question');
    shutdown.next();
    expect(server.all('draining')).toHaveLength(1);
    expect(await isRefused(server)).toBe(true);
    expect(server.all('opened')).toHaveLength(1);
    expect(server.recording.ending).toBeUndefined();
  });

  test('over IPC the path is free again, too', async () => {
    const path = ipcPath();
    const { shutdown, server } = await drainable(new Desk().handler, { path });
    const [peer] = await peersOf(server, 1);
    await peer?.send('question\n');
    await turns();
    shutdown.next();
    expect(await isRefused(server)).toBe(true);
    await serving(echo, { path });
  });

  test('idle connections are half-closed at once, and finish as their peers end', async () => {
    const { clock, shutdown, server } = await drainable(echo);
    const peers = await peersOf(server, 3);
    // One has never said anything; the others have had their answers.
    for (const peer of peers.slice(1)) {
      await peer.send('hello');
      await peer.receives('hello');
    }
    shutdown.next();
    await Promise.all(peers.map((peer) => peer.close()));
    await server.recording.completion();
    expect((await server.one('stopped')).report).toEqual({ finished: 3, cut: [], unclaimed: 0, duration: 0 });
    for (const { info } of server.all('closed'))
      expect(info).toMatchObject({ read: 'fin', write: 'fin', failure: undefined });
    expect(server.all('failed')).toEqual([]);
    expect(peers.every(({ error }) => error === undefined)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('a request in flight gets its answer; then its connection is idle, and is half-closed', async () => {
    const desk = new Desk();
    const { clock, shutdown, server } = await drainable(desk.handler);
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('question\n');
    await desk.has('question');
    shutdown.next();
    await turns();
    expect(peer.ended).toBe(false);
    clock.advance(500);
    desk.answer('question');
    await peer.receives('answer to question\n');
    await peer.close();
    await server.recording.completion();
    expect(peer.text).toBe('answer to question\n');
    expect((await server.one('stopped')).report).toEqual({ finished: 1, cut: [], unclaimed: 0, duration: 500 });
    expect(server.all('failed')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('several requests in flight on one connection all get their answers', async () => {
    const desk = new Desk();
    const { shutdown, server } = await drainable(desk.handler);
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('one\ntwo\nthree\n');
    await desk.has('one');
    shutdown.next();
    for (const line of ['one', 'two', 'three']) {
      await desk.has(line);
      desk.answer(line);
    }
    await peer.close();
    expect(peer.text).toBe('answer to one\nanswer to two\nanswer to three\n');
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
  });

  test('an answer in parts, while its request holds the connection, arrives whole', async () => {
    const parts = new Subject<string>();
    const { clock, shutdown, server } = await drainable((connection) =>
      connection.incoming.pipe(
        lines(),
        concatMap(() => parts.pipe(filter((part) => part !== ''))),
      ),
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('question\n');
    await until(() => parts.observed, 'the request');
    parts.next('first ');
    await peer.receives('first ');
    shutdown.next();
    await turns();
    parts.next('second ');
    await peer.receives('second ');
    parts.next('third');
    parts.complete();
    await peer.receives('third');
    // Nothing more comes in: it is let finish, at the latest after a second.
    clock.advance(2_000);
    await peer.close();
    expect(peer.text).toBe('first second third');
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
  });

  test('an answer in parts arrives whole, although nothing holds the connection in between', async () => {
    const parts = new Subject<string>();
    const { clock, shutdown, server } = await drainable((connection) =>
      connection.incoming.pipe(
        lines(),
        mergeMap(() => parts),
      ),
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('question\n');
    await until(() => parts.observed, 'the request');
    parts.next('first ');
    await peer.receives('first ');
    shutdown.next();
    await turns();
    for (const part of ['second ', 'third ', 'fourth ']) {
      clock.advance(900);
      parts.next(part);
      await peer.receives(part);
    }
    expect(peer.ended).toBe(false);
    parts.complete();
    await peer.close();
    expect(peer.text).toBe('first second third fourth ');
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
    expect(clock.pending).toBe(0);
  });

  test('so does one of a handler that only writes', async () => {
    const parts = new Subject<string>();
    const { clock, shutdown, server } = await drainable(() => parts);
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    parts.next('first ');
    await peer.receives('first ');
    shutdown.next();
    clock.advance(900);
    parts.next('second');
    await peer.receives('second');
    expect(peer.ended).toBe(false);
    parts.complete();
    await peer.close();
    expect(peer.text).toBe('first second');
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
  });

  test('a handler that goes on for other reasons than its peer is cut at the deadline, and not before', async () => {
    const news = new Subject<string>();
    const { clock, shutdown, server } = await drainable((connection) => merge(connection.incoming, news));
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('hello');
    await peer.receives('hello');
    shutdown.next();
    clock.advance(5_000);
    news.next(' news');
    await peer.receives(' news');
    clock.advance(4_999);
    await turns();
    expect(peer.ended).toBe(false);
    clock.advance(1);
    await peer.close();
    expect(news.observed).toBe(false);
    expect((await server.one('stopped')).report).toMatchObject({
      finished: 0,
      cut: [{ bytesPending: 0 }],
      duration: 10_000,
    });
    expect(clock.pending).toBe(0);
  });

  test('an answer that waits for its peer arrives whole', async () => {
    const { shutdown, server } = await drainable(
      (connection) => connection.incoming.pipe(map(() => Buffer.alloc(PLENTY))),
      {
        maxQueued: 2 * PLENTY,
      },
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    peer.stall();
    await peer.send('x');
    await until(() => (server.all('opened')[0]?.connection.bytesQueued ?? 0) > 0, 'a congestion');
    shutdown.next();
    await turns();
    expect(server.all('stopped')).toEqual([]);
    peer.socket.resume();
    await peer.close();
    expect(peer.bytes).toHaveLength(PLENTY);
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
  });

  test('a handler that has ended its output finishes', async () => {
    const { shutdown, server } = await drainable(() => of('goodbye'));
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    await peer.end();
    shutdown.next();
    await turns();
    expect(server.all('stopped')).toEqual([]);
    peer.socket.end();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
    expect(peer.text).toBe('goodbye');
  });

  test('a handler that ends when it hears of the drain finishes', async () => {
    const { shutdown, server } = await drainable((connection) =>
      concat(
        of('hello '),
        connection.events.pipe(
          filter(({ type }) => type === 'draining'),
          take(1),
          map(() => 'goodbye'),
        ),
      ),
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.receives('hello ');
    shutdown.next();
    await peer.close();
    expect(peer.text).toBe('hello goodbye');
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
  });

  test('each connection hears of it, with the time that it has', async () => {
    const desk = new Desk();
    const { shutdown, server } = await drainable(desk.handler, { drainTimeout: 7_000 });
    const peers = await peersOf(server, 2);
    const heard = server.all('opened').map(({ connection }) => record(connection.events));
    await peers[0]?.send('question\n');
    await desk.has('question');
    shutdown.next();
    for (const events of heard) expect(events.values).toContainEqual({ type: 'draining', deadline: 7_000 });
    expect(server.all('draining')).toEqual([{ type: 'draining', open: 2, deadline: 7_000 }]);
  });

  test('a connection that says nothing more and gets no answer is let finish after a second of silence', async () => {
    let bytes = 0;
    let completed = false;
    const { clock, shutdown, server } = await drainable((connection) =>
      connection.incoming.pipe(
        tap({
          next: (chunk) => {
            bytes += chunk.length;
          },
          complete: () => {
            completed = true;
          },
        }),
        mergeMap(() => EMPTY),
      ),
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('a log line\n');
    await until(() => bytes === 11, 'the line');
    shutdown.next();
    clock.advance(900);
    await peer.send('another\n');
    await until(() => bytes === 19, 'the second line');
    clock.advance(900);
    await turns();
    expect(completed).toBe(false);
    clock.advance(2_000);
    expect(completed).toBe(true);
    await peer.close();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
    expect(clock.pending).toBe(0);
  });

  test('a failure of a handler during the drain is a failure, and the drain goes on', async () => {
    const failing = new Subject<never>();
    const { shutdown, server } = await drainable((connection) => connection.incoming.pipe(concatMap(() => failing)));
    const peers = await peersOf(server, 2);
    await peers[0]?.send('x');
    await until(() => failing.observed, 'the request');
    shutdown.next();
    failing.error(new Error('boom'));
    await Promise.all(peers.map((peer) => peer.close()));
    await server.recording.completion();
    expect(server.all('failed')).toHaveLength(1);
    expect((await server.one('stopped')).report).toMatchObject({ finished: 2, cut: [] });
  });

  test('a peer that goes during the drain has finished', async () => {
    const desk = new Desk();
    const { clock, shutdown, server } = await drainable(desk.handler);
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('one\n');
    await desk.has('one');
    shutdown.next();
    desk.answer('one');
    await peer.receives('one');
    peer.socket.destroy();
    await server.recording.completion();
    expect((await server.one('stopped')).report).toMatchObject({ cut: [] });
    expect(clock.pending).toBe(0);
  });
});

describe('at the deadline', () => {
  test('a hundred busy connections: those that can finish, the others are cut and reported with what was pending', async () => {
    const desk = new Desk();
    let stallNext = false;
    const { clock, shutdown, server } = await drainable(
      (connection) =>
        connection.incoming.pipe(
          lines(),
          mapAsync((line) =>
            stallNext && line.startsWith('much') ? Promise.resolve(Buffer.alloc(PLENTY)) : desk.ask(line),
          ),
        ),
      { maxQueued: 2 * PLENTY, drainTimeout: 5_000 },
    );
    stallNext = true;
    const peers = await peersOf(server, 100);
    const connections = new Map(
      server
        .all('opened')
        .map(({ connection }) => [
          connection.remote !== undefined && 'port' in connection.remote ? connection.remote.port : -1,
          connection,
        ]),
    );
    const stalled = peers.slice(90);
    for (const peer of stalled) peer.stall();
    await Promise.all(peers.map((peer, index) => peer.send(index < 90 ? `${index}\n` : `much ${index}\n`)));
    await Promise.all(peers.slice(0, 90).map((_peer, index) => desk.has(`${index}`)));
    await until(
      () => stalled.every(({ localPort }) => (connections.get(localPort ?? 0)?.bytesQueued ?? 0) > 0),
      'ten congestions',
    );
    shutdown.next();
    // Sixty are answered in time, thirty never, ten can't get rid of their answers.
    for (let index = 0; index < 60; index++) desk.answer(`${index}`);
    await Promise.all(peers.slice(0, 60).map((peer) => peer.close()));
    for (const [index, peer] of peers.slice(0, 60).entries()) expect(peer.text).toBe(`answer to ${index}\n`);
    await server.until('closed', 60);
    await turns(20);
    const pending = new Map(stalled.map(({ localPort }) => [localPort, connections.get(localPort ?? 0)?.bytesQueued]));
    clock.advance(4_999);
    await turns();
    expect(server.all('stopped')).toEqual([]);
    expect(server.all('closed')).toHaveLength(60);
    clock.advance(1);
    for (const peer of stalled) peer.socket.resume();
    await Promise.all(peers.map((peer) => peer.close()));
    await server.recording.completion();
    const { report } = await server.one('stopped');
    expect(report).toMatchObject({ finished: 60, unclaimed: 0, duration: 5_000 });
    expect(report.cut).toHaveLength(40);
    expect(
      new Set(report.cut.map(({ remote }) => (remote !== undefined && 'port' in remote ? remote.port : undefined))),
    ).toEqual(new Set(peers.slice(60).map(({ localPort }) => localPort)));
    for (const { remote, bytesPending } of report.cut) {
      expect(bytesPending).toBe(pending.get(remote !== undefined && 'port' in remote ? remote.port : 0) ?? 0);
    }
    expect(report.cut.filter(({ bytesPending }) => bytesPending > 0)).toHaveLength(10);
    const cut = server.all('closed').slice(60);
    for (const { info } of cut) expect([info.read, info.write]).toContain('cut');
    expect(server.all('failed')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('it is to the millisecond, and drainTimeout is what was said', async () => {
    const { clock, shutdown, server } = await drainable(new Desk().handler, { drainTimeout: 123 });
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('never\n');
    await until(() => server.all('opened')[0]?.connection.bytesRead === 6, 'the request');
    shutdown.next();
    clock.advance(122);
    await turns();
    expect(server.types).toEqual(['listening', 'opened', 'draining']);
    clock.advance(1);
    await peer.close();
    await server.recording.completion();
    expect((await server.one('stopped')).report).toMatchObject({
      finished: 0,
      cut: [{ bytesPending: 0 }],
      duration: 123,
    });
    expect(clock.pending).toBe(0);
  });

  test('an abort in the same turn reports what was cut once', async () => {
    const controller = new AbortController();
    const desk = new Desk();
    const { clock, shutdown, server } = await drainable(desk.handler, { signal: controller.signal });
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('never\n');
    await desk.has('never');
    shutdown.next();
    clock.advance(10_000);
    controller.abort();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{}] });
    expect((await server.one('stopped')).report.cut).toHaveLength(1);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  test('what is held is cut, too', async () => {
    const { clock, shutdown, server } = await drainable((connection) =>
      connection.incoming.pipe(tap(() => currentUpstream()?.hold())),
    );
    const [peer] = (await peersOf(server, 1)) as [RawPeer];
    await peer.send('x');
    await peer.receives('x');
    shutdown.next();
    await turns();
    expect(peer.ended).toBe(false);
    clock.advance(10_000);
    await peer.close();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{}] });
    expect(clock.pending).toBe(0);
  });

  test('a peer that was half-closed and does not end is not waited for longer than `closeTimeout`', async () => {
    const { clock, shutdown, server } = await drainable(echo, { drainTimeout: 60_000 });
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    await server.one('opened');
    shutdown.next();
    await peer.end();
    clock.advance(29_999);
    await turns();
    expect(server.all('stopped')).toEqual([]);
    clock.advance(1);
    await server.recording.completion();
    expect((await server.one('closed')).info).toMatchObject({ read: 'cut', write: 'cut' });
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{ bytesPending: 0 }] });
    expect(clock.pending).toBe(0);
  });
});

describe('the events', () => {
  test('stopped is the last one, after each connection’s closed; then it completes', async () => {
    const desk = new Desk();
    const { clock, shutdown, server } = await drainable(desk.handler);
    const peers = await peersOf(server, 3);
    await peers[0]?.send('never\n');
    await until(() => server.all('opened').some(({ connection }) => connection.bytesRead === 6), 'the request');
    shutdown.next();
    await server.until('closed', 2);
    clock.advance(10_000);
    await server.recording.completion();
    expect(server.types).toEqual([
      'listening',
      'opened',
      'opened',
      'opened',
      'draining',
      'closed',
      'closed',
      'closed',
      'stopped',
    ]);
  });

  test('who holds them gets them all later, and then the completion', async () => {
    const shutdown = new Subject<void>();
    const events: string[] = [];
    let release: (() => void) | undefined;
    let completed = false;
    const clock = new ManualClock();
    const transport = createNodeTransport({ clock });
    const flow: Observable<ServeEvent<unknown>> = serve({ port: 0, ...local, shutdown, transport }, echo);
    const subscription = flow.subscribe({
      next: ({ type }) => {
        events.push(type);
        if (type === 'draining') release = currentUpstream()?.hold();
      },
      complete: () => {
        completed = true;
      },
    });
    await until(() => events.includes('listening'), 'a server');
    shutdown.next();
    await turns();
    expect(events).toEqual(['listening', 'draining']);
    expect(completed).toBe(false);
    release?.();
    await until(() => completed, 'the completion');
    expect(events).toEqual(['listening', 'draining', 'stopped']);
    subscription.unsubscribe();
  });
});

test('a thousand connections, idle and busy, need no deeper stack', async () => {
  const desk = new Desk();
  const { clock, shutdown, server } = await drainable(desk.handler);
  const peers: RawPeer[] = [];
  for (let batch = 0; batch < 10; batch++) {
    peers.push(...(await Promise.all(Array.from({ length: 100 }, () => rawPeer(server.place)))));
  }
  await server.until('opened', 1_000);
  await Promise.all(peers.slice(0, 200).map((peer, index) => peer.send(`${index}\n`)));
  await Promise.all(peers.slice(0, 200).map((_peer, index) => desk.has(`${index}`)));
  shutdown.next();
  for (let index = 0; index < 200; index++) desk.answer(`${index}`);
  await server.recording.completion();
  expect((await server.one('stopped')).report).toEqual({ finished: 1_000, cut: [], unclaimed: 0, duration: 0 });
  expect(clock.pending).toBe(0);
});

describe('Server.close', () => {
  test('gives the report, closes what is idle, and completes everything', async () => {
    const { server, place, recording } = await listening();
    const connections = record(server.connections);
    const peers = [await rawPeer(place), await rawPeer(place)];
    await connections.count(2);
    for (const connection of connections.values) record(connection.incoming);
    const closing = server.close();
    await Promise.all(peers.map((peer) => peer.close()));
    expect(await closing).toMatchObject({ finished: 2, cut: [], unclaimed: 0 });
    await recording.completion();
    await connections.completion();
    expect(server.connectionCount).toBe(0);
    expect(tagOf(await record(connect({ ...local, ...(place as { port: number }) })).failure())).toBe(
      'ConnectionRefused',
    );
  });

  test('twice, in the middle and afterwards: the same report, and the earlier deadline', async () => {
    const clock = new ManualClock();
    const { server, place, recording } = await listening({ transport: createNodeTransport({ clock }) });
    const connections = record(server.connections);
    const peer = await rawPeer(place);
    const [connection] = await connections.count(1);
    record((connection as Connection).incoming);
    await peer.send('unanswered');
    await until(() => connection?.bytesRead === 10, 'the bytes');
    const first = server.close({ drainTimeout: 800 });
    const second = server.close({ drainTimeout: 50 });
    expect(second).toBe(first);
    expect(server.close({ drainTimeout: 5_000 })).toBe(first);
    expect(server.close()).toBe(first);
    clock.advance(49);
    await turns();
    expect(recording.ending).toBeUndefined();
    clock.advance(1);
    const report = await first;
    expect(await server.close()).toBe(report);
    await recording.completion();
    expect(clock.pending).toBe(0);
  });

  test('cuts at its own deadline what does not finish', async () => {
    const clock = new ManualClock();
    const { server, place } = await listening({ transport: createNodeTransport({ clock }), maxQueued: 2 * PLENTY });
    const connections = record(server.connections);
    const peer = await rawPeer(place);
    peer.stall();
    const [connection] = (await connections.count(1)) as [Connection];
    connection.write(Buffer.alloc(PLENTY));
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await turns(20);
    const pending = connection.bytesQueued;
    const closing = server.close({ drainTimeout: 300 });
    clock.advance(299);
    await turns();
    expect(server.connectionCount).toBe(1);
    clock.advance(1);
    expect(await closing).toMatchObject({ finished: 0, cut: [{ bytesPending: pending }], duration: 300 });
    expect(clock.pending).toBe(0);
  });

  test('of a server that has none: at once, in whatever turn', async () => {
    const flow = listen({ port: 0, ...local });
    const reports: DrainReport[] = [];
    const recording = record(
      flow.pipe(
        tap((server) => {
          void server.close().then((report) => reports.push(report));
        }),
      ),
    );
    await recording.completion();
    await turns(1);
    expect(reports).toMatchObject([{ finished: 0, cut: [], unclaimed: 0 }]);
  });

  test('after the connection’s owner ended it, is not waited for', async () => {
    const { server, place } = await listening();
    const connections = record(server.connections);
    const peer = await rawPeer(place);
    const [connection] = await connections.count(1);
    connection?.end('goodbye\n');
    await peer.receives('goodbye\n');
    await peer.end();
    expect(await server.close()).toMatchObject({ finished: 1, cut: [] });
  });

  test('a client of the library sees the end in order', async () => {
    const { server, place } = await listening();
    server.connections
      .pipe(mergeMap((connection) => connection.incoming.pipe(mergeMap(() => NEVER))))
      .subscribe({ error() {} });
    const { connection, recording } = await connected(place);
    const reading = record(connection.incoming);
    await until(() => server.connectionCount === 1, 'the connection');
    await server.close();
    await reading.completion();
    await recording.completion();
    expect(await record(connection.closed).completion()).toMatchObject([
      { read: 'fin', write: 'fin', failure: undefined },
    ]);
  });
});
