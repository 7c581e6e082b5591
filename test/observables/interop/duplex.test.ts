// Connections as Node.js streams, and streams as connections.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import tls from 'node:tls';

import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type Connection,
  currentUpstream,
  fromDuplex,
  type FromDuplexOptions,
  idleTimeout,
  lines,
  sendTo,
  toDuplex,
} from '../../../src/index.ts';
import { EMPTY, from, ignoreElements, map, merge, mergeMap, of, take } from '../../../src/rx.ts';
import { dialled, pair, rawServer as pausedServer } from '../support/sockets.ts';
import { standstill } from '../support/wait.ts';
import { ManualClock } from '../support-failures/manual-clock.ts';
import { rawServer } from '../support-failures/peers.ts';
import { type Recording, record } from '../support-failures/record.ts';
import { turns, until, within } from '../support-failures/wait.ts';

/** What a stream has told, in order. */
function log(stream: Duplex): string[] {
  const told: string[] = [];
  stream.on('end', () => told.push('end'));
  stream.on('finish', () => told.push('finish'));
  stream.on('error', (error: Error) => told.push(`error ${error.name}`));
  stream.on('close', () => told.push('close'));
  return told;
}

const ledgerOf = async (connection: Connection): Promise<unknown> => (await record(connection.closed).completion())[0];

describe('a connection as a Duplex', () => {
  test('reads and writes, ends after what was written, and closes in order', async () => {
    const server = await rawServer();
    server.server.on('connection', (socket) => socket.pipe(socket));
    const duplex = toDuplex(await dialled({ host: '127.0.0.1', port: server.port }));
    const told = log(duplex);
    duplex.end('hello');
    expect(await within(text(duplex), 'the echo')).toBe('hello');
    await until(() => told.includes('close'), 'the close');
    expect(told.toSorted()).toEqual(['close', 'end', 'finish']);
    expect(told.at(-1)).toBe('close');
  });

  test('pipeline goes through it, 32 MiB each way', async () => {
    const server = await rawServer();
    server.server.on('connection', (socket) => socket.pipe(socket));
    const duplex = toDuplex(await dialled({ host: '127.0.0.1', port: server.port }));
    let left = 32;
    const source = new Readable({
      read() {
        this.push(left-- > 0 ? Buffer.alloc(1_048_576, left) : null);
      },
    });
    let received = 0;
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        received += chunk.length;
        done();
      },
    });
    await within(pipeline(source, duplex, sink), 'the pipeline');
    expect(received).toBe(32 * 1_048_576);
  });

  test('a slow reader makes the peer wait', async () => {
    const { connection, peer } = await pair();
    let produced = 0;
    peer.flood(() => {
      produced += 65_536;
      return Buffer.alloc(65_536);
    });
    const duplex = toDuplex(connection);
    duplex.on('error', () => {});
    await standstill(() => produced);
    expect(connection.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    expect(duplex.readableLength).toBe(connection.bytesRead);
    peer.stopFlood();
    duplex.destroy();
  });

  test('a peer that doesn’t read makes the writer wait', async () => {
    const { connection, peer } = await pair();
    const duplex = toDuplex(connection);
    duplex.on('error', () => {});
    let written = 0;
    const write = (): void => {
      if (written >= 64) duplex.end();
      else
        duplex.write(Buffer.alloc(1_048_576), () => {
          written++;
          write();
        });
    };
    write();
    expect(await standstill(() => written)).toBeLessThan(64);
    expect(connection.bytesQueued).toBeLessThanOrEqual(2 * 1_048_576);
    peer.onChunk = () => {};
    peer.read();
    await within(peer.gotEnd, 'FIN');
    expect(peer.received).toBe(64 * 1_048_576);
  });

  test.each([
    [false, ['end', 'finish', 'close']],
    [true, ['end']],
  ])('the peer’s FIN ends it, and allowHalfOpen: %s decides about its own', async (allowHalfOpen, expected) => {
    const { connection, peer } = await pair({ allowHalfOpen });
    peer.read();
    const duplex = toDuplex(connection);
    const told = log(duplex);
    // Not by text(): that destroys what it has read.
    const read: Buffer[] = [];
    duplex.on('data', (chunk: Buffer) => read.push(chunk));
    peer.socket.end('bye');
    await until(
      () => told.length >= expected.length,
      () => told.join(),
    );
    await turns(20);
    expect(told).toEqual(expected);
    expect(String(Buffer.concat(read))).toBe('bye');
    if (!allowHalfOpen) return;
    duplex.end('after');
    await within(peer.gotEnd, 'FIN');
    expect(peer.text).toBe('after');
    await until(() => told.includes('close'), 'the close');
  });

  test('a peer’s FIN is not answered while the stream still writes', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const duplex = toDuplex(connection);
    peer.socket.end('question');
    // Nobody has read the end yet.
    await turns(20);
    duplex.write('answer');
    await until(() => peer.text === 'answer', 'the answer');
    duplex.resume();
    await within(peer.gotEnd, 'FIN');
  });

  test('a reset of the peer is an error with the failure', async () => {
    const { connection, peer } = await pair();
    const duplex = toDuplex(connection);
    const told = log(duplex);
    peer.reset();
    await until(() => told.includes('close'), 'the close');
    expect(told).toEqual(['error ConnectionReset', 'close']);
    expect(duplex.errored).toMatchObject({ _tag: 'ConnectionReset' });
  });

  test.each([undefined, new Error('mine')])(
    'destroy(%s) closes the connection, and tells when it has',
    async (error) => {
      const { connection } = await pair();
      const duplex = toDuplex(connection);
      const told = log(duplex);
      duplex.destroy(error);
      await until(() => told.includes('close'), 'the close');
      expect(told).toEqual(error === undefined ? ['close'] : ['error Error', 'close']);
      expect(await ledgerOf(connection)).toMatchObject({ read: 'aborted', write: 'aborted' });
    },
  );

  test('a connection that somebody else destroys is an error', async () => {
    const { connection } = await pair();
    const duplex = toDuplex(connection);
    const told = log(duplex);
    connection.destroy();
    await until(() => told.includes('close'), 'the close');
    expect(told).toEqual(['error ConnectionClosed', 'close']);
  });

  test('a connection that has closed already is an error', async () => {
    const { connection } = await pair();
    connection.destroy();
    await record(connection.closed).completion();
    const told = log(toDuplex(connection));
    await until(() => told.includes('close'), 'the close');
    expect(told).toEqual(['error ConnectionClosed', 'close']);
  });

  test('a write that waits when it is destroyed is called back', async () => {
    const { connection } = await pair();
    const duplex = toDuplex(connection);
    duplex.on('error', () => {});
    const outcomes: unknown[] = [];
    for (let each = 0; each < 3; each++) {
      duplex.write(Buffer.alloc(16 * 1_048_576), (error) => outcomes.push(error?.message ?? 'written'));
    }
    await turns(20);
    duplex.destroy(new Error('mine'));
    await until(
      () => outcomes.length === 3,
      () => outcomes.join(),
    );
    expect(outcomes.at(-1)).not.toBe('written');
  });
});

/** A Duplex that the test works by hand. */
class HandDuplex extends Duplex {
  readonly written: Buffer[] = [];
  private waiting: (() => void)[] = [];
  takes = true;
  reads = 0;

  override _read(): void {
    this.reads++;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    if (this.takes) done();
    else this.waiting.push(done);
  }

  letGo(): void {
    this.takes = true;
    for (const done of this.waiting.splice(0)) done();
  }

  get text(): string {
    return Buffer.concat(this.written).toString();
  }
}

const adopted = async (
  duplex: Duplex,
  options: FromDuplexOptions = {},
): Promise<{ connection: Connection; recording: Recording<Connection> }> => {
  const recording = record(fromDuplex(duplex, options));
  const [connection] = await recording.count(1);
  if (connection === undefined) throw new Error('no connection');
  return { connection, recording };
};

describe('a Duplex as a connection', () => {
  test('reads, writes, ends, and completes when it has closed', async () => {
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex);
    const read = record(connection.incoming.pipe(map(String)));
    duplex.push('hello');
    await read.count(1);
    expect(read.values).toEqual(['hello']);
    connection.write('a');
    connection.end('b');
    duplex.push(null);
    expect(await read.completion()).toEqual(['hello']);
    await recording.completion();
    expect(duplex.text).toBe('ab');
    expect(duplex.destroyed).toBe(true);
    expect(await ledgerOf(connection)).toMatchObject({
      read: 'fin',
      write: 'fin',
      bytesRead: 5,
      bytesWritten: 2,
      bytesUnflushed: 0,
      failure: undefined,
    });
  });

  test('nothing is read before somebody reads', async () => {
    const duplex = new HandDuplex({ readableHighWaterMark: 10 });
    const { connection } = await adopted(duplex);
    duplex.push('0123456789');
    await turns();
    expect(connection.bytesRead).toBe(0);
    expect(duplex.readableFlowing).toBe(false);
  });

  test('an end that nobody has read keeps it open until it was', async () => {
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex);
    duplex.push('x');
    expect(await record(connection.incoming.pipe(take(1))).completion()).toHaveLength(1);
    duplex.push(null);
    await turns(20);
    expect(recording.ending).toBeUndefined();
    expect(duplex.writableEnded).toBe(false);
    await record(connection.incoming).completion();
    await recording.completion();
    expect(await ledgerOf(connection)).toMatchObject({ read: 'fin', write: 'fin' });
  });

  test('a reader that is held pauses it, and one that gave up loses nothing', async () => {
    const duplex = new HandDuplex();
    const { connection } = await adopted(duplex);
    let release: (() => void) | undefined;
    const first = record(
      connection.incoming.pipe(
        lines(),
        mergeMap((line) => {
          release ??= currentUpstream()?.hold();
          return of(line);
        }),
      ),
    );
    duplex.push('one\ntwo\n');
    await first.count(1);
    duplex.push('three\n');
    await turns();
    expect(first.values).toEqual(['one']);
    release?.();
    await first.count(3);
    first.unsubscribe();
    duplex.push('four\nfive\nsix');
    expect(await record(connection.incoming.pipe(lines(), take(1))).completion()).toEqual(['four']);
    duplex.push(null);
    expect(await record(connection.incoming.pipe(lines())).completion()).toEqual(['five', 'six']);
  });

  test('a stream that doesn’t take what is written holds the sender', async () => {
    const duplex = new HandDuplex();
    duplex.takes = false;
    const { connection } = await adopted(duplex);
    let given = 0;
    const source = from(
      (function* () {
        while (given < 100) {
          given++;
          yield Buffer.alloc(65_536);
        }
      })(),
    );
    const sending = record(source.pipe(sendTo(connection)));
    await turns(20);
    expect(given).toBeLessThan(5);
    duplex.letGo();
    await sending.completion();
    expect(given).toBe(100);
    expect(connection.bytesWritten).toBe(100 * 65_536);
  });

  test('unsubscribing destroys it, and stops an async source at once', async () => {
    const duplex = new HandDuplex();
    const { recording, connection } = await adopted(duplex);
    recording.unsubscribe();
    expect(duplex.destroyed).toBe(true);
    expect(await ledgerOf(connection)).toMatchObject({ read: 'aborted', write: 'aborted' });
    expect(duplex.listenerCount('data') + duplex.listenerCount('end')).toBeLessThanOrEqual(1);
  });

  test('unsubscribing within the call of subscribe destroys it', async () => {
    const duplex = new HandDuplex();
    record(fromDuplex(duplex).pipe(take(1)));
    await turns();
    expect(duplex.destroyed).toBe(true);
  });

  test('an error of the stream is a failure', async () => {
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex);
    const read = record(connection.incoming);
    const error = Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' });
    duplex.destroy(error);
    expect(await read.failure()).toMatchObject({ _tag: 'ConnectionReset', cause: error });
    await recording.completion();
    const other = new HandDuplex();
    const second = await adopted(other);
    const reading = record(second.connection.incoming);
    other.destroy(new Error('of its own'));
    expect(await reading.failure()).toMatchObject({ _tag: 'SystemFailure', message: 'of its own' });
  });

  test('a close before its ends is ConnectionClosed', async () => {
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex);
    const read = record(connection.incoming);
    duplex.destroy();
    expect(await read.failure()).toMatchObject({ _tag: 'ConnectionClosed' });
    await recording.completion();
  });

  test('a write that fails is a failure of the sender', async () => {
    const duplex = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('gone'), { code: 'EPIPE', syscall: 'write' }));
      },
    });
    const { connection } = await adopted(duplex);
    expect(await record(of('x').pipe(sendTo(connection))).failure()).toMatchObject({ _tag: 'BrokenPipe' });
  });

  test('time limits hold for it', async () => {
    const clock = new ManualClock();
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex, { deadline: 100, clock });
    clock.advance(99);
    await turns();
    expect(duplex.destroyed).toBe(false);
    clock.advance(1);
    await recording.completion();
    expect(await ledgerOf(connection)).toMatchObject({ failure: { _tag: 'DeadlineExceeded' } });
    const other = new HandDuplex();
    const second = await adopted(other, { clock });
    const read = record(second.connection.incoming.pipe(idleTimeout(50)));
    clock.advance(50);
    expect(await read.failure()).toMatchObject({ _tag: 'IdleTimeout' });
  });

  test('signal destroys it', async () => {
    const controller = new AbortController();
    const duplex = new HandDuplex();
    const { connection, recording } = await adopted(duplex, { signal: controller.signal });
    const read = record(connection.incoming);
    controller.abort('enough');
    expect(await read.failure()).toMatchObject({ _tag: 'ConnectionAborted', cause: 'enough' });
    await recording.completion();
    expect(duplex.destroyed).toBe(true);
  });

  test.each([null, 5, {}])('%s is no connection to make a stream of', (connection) => {
    const refused = expect.objectContaining({
      _tag: 'InvalidOptions',
      option: 'connection',
      value: connection,
    }) as Error;
    expect(() => toDuplex(connection as never)).toThrow(refused);
  });

  test('one that throws in a write fails its connection, and nothing else', async () => {
    const mine = new Error('mine');
    const duplex = new Duplex({
      read() {},
      write() {
        throw mine;
      },
    });
    const { connection } = await adopted(duplex);
    const sending = record(connection.send(['a', 'b']));
    expect(await sending.failure()).toMatchObject({ _tag: 'SystemFailure', cause: mine });
    const [info] = await record(connection.closed).completion();
    expect(info?.failure).toMatchObject({ _tag: 'SystemFailure', cause: mine });
    expect(duplex.destroyed).toBe(true);
  });

  test('is taken once', async () => {
    const duplex = new HandDuplex();
    await adopted(duplex);
    expect(await record(fromDuplex(duplex)).failure()).toMatchObject({ _tag: 'AlreadySubscribed' });
    const ended = new HandDuplex();
    ended.destroy();
    expect(await record(fromDuplex(ended)).failure()).toMatchObject({ _tag: 'ConnectionClosed' });
  });

  test.each([
    ['duplex', 5 as never, {}],
    ['duplex', new Duplex({ objectMode: true }), {}],
    ['duplex', new Duplex().setEncoding('utf8'), {}],
    ['highWaterMark', new Duplex(), { highWaterMark: 0 }],
    ['deadline', new Duplex(), { deadline: -1 }],
    ['signal', new Duplex(), { signal: 5 as never }],
    ['clock', new Duplex(), { clock: {} as never }],
    ['transport', new Duplex(), { clock: undefined, transport: {} }],
    ['options', new Duplex(), null as never],
    ['options', new Duplex(), [] as never],
  ])('bad option %s', async (option, duplex, options) => {
    expect(await record(fromDuplex(duplex, options)).failure()).toMatchObject({ _tag: 'InvalidOptions', option });
  });

  test('a stream that answers within the call is no trouble', async () => {
    const { connection } = await adopted(new PassThrough());
    const sizes: number[] = [];
    const read = record(
      connection.incoming.pipe(
        map((chunk) => sizes.push(chunk.length)),
        ignoreElements(),
      ),
    );
    for (let each = 0; each < 100; each++) connection.write(`${each}\n`);
    connection.end();
    await read.completion();
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(290);
  });

  test('a TLS socket, with its addresses and its own word for a reset', async () => {
    const psk = Buffer.alloc(16, 1);
    const secret = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;
    const server = tls.createServer({ ...secret, pskCallback: () => psk }, (socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const socket = tls.connect({
      ...secret,
      port,
      host: '127.0.0.1',
      pskCallback: () => ({ psk, identity: 'me' }),
      checkServerIdentity: () => undefined,
    });
    await within(once(socket, 'secureConnect'), 'the handshake');
    const { connection, recording } = await adopted(socket);
    expect(connection.remote).toEqual({ address: '127.0.0.1', port, family: 'IPv4' });
    const echoed = record(connection.incoming.pipe(lines(), take(2)));
    connection.write('one\ntwo\n');
    expect(await within(echoed.completion(), 'the echo')).toEqual(['one', 'two']);
    connection.end();
    await within(record(connection.incoming).completion(), 'the end');
    await within(recording.completion(), 'the close');
    expect(await ledgerOf(connection)).toMatchObject({ read: 'fin', write: 'fin', failure: undefined });
  });

  test('a child process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill();
    });
    const { connection } = await adopted(Duplex.from({ readable: child.stdout, writable: child.stdin }));
    const talk = merge(of('one\n', 'two\n').pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(2)));
    expect(await record(talk).completion()).toEqual(['one', 'two']);
    connection.end();
    await within(record(connection.incoming).completion(), 'the end');
  });
});

test('a connection as a Duplex as a connection: the same', async () => {
  const server = await rawServer();
  server.server.on('connection', (socket) => socket.pipe(socket));
  const { connection, recording } = await adopted(toDuplex(await dialled({ host: '127.0.0.1', port: server.port })));
  const all = Buffer.alloc(4 * 1_048_576, 'abc');
  const received = record(connection.incoming);
  const sending = record(of(all).pipe(sendTo(connection)));
  await sending.completion();
  connection.end();
  expect(Buffer.concat([...(await received.completion())]).equals(all)).toBe(true);
  await recording.completion();
});

test('property: any bytes, in any pieces, through any pauses, arrive whole and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 20 }),
      fc.array(fc.boolean(), { maxLength: 20 }),
      fc.integer({ min: 1, max: 64 }),
      async (chunks, pauses, highWaterMark) => {
        const near = new PassThrough({ highWaterMark });
        const { connection, recording } = await adopted(near);
        const received: Buffer[] = [];
        let count = 0;
        const reading = record(
          connection.incoming.pipe(
            mergeMap((chunk) => {
              received.push(chunk);
              if (pauses[count++] === true) {
                const release = currentUpstream()?.hold();
                setImmediate(() => release?.());
              }
              return EMPTY;
            }),
          ),
        );
        await record(from(chunks).pipe(sendTo(connection))).completion();
        connection.end();
        await reading.completion();
        await recording.completion();
        expect(Buffer.concat(received).equals(Buffer.concat(chunks))).toBe(true);
      },
    ),
    { numRuns: process.env['RXJS_NET_LONG'] === '1' ? 5_000 : 100 },
  );
});

test('a peer that doesn’t read what is piped into it holds the file, or whatever it is', async () => {
  const server = await pausedServer();
  const duplex = toDuplex(await dialled(server.place));
  duplex.on('error', () => {});
  let given = 0;
  const source = new Readable({
    read() {
      given++;
      this.push(Buffer.alloc(65_536));
    },
  });
  source.pipe(duplex);
  const stalled = await standstill(() => given);
  (await server.peer()).read();
  await until(() => given > stalled + 10, 'more');
  source.unpipe(duplex);
  source.destroy();
  duplex.destroy();
  await within(
    finished(duplex).catch(() => {}),
    'the end',
  );
});
