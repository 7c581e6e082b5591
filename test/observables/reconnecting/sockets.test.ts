// `reconnecting` over real sockets: what becomes of connections, and that nothing stays open.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import {
  catchAll,
  connect,
  type Connection,
  createNodeTransport,
  currentUpstream,
  lines,
  type ReconnectEvent,
  reconnecting,
  sendTo,
} from '../../../src/index.ts';
import { EMPTY, ignoreElements, map, merge, mergeMap, NEVER, of, switchMap, take, tap } from '../../../src/rx.ts';
import { openSockets } from '../support/resources.ts';
import { ManualClock } from '../support-failures/manual-clock.ts';
import { freePort, ipcPath, rawServer } from '../support-failures/peers.ts';
import { record, tagOf } from '../support-failures/record.ts';
import { until } from '../support-failures/wait.ts';

const quick = { backoff: { initial: 1, max: 5 }, stableAfter: 0 } as const;

describe.each([
  ['TCP', () => ({})],
  ['IPC', () => ({ path: ipcPath() })],
])('over %s', (_name, place) => {
  test('each end makes a new connection', async () => {
    const at = place();
    const server = await rawServer(at);
    const target = 'path' in at ? { path: at.path as string } : { host: '127.0.0.1', port: server.port };
    const recording = record(
      connect(target).pipe(
        reconnecting(quick),
        tap((connection) => connection.incoming.subscribe({ error: () => {} })),
      ),
    );
    for (let each = 0; each < 5; each++) {
      const peer = await server.peer(each);
      await recording.count(each + 1);
      if (each % 2 === 0) peer.socket.end();
      else peer.socket.destroy();
      await peer.close();
    }
    const connections = await recording.count(6);
    expect(new Set(connections).size).toBe(6);
    recording.unsubscribe();
    await (await server.peer(5)).end();
  });
});

test('a connection that was reset while nobody read comes again as well, once it is seen', async () => {
  const server = await rawServer();
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      reconnecting(quick),
      switchMap((connection) =>
        connection.incoming.pipe(
          catchAll(() => EMPTY),
          ignoreElements(),
        ),
      ),
    ),
  );
  (await server.peer(0)).reset();
  (await server.peer(1)).reset();
  await server.peer(2);
  expect(recording.ending).toBeUndefined();
});

test('a peer that greets and drops uses up maxAttempts', async () => {
  const server = await rawServer();
  server.server.on('connection', (socket) => socket.end('hello'));
  const events: ReconnectEvent[] = [];
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      reconnecting({
        ...quick,
        stableAfter: 60_000,
        maxAttempts: 3,
        onEvent: (event) => events.push(event),
      }),
      mergeMap(({ incoming }) => incoming.pipe(map(String))),
    ),
  );
  expect(await recording.failure()).toMatchObject({
    _tag: 'ConnectionClosed',
    address: '127.0.0.1',
    port: server.port,
    message: 'the connection ended 3 times in a row before it had been up for 60000 ms',
  });
  expect(recording.values).toEqual(['hello', 'hello', 'hello']);
  expect(events.filter(({ type }) => type === 'up')).toHaveLength(3);
  expect(events.filter(({ type }) => type === 'stable')).toHaveLength(0);
});

test('a peer that accepts and resets is told by the cause', async () => {
  const server = await rawServer();
  server.server.on('connection', (socket) => socket.resetAndDestroy());
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      reconnecting({ ...quick, stableAfter: 60_000, maxAttempts: 2 }),
      mergeMap(({ incoming }) => incoming.pipe(catchAll(() => EMPTY))),
    ),
  );
  const failure = await recording.failure();
  // A reset that comes at once may be seen by the dial.
  if (tagOf(failure) === 'ConnectionClosed') expect(failure).toMatchObject({ cause: { _tag: 'ConnectionReset' } });
  else expect(tagOf(failure)).toBe('ConnectionReset');
});

test('a dial that is refused for good fails with the refusal', async () => {
  const port = await freePort();
  const recording = record(connect({ host: '127.0.0.1', port }).pipe(reconnecting({ ...quick, maxAttempts: 3 })));
  expect(await recording.failure()).toMatchObject({ _tag: 'ConnectionRefused', port });
});

test('wrong options of connect are not tried again', async () => {
  const events: string[] = [];
  const recording = record(
    connect({ port: 70_000 }).pipe(reconnecting({ ...quick, onEvent: ({ type }) => events.push(type) })),
  );
  expect(await recording.failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'port' });
  expect(events).toEqual(['attempt', 'lost', 'gaveUp']);
});

test('an aborted signal of connect ends it, whatever the stage', async () => {
  const server = await rawServer();
  const controller = new AbortController();
  const { signal } = controller;
  const recording = record(connect({ host: '127.0.0.1', port: server.port, signal }).pipe(reconnecting(quick)));
  await recording.count(1);
  controller.abort();
  expect(['ConnectionAborted', 'ConnectionClosed']).toContain(tagOf(await recording.failure()));
  expect(server.peers).toHaveLength(1);
});

test('what was being sent fails, and is not sent again', async () => {
  const server = await rawServer();
  const failures: string[] = [];
  let count = 0;
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      reconnecting(quick),
      mergeMap((connection) => {
        const first = count++ === 0;
        return merge(
          // More than the kernel takes from a peer that doesn't read.
          of(first ? Buffer.alloc(64 * 1_048_576) : 'second').pipe(
            sendTo(connection),
            catchAll((failure) => {
              failures.push(failure._tag);
              return EMPTY;
            }),
          ),
          connection.incoming.pipe(catchAll(() => EMPTY)),
        );
      }),
    ),
  );
  const peer = await server.peer(0);
  peer.stall();
  peer.reset();
  const second = await server.peer(1);
  await second.receives('second');
  expect(second.text).toBe('second');
  expect(failures).toHaveLength(1);
  expect(['ConnectionReset', 'BrokenPipe']).toContain(failures[0]);
  recording.unsubscribe();
  await second.end();
});

test('behind what is done with the connection, a failure of that starts it anew', async () => {
  const server = await rawServer();
  server.server.on('connection', (socket) => socket.write(`number ${server.peers.length}\n${'x'.repeat(100)}`));
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      mergeMap((connection) => connection.incoming.pipe(lines({ maxLength: 50 }))),
      reconnecting({ ...quick, retryOn: (failure) => failure._tag === 'FrameTooLarge' }),
      take(3),
    ),
  );
  await recording.completion();
  expect(recording.values.map((value) => value.slice(0, 6))).toEqual(['number', 'number', 'number']);
  // Each connection that failed was given up, not left open.
  for (const peer of server.peers) await peer.end();
});

test('unsubscribing while it dials, stands or waits leaves no socket', async () => {
  const server = await rawServer();
  const before = openSockets();
  const target = { host: '127.0.0.1', port: server.port };
  connect(target).pipe(reconnecting(quick)).subscribe().unsubscribe();
  const standing = record(connect(target).pipe(reconnecting(quick)));
  await standing.count(1);
  standing.unsubscribe();
  const events: string[] = [];
  const waiting = record(
    connect({ host: '127.0.0.1', port: await freePort() }).pipe(
      reconnecting({ backoff: () => 60_000, jitter: 'none', onEvent: ({ type }) => events.push(type) }),
    ),
  );
  await until(() => events.includes('waiting'), 'the wait');
  waiting.unsubscribe();
  await until(() => server.peers.every((peer) => peer.closed || peer.ended), 'the peers to see it');
  for (const peer of server.peers) peer.socket.destroy();
  await until(
    () => openSockets() <= before,
    () => `sockets to close: ${openSockets()}, before ${before}`,
  );
});

test('time is that of the transport that is dialled', async () => {
  const clock = new ManualClock();
  const transport = createNodeTransport({ clock });
  const port = await freePort();
  const events: ReconnectEvent[] = [];
  record(
    connect({ host: '127.0.0.1', port, transport }).pipe(
      reconnecting({ jitter: 'none', onEvent: (event) => events.push(event) }),
    ),
  );
  await until(() => events.at(-1)?.type === 'waiting', 'the first wait');
  clock.advance(99);
  expect(events.at(-1)?.type).toBe('waiting');
  clock.advance(1);
  expect(events.at(-1)).toEqual({ type: 'attempt', attempt: 2 });
});

test('a standing connection is stable after stableAfter, to the millisecond', async () => {
  const clock = new ManualClock();
  const transport = createNodeTransport({ clock });
  const server = await rawServer();
  const events: ReconnectEvent[] = [];
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port, transport }).pipe(
      reconnecting({ stableAfter: 500, onEvent: (event) => events.push(event) }),
    ),
  );
  await recording.count(1);
  clock.advance(499);
  expect(events.map(({ type }) => type)).toEqual(['attempt', 'up']);
  clock.advance(1);
  expect(events.map(({ type }) => type)).toEqual(['attempt', 'up', 'stable']);
  recording.unsubscribe();
  expect(clock.pending).toBe(0);
});

test('backpressure reaches the socket through it', async () => {
  const server = await rawServer();
  let release: (() => void) | undefined;
  let received = 0;
  const seen: Connection[] = [];
  record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      tap((connection) => seen.push(connection)),
      mergeMap((connection) => connection.incoming),
      reconnecting(quick),
      tap((chunk) => {
        received += chunk.length;
        release ??= currentUpstream()?.hold();
      }),
      mergeMap(() => NEVER),
    ),
  );
  const peer = await server.peer(0);
  await peer.send('first');
  await until(() => release !== undefined, 'a hold');
  await peer.send('second');
  expect(received).toBe(5);
  release?.();
  await until(() => received === 11, 'the rest');
});

test('a wait keeps the process alive', async () => {
  const program = `
    import { connect, reconnecting } from ${JSON.stringify(fileURLToPath(new URL('../../../dist/esm/index.js', import.meta.url)))};
    connect({ host: '127.0.0.1', port: ${await freePort()} })
      .pipe(reconnecting({ maxAttempts: 3, jitter: 'none', backoff: { initial: 20 } }))
      .subscribe({ error: (failure) => console.log(failure._tag) });
  `;
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], { timeout: 10_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  expect(printed.trim()).toBe('ConnectionRefused');
});
