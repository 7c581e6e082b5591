import {
  concatMap as rxConcatMap,
  finalize,
  map,
  merge as rxMerge,
  mergeMap as rxMergeMap,
  NEVER,
  Observable,
  type ObservableInput,
  of,
  share,
  take,
  timer,
} from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';

import {
  type Chunk,
  type Connection,
  deadline,
  type Defect,
  defineFraming,
  framed,
  idleTimeout,
  lines,
  mapAsync,
  paced,
  rateLimit,
  readTimeout,
  type ServeEvent,
  type ServeOptions,
  timeouts,
  toAsyncIterable,
  toDuplex,
  toReadableStream,
} from '../../../src/index.ts';
import { combineLatest, concatMap, merge, mergeMap, race, switchMap, zip } from '../../../src/rx.ts';
import { buffer } from '../../../src/strategies.ts';
import { type RawPeer, rawPeer, serving, type Serving } from '../support/sockets.ts';
import { turn, until } from '../support/wait.ts';
import { Bomb, misreported, watchProcess } from './support.ts';

/** A handler in which one function of the program throws. The peer has sent two lines when a path begins. */
type Handler = (connection: Connection, bomb: () => never, took: (error: unknown) => void) => ObservableInput<Chunk>;

/** A flow that never ends by itself, with a teardown that throws. */
const untilUnsubscribed = (bomb: () => never): Observable<never> => new Observable(() => bomb);

const handlers: Record<string, Handler> = {
  'a finalize behind incoming': ({ incoming }, bomb) => incoming.pipe(finalize(bomb)),
  'a finalize before idleTimeout': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), idleTimeout(60)),
  'a finalize before deadline': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), deadline(90)),
  'a finalize before readTimeout': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), readTimeout(60)),
  'a finalize before timeouts': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), timeouts({ idle: 60 })),
  'a finalize behind idleTimeout': ({ incoming }, bomb) => incoming.pipe(idleTimeout(60), finalize(bomb)),
  'a finalize behind two limits': ({ incoming }, bomb) => incoming.pipe(idleTimeout(70), deadline(60), finalize(bomb)),
  'two finalizes': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), lines(), finalize(bomb)),
  'a finalize behind take': ({ incoming }, bomb) => incoming.pipe(take(1), finalize(bomb)),
  'a finalize before take': ({ incoming }, bomb) => incoming.pipe(finalize(bomb), take(1)),
  'a finalize behind lines': ({ incoming }, bomb) => incoming.pipe(lines(), finalize(bomb)),
  'a teardown of an Observable': ({ incoming }, bomb) => rxMerge(incoming, untilUnsubscribed(bomb)),
  'a teardown that is added': ({ incoming }, bomb) =>
    new Observable<Chunk>((subscriber) => {
      subscriber.add(bomb);
      incoming.subscribe(subscriber);
    }),
  'a finally of a generator': ({ incoming }, bomb) =>
    incoming.pipe(
      concatMap(function* () {
        try {
          for (;;) yield 'x'.repeat(1_000);
        } finally {
          bomb();
        }
      }),
    ),
  'a finally of an async generator': async function* ({ incoming }, bomb) {
    try {
      for await (const chunk of toAsyncIterable(incoming)) yield chunk;
    } finally {
      bomb();
    }
  },
  'a map': ({ incoming }, bomb) => incoming.pipe(map(bomb)),
  'a handler that throws': (_connection, bomb) => bomb(),
  'an async handler': async (_connection, bomb) => {
    await turn();
    return bomb();
  },
  'an async handler that destroys first': async (connection, bomb) => {
    await turn();
    connection.destroy();
    return bomb();
  },
  'a proxy that is returned': (_connection, bomb) =>
    new Proxy({}, { get: bomb, has: bomb, getPrototypeOf: bomb }) as never,
  'a getter of what is returned': (_connection, bomb) =>
    ({
      // oxlint-disable-next-line unicorn/no-thenable -- the very thing under test
      get then() {
        return bomb();
      },
    }) as never,
  // oxlint-disable-next-line unicorn/no-thenable -- the very thing under test
  'a then that throws': (_connection, bomb) => ({ then: bomb }) as never,
  'an iterator that throws': (_connection, bomb) => ({ [Symbol.iterator]: bomb }) as never,
  'an async iterator that throws': (_connection, bomb) => ({ [Symbol.asyncIterator]: bomb }) as never,
  'a subscribe function': (_connection, bomb) => new Observable<never>(bomb),
  'a finalize of what is sent': (connection, bomb) =>
    connection.incoming.pipe(rxMergeMap((chunk) => connection.send(of(chunk).pipe(finalize(bomb))))),
  'a finalize behind a send': (connection, bomb) =>
    connection.incoming.pipe(rxMergeMap((chunk) => connection.send(of(chunk)).pipe(finalize(bomb)))),
  'a send that the handler subscribes to': (connection, bomb) => {
    connection
      .send(of('hello\n'))
      .pipe(finalize(bomb))
      .subscribe({ error: () => {} });
    return connection.incoming;
  },
  'several sends': (connection, bomb) => {
    for (let i = 0; i < 3; i++)
      connection
        .send(of('hello\n'))
        .pipe(finalize(bomb))
        .subscribe({ error: () => {} });
    return connection.incoming;
  },
  'sends that go on': (connection, bomb) => {
    for (let i = 0; i < 3; i++) {
      connection
        .send(NEVER)
        .pipe(finalize(bomb))
        .subscribe({ error: () => {} });
    }
    return connection.incoming;
  },
  "a teardown in RxJS's mergeMap": ({ incoming, closed }, bomb) =>
    incoming.pipe(rxMergeMap(() => closed.pipe(map(String), finalize(bomb)))),
  "a teardown in RxJS's concatMap of a timer": ({ incoming }, bomb) =>
    incoming.pipe(rxConcatMap(() => rxMerge(of('x'), untilUnsubscribed(bomb)))),
  'a teardown in mergeMap': ({ incoming }, bomb) => incoming.pipe(mergeMap(() => of('x').pipe(finalize(bomb)))),
  'a teardown in mergeMap with a concurrency': ({ incoming }, bomb) =>
    incoming.pipe(
      lines(),
      mergeMap(() => timer(5).pipe(map(String), finalize(bomb)), 1),
    ),
  'a teardown in concatMap': ({ incoming }, bomb) => incoming.pipe(concatMap(() => of('x').pipe(finalize(bomb)))),
  'a teardown in switchMap': ({ incoming }, bomb) =>
    incoming.pipe(
      lines(),
      switchMap(() => untilUnsubscribed(bomb)),
    ),
  'a teardown in merge': ({ incoming }, bomb) => merge(incoming, untilUnsubscribed(bomb)),
  'a teardown in zip': ({ incoming }, bomb) => zip(incoming, untilUnsubscribed(bomb)).pipe(map(([chunk]) => chunk)),
  'a teardown in combineLatest': ({ incoming }, bomb) =>
    combineLatest([incoming, untilUnsubscribed(bomb)]).pipe(map(([chunk]) => chunk)),
  'a teardown in race': ({ incoming }, bomb) => race(incoming, untilUnsubscribed(bomb)),
  'a mapAsync that throws': ({ incoming }, bomb) => incoming.pipe(mapAsync(bomb)),
  'a mapAsync that rejects': ({ incoming }, bomb) =>
    incoming.pipe(
      mapAsync(async () => {
        await turn();
        return bomb();
      }),
    ),
  'a listener of the signal of mapAsync': ({ incoming }, bomb) =>
    incoming.pipe(
      mapAsync((_chunk, signal) => {
        signal.addEventListener('abort', bomb);
        return new Promise<string>(() => {});
      }),
    ),
  'a teardown in mapAsync': ({ incoming }, bomb) => incoming.pipe(mapAsync(() => of('x').pipe(finalize(bomb)))),
  'a teardown before mapAsync': ({ incoming }, bomb) =>
    incoming.pipe(
      finalize(bomb),
      mapAsync(async (chunk) => {
        await turn();
        return chunk;
      }),
    ),
  'a teardown before rateLimit': ({ incoming }, bomb) =>
    incoming.pipe(finalize(bomb), rateLimit({ bytesPerSecond: 1_000_000 })),
  'a teardown before paced(buffer)': ({ incoming }, bomb) =>
    incoming.pipe(finalize(bomb), lines(), paced(buffer({ limit: 10, overflow: 'fail' }))),
  'a teardown in a share': ({ incoming }, bomb) => {
    const shared = incoming.pipe(finalize(bomb), share());
    return rxMerge(shared, shared.pipe(take(1)));
  },
  'an observer of events': (connection, bomb, took) => {
    connection.events.pipe(map(bomb)).subscribe({ error: took });
    return connection.incoming;
  },
  'a teardown of events': (connection, bomb) => {
    for (let i = 0; i < 3; i++) connection.events.pipe(finalize(bomb)).subscribe();
    return connection.incoming;
  },
  'a teardown of closed': (connection, bomb) => {
    for (let i = 0; i < 3; i++) connection.closed.pipe(finalize(bomb)).subscribe();
    return connection.incoming;
  },
  'a subscription of its own': ({ incoming }, bomb) => {
    incoming.subscribe({ error: () => {} }).add(bomb);
    return NEVER;
  },
  'a decoder': (connection, bomb) => {
    const framing = defineFraming<string, string>({
      decoder: () => ({ decode: bomb }),
      encode: (text) => text,
      maxLength: 100,
    });
    return connection.incoming.pipe(framing);
  },
  'an encoder': (connection, bomb) => {
    const framing = defineFraming<string, string>({
      decoder: () => ({ decode: () => 'x' }),
      encode: bomb,
      maxLength: 100,
    });
    return framed(connection, framing).send(of('hello'));
  },
  'a loop over incoming': async function* ({ incoming }, bomb) {
    for await (const _chunk of toAsyncIterable(incoming.pipe(finalize(bomb)))) yield 'x';
  },
  'a web stream': ({ incoming }, bomb) => toReadableStream(incoming.pipe(finalize(bomb))) as never,
  'a Node stream': (connection, bomb) => {
    const duplex = toDuplex(connection);
    duplex.on('error', () => {});
    duplex.resume();
    connection.closed.pipe(finalize(bomb)).subscribe();
    return NEVER;
  },
};

/** How the connection comes to its end. */
interface Path {
  readonly options?: Partial<ServeOptions>;
  readonly act: (given: {
    readonly peer: RawPeer;
    readonly connection: Connection;
    readonly server: Serving;
    readonly shutdown: AbortController;
    readonly signal: AbortController;
  }) => void;
  /** Whether the whole server ends with it. */
  readonly endsAll?: true;
  /** Whether a connection that does nothing wrong would end by it, too. */
  readonly isForAll?: true;
}

const paths: Record<string, Path> = {
  'the peer ends': { act: ({ peer }) => peer.socket.end() },
  'the peer resets': { act: ({ peer }) => peer.reset() },
  'it is destroyed': { act: ({ connection }) => connection.destroy() },
  'it is reset': { act: ({ connection }) => connection.reset() },
  'its idleTimeout passes': { options: { idleTimeout: 100 }, act: () => {}, isForAll: true },
  'its readTimeout passes': { options: { readTimeout: 100 }, act: () => {}, isForAll: true },
  'its deadline passes': { options: { deadline: 120 }, act: () => {}, isForAll: true },
  'the server shuts down': { options: { drainTimeout: 1_000 }, act: ({ shutdown }) => shutdown.abort(), endsAll: true },
  'the drain is over': { options: { drainTimeout: 30 }, act: ({ shutdown }) => shutdown.abort(), endsAll: true },
  'its signal is aborted': { act: ({ signal }) => signal.abort(), endsAll: true },
  'the server is unsubscribed': { act: ({ server }) => server.stop(), endsAll: true },
};

const isOf =
  (type: ServeEvent['type']) =>
  (event: ServeEvent): boolean =>
    event.type === type;

/** Asks a connection that has nothing to do with the one that fails. */
async function answers(peer: RawPeer, text: string): Promise<void> {
  peer.socket.write(text);
  await until(() => peer.text.endsWith(text), `the answer to ${text}`);
}

async function run(handlerName: string, pathName: string): Promise<number> {
  const handler = handlers[handlerName];
  const path = paths[pathName];
  if (handler === undefined || path === undefined) throw new Error('no such cell');
  const bomb = new Bomb(handlerName);
  const watched = watchProcess();
  const shutdown = new AbortController();
  const signal = new AbortController();
  const taken: unknown[] = [];
  const defects: Defect[] = [];
  let failing: Connection | undefined;
  const isFailing = (connection: Connection): boolean => connection === failing;
  const server = await serving(
    (connection) => {
      // The second one is the one that fails.
      if (server.log.filter(isOf('opened')).length !== 2) return connection.incoming;
      failing = connection;
      return handler(connection, bomb.go, (error) => taken.push(error));
    },
    {
      maxConnections: 2,
      drainTimeout: 1_000,
      onDefect: (defect) => defects.push(defect),
      ...path.options,
      shutdown: shutdown.signal,
      signal: signal.signal,
    },
  );
  const other = (await rawPeer(server.place)).read();
  await answers(other, 'one');
  const peer = (await rawPeer(server.place)).read();
  peer.socket.write('hello\n');
  peer.socket.write('world\n');
  const connection = await server.opened(1);
  await turn();
  path.act({ peer, connection, server, shutdown, signal });
  if (path.endsAll === true) {
    other.socket.end();
    if (pathName !== 'the server is unsubscribed') {
      await until(() => server.log.some(isOf('stopped')) || signal.signal.aborted, 'the end of the server');
    }
    await until(() => peerIsGone(peer), 'the end of the connection');
  } else {
    // A connection that is held, or whose output goes on, sees no more of its end than that.
    const impatience = setTimeout(() => connection.destroy(), 300);
    await until(
      () => server.log.some((event) => event.type === 'closed' && isFailing(event.connection)),
      'the end of the connection',
    );
    clearTimeout(impatience);
    // Its place is free again, and the others have heard of nothing.
    if (path.isForAll !== true) await answers(other, 'two');
    const third = (await rawPeer(server.place)).read();
    await answers(third, 'three');
    shutdown.abort();
    third.socket.end();
    other.socket.end();
    await until(() => server.log.some(isOf('stopped')), 'the report');
  }
  await turn();
  await turn();
  expect(watched.uncaught).toEqual([]);
  const failed = server.log.flatMap((event) => (event.type === 'failed' ? [event] : []));
  // No other connection has a defect.
  for (const { connection: which, failure } of failed) expect(isFailing(which) || failure._tag !== 'Defect').toBe(true);
  // Each defect of the server is an event, as long as there is a subscriber.
  const told = failed.map(({ failure }) => failure).filter(({ _tag }) => _tag === 'Defect');
  if (path.endsAll === true) expect(defects).toEqual(expect.arrayContaining(told));
  else expect(defects).toEqual(told);
  expect(misreported(bomb, [...defects, ...watched.warnings, ...taken])).toEqual([]);
  return bomb.thrown.length;
}

function peerIsGone(peer: RawPeer): boolean {
  return peer.socket.readableEnded || peer.socket.destroyed;
}

describe.each(Object.keys(paths))('when %s', (path) => {
  const thrown = new Map<string, number>();
  test.each(Object.keys(handlers))('%s', async (handler) => {
    thrown.set(handler, await run(handler, path));
  });
  // A path on which nothing throws would show nothing.
  afterAll(() => expect([...thrown.values()].filter((count) => count > 0).length).toBeGreaterThan(30));
});
