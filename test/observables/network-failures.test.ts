// Failures of the network, one by one, over real sockets; and that one connection's failure is its own.
import { execFile } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  catchError,
  concat,
  delay,
  EMPTY,
  from,
  map,
  mergeMap,
  NEVER,
  type Observable,
  type ObservableInput,
  of,
  throwError,
} from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  type ConnectOptions,
  ConnectionReset,
  Defect,
  IdleTimeout,
  lines,
  listen,
  type ListenOptions,
  mapAsync,
  type NetFailure,
  serve,
} from '../../src/index.ts';
import { freePort, ipcPath, rawPeer, rawServer } from './support-failures/peers.ts';
import { record, tagOf } from './support-failures/record.ts';
import { openResources, untilOnly } from './support-failures/resources.ts';
import { connected, echo, listening, type Serving, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

const local = { host: '127.0.0.1' };
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs as somebody who is not allowed everything, in case the tests are run by root. */
async function unprivileged<T>(action: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.call(process) !== 0 || seteuid === undefined) return action();
  const nobody = 65_534;
  seteuid.call(process, nobody);
  try {
    return await action();
  } finally {
    seteuid.call(process, 0);
  }
}

/** What a lookup that finds nothing says. */
function notFound(host: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname: host,
  });
}

describe('connect', () => {
  test('refused', async () => {
    const port = await freePort();
    const start = await openResources();
    const recording = record(connect({ port, ...local }));
    await expect(recording.failure()).resolves.toMatchObject({
      _tag: 'ConnectionRefused',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
    expect(recording.values).toEqual([]);
    await untilOnly(start);
  });

  test('refused at a path that nobody listens on any more', async () => {
    const path = ipcPath();
    const { server } = await rawServer({ path });
    // Node removes the socket's file when it closes; this is the same file by another name.
    const left = join(dirname(path), 'left');
    linkSync(path, left);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await expect(record(connect({ path: left })).failure()).resolves.toMatchObject({
      _tag: 'ConnectionRefused',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: left,
      port: undefined,
    });
  });

  test('a path that is missing', async () => {
    const path = ipcPath();
    await expect(record(connect({ path })).failure()).resolves.toMatchObject({
      _tag: 'PathNotFound',
      code: 'ENOENT',
      syscall: 'connect',
      address: path,
      port: undefined,
    });
  });

  test('no permission', async () => {
    const path = ipcPath();
    await rawServer({ path });
    chmodSync(dirname(path), 0o755);
    chmodSync(path, 0o400);
    const failure = await unprivileged(() => record(connect({ path })).failure());
    expect(failure).toMatchObject({ _tag: 'PermissionDenied', code: 'EACCES', syscall: 'connect', address: path });
  });

  test('an unknown host', async () => {
    const start = await openResources();
    const asked: string[] = [];
    const recording = record(
      connect({
        host: 'nowhere.test',
        port: 80,
        lookup: (host, _options, answer) => {
          asked.push(host);
          setImmediate(() => answer(notFound(host), ''));
        },
      }),
    );
    await expect(recording.failure()).resolves.toMatchObject({
      _tag: 'HostNotFound',
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      host: 'nowhere.test',
      address: 'nowhere.test',
      port: 80,
    });
    expect(asked).toEqual(['nowhere.test']);
    await untilOnly(start);
  });

  test('all addresses of a host refused: the failure of one, the others in its message', async () => {
    const port = await freePort();
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const recording = record(
      connect({
        host: 'two.test',
        port,
        autoSelectFamily: true,
        lookup: (_host, _options, answer) => setImmediate(() => answer(null, addresses)),
      }),
    );
    const failure = (await recording.failure()) as NetFailure;
    expect(failure).toMatchObject({ _tag: 'ConnectionRefused', code: 'ECONNREFUSED', syscall: 'connect', port });
    expect(failure.cause).toBeInstanceOf(AggregateError);
  });

  test('a local address that is not ours', async () => {
    const { port } = await rawServer();
    await expect(record(connect({ port, ...local, localAddress: '192.0.2.1' })).failure()).resolves.toMatchObject({
      _tag: 'AddressNotAvailable',
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
      address: '192.0.2.1',
    });
  });

  test('a failure comes once, to each who subscribes, and each subscription dials', async () => {
    const flow = connect({ port: await freePort(), ...local });
    const [first, second] = [record(flow), record(flow)];
    const failures = [await first.failure(), await second.failure()];
    expect(failures.map(tagOf)).toEqual(['ConnectionRefused', 'ConnectionRefused']);
    expect(failures[0]).not.toBe(failures[1]);
  });

  test('a retry dials again', async () => {
    const port = await freePort();
    let attempts = 0;
    const flow = from([1, 2]).pipe(
      mergeMap(() => {
        attempts++;
        return connect({ port, ...local }).pipe(catchError(() => EMPTY));
      }),
    );
    await record(flow).completion();
    expect(attempts).toBe(2);
  });
});

describe.each<[string, (options: ListenOptions) => Observable<unknown>]>([
  ['listen', (options) => listen(options)],
  ['serve', (options) => serve(options, echo)],
])('%s', (_name, open) => {
  test('a port that is taken', async () => {
    const { port } = await rawServer();
    const start = await openResources();
    const recording = record(open({ port, ...local }));
    await expect(recording.failure()).resolves.toMatchObject({
      _tag: 'AddressInUse',
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
    });
    expect(recording.values).toEqual([]);
    await untilOnly(start);
  });

  test('a path that is taken', async () => {
    const path = ipcPath();
    await rawServer({ path });
    await expect(record(open({ path })).failure()).resolves.toMatchObject({
      _tag: 'AddressInUse',
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: path,
    });
  });

  test('no permission', async () => {
    const folder = dirname(ipcPath());
    const closed = join(folder, 'closed');
    chmodSync(folder, 0o755);
    mkdirSync(closed, { mode: 0o500 });
    onTestFinished(() => chmodSync(closed, 0o700));
    const path = join(closed, 's');
    const failure = await unprivileged(() => record(open({ path })).failure());
    expect(failure).toMatchObject({ _tag: 'PermissionDenied', code: 'EACCES', syscall: 'listen', address: path });
  });

  test('a folder that is missing', async () => {
    const path = join(dirname(ipcPath()), 'none', 's');
    // Linux says ENOENT to bind(), which Node gives as EACCES.
    await expect(record(open({ path })).failure()).resolves.toMatchObject({
      _tag: expect.stringMatching(/^(PathNotFound|PermissionDenied)$/) as string,
      syscall: 'listen',
      address: path,
    });
  });

  test('an address that is not ours', async () => {
    await expect(record(open({ port: 0, host: '192.0.2.1' })).failure()).resolves.toMatchObject({
      _tag: 'AddressNotAvailable',
      code: 'EADDRNOTAVAIL',
      syscall: 'listen',
      address: '192.0.2.1',
    });
  });

  test('the port is free again after the failure of another', async () => {
    const taken = await rawServer();
    const { port } = taken;
    await record(open({ port, ...local })).failure();
    await new Promise((resolve) => {
      taken.server.close(resolve);
    });
    await record(open({ port, ...local })).count(1);
  });
});

describe('a reset in mid-stream', () => {
  test('seen by a client that reads', async () => {
    const { port, peer } = await resettable();
    const { connection, recording } = await connected({ port });
    const reading = record(connection.incoming);
    (await peer()).reset();
    await expect(reading.failure()).resolves.toMatchObject({
      _tag: 'ConnectionReset',
      code: 'ECONNRESET',
      syscall: 'read',
      address: '127.0.0.1',
      port,
    });
    await recording.completion();
    const [info] = await record(connection.closed).completion();
    expect(info).toMatchObject({ read: 'reset', write: 'reset', failure: { _tag: 'ConnectionReset' } });
  });

  test('seen by a client that writes', async () => {
    const { port, peer } = await resettable();
    const { connection, recording } = await connected({ port });
    const reading = record(connection.incoming);
    const sending = record(connection.send(endless(connection)));
    await (await peer()).receives('x');
    (await peer()).reset();
    expect(['ConnectionReset', 'BrokenPipe']).toContain(tagOf(await sending.failure()));
    expect(['ConnectionReset', 'BrokenPipe']).toContain(tagOf(await reading.failure()));
    expect(await sending.failure()).toMatchObject({ address: '127.0.0.1', port });
    await recording.completion();
  });

  test('seen by a server, as one failed event with the peer’s address', async () => {
    const server = await serving(echo);
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await peer.receives('x');
    peer.reset();
    const { failure } = await server.one('failed');
    expect(failure).toMatchObject({
      _tag: 'ConnectionReset',
      code: 'ECONNRESET',
      syscall: 'read',
      address: '127.0.0.1',
      port: peer.localPort,
    });
    const { info } = await server.one('closed');
    expect(info).toMatchObject({ read: 'reset', write: 'reset', bytesRead: 1, bytesWritten: 1 });
    await turns();
    expect(server.types).toEqual(['listening', 'opened', 'failed', 'closed']);
    await stillEchoes(server);
  });

  test('seen by a server while it answers', async () => {
    const server = await serving((connection) => endless(connection));
    const peer = await rawPeer(server.place);
    await peer.receives('x');
    peer.reset();
    const { failure } = await server.one('failed');
    expect(['ConnectionReset', 'BrokenPipe']).toContain(tagOf(failure));
    await server.one('closed');
    await turns();
    expect(server.types).toEqual(['listening', 'opened', 'failed', 'closed']);
  });

  test('of ours, seen by the peer; here it is no failure', async () => {
    const server = await serving((connection) => connection.incoming.pipe(mergeMap(() => (connection.reset(), NEVER))));
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await peer.close();
    expect(peer.error?.code).toBe('ECONNRESET');
    const { info } = await server.one('closed');
    expect(info).toMatchObject({ read: 'reset', write: 'reset', failure: undefined });
    expect(server.all('failed')).toEqual([]);
  });

  test('before the connection was accepted', async () => {
    const server = await serving(echo);
    // Reset in the turn in which it stands for the client: the server has not got round to accepting it.
    const { port } = server.place as { port: number };
    const sockets = Array.from({ length: 20 }, () => net.connect({ port, ...local }));
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.once('connect', () => socket.resetAndDestroy());
    }
    await server.until('opened', sockets.length);
    await server.until('closed', sockets.length);
    for (const { failure } of server.all('failed')) expect(tagOf(failure)).toBe('ConnectionReset');
    expect(server.all('failed')).toHaveLength(sockets.length);
    await stillEchoes(server);
  });

  test('before the connection was begun, of one that waits', async () => {
    const { server, place } = await listening();
    const peer = await rawPeer(place);
    await until(() => server.connectionCount === 1, 'the connection to be accepted');
    peer.reset();
    await turns();
    const connections = record(server.connections);
    const [connection] = await connections.count(1);
    const reading = record((connection as Connection).incoming);
    expect(tagOf(await reading.failure())).toBe('ConnectionReset');
    await until(() => server.connectionCount === 0, 'the connection to close');
  });

  test('of a peer that nobody reads is not seen before somebody does', async () => {
    const { server, place } = await listening();
    const connections = record(server.connections);
    const peer = await rawPeer(place);
    const [connection] = (await connections.count(1)) as Connection[];
    const closed = record((connection as Connection).closed);
    peer.reset();
    await turns(20);
    expect(closed.values).toEqual([]);
    expect(tagOf(await record((connection as Connection).incoming).failure())).toBe('ConnectionReset');
    await closed.completion();
  });
});

/** A raw server, and its first connection. */
async function resettable(): Promise<{
  port: number;
  peer: () => ReturnType<Awaited<ReturnType<typeof rawServer>>['peer']>;
}> {
  const raw = await rawServer();
  return { port: raw.port, peer: () => raw.peer() };
}

/** Bytes without end, as fast as they are taken. */
function endless(connection: Connection): Observable<Chunk> {
  return from(
    (async function* bytes() {
      while (connection.bytesWritten >= 0) {
        yield Buffer.alloc(16_384, 'x');
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    })(),
  );
}

/** A new connection is served as if nothing had been. */
async function stillEchoes(server: Serving): Promise<void> {
  const peer = await rawPeer(server.place);
  await peer.send('still here');
  await peer.receives('still here');
  peer.socket.destroy();
}

describe('a handler that fails', () => {
  const boom = new Error('boom');
  const mine = Object.assign(new Error('mine'), { _tag: 'Mine' as const });
  const fail = (): never => {
    throw boom;
  };
  const reset = new ConnectionReset({ message: 'as if' });

  /** Each is called for the connection that says `fail`; what it had written before must have left. */
  const handlers: [string, (connection: Connection) => ObservableInput<Chunk>, unknown, string][] = [
    ['throws at once', fail, boom, ''],
    ['throws after a write', (connection) => (connection.write('so far'), fail()), boom, 'so far'],
    ['gives a flow that fails at once', () => throwError(() => boom), boom, ''],
    ['throws in an operator', (connection) => connection.incoming.pipe(map(fail)), boom, ''],
    ['throws in an inner flow', (connection) => connection.incoming.pipe(mergeMap(fail)), boom, ''],
    ['throws in a line', (connection) => connection.incoming.pipe(lines(), map(fail)), boom, ''],
    ['rejects in mapAsync', (connection) => connection.incoming.pipe(mapAsync(() => Promise.reject(boom))), boom, ''],
    ['throws in mapAsync', (connection) => connection.incoming.pipe(mapAsync(fail)), boom, ''],
    ['rejects', () => Promise.reject(boom), boom, ''],
    [
      'fails after its output began',
      (connection) =>
        connection.incoming.pipe(
          mergeMap(() =>
            concat(
              of('so far'),
              throwError(() => boom),
            ),
          ),
        ),
      boom,
      'so far',
    ],
    [
      'fails in a later turn, after its output began',
      (connection) => connection.incoming.pipe(mergeMap(() => concat(of('so far'), of(1).pipe(delay(1), map(fail))))),
      boom,
      'so far',
    ],
    [
      'fails in an async generator',
      async function* answers() {
        yield 'so far';
        await Promise.resolve();
        throw boom;
      },
      boom,
      'so far',
    ],
    [
      'fails in a generator',
      function* answers() {
        yield 'so far';
        throw boom;
      },
      boom,
      'so far',
    ],
    ['throws what is no error', () => throwError(() => 'text'), 'text', ''],
    ['throws nothing at all', () => throwError(() => undefined), undefined, ''],
  ];

  test.each(handlers)(
    'that %s: one failed event with the cause, then closed, and nobody else notices',
    async (_name, handler, cause, before) => {
      let first = true;
      const others = await servingWith((connection) => {
        if (!first) return connection.incoming;
        first = false;
        return handler(connection);
      });
      const bad = await rawPeer(others.place);
      await others.one('opened');
      const good = await Promise.all([rawPeer(others.place), rawPeer(others.place)]);
      await bad.send('fail\n').catch(() => {});
      await bad.close();
      expect(bad.text).toBe(before);
      const { failure, connection } = await others.one('failed');
      expect(failure).toBeInstanceOf(Defect);
      expect(failure).toMatchObject({ _tag: 'Defect' });
      expect((failure as Defect).cause).toBe(cause);
      const closed = await others.one('closed');
      expect(closed.connection).toBe(connection);
      expect(closed.info).toMatchObject({ write: 'failed', failure: undefined, bytesUnflushed: 0 });
      for (const [index, peer] of good.entries()) {
        await peer.send(`peer ${index}`);
        await peer.receives(`peer ${index}`);
      }
      await stillEchoes(others);
      expect(others.all('failed')).toHaveLength(1);
      expect(others.recording.ending).toBeUndefined();
      const index = others.types.indexOf('failed');
      expect(others.types.indexOf('closed')).toBeGreaterThan(index);
    },
  );

  test.each<[string, unknown, boolean]>([
    ['a failure of the network', reset, true],
    ['a time limit', new IdleTimeout({ limit: 5 }), true],
    ['a failure of its own', mine, false],
  ])('with %s: that is what is reported, as it is', async (_name, failure, isNet) => {
    const server = await servingWith((connection) =>
      connection.incoming.pipe(mergeMap(() => throwError(() => failure))),
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await peer.close();
    expect((await server.one('failed')).failure).toBe(failure);
    const { info } = await server.one('closed');
    expect(info.failure).toBe(isNet ? failure : undefined);
    expect(server.types).toEqual(['listening', 'opened', 'failed', 'closed']);
  });

  test('with a frame that is too large', async () => {
    const server = await servingWith((connection) => connection.incoming.pipe(lines({ maxLength: 4 })));
    const peer = await rawPeer(server.place);
    await peer.send('good\ntoo long\n');
    await peer.close();
    expect(peer.text).toBe('good');
    expect((await server.one('failed')).failure).toMatchObject({ _tag: 'FrameTooLarge', limit: 4, size: 8 });
    expect((await server.one('closed')).info).toMatchObject({ read: 'failed', write: 'failed' });
  });

  test('after its peer has gone: no second failure', async () => {
    const server = await servingWith((connection) =>
      connection.incoming.pipe(catchError(() => throwError(() => new Error('later')))),
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await peer.receives('x');
    peer.reset();
    await server.one('closed');
    await turns();
    expect(server.all('failed')).toHaveLength(1);
  });

  test('because it destroyed its connection: that is no failure', async () => {
    const server = await servingWith((connection) =>
      connection.incoming.pipe(mergeMap(() => (connection.destroy(), NEVER))),
    );
    const peer = await rawPeer(server.place);
    await peer.send('x');
    await peer.close();
    expect((await server.one('closed')).info).toMatchObject({ read: 'aborted', write: 'aborted', failure: undefined });
    expect(server.all('failed')).toEqual([]);
  });

  test('a hundred that fail beside a hundred that do not', async () => {
    const server = await servingWith((connection) =>
      connection.incoming.pipe(
        map((chunk) => {
          if (chunk.includes('bad')) throw boom;
          return chunk;
        }),
      ),
    );
    const peers = await Promise.all(Array.from({ length: 200 }, () => rawPeer(server.place)));
    await Promise.all(peers.map((peer, index) => peer.send(index % 2 === 0 ? 'bad' : 'good')));
    await Promise.all(peers.map((peer, index) => (index % 2 === 0 ? peer.close() : peer.receives('good'))));
    await server.until('closed', 100);
    expect(server.all('failed')).toHaveLength(100);
    await Promise.all(peers.filter((_peer, index) => index % 2 === 1).map((peer) => peer.send('again')));
    await Promise.all(peers.filter((_peer, index) => index % 2 === 1).map((peer) => peer.receives('again')));
    expect(server.all('closed')).toHaveLength(100);
  });
});

/** `serving`, for handlers of any kind. */
function servingWith(handler: (connection: Connection) => ObservableInput<Chunk>): Promise<Serving> {
  return serving(handler);
}

test('an observer of the events that throws does not stop the server', async () => {
  // RxJS reports such a throw in a later turn, as an uncaught error of the process.
  const reported: unknown[] = [];
  const report = (error: unknown): void => void reported.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', report);
  onTestFinished(() => {
    process.off('uncaughtException', report);
    for (const listener of before) process.on('uncaughtException', listener);
  });
  let place: { port: number } | undefined;
  const subscription = serve({ port: 0, ...local }, echo).subscribe((event) => {
    if (event.type === 'listening' && 'port' in event.address) place = { port: event.address.port };
    throw new Error(event.type);
  });
  onTestFinished(() => subscription.unsubscribe());
  await until(() => place !== undefined, 'a server');
  const peer = await rawPeer(place ?? { port: 0 });
  await peer.send('x');
  await peer.receives('x');
  await until(() => reported.length >= 2, 'the reports');
});

describe('too many descriptors', () => {
  /** The outcome of each step, as the program tells it. */
  interface Step {
    readonly what: string;
    readonly [detail: string]: unknown;
  }

  const program = `
    import { closeSync, openSync } from 'node:fs';
    import { connect, listen, serve } from 'rxjs-net';
    const host = '127.0.0.1';
    const tell = (what, details = {}) => console.log(JSON.stringify({ what, ...details }));
    const show = ({ _tag, code, syscall, address, port }) => ({ tag: _tag, code, syscall, address, port });
    const outcome = (flow) =>
      new Promise((resolve) => {
        const subscription = flow.subscribe({
          next: (value) => resolve({ value, subscription }),
          error: (error) => resolve({ failure: show(error) }),
        });
      });
    const events = [];
    let port;
    const listening = new Promise((resolve) => {
      const server = serve({ port: 0, host }, (connection) => connection.incoming).subscribe({
        next: (event) => {
          events.push(event);
          if (event.type === 'listening') {
            port = event.address.port;
            resolve(() => server.unsubscribe());
          }
        },
        error: (error) => tell('the server failed', show(error)),
      });
    });
    const stop = await listening;
    const echoes = async (what) => {
      const { value, subscription } = await outcome(connect({ port, host }));
      const got = new Promise((resolve) => value.incoming.subscribe({ next: (bytes) => resolve(String(bytes)), error() {} }));
      value.write('hello');
      tell(what, { text: await got });
      return subscription;
    };
    const first = await echoes('before');
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch (error) {
      tell('exhausted', { code: error.code });
    }
    tell('connect', { ...(await outcome(connect({ port, host }))).failure, wanted: port });
    tell('listen', (await outcome(listen({ port: 0, host }))).failure);
    // One is left, which the client takes: none for the server to accept it with.
    closeSync(open.pop());
    const { value, subscription } = await outcome(connect({ port, host }));
    await new Promise((resolve) => {
      value.incoming.subscribe({ error: resolve, complete: resolve });
      setTimeout(resolve, 500).unref();
    });
    subscription.unsubscribe();
    for (const each of open) closeSync(each);
    (await echoes('after')).unsubscribe();
    tell('dropped', { all: events.filter(({ type }) => type === 'dropped').map(({ reason, failure }) => ({ reason, ...show(failure) })) });
    tell('failed', { count: events.filter(({ type }) => type === 'failed').length });
    first.unsubscribe();
    stop();
    tell('the end');
  `;

  test.skipIf(process.platform === 'win32')('dials and listening fail by their tag, the server goes on', async () => {
    // Inside the package, where it is known by its name: the built package, as `npm test` has made it. Its modules are opened
    // side by side, each with a descriptor, so there must be more of those than modules.
    const folder = join(root, '.cache', `descriptors-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'program.mjs');
    writeFileSync(file, program);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const output = await new Promise<string>((resolve, reject) => {
      const command = `ulimit -n 256 && exec "$0" "$1"`;
      execFile('sh', ['-c', command, process.execPath, file], { timeout: 15_000, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${stdout}\n${stderr}`, { cause: error }));
      });
    });
    const steps = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step);
    const step = (what: string): Step | undefined => steps.find((each) => each.what === what);
    expect(step('before')).toMatchObject({ text: 'hello' });
    expect(step('exhausted')).toMatchObject({ code: 'EMFILE' });
    expect(step('connect')).toMatchObject({
      tag: 'TooManyFiles',
      code: 'EMFILE',
      syscall: 'connect',
      address: '127.0.0.1',
      port: step('connect')?.['wanted'],
    });
    expect(step('listen')).toMatchObject({
      tag: 'TooManyFiles',
      code: 'EMFILE',
      syscall: 'listen',
      address: '127.0.0.1',
    });
    expect(step('after')).toMatchObject({ text: 'hello' });
    // Where the system's layer below Node closes such a connection by itself, nobody is told of it.
    for (const dropped of (step('dropped')?.['all'] ?? []) as object[]) {
      expect(dropped).toMatchObject({ reason: 'acceptFailed', tag: 'TooManyFiles' });
    }
    expect(step('failed')).toMatchObject({ count: 0 });
    expect(step('the server failed')).toBeUndefined();
    expect(step('the end')).toBeDefined();
  });
});

test('a failure that nobody handles is the observer’s error, not a throw', async () => {
  const options: ConnectOptions = { port: await freePort(), ...local };
  expect(() => record(connect(options))).not.toThrow();
});
