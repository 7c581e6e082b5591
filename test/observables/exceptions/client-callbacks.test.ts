// A function of a client's that is an option throws: what it belongs to ends, is told once, and leaves nothing behind.
import { finalize, map, NEVER, type Observable, of } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  answerWith,
  catchFailure,
  connect,
  type Connection,
  type Flow,
  framed,
  lines,
  type LookupFunction,
  mapAsync,
  nodeTransport,
  paced,
  pool,
  reconnecting,
  type ReconnectEvent,
  type ReconnectOptions,
  rpc,
  toAsyncIterable,
  toReadableStream,
  type Transport,
} from '../../../src/index.ts';
import { concatMap, mergeMap } from '../../../src/rx.ts';
import { drop } from '../../../src/strategies.ts';
import { CountingClock, openSockets } from '../support/resources.ts';
import { dialled, type Place, rawPeer, type RawPeer, rawServer, type RawServer, serving } from '../support/sockets.ts';
import { turn, until, watch, within } from '../support/wait.ts';
import { Bomb, misreported, watchProcess } from './support.ts';

/** What a client has to do with. */
interface Given {
  readonly bomb: Bomb;
  /** An echo. */
  readonly place: Place;
  /** Nobody listens there. */
  readonly nowhere: Place;
  readonly transport: Transport;
  /** A server that is worked by hand. */
  readonly raw: RawServer;
}

/** Resolves when it is over, with what the program was told. */
type Client = (given: Given) => Promise<readonly unknown[]>;

/** What a flow ends with. */
async function told(flow: Observable<unknown>): Promise<readonly unknown[]> {
  const seen = watch(flow);
  await within(seen.ended, 'the end of the flow');
  return seen.errors;
}

/** One connection to a peer that is worked by hand. */
async function byHand({ raw, transport }: Given): Promise<{ connection: Connection; peer: RawPeer }> {
  const connection = await dialled(raw.place, { transport });
  return { connection, peer: (await raw.peer()).read() };
}

/** Something that ends with its connection. */
async function untilClosed(
  given: Given,
  begin: (connection: Connection, peer: RawPeer) => readonly (readonly unknown[])[],
): Promise<readonly unknown[]> {
  const { connection, peer } = await byHand(given);
  const closed = watch(connection.closed);
  const all = begin(connection, peer);
  await within(closed.ended, 'the end of the connection');
  peer.socket.destroy();
  await turn();
  return all.flat();
}

const idOf = (line: string): number | undefined =>
  line.startsWith('#') ? Number.parseInt(line.slice(1), 10) : undefined;
const assign = (text: string, id: number): string => `#${id} ${text}`;

/** Reconnecting to where nobody listens, or to a server that drops whoever comes. */
const again = (given: Given, options: ReconnectOptions, place = given.nowhere): Promise<readonly unknown[]> =>
  told(
    connect({ ...place, transport: given.transport }).pipe(
      mergeMap((connection) => {
        connection.destroy();
        return connection.incoming;
      }),
      reconnecting({ backoff: () => 1, maxAttempts: 5, ...options }),
    ),
  );

/** Throws at one kind of event only. */
const atEvent = (given: Given, type: ReconnectEvent['type'], place?: Place): Promise<readonly unknown[]> =>
  again(given, { stableAfter: 0, onEvent: (event) => event.type === type && given.bomb.go() }, place);

async function withLookup({ place, transport }: Given, lookup: LookupFunction): Promise<readonly unknown[]> {
  if (!('port' in place)) throw new Error('no port');
  return told(connect({ host: 'name.invalid', port: place.port, lookup, transport }));
}

const clients: Record<string, Client> = {
  'unmatched of rpc, with nothing in flight': (given) =>
    untilClosed(given, (connection, peer) => {
      const client = rpc(framed(connection, lines()), { unmatched: given.bomb.go });
      watch(client.request('first')).ended.then(
        () => peer.socket.write('note\n'),
        () => {},
      );
      peer.socket.write('answer\n');
      return [];
    }),
  'unmatched of rpc, with a request in flight': (given) =>
    untilClosed(given, (connection, peer) => {
      const client = rpc(framed(connection, lines()), { assign, idOf, unmatched: given.bomb.go });
      const { errors } = watch(client.request('first'));
      peer.socket.write('note\n');
      return [errors];
    }),
  'idOf of rpc': (given) =>
    untilClosed(given, (connection, peer) => {
      const client = rpc(framed(connection, lines()), { assign, idOf: given.bomb.go });
      const { errors } = watch(client.request('first'));
      peer.socket.write('#1 answer\n');
      return [errors];
    }),
  'part of rpc': (given) =>
    untilClosed(given, (connection, peer) => {
      const client = rpc(framed(connection, lines()), { part: given.bomb.go });
      const { errors } = watch(client.request('first'));
      peer.socket.write('answer\n');
      return [errors];
    }),
  'cancel of rpc': (given) =>
    untilClosed(given, (connection) => {
      const client = rpc(framed(connection, lines()), { assign, idOf, cancel: given.bomb.go });
      watch(client.request('first')).unsubscribe();
      return [];
    }),
  'assign of rpc: that request alone fails': async ({ bomb, place, transport }) => {
    const connection = await dialled(place, { transport });
    const client = rpc(framed(connection, lines()), {
      assign: (text: string, id) => (text === 'bad' ? bomb.go() : assign(text, id)),
      idOf,
    });
    const first = watch(client.request('good'));
    const errors = await told(client.request('bad'));
    await within(first.ended, 'the good one');
    expect(first.values).toEqual(['#1 good']);
    expect(await told(client.request('good'))).toEqual([]);
    connection.destroy();
    return errors;
  },
  'check of pool, which throws': (given) => checked(given, given.bomb.go),
  'check of pool, which rejects': (given) =>
    checked(given, async () => {
      await turn();
      return given.bomb.go();
    }),
  'check of pool, whose flow fails': (given) => checked(given, () => of(1).pipe(map(given.bomb.go))),
  'check of pool, whose teardown throws': (given) => checked(given, () => of(1).pipe(finalize(given.bomb.go))),
  'check of pool, when nobody waits': async ({ bomb, place, transport }) => {
    const connections = pool(connect({ ...place, transport }), { check: bomb.go, checkEvery: 5 });
    await told(connections.use(() => of(1)));
    await until(() => connections.stats.size === 0 && bomb.thrown.length > 0, 'the check');
    await connections.close();
    return [];
  },
  'random of pool': async ({ bomb, place, transport }) => {
    const connections = pool(connect({ ...place, transport }), { random: bomb.go, maxLifetime: 10_000 });
    const errors = await told(connections.use(() => of(1)));
    await within(connections.close(), 'the report');
    expect(connections.stats).toMatchObject({ size: 0, leased: 0, waiting: 0 });
    return errors;
  },
  'work of pool': async ({ bomb, place, transport }) => {
    const connections = pool(connect({ ...place, transport }), { size: 1 });
    const errors = await told(connections.use(bomb.go));
    expect(await told(connections.use(() => of(1)))).toEqual([]);
    await within(connections.close(), 'the report');
    return errors;
  },
  'backoff of reconnecting': (given) => again(given, { backoff: given.bomb.go }),
  'random of reconnecting': (given) => again(given, { random: given.bomb.go }),
  'retryOn of reconnecting': (given) => again(given, { retryOn: given.bomb.go }),
  'onEvent of reconnecting: attempt': (given) => atEvent(given, 'attempt'),
  'onEvent of reconnecting: lost': (given) => atEvent(given, 'lost'),
  'onEvent of reconnecting: waiting': (given) => atEvent(given, 'waiting'),
  'onEvent of reconnecting: gaveUp': (given) => atEvent(given, 'gaveUp'),
  'onEvent of reconnecting: up': (given) => atEvent(given, 'up', given.place),
  'onEvent of reconnecting: stable': (given) => atEvent(given, 'stable', given.place),
  'onEvent of reconnecting: stable, later': (given) =>
    told(
      connect({ ...given.place, transport: given.transport }).pipe(
        mergeMap(({ incoming }) => incoming),
        reconnecting({ stableAfter: 5, onEvent: (event) => event.type === 'stable' && given.bomb.go() }),
      ),
    ),
  'lookup, at once': (given) => withLookup(given, given.bomb.go),
  'lookup, behind its answer': (given) =>
    withLookup(given, (_name, _options, answer) => {
      answer(new Error('not found'), '');
      given.bomb.go();
    }),
  'sizeOf of mergeMap': (given) =>
    untilEnded(given, (flow) => flow.pipe(mergeMap(() => NEVER, { concurrency: 1, sizeOf: given.bomb.go }))),
  'sizeOf of concatMap': (given) =>
    untilEnded(given, (flow) => flow.pipe(concatMap(() => NEVER, { sizeOf: given.bomb.go }))),
  'sizeOf of mapAsync': (given) =>
    untilEnded(given, (flow) => flow.pipe(mapAsync(() => new Promise(() => {}), { sizeOf: given.bomb.go }))),
  'sizeOf of answerWith': (given) =>
    untilEnded(given, (flow) =>
      flow.pipe(answerWith(() => new Promise(() => {}), { concurrency: 1, sizeOf: given.bomb.go })),
    ),
  'sizeOf of for await': (given) => untilThrown(toAsyncIterable(of('one', 'two', 'three'), { sizeOf: given.bomb.go })),
  'sizeOf of a web stream': (given) =>
    untilThrown(toReadableStream(of('one', 'two', 'three'), { sizeOf: given.bomb.go })),
  'onDropped of paced': (given) =>
    untilEnded(given, (flow) =>
      flow.pipe(
        paced(drop(), { onDropped: given.bomb.go }),
        mapAsync(() => turn()),
      ),
    ),
  'a handler of catchFailure': (given) =>
    told(
      connect({ ...given.nowhere, transport: given.transport }).pipe(catchFailure('ConnectionRefused', given.bomb.go)),
    ),
};

/** Uses a pool that checks what it lends. */
async function checked(
  { bomb, place, transport }: Given,
  check: (connection: Connection) => never | Promise<never> | Observable<unknown>,
): Promise<readonly unknown[]> {
  let isBad = true;
  const connections = pool(connect({ ...place, transport }), {
    size: 1,
    check: (connection) => (isBad ? check(connection) : of(1)),
    checkAfter: 0,
  });
  expect(await told(connections.use(() => of(1)))).toEqual([]);
  // One that has just been given back was used this very moment, and is lent unchecked.
  for (let turns = 0; turns < 4; turns++) await turn();
  const errors = await told(connections.use(() => of(1)));
  expect(bomb.thrown).toHaveLength(1);
  isBad = false;
  // The next one gets a connection that works.
  expect(await told(connections.use(() => of(1)))).toEqual([]);
  await within(connections.close(), 'the report');
  expect(connections.stats).toMatchObject({ size: 0, leased: 0, waiting: 0 });
  return errors;
}

/** The lines of a connection whose peer sends three, through what `over` makes of them. */
async function untilEnded(
  given: Given,
  over: (flow: Flow<string, unknown>) => Observable<unknown>,
): Promise<readonly unknown[]> {
  const { connection, peer } = await byHand(given);
  const errors = told(over(connection.incoming.pipe(lines())));
  peer.socket.write('one\ntwo\nthree\n');
  const seen = await errors;
  connection.destroy();
  peer.socket.destroy();
  return seen;
}

/** What a loop over items that can't be held ends with. */
async function untilThrown(items: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  try {
    for await (const _item of items) await turn();
    return [];
  } catch (error) {
    return [error];
  }
}

describe('on a client', () => {
  test.each(Object.keys(clients))('%s', async (name) => {
    const client = clients[name];
    if (client === undefined) throw new Error('no such client');
    const bomb = new Bomb(name);
    const watched = watchProcess();
    const clock = new CountingClock();
    const transport = { ...nodeTransport, clock };
    const server = await serving(({ incoming }) => incoming);
    const raw = await rawServer();
    const other = (await rawPeer(server.place)).read();
    await answers(other, 'one');
    const before = openSockets();
    const errors = await client({ bomb, place: server.place, nowhere: await nowhere(), transport, raw });
    await answers(other, 'two');
    await until(() => openSockets() <= before && clock.pending === 0, 'the end of all that it opened');
    await turn();
    expect(watched.uncaught).toEqual([]);
    expect(bomb.thrown.length).toBeGreaterThan(0);
    expect(misreported(bomb, [...watched.warnings, ...errors])).toEqual([]);
  });
});

/** A port of which one was just closed. */
async function nowhere(): Promise<Place> {
  const server = await serving(() => NEVER);
  server.stop();
  await turn();
  return server.place;
}

/** Asks a connection that has nothing to do with the one that fails. */
async function answers(peer: RawPeer, text: string): Promise<void> {
  peer.socket.write(`${text}\n`);
  await until(() => peer.text.endsWith(`${text}\n`), `the answer to ${text}`);
}
