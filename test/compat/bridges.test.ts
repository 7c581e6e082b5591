// toSocket and fromSocket: a live connection goes across without losing a byte.
import { once } from 'node:events';
import * as builtin from 'node:net';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import * as http from 'node:http';
import * as tls from 'node:tls';

import { firstValueFrom, ignoreElements, map, take, toArray } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import { connect, type Connection, lines, serve } from 'rxjs-net';
import net, { fromSocket, toSocket } from 'rxjs-net/compat';

import { selfSigned } from './programs/support/certificate.ts';

/** A server of the platform; its port. */
async function listen(
  onConnection: (socket: builtin.Socket) => void,
  options: builtin.ServerOpts = {},
): Promise<number> {
  const server = builtin.createServer(options, onConnection).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A connection of ours to a server of the platform. */
async function dial(port: number, options: object = {}): Promise<Connection> {
  let dialled = { unsubscribe(): void {} };
  onTestFinished(() => dialled.unsubscribe());
  return new Promise((next, error) => {
    dialled = connect({ port, host: '127.0.0.1', ...options }).subscribe({ next, error });
  });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('toSocket', () => {
  test('gives a socket of the module, connected, with the addresses of the connection', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const connection = await dial(port);
    const socket = toSocket(connection);
    expect(socket).toBeInstanceOf(net.Socket);
    expect([socket.remotePort, socket.remoteAddress, socket.remoteFamily]).toEqual([port, '127.0.0.1', 'IPv4']);
    expect([socket.readyState, socket.connecting, socket.pending]).toEqual(['open', false, false]);
    socket.end('hello');
    expect(await textOf(socket)).toBe('hello');
    await closed(socket);
    expect([socket.bytesRead, socket.bytesWritten]).toEqual([5, 5]);
    const info = await firstValueFrom(connection.closed);
    expect([info.read, info.write, info.failure]).toEqual(['fin', 'fin', undefined]);
  });

  test('begins with what an earlier reader gave back', async () => {
    const port = await listen((socket) => socket.end('header\nbody that came in the same chunk'));
    const connection = await dial(port);
    expect(await firstValueFrom(connection.incoming.pipe(lines()))).toBe('header');
    expect(await textOf(toSocket(connection))).toBe('body that came in the same chunk');
  });

  test('hands over what is written before it is destroyed', async () => {
    const received: string[] = [];
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const port = await listen((socket) => {
      socket.setEncoding('utf8').on('data', (chunk: string) => received.push(chunk));
      socket.on('end', ended);
    });
    const socket = toSocket(await dial(port));
    socket.write('one ');
    socket.write('two');
    socket.destroy();
    await end;
    expect(received.join('')).toBe('one two');
  });

  test('pauses the connection while nobody reads the socket', async () => {
    const size = 8 * 1024 * 1024;
    const port = await listen((socket) => socket.end(Buffer.alloc(size)));
    const socket = toSocket(await dial(port));
    await once(socket, 'readable');
    await new Promise((resolve) => setImmediate(resolve));
    const most = 2 * 65_536 + socket.readableHighWaterMark;
    expect(socket.readableLength).toBeLessThanOrEqual(most);
    let total = 0;
    for await (const chunk of socket) total += (chunk as Buffer).length;
    expect(total).toBe(size);
  });

  test('emits the error of the system when the peer resets', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const socket = toSocket(await dial(port));
    socket.write('x');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect([error.code, error.syscall, error.message]).toEqual(['ECONNRESET', 'read', 'read ECONNRESET']);
    if (!socket.closed) expect(await once(socket, 'close')).toEqual([true]);
  });

  test('is destroyed when somebody else closes the connection', async () => {
    const port = await listen((socket) => socket.resume());
    const connection = await dial(port);
    const socket = toSocket(connection);
    connection.destroy();
    expect(await once(socket, 'close')).toEqual([false]);
    expect(socket.destroyed).toBe(true);
  });

  test('lets the peer end while it still writes', async () => {
    const port = await listen(
      (socket) => {
        socket.end('bye');
        socket.setEncoding('utf8').on('data', (chunk: string) => received.push(chunk));
        socket.on('end', ended);
      },
      { allowHalfOpen: true },
    );
    const received: string[] = [];
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const socket = toSocket(await dial(port), { allowHalfOpen: true });
    socket.resume();
    await once(socket, 'end');
    socket.write('still ');
    setImmediate(() => socket.end('here'));
    await end;
    expect(received.join('')).toBe('still here');
  });

  test('serves HTTP over the connections of serve()', async () => {
    const web = http.createServer((request, response) => response.end(`you asked for ${request.url}`));
    const address = await new Promise<{ port: number }>((resolve) => {
      const serving = serve({ port: 0, host: '127.0.0.1' }, (connection) => {
        web.emit('connection', toSocket(connection));
        return connection.closed.pipe(ignoreElements());
      }).subscribe((event) => {
        if (event.type === 'listening') resolve(event.address as AddressInfo);
      });
      onTestFinished(() => serving.unsubscribe());
    });
    const answer = await fetch(`http://127.0.0.1:${address.port}/path`, { headers: { connection: 'close' } });
    expect(await answer.text()).toBe('you asked for /path');
  });

  test('is the ground for TLS', async () => {
    const port = await listen((socket) => {
      new tls.TLSSocket(socket, { isServer: true, ...selfSigned() }).end('secret');
    });
    const secure = tls.connect({ socket: toSocket(await dial(port)), rejectUnauthorized: false });
    expect(await textOf(secure)).toBe('secret');
  });

  test('refuses what is no connection of ours', () => {
    expect(() => toSocket({} as Connection)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'connection' }),
    );
  });
});

describe('fromSocket', () => {
  test.each([
    ['a socket of the platform', builtin.connect],
    ['a socket of the module', net.connect],
  ])('reads and writes %s', async (_name, dialWith) => {
    const port = await listen((socket) => socket.pipe(socket));
    const connection = fromSocket(dialWith(port, '127.0.0.1'));
    connection.write('hello\n');
    connection.end('world\n');
    expect(await firstValueFrom(connection.incoming.pipe(lines(), toArray()))).toEqual(['hello', 'world']);
    const info = await firstValueFrom(connection.closed);
    expect(info).toMatchObject({ read: 'fin', write: 'fin', bytesRead: 12, bytesWritten: 12, failure: undefined });
  });

  test('begins with what the stream has read and nobody has taken', async () => {
    const port = await listen((socket) => socket.end('already here'));
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'readable');
    expect((socket.read(8) as Buffer).toString()).toBe('already ');
    const connection = fromSocket(socket);
    const chunks = await firstValueFrom(connection.incoming.pipe(map(String), toArray()));
    expect(chunks.join('')).toBe('here');
  });

  test('takes a FIN that came before', async () => {
    const port = await listen((socket) => socket.end());
    const socket = builtin.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.resume();
    await once(socket, 'end');
    const connection = fromSocket(socket);
    expect(await firstValueFrom(connection.incoming.pipe(toArray()))).toEqual([]);
    expect(await firstValueFrom(connection.closed)).toMatchObject({ read: 'fin', write: 'fin' });
  });

  test('holds the stream while its reader is slow, and loses nothing', async () => {
    const size = 4 * 1024 * 1024;
    const port = await listen((socket) => socket.end(Buffer.alloc(size, 7)));
    const connection = fromSocket(net.connect(port, '127.0.0.1'));
    let total = 0;
    const first = await firstValueFrom(connection.incoming);
    total += first.length;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((complete, error) => {
      connection.incoming.subscribe({ next: (chunk) => (total += chunk.length), complete, error });
    });
    expect(total).toBe(size);
  });

  test('works over any duplex stream', async () => {
    const through = new PassThrough();
    const connection = fromSocket(through);
    connection.write('a');
    expect(String(await firstValueFrom(connection.incoming.pipe(take(1))))).toBe('a');
    connection.destroy();
    expect(await firstValueFrom(connection.closed)).toMatchObject({ read: 'aborted', write: 'aborted' });
    expect(through.destroyed).toBe(true);
  });

  test('an error of the stream is a failure, with the error as its cause', async () => {
    const stream = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const connection = fromSocket(stream);
    const failed = firstValueFrom(connection.incoming).catch((failure: unknown) => failure);
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    stream.destroy(error);
    expect(await failed).toMatchObject({ _tag: 'ConnectionReset', cause: error });
  });

  test.each([
    ['no stream', {} as Duplex],
    ['a stream of objects', new PassThrough({ objectMode: true })],
    ['a stream with an encoding', new PassThrough({ encoding: 'utf8' })],
  ])('refuses %s', (_name, stream) => {
    expect(() => fromSocket(stream)).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option: 'duplex' }));
  });

  test('refuses wrong options by name', () => {
    expect(() => fromSocket(new PassThrough(), { maxQueued: -1 })).toThrow(
      expect.objectContaining({ option: 'maxQueued' }),
    );
  });

  test('goes back and forth', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const socket = toSocket(fromSocket(toSocket(fromSocket(builtin.connect(port, '127.0.0.1')))));
    socket.end('round and round');
    expect(await textOf(socket)).toBe('round and round');
  });
});

async function closed(socket: builtin.Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}
