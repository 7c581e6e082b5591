// Whoever goes leaves nothing open and hears nothing any more, at whatever stage.
import { setMaxListeners } from 'node:events';

import * as fc from 'fast-check';
import { concat, finalize, mergeMap, NEVER, type Observable, of, Subject, type Subscription, tap } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  createNodeTransport,
  currentUpstream,
  lines,
  listen,
  type LookupFunction,
  mapAsync,
  sendTo,
  serve,
  type Server,
} from '../../src/index.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { ipcPath, type Place, type RawPeer, rawPeer, type RawServer, rawServer } from './support-failures/peers.ts';
import { record, Recording, tagOf } from './support-failures/record.ts';
import { listenersOf, openResources, untilOnly } from './support-failures/resources.ts';
import { connected, echo, listening, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

const local = { host: '127.0.0.1' };
const PLENTY = 16 * 1_048_576;

/** Subscribes, and knows what it hears after it has unsubscribed. */
class Leaver<T> {
  readonly values: T[] = [];
  readonly late: unknown[] = [];
  left = false;
  ended = false;
  private readonly subscription: Subscription;

  constructor(flow: Observable<T>, next: (value: T, leaver: Leaver<T>) => void = () => {}) {
    const hear = (what: unknown): void => {
      if (this.left) this.late.push(what);
    };
    this.subscription = flow.subscribe({
      next: (value) => {
        hear(value);
        this.values.push(value);
        next(value, this);
      },
      error: (error: unknown) => {
        hear(error);
        this.ended = true;
      },
      complete: () => {
        hear('complete');
        this.ended = true;
      },
    });
    if (this.left) this.subscription.unsubscribe();
    onTestFinished(() => this.subscription.unsubscribe());
  }

  leave(): void {
    this.left = true;
    // Not there yet while the flow emits within `subscribe`.
    (this.subscription as Subscription | undefined)?.unsubscribe();
  }
}

/** What is to be the same again afterwards. */
async function before(): Promise<{
  clock: ManualClock;
  transport: ReturnType<typeof createNodeTransport>;
  after: () => Promise<void>;
}> {
  const start = await openResources();
  const clock = new ManualClock();
  return {
    clock,
    transport: createNodeTransport({ clock }),
    after: async () => {
      await untilOnly(start);
      await turns();
      expect(clock.pending).toBe(0);
    },
  };
}

/** When to go after having subscribed. */
const moments: [string, () => Promise<void>][] = [
  ['in the same turn', async () => {}],
  ['in a microtask', () => Promise.resolve()],
  [
    'in the next tick',
    () =>
      new Promise((resolve) => {
        process.nextTick(resolve);
      }),
  ],
  ['in the next turn', () => turns(1)],
  ['two turns later', () => turns(2)],
];

describe('unsubscribing connect', () => {
  for (const [transportName, makeServer] of [
    ['TCP', () => rawServer({}, { allowHalfOpen: false })],
    ['IPC', () => rawServer({ path: ipcPath() }, { allowHalfOpen: false })],
  ] as [string, () => Promise<RawServer>][]) {
    const place = ({ server }: RawServer): Place => {
      const address = server.address();
      return typeof address === 'string' ? { path: address } : { port: (address as { port: number }).port };
    };

    test.each(moments)(`${transportName}: %s`, async (name, moment) => {
      const raw = await makeServer();
      const { transport, after } = await before();
      const target = place(raw);
      const leaver = new Leaver(connect({ ...local, ...target, transport } as Parameters<typeof connect>[0]));
      if (name !== 'in the same turn') await moment();
      leaver.leave();
      await after();
      expect(leaver.late).toEqual([]);
    });
  }

  test('during the lookup, which answers afterwards', async () => {
    const { port } = await rawServer();
    const { transport, after } = await before();
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (_host, { all }, answer) => {
      answers.push(() => answer(null, all === true ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4));
    };
    const leaver = new Leaver(connect({ host: 'slow.test', port, lookup, transport, connectTimeout: 1_000 }));
    await until(() => answers.length === 1, 'the lookup');
    leaver.leave();
    await turns();
    answers[0]?.();
    await turns();
    expect(leaver.late).toEqual([]);
    expect(leaver.values).toEqual([]);
    await after();
  });

  test('during the lookup, which fails afterwards', async () => {
    const { transport, after } = await before();
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (_host, _options, answer) => {
      answers.push(() => answer(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), ''));
    };
    const leaver = new Leaver(connect({ host: 'slow.test', port: 1, lookup, transport }));
    await until(() => answers.length === 1, 'the lookup');
    leaver.leave();
    answers[0]?.();
    await after();
    expect(leaver.late).toEqual([]);
  });

  test('before a refusal is seen', async () => {
    const { transport, after } = await before();
    const leaver = new Leaver(connect({ port: 1, ...local, transport }));
    leaver.leave();
    await after();
    expect(leaver.late).toEqual([]);
  });

  test('within the next that brings the connection', async () => {
    const raw = await rawServer();
    const { transport, after } = await before();
    const leaver = new Leaver(connect({ port: raw.port, ...local, transport }), (_connection, self) => self.leave());
    const peer = await raw.peer();
    await peer.end();
    peer.socket.destroy();
    await after();
    expect(leaver.values).toHaveLength(1);
    expect(leaver.late).toEqual([]);
  });

  /** What a connection may be doing when its owner goes; gives observers that must hear nothing afterwards. */
  const stages: [string, (connection: Connection, peer: RawPeer) => Promise<Leaver<unknown>[]>][] = [
    ['while it does nothing', () => Promise.resolve([])],
    ['while it reads', (connection) => Promise.resolve([new Leaver(connection.closed.pipe(mergeMap(() => NEVER)))])],
    [
      'in the middle of a write, its peer stalled',
      async (connection, peer) => {
        peer.stall();
        connection.write(Buffer.alloc(900_000));
        for (let each = 0; each < 100 && connection.bytesQueued < 900_000; each++)
          connection.write(Buffer.alloc(100_000));
        await turns();
        expect(connection.bytesQueued).toBeGreaterThan(0);
        return [];
      },
    ],
    [
      'half-closed by us',
      async (connection, peer) => {
        connection.end('bye');
        await peer.end();
        return [];
      },
    ],
    [
      'half-closed by its peer',
      async (connection, peer) => {
        const reading = new Recording(connection.incoming);
        peer.socket.end();
        await reading.end();
        return [];
      },
    ],
    [
      'held',
      async (connection, peer) => {
        const held = new Recording(connection.incoming.pipe(tap(() => currentUpstream()?.hold())));
        await peer.send('x');
        await held.count(1);
        await peer.send('y');
        await turns();
        return [];
      },
    ],
  ];

  test.each(stages)('%s', async (_name, act) => {
    const raw = await rawServer();
    const { clock, transport, after } = await before();
    const { connection, recording } = await connected(
      { port: raw.port },
      { transport, allowHalfOpen: true, idleTimeout: 9_000 },
    );
    connection.setTimeout(5_000);
    expect(clock.pending).toBe(2);
    const peer = await raw.peer();
    const leavers = await act(connection, peer);
    for (const leaver of leavers) leaver.leave();
    recording.unsubscribe();
    const heard = recording.values.length;
    peer.socket.resume();
    await peer.end();
    peer.socket.destroy();
    await after();
    expect(recording.values).toHaveLength(heard);
    expect(recording.ending).toBeUndefined();
    for (const leaver of leavers) expect(leaver.late).toEqual([]);
    // Its ledger is told to who asks.
    expect(await record(connection.closed).completion()).toHaveLength(1);
  });

  /** Pipelines over a connection: each is subscribed together with the dial and left in the middle of its work. */
  const pipelines: [string, (connection: Connection, log: string[]) => Observable<unknown>][] = [
    ['incoming', (connection) => connection.incoming],
    ['lines', (connection) => connection.incoming.pipe(lines())],
    [
      'lines, held',
      (connection) =>
        connection.incoming.pipe(
          lines(),
          tap(() => currentUpstream()?.hold()),
        ),
    ],
    [
      'mapAsync at work',
      (connection, log) =>
        connection.incoming.pipe(
          lines(),
          mapAsync(
            (_line, signal) =>
              new Promise<never>(() => {
                signal.addEventListener('abort', () => log.push('aborted'));
              }),
            { concurrency: 1 },
          ),
        ),
    ],
    ['send of a source without end', (connection) => connection.send(concat(of('x'), NEVER))],
    ['send that is stalled', (connection) => connection.send(of(Buffer.alloc(PLENTY)))],
    ['an echo', (connection) => connection.incoming.pipe(sendTo(connection))],
    ['events', (connection) => connection.events],
    ['closed', (connection) => connection.closed],
  ];

  test.each(pipelines)('in the middle of %s', async (name, pipeline) => {
    const raw = await rawServer();
    const { transport, after } = await before();
    const log: string[] = [];
    let finalized = 0;
    const leaver = new Leaver(
      connect({ port: raw.port, ...local, transport }).pipe(
        mergeMap((connection) => pipeline(connection, log).pipe(finalize(() => finalized++))),
      ),
    );
    const peer = await raw.peer();
    peer.stall();
    await peer.send('one\ntwo\nthree');
    await turns(10);
    leaver.leave();
    expect(finalized).toBe(1);
    peer.socket.resume();
    await peer.send('four\n').catch(() => {});
    await until(() => peer.ended || peer.closed, 'the end');
    peer.socket.destroy();
    await after();
    expect(leaver.late).toEqual([]);
    if (name === 'mapAsync at work') expect(log).toEqual(['aborted']);
  });

  test('a reading alone leaves the connection, which hears nothing more and writes on', async () => {
    const raw = await rawServer();
    const { connection } = await connected({ port: raw.port });
    const leaver = new Leaver(connection.incoming);
    const peer = await raw.peer();
    await peer.send('x');
    await until(() => leaver.values.length === 1, 'a chunk');
    leaver.leave();
    await peer.send('y');
    connection.write('still here');
    await peer.receives('still here');
    await turns();
    expect(leaver.late).toEqual([]);
    const [rest] = await record(connection.incoming).count(1);
    expect(String(rest)).toBe('y');
  });

  test('a send alone stops its source and leaves the connection; what was written stays written', async () => {
    const raw = await rawServer();
    const { connection } = await connected({ port: raw.port });
    const source = new Subject<string>();
    const leaver = new Leaver(connection.send(source));
    source.next('x');
    leaver.leave();
    expect(source.observed).toBe(false);
    source.next('y');
    connection.end('z');
    const peer = await raw.peer();
    await peer.end();
    expect(peer.text).toBe('xz');
    expect(leaver.late).toEqual([]);
  });
});

describe.each<[string, (options: { port: number; host: string }) => Observable<unknown>]>([
  ['listen', (options) => listen(options)],
  ['serve', (options) => serve(options, echo)],
])('unsubscribing %s', (_name, open) => {
  test.each(moments)('%s', async (name, moment) => {
    const { transport, after } = await before();
    const leaver = new Leaver(open({ port: 0, ...local, transport } as { port: number; host: string }));
    if (name !== 'in the same turn') await moment();
    leaver.leave();
    await after();
    expect(leaver.late).toEqual([]);
    expect(leaver.ended).toBe(false);
  });

  test('within its first event', async () => {
    const { after } = await before();
    const leaver = new Leaver(open({ port: 0, ...local }), (_event, self) => self.leave());
    await until(() => leaver.left, 'the first event');
    await after();
    expect(leaver.values).toHaveLength(1);
    expect(leaver.late).toEqual([]);
  });

  test('frees the port at once', async () => {
    const first = record(open({ port: 0, ...local }));
    const [event] = await first.count(1);
    const { address } = event as { address: { port: number } };
    first.unsubscribe();
    await record(open({ port: address.port, ...local })).count(1);
  });
});

describe('unsubscribing a server with connections', () => {
  test('destroys those that have not been taken, and those that have', async () => {
    const { after } = await before();
    const { server, place, recording } = await listening();
    const first = await rawPeer(place);
    const second = await rawPeer(place);
    await until(() => server.connectionCount === 2, 'the connections');
    const taken = new Leaver(server.connections);
    await until(() => taken.values.length === 2, 'the connections to be taken');
    const reading = record((taken.values[0] as Connection).incoming);
    const third = await rawPeer(place);
    await until(() => taken.values.length === 3, 'the third');
    recording.unsubscribe();
    await Promise.all([first, second, third].map((peer) => peer.close()));
    expect(tagOf(await reading.failure())).toBe('ConnectionClosed');
    await after();
    expect(recording.ending).toBeUndefined();
  });

  const handlers: [string, (connection: Connection, log: string[]) => Observable<Chunk>][] = [
    ['reads', (connection) => connection.incoming],
    ['does nothing', () => NEVER],
    ['only writes', () => concat(of('x'), NEVER)],
    ['reads lines', (connection) => connection.incoming.pipe(lines())],
    ['holds', (connection) => connection.incoming.pipe(tap(() => currentUpstream()?.hold()))],
    [
      'works',
      (connection, log) =>
        connection.incoming.pipe(
          mapAsync(
            (_chunk, signal) =>
              new Promise<string>(() => {
                signal.addEventListener('abort', () => log.push('aborted'));
              }),
          ),
        ),
    ],
    ['is stalled in its answer', () => concat(of(Buffer.alloc(900_000)), NEVER)],
    ['has ended its output', () => of('x')],
  ];

  test.each(handlers)('whose handler %s', async (name, handler) => {
    const { transport, after } = await before();
    const log: string[] = [];
    const heard: string[] = [];
    let finalized = 0;
    const server = await serving(
      (connection) =>
        handler(connection, log).pipe(
          tap({
            next: () => heard.push('next'),
            error: () => heard.push('error'),
            complete: () => heard.push('complete'),
          }),
          finalize(() => finalized++),
        ),
      { transport, maxQueued: 2 * PLENTY },
    );
    const peer = await rawPeer(server.place, { allowHalfOpen: true });
    peer.stall();
    await server.one('opened');
    await peer.send('a\nb\nc');
    await turns(10);
    const heardBefore = heard.length;
    const events = server.types.length;
    server.unsubscribe();
    peer.socket.resume();
    await until(() => peer.ended || peer.closed, 'the close');
    peer.socket.destroy();
    await after();
    expect(finalized).toBe(1);
    expect(heard.slice(heardBefore)).toEqual([]);
    expect(server.types).toHaveLength(events);
    expect(server.recording.ending).toBeUndefined();
    if (name === 'works') expect(log).toEqual(['aborted']);
  });

  test('within an event: opened', async () => {
    const { after } = await before();
    let handled = 0;
    const leaver = new Leaver(
      serve({ port: 0, ...local }, (connection) => {
        handled++;
        return connection.incoming;
      }),
      (event, self) => {
        if (event.type === 'opened') self.leave();
      },
    );
    await until(() => leaver.values.length === 1, 'it to listen');
    const [event] = leaver.values;
    if (event?.type !== 'listening' || !('port' in event.address)) throw new Error('no port');
    const peer = await rawPeer({ port: event.address.port });
    await peer.close();
    await after();
    expect(handled).toBe(0);
    expect(leaver.late).toEqual([]);
  });

  test('during a drain', async () => {
    const { transport, after } = await before();
    const shutdown = new Subject<void>();
    const server = await serving(
      (connection) => connection.incoming.pipe(mapAsync(() => new Promise<string>(() => {}))),
      {
        shutdown,
        transport,
      },
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await until(() => server.all('opened')[0]?.connection.bytesRead === 1, 'the request');
    shutdown.next();
    await server.one('draining');
    server.unsubscribe();
    await peer.close();
    await after();
    expect(server.types).toEqual(['listening', 'opened', 'draining']);
    expect(shutdown.observed).toBe(false);
  });

  test('settles the promise of Server.close', async () => {
    const { transport, after } = await before();
    const { server, place, recording } = await listening({ transport });
    const connections = record(server.connections);
    await rawPeer(place);
    const [connection] = await connections.count(1);
    record((connection as Connection).incoming);
    (connection as Connection).write('x');
    const closing = server.close();
    recording.unsubscribe();
    await closing;
    await connections.completion();
    await after();
  });
});

describe('an AbortSignal of connect', () => {
  const reason = new Error('enough');

  test('that is aborted already: nothing is dialled', async () => {
    const raw = await rawServer();
    const { transport, after } = await before();
    const signal = AbortSignal.abort(reason);
    const recording = record(connect({ port: raw.port, ...local, signal, transport }));
    await expect(recording.failure()).resolves.toMatchObject({
      _tag: 'ConnectionAborted',
      code: 'ABORT_ERR',
      cause: reason,
    });
    await turns();
    expect(raw.peers).toEqual([]);
    expect(listenersOf(signal)).toBe(0);
    await after();
  });

  test.each(moments.slice(0, 3))('%s', async (name, moment) => {
    const raw = await rawServer({}, { allowHalfOpen: false });
    const { transport, after } = await before();
    const controller = new AbortController();
    const recording = record(connect({ port: raw.port, ...local, signal: controller.signal, transport }));
    if (name !== 'in the same turn') await moment();
    controller.abort(reason);
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'ConnectionAborted', cause: reason });
    expect(recording.values).toEqual([]);
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('during the lookup', async () => {
    const { transport, after } = await before();
    const controller = new AbortController();
    let asked = 0;
    const options = { host: 'slow.test', port: 1, lookup: () => void asked++, signal: controller.signal, transport };
    const recording = record(connect(options));
    await until(() => asked === 1, 'the lookup');
    controller.abort(reason);
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'ConnectionAborted', cause: reason });
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('afterwards destroys the connection and completes', async () => {
    const raw = await rawServer();
    const { transport, after } = await before();
    const controller = new AbortController();
    const { connection, recording } = await connected({ port: raw.port }, { signal: controller.signal, transport });
    const reading = record(connection.incoming);
    const sending = record(connection.send(NEVER));
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort(reason);
    await recording.completion();
    await expect(reading.failure()).resolves.toMatchObject({ _tag: 'ConnectionAborted', cause: reason });
    await expect(sending.failure()).resolves.toMatchObject({ _tag: 'ConnectionAborted', cause: reason });
    expect(await record(connection.closed).completion()).toMatchObject([
      { read: 'aborted', write: 'aborted', failure: { _tag: 'ConnectionAborted' } },
    ]);
    const peer = await raw.peer();
    await peer.end();
    peer.socket.destroy();
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test.each<[string, (connection: Connection, recording: { unsubscribe(): void }, peer: RawPeer) => void]>([
    ['unsubscribed', (_connection, recording) => recording.unsubscribe()],
    ['destroyed', (connection) => connection.destroy()],
    ['reset by its peer', (connection, _recording, peer) => (new Recording(connection.incoming), peer.reset())],
  ])('is left alone by a connection that was %s', async (_name, close) => {
    const raw = await rawServer();
    const controller = new AbortController();
    const { connection, recording } = await connected({ port: raw.port }, { signal: controller.signal });
    close(connection, recording, await raw.peer());
    await record(connection.closed).completion();
    expect(listenersOf(controller.signal)).toBe(0);
    controller.abort();
    await turns();
  });

  test('one signal for many connections', async () => {
    const raw = await rawServer({}, { allowHalfOpen: false });
    const { transport, after } = await before();
    const controller = new AbortController();
    // More than ten listeners are no leak here.
    setMaxListeners(0, controller.signal);
    const many = await Promise.all(
      Array.from({ length: 50 }, () => connected({ port: raw.port }, { signal: controller.signal, transport })),
    );
    controller.abort();
    await Promise.all(many.map(({ recording }) => recording.completion()));
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });
});

describe('an AbortSignal of a server', () => {
  test('that is aborted already: listen completes and nothing is opened', async () => {
    const { after } = await before();
    const signal = AbortSignal.abort();
    const recording = record(listen({ port: 0, ...local, signal }));
    expect(await recording.completion()).toEqual([]);
    expect(listenersOf(signal)).toBe(0);
    await after();
  });

  test('that is aborted already: serve tells that it has stopped', async () => {
    const { after } = await before();
    const recording = record(serve({ port: 0, ...local, signal: AbortSignal.abort() }, echo));
    expect(await recording.completion()).toMatchObject([
      { type: 'stopped', report: { finished: 0, cut: [], unclaimed: 0 } },
    ]);
    await after();
  });

  test.each(moments.slice(0, 2))('while it binds: %s', async (name, moment) => {
    const { after } = await before();
    const controller = new AbortController();
    const recording = record(listen({ port: 0, ...local, signal: controller.signal }));
    if (name !== 'in the same turn') await moment();
    controller.abort();
    await recording.completion();
    expect(recording.values.length).toBeLessThan(2);
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('of listen closes it, destroys its connections and completes', async () => {
    const { transport, after } = await before();
    const controller = new AbortController();
    const { server, place, recording } = await listening({ signal: controller.signal, transport });
    const connections = record(server.connections);
    const peers = [await rawPeer(place), await rawPeer(place)];
    await connections.count(2);
    const reading = record((connections.values[0] as Connection).incoming);
    controller.abort();
    await Promise.all(peers.map((peer) => peer.close()));
    await recording.completion();
    await connections.completion();
    await reading.failure();
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('of serve destroys its connections at once, tells of each, and completes', async () => {
    const { transport, after } = await before();
    const controller = new AbortController();
    const server = await serving(echo, { signal: controller.signal, transport });
    const peers = [await rawPeer(server.place), await rawPeer(server.place)];
    await server.until('opened', 2);
    controller.abort();
    await Promise.all(peers.map((peer) => peer.close()));
    await server.recording.completion();
    expect(server.types).toEqual(['listening', 'opened', 'opened', 'closed', 'closed', 'stopped']);
    for (const { info } of server.all('closed'))
      expect(info).toMatchObject({ read: 'aborted', write: 'aborted', failure: undefined });
    // They did not finish.
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{}, {}] });
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('during a drain ends the waiting', async () => {
    const { transport, after } = await before();
    const controller = new AbortController();
    const shutdown = new Subject<void>();
    const server = await serving(
      (connection) => connection.incoming.pipe(mapAsync(() => new Promise<string>(() => {}))),
      {
        signal: controller.signal,
        shutdown,
        transport,
      },
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await until(() => server.all('opened')[0]?.connection.bytesRead === 1, 'the request');
    shutdown.next();
    await server.one('draining');
    await turns();
    expect(server.all('stopped')).toEqual([]);
    controller.abort();
    await peer.close();
    expect((await server.one('stopped')).report).toMatchObject({ finished: 0, cut: [{}] });
    await server.recording.completion();
    expect(listenersOf(controller.signal)).toBe(0);
    await after();
  });

  test('is left alone by a server that was unsubscribed, closed or failed', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const first = await listening({ signal });
    const second = await listening({ signal });
    const { port } = first.place as { port: number };
    const third = record(listen({ port, ...local, signal }));
    await third.failure();
    // They share one.
    expect(listenersOf(signal)).toBe(1);
    first.recording.unsubscribe();
    await second.server.close();
    await second.recording.completion();
    await turns();
    expect(listenersOf(signal)).toBe(0);
    controller.abort();
  });

  test('shutdown’s listener goes with the server', async () => {
    const controller = new AbortController();
    const first = await serving(echo, { shutdown: controller.signal });
    const second = await serving(echo, { shutdown: controller.signal });
    // They share one.
    expect(listenersOf(controller.signal)).toBe(1);
    first.unsubscribe();
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort();
    await second.recording.completion();
    expect(listenersOf(controller.signal)).toBe(0);
  });
});

describe('any order of operations', () => {
  /** One end of a connection, and what was begun on it. */
  class End {
    readonly connection: Connection;
    private reading: Subscription | undefined = undefined;
    private readonly sends: Subscription[] = [];
    private readonly sources: Subject<Chunk>[] = [];
    private readonly releases: (() => void)[] = [];
    private holdNext = false;
    /** What has to settle, by name. */
    readonly pending = new Map<string, boolean>();

    constructor(connection: Connection) {
      this.connection = connection;
      this.follow('closed', connection.closed);
      this.follow('events', connection.events);
    }

    private follow(name: string, flow: Observable<unknown>): Subscription {
      const key = `${name} ${this.pending.size}`;
      this.pending.set(key, true);
      return flow
        .pipe(finalize(() => this.pending.set(key, false)))
        .subscribe({ next: () => this.whenNext(name), error: () => {} });
    }

    private whenNext(name: string): void {
      if (name !== 'incoming' || !this.holdNext) return;
      this.holdNext = false;
      const release = currentUpstream()?.hold();
      if (release !== undefined) this.releases.push(release);
    }

    do(operation: Operation): void {
      const { connection } = this;
      switch (operation) {
        case 'write':
          connection.write('some text');
          break;
        case 'write much':
          connection.write(Buffer.alloc(700_000));
          break;
        case 'end':
          connection.end();
          break;
        case 'destroy':
          connection.destroy();
          break;
        case 'reset':
          connection.reset();
          break;
        case 'dispose':
          this.pending.set('dispose', true);
          void connection[Symbol.asyncDispose]().then(() => this.pending.set('dispose', false));
          break;
        case 'read':
          this.reading ??= this.follow('incoming', connection.incoming);
          break;
        case 'stop reading':
          this.reading?.unsubscribe();
          this.reading = undefined;
          break;
        case 'hold':
          this.holdNext = true;
          break;
        case 'release':
          this.releases.pop()?.();
          break;
        case 'send':
          this.sends.push(this.follow('send', connection.send(of('a', Buffer.alloc(100_000), 'b'))));
          break;
        case 'send for ever': {
          const source = new Subject<Chunk>();
          this.sources.push(source);
          this.sends.push(this.follow('send', connection.send(source)));
          source.next('begun');
          break;
        }
        case 'stop sending':
          this.sends.pop()?.unsubscribe();
          break;
        case 'complete sending':
          this.sources.pop()?.complete();
          break;
        case 'set a timeout':
          connection.setTimeout(500);
          break;
        case 'echo':
          if (this.reading === undefined)
            this.reading = this.follow('echo', connection.incoming.pipe(sendTo(connection)));
          break;
        case 'read lines':
          if (this.reading === undefined)
            this.reading = this.follow('incoming', connection.incoming.pipe(lines({ maxLength: 1_000_000 })));
          break;
        default:
          throw new Error(operation satisfies never);
      }
    }

    releaseAll(): void {
      this.holdNext = false;
      for (let release = this.releases.pop(); release !== undefined; release = this.releases.pop()) release();
    }

    /** What has not come to its end. */
    get unsettled(): string[] {
      return [...this.pending].flatMap(([name, isPending]) => (isPending ? [name] : []));
    }
  }

  const operations = [
    'write',
    'write much',
    'end',
    'destroy',
    'reset',
    'dispose',
    'read',
    'read lines',
    'echo',
    'stop reading',
    'hold',
    'release',
    'send',
    'send for ever',
    'stop sending',
    'complete sending',
    'set a timeout',
  ] as const;
  type Operation = (typeof operations)[number];

  /** What ends it in the end. */
  const endings = ['unsubscribe both', 'abort', 'close the server', 'destroy the client', 'destroy the other'] as const;

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ end: fc.constantFrom(0, 1), operation: fc.constantFrom(...operations) }) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 1, arbitrary: fc.constant('time' as const) },
  );

  async function play(
    steps: readonly ('turn' | 'time' | { end: number; operation: Operation })[],
    ending: (typeof endings)[number],
    options: { allowHalfOpen: boolean; ipc: boolean },
  ): Promise<void> {
    const clock = new ManualClock();
    const transport = createNodeTransport({ clock });
    const controller = new AbortController();
    const { signal } = controller;
    const common = { transport, allowHalfOpen: options.allowHalfOpen, signal, maxQueued: 1_000_000 };
    const ends: End[] = [];
    const serverEnds: Promise<End>[] = [];
    let server: Server | undefined;
    const place = options.ipc ? { path: ipcPath() } : { port: 0, ...local };
    const serverSubscription = listen({ ...common, ...place }).subscribe((listeningServer) => {
      server = listeningServer;
      listeningServer.connections.subscribe((connection) => serverEnds.push(Promise.resolve(new End(connection))));
    });
    await until(() => server !== undefined, 'the server');
    const { address } = server as unknown as Server;
    const target = 'port' in address ? { port: address.port, ...local } : { path: address.path };
    const clientSubscription = connect({ ...common, ...target }).subscribe((connection) =>
      ends.push(new End(connection)),
    );
    await until(() => ends.length === 1 && serverEnds.length === 1, 'the connection');
    ends.push(await (serverEnds[0] as Promise<End>));

    for (const each of steps) {
      if (each === 'time') clock.advance(300);
      else if (each === 'turn') await turns(1);
      else ends[each.end]?.do(each.operation);
    }

    let closed: Promise<unknown> | undefined;
    if (ending === 'abort') controller.abort();
    else if (ending === 'close the server') closed = server?.close({ drainTimeout: 1_000 });
    else if (ending === 'destroy the client') ends[0]?.connection.destroy();
    else if (ending === 'destroy the other') ends[1]?.connection.reset();
    await turns(2);
    if (ending === 'close the server') {
      // What holds up the drain is cut at its end.
      clock.advance(1_000);
      await closed;
    }
    clientSubscription.unsubscribe();
    serverSubscription.unsubscribe();
    // Who holds for ever hears of no end: what came before it has to come first.
    for (const end of ends) end.releaseAll();
    await until(
      () => ends.every(({ unsettled }) => unsettled.length === 0),
      () => `everything to settle; left are ${JSON.stringify(ends.map(({ unsettled }) => unsettled))}`,
    );
    await until(
      () => clock.pending === 0,
      () => `${clock.pending} timers to go`,
    );
    await until(() => listenersOf(signal) === 0, 'the signal to be left alone');
    for (const { connection } of ends) {
      const [info] = new Recording(connection.closed).values;
      expect(info).toBeDefined();
      expect(connection.write('late')).toBe(false);
    }
  }

  test('leaves nothing open and nothing pending', { timeout: 60_000 }, async () => {
    const start = await openResources();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.constantFrom(...endings),
        fc.record({ allowHalfOpen: fc.boolean(), ipc: fc.boolean() }),
        play,
      ),
      { numRuns: 500, endOnFailure: true },
    );
    await untilOnly(start);
  });
});
