import net from 'node:net';
import { inspect } from 'node:util';

import { describe, expect, onTestFinished, test } from 'vitest';

import { type Connection, connect, endpointOf, lines, sendTo } from '../../src/index.ts';
import {
  concatMap,
  EMPTY,
  finalize,
  first,
  map,
  mergeMap,
  mergeMap as pacedMergeMap,
  type Observable,
  of,
  switchMap,
  take,
  tap,
  throwError,
} from '../../src/rx.ts';
import { rawPeer } from './support-failures/peers.ts';
import { record, tagOf } from './support-failures/record.ts';
import { echo, serving } from './support-failures/serving.ts';
import { turns, until, within } from './support-failures/wait.ts';

/** A plain server, and where it listens. */
async function plainServer(onConnection: (socket: net.Socket) => void): Promise<{ port: number; host: string }> {
  const server = net.createServer({ allowHalfOpen: true }, onConnection);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return { port: (server.address() as net.AddressInfo).port, host: '127.0.0.1' };
}

const bomb = (): never => {
  throw new Error('teardown');
};

describe('a teardown that throws is a failure of that connection and of nothing else', () => {
  test.each([
    ['when the peer ends', (connection: Connection) => connection.incoming.pipe(finalize(bomb))],
    ['in the middle of a chunk', (connection: Connection) => connection.incoming.pipe(take(1), finalize(bomb))],
    [
      'of an iterable that is given up',
      (connection: Connection) =>
        connection.incoming.pipe(
          concatMap(function* () {
            try {
              for (;;) yield 'x'.repeat(1_000);
            } finally {
              bomb();
            }
          }),
        ),
    ],
  ])('%s', async (_name, handler) => {
    const server = await serving((connection) => (connection.remote === undefined ? EMPTY : handler(connection)));
    const peer = await rawPeer(server.place);
    await peer.send('hello');
    await turns();
    peer.socket.destroy();
    await server.one('closed');
    const failed = server.all('failed');
    // Where the peer reset what it had not read, that is what is told.
    expect(failed).toHaveLength(1);
    expect(['Defect', 'ConnectionReset']).toContain(tagOf(failed[0]?.failure));
    // The server goes on.
    const other = await rawPeer(server.place);
    await until(() => server.all('opened').length === 2, 'the next connection');
    other.socket.destroy();
  });
});

describe('whatever is thrown can be reported', () => {
  test.each([
    ['an object without a prototype', Object.create(null)],
    [
      'an object whose toString throws',
      {
        toString() {
          throw new Error('no');
        },
      },
    ],
    [
      'an object whose _tag throws',
      {
        get _tag() {
          throw new Error('no');
        },
      },
    ],
    ['nothing', undefined],
  ])('%s', async (_name, thrown) => {
    for (const handler of [
      () => {
        throw thrown;
      },
      () => throwError(() => thrown as unknown),
    ]) {
      const server = await serving(handler);
      await rawPeer(server.place);
      const { failure } = await server.one('failed');
      expect(failure).toMatchObject({ _tag: 'Defect' });
      expect((failure as Error).cause).toBe(thrown);
      await server.one('closed');
    }
  });
});

describe('a header with one pipeline, the rest with another', () => {
  test.each<[string, (connection: Connection, said: string[], done: () => void) => void]>([
    [
      'inside complete',
      (connection, said, done) =>
        void connection.incoming.pipe(lines(), take(1)).subscribe({
          next: (line) => said.push(line),
          complete: () =>
            connection.incoming.subscribe({ next: (chunk) => said.push(chunk.toString()), complete: done }),
        }),
    ],
    [
      'behind first and switchMap',
      (connection, said, done) =>
        void connection.incoming
          .pipe(
            lines(),
            first(),
            tap((line) => said.push(line)),
            switchMap(() => connection.incoming),
          )
          .subscribe({ next: (chunk) => said.push(chunk.toString()), complete: done }),
    ],
    [
      'behind first and mergeMap',
      (connection, said, done) =>
        void connection.incoming
          .pipe(
            lines(),
            first(),
            pacedMergeMap((line) => {
              said.push(line);
              return connection.incoming;
            }),
          )
          .subscribe({ next: (chunk) => said.push(chunk.toString()), complete: done }),
    ],
  ])('%s', async (_name, read) => {
    const said: string[] = [];
    const finished = new Promise<void>((resolve) => {
      void serving((connection) => {
        read(connection, said, resolve);
        return EMPTY;
      }).then(async (server) => {
        const peer = await rawPeer(server.place);
        peer.socket.end('header\nthe rest');
      });
    });
    await within(finished, 'the rest');
    expect(said).toEqual(['header', 'the rest']);
  });
});

describe('a client whom nobody reads', () => {
  test.each<[string, (connection: Connection) => Observable<never>]>([
    [
      'sends and leaves it at that',
      (connection) => of('x').pipe(sendTo(connection), tap({ complete: () => connection.end() })),
    ],
    [
      'ends and is not interested',
      (connection) => {
        connection.end('x');
        return EMPTY;
      },
    ],
  ])('%s: sees the server end', async (_name, use) => {
    const server = await plainServer((socket) => socket.resume().on('end', () => socket.end()));
    const flow = record(connect(server).pipe(mergeMap(use)));
    await within(flow.completion(), 'the close');
  });

  test('and reads later, loses nothing', async () => {
    const server = await plainServer((socket) => socket.resume().on('end', () => socket.end('the answer')));
    let connection: Connection | undefined;
    const flow = record(connect(server).pipe(tap((each) => (connection = each))));
    await until(() => connection !== undefined, 'the connection');
    connection?.end('question');
    await until(() => (connection?.bytesRead ?? 0) > 0, 'the answer');
    const read = record((connection as Connection).incoming.pipe(map(String)));
    await within(flow.completion(), 'the close');
    expect(read.values.join('')).toBe('the answer');
  });
});

test('disposing of a connection with something unread still delivers what was written', async () => {
  const received: Buffer[] = [];
  const server = await plainServer((socket) => {
    socket.write('a greeting that nobody reads');
    socket.on('data', (chunk: Buffer) => received.push(chunk)).on('end', () => socket.end());
  });
  let connection: Connection | undefined;
  record(connect(server).pipe(tap((each) => (connection = each))));
  await until(() => connection !== undefined, 'the connection');
  connection?.write(Buffer.alloc(1_000_000, 'y'));
  await within((connection as Connection)[Symbol.asyncDispose](), 'the close');
  await until(() => Buffer.concat(received).length === 1_000_000, 'all of it');
});

test('a shutdown takes no half line for a whole one', async () => {
  const executed: string[] = [];
  const shutdown = new AbortController();
  const server = await serving(
    (connection) =>
      connection.incoming.pipe(
        lines(),
        map((line) => {
          executed.push(line);
          return 'ok\n';
        }),
      ),
    { shutdown: shutdown.signal, drainTimeout: 600 },
  );
  const peer = await rawPeer(server.place);
  await peer.send('ping\n');
  await peer.receives('ok\n');
  await peer.send('delete /data/o');
  await until(() => (server.all('opened')[0]?.connection.bytesRead ?? 0) > 5, 'half a line');
  shutdown.abort();
  await server.one('stopped');
  expect(executed).toEqual(['ping']);
});

test('an answer in parts is finished during a shutdown', async () => {
  const shutdown = new AbortController();
  let finish: (() => void) | undefined;
  const server = await serving(
    (connection) =>
      connection.incoming.pipe(
        pacedMergeMap(async function* () {
          yield 'accepted ';
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          yield 'result';
        }),
      ),
    { shutdown: shutdown.signal, drainTimeout: 10_000 },
  );
  const peer = await rawPeer(server.place, { allowHalfOpen: true });
  await peer.send('work');
  await peer.receives('accepted ');
  shutdown.abort();
  await turns();
  finish?.();
  await peer.receives('result');
  peer.socket.end();
  expect((await server.one('stopped')).report).toMatchObject({ finished: 1, cut: [] });
});

test('endpointOf takes what a server says', async () => {
  const server = await serving(echo);
  const { address } = await server.one('listening');
  const flow = record(
    connect(endpointOf(address)).pipe(
      pacedMergeMap((connection) => {
        connection.end('x');
        return connection.incoming;
      }),
    ),
  );
  await within(flow.completion(), 'the echo');
  expect(Buffer.concat(flow.values).toString()).toBe('x');
});

test('endpointOf refuses what is no address by its name, such as that of a server that does not listen', () => {
  const refused = (address: unknown): unknown => {
    try {
      return endpointOf(address as Parameters<typeof endpointOf>[0]);
    } catch (error) {
      return error;
    }
  };
  for (const none of [null, undefined, 'localhost:80', 80]) {
    expect(refused(none)).toMatchObject({ _tag: 'InvalidOptions', option: 'address', value: none });
  }
  expect(refused({})).toMatchObject({ _tag: 'InvalidOptions', option: 'address' });
  expect(refused({ address: '127.0.0.1', port: -1 })).toMatchObject({ _tag: 'InvalidOptions', option: 'port' });
  expect(refused({ path: 7 })).toMatchObject({ _tag: 'InvalidOptions', option: 'path' });
  // An abstract socket has a NUL in front, where there are any.
  if (process.platform === 'linux') expect(endpointOf({ path: '\0abstract' })).toEqual({ path: '\0abstract' });
});

test('an event can be logged in one line, and made into JSON', async () => {
  const server = await serving(echo);
  await rawPeer(server.place);
  const event = await server.one('opened');
  expect(inspect(event)).toMatch(
    /^\{\n?\s*type: 'opened',\s*connection: Connection \{ remote: '127\.0\.0\.1:\d+', .*open, 0 B in, 0 B out \}\s*\}$/,
  );
  expect(JSON.parse(JSON.stringify(event))).toMatchObject({
    type: 'opened',
    connection: { state: 'open', bytesRead: 0 },
  });
});
