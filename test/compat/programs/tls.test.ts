// Node's own TLS on top of our sockets: as a client, as a server, and after a start in the clear.
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';

import { fromSocket } from 'rxjs-net/compat';
import { describe, expect, onTestFinished, test } from 'vitest';

import { within } from '../../observables/support/wait.ts';
import { blocks, received, send, sumOf } from './support/bytes.ts';
import { selfSigned } from './support/certificate.ts';
import { expectOwn, listening, type Module, modules } from './support/modules.ts';

const identity = selfSigned();
const trusted = { ca: identity.cert, servername: 'localhost' };
const MEGABYTE = 1_048_576;

interface Door {
  readonly port: number;
  /** What was accepted, still in the clear. */
  readonly accepted: Socket[];
}

/** A server of the module that gives each of its connections to another one: one of TLS, HTTPS, HTTP/2. */
async function doorOf(module: Module, to: { emit(event: 'connection', socket: Socket): unknown }): Promise<Door> {
  const accepted: Socket[] = [];
  const door = module.net.createServer((socket) => {
    accepted.push(socket);
    to.emit('connection', socket);
  });
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
  });
  expectOwn(module, door);
  return { port: await listening(door), accepted };
}

const errorOf = async (emitter: NodeJS.EventEmitter, event = 'error'): Promise<NodeJS.ErrnoException> => {
  const [error] = (await within(once(emitter, event), `'${event}'`)) as [NodeJS.ErrnoException];
  return error;
};

describe.each(modules)('over $name', (module) => {
  const { net } = module;

  /** A socket of the module to a port. */
  const plain = (port: number): Socket => {
    const socket = net.connect(port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    expectOwn(module, socket);
    return socket;
  };

  test('tls.connect({ socket }) to a tls.Server that is fed: some MB each way, by content', async () => {
    const arrived: unknown[] = [];
    const server = tls.createServer(identity, (socket) => {
      void received(socket).then((sum) => arrived.push(sum));
      void send(8 * MEGABYTE, 2, socket);
    });
    const { port, accepted } = await doorOf(module, server);
    const socket = plain(port);
    await within(once(socket, 'connect'), 'the connection');
    const client = tls.connect({ ...trusted, socket });
    await within(once(client, 'secureConnect'), 'the handshake');
    expect(client.authorized).toBe(true);
    expect(client.getPeerCertificate().subject.CN).toBe('localhost');
    const answer = received(client);
    await send(8 * MEGABYTE, 1, client);
    expect(await answer).toEqual(await sumOf(blocks(8 * MEGABYTE, 2)));
    expect(arrived).toEqual([await sumOf(blocks(8 * MEGABYTE, 1))]);
    expectOwn(module, accepted[0]);
    // It was encrypted: more bytes went through the socket than through TLS.
    expect(socket.bytesRead).toBeGreaterThan(8 * MEGABYTE);
    expect(accepted[0]?.bytesRead).toBeGreaterThan(8 * MEGABYTE);
  });

  test('tls.connect({ socket }) on a socket that is still connecting', async () => {
    const server = tls.createServer(identity, (socket) => socket.end('hello'));
    const { port } = await doorOf(module, server);
    const socket = plain(port);
    expect(socket.connecting).toBe(true);
    const client = tls.connect({ ...trusted, socket });
    expect(await within(text(client), 'the greeting')).toBe('hello');
  });

  test('tls.connect({ socket }) to a server that has nothing to do with us', async () => {
    const server = tls.createServer(identity, (socket) => socket.pipe(socket));
    const port = await listening(server);
    const client = tls.connect({ ...trusted, socket: plain(port) });
    client.end('over and back');
    expect(await within(text(client), 'the echo')).toBe('over and back');
  });

  test('a client that has nothing to do with us to a tls.Server that is fed', async () => {
    const server = tls.createServer(identity, (socket) => socket.pipe(socket));
    const { port, accepted } = await doorOf(module, server);
    const client = tls.connect({ ...trusted, port, host: '127.0.0.1' });
    client.end('over and back');
    expect(await within(text(client), 'the echo')).toBe('over and back');
    expectOwn(module, accepted[0]);
  });

  test('when TLS ends, the sockets below close on both sides', async () => {
    const server = tls.createServer(identity, (socket) => socket.end());
    const { port, accepted } = await doorOf(module, server);
    const socket = plain(port);
    const closed = once(socket, 'close');
    const client = tls.connect({ ...trusted, socket });
    client.resume();
    await within(once(client, 'close'), 'the close of TLS');
    await within(closed, 'the close of the socket');
    const [other] = accepted as [Socket];
    if (!other.closed) await within(once(other, 'close'), 'the close of the other side');
    expect(socket.destroyed).toBe(true);
  });

  test('a TLSSocket over one of these as a connection of ours: fromSocket', async () => {
    const server = tls.createServer(identity, (socket) => {
      socket.write('first ');
      socket.pipe(socket);
    });
    const { port } = await doorOf(module, server);
    const secure = tls.connect({ ...trusted, socket: plain(port) });
    await within(once(secure, 'readable'), 'the first bytes');
    const connection = fromSocket(secure);
    const chunks: Buffer[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      connection.incoming.subscribe({ next: (chunk) => chunks.push(chunk), error: reject, complete: resolve });
    });
    connection.write('second');
    connection.end();
    await within(ended, 'the end');
    expect(Buffer.concat(chunks).toString()).toBe('first second');
  });

  test('a certificate that nobody trusts: the error of TLS, and nothing stays open', async () => {
    const server = tls.createServer(identity);
    server.on('tlsClientError', () => {});
    const { port, accepted } = await doorOf(module, server);
    const socket = plain(port);
    const closed = once(socket, 'close');
    const client = tls.connect({ servername: 'localhost', socket });
    expect(await errorOf(client)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await within(closed, 'the close of the socket');
    const [other] = accepted as [Socket];
    if (!other.closed) await within(once(other, 'close'), 'the close of the other side');
  });

  test('a peer that speaks no TLS', async () => {
    const server = tls.createServer(identity);
    const { port, accepted } = await doorOf(module, server);
    const failed = errorOf(server, 'tlsClientError');
    const client = plain(port);
    client.on('error', () => {});
    client.resume();
    client.write('GET / HTTP/1.0\r\n\r\n');
    expect(await failed).toMatchObject({ code: 'ERR_SSL_HTTP_REQUEST' });
    if (!client.closed) await within(once(client, 'close'), 'the close of the client');
    expect(accepted[0]?.destroyed).toBe(true);
  });

  test('a connection that is lost in mid-handshake', async () => {
    const port = await listening(net.createServer((socket) => socket.once('data', () => socket.destroy())));
    const client = tls.connect({ ...trusted, socket: plain(port) });
    expect(await errorOf(client)).toMatchObject({
      code: 'ECONNRESET',
      message: 'Client network socket disconnected before secure TLS connection was established',
    });
  });

  test('a peer that is gone after the handshake: both hear of it', async () => {
    const server = tls.createServer(identity, (socket) => {
      socket.on('error', () => {});
      socket.write('hello');
    });
    const { port, accepted } = await doorOf(module, server);
    const socket = plain(port);
    const client = tls.connect({ ...trusted, socket });
    // Not `once`, which an 'error' rejects: over a stream without a handle, TLS hears that its last word could not be written.
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.on('error', () => {});
    await within(once(client, 'data'), 'the greeting');
    accepted[0]?.destroy();
    await within(closed, 'the close of TLS');
    expect(socket.destroyed).toBe(true);
  });

  test('in the clear first: both sides change to TLS on the same connection', async () => {
    const port = await listening(
      net.createServer((socket) => {
        socket.write('220 ready\r\n');
        socket.once('data', (command: Buffer) => {
          expect(command.toString()).toBe('STARTTLS\r\n');
          socket.write('220 go ahead\r\n', () => {
            const secure = new tls.TLSSocket(socket, { isServer: true, ...identity });
            secure.pipe(secure);
          });
        });
      }),
    );
    const socket = plain(port);
    const line = async (): Promise<string> => {
      const [data] = (await within(once(socket, 'data'), 'a line')) as [Buffer];
      return data.toString();
    };
    expect(await line()).toBe('220 ready\r\n');
    socket.write('STARTTLS\r\n');
    expect(await line()).toBe('220 go ahead\r\n');
    const client = tls.connect({ ...trusted, socket });
    client.end('secret');
    expect(await within(text(client), 'the echo')).toBe('secret');
  });

  test('TLS in TLS: a tunnel through a proxy that is reached by TLS', async () => {
    const inner = tls.createServer(identity, (socket) => socket.end('from the inside'));
    const { port: innerPort } = await doorOf(module, inner);
    const proxy = tls.createServer(identity, (socket) => {
      const target = net.connect(innerPort, '127.0.0.1');
      target.pipe(socket).pipe(target);
    });
    const { port } = await doorOf(module, proxy);
    const outside = tls.connect({ ...trusted, socket: plain(port) });
    const client = tls.connect({ ...trusted, socket: outside });
    expect(await within(text(client), 'the greeting')).toBe('from the inside');
  });

  test('HTTPS: a request with a body of some MB', async () => {
    const server = https.createServer(identity, (request, response) => {
      request.pipe(response);
    });
    const { port } = await doorOf(module, server);
    const request = https.request({
      host: 'localhost',
      port,
      method: 'POST',
      createConnection: () => tls.connect({ ...trusted, socket: plain(port) }),
    });
    const answered = once(request, 'response');
    const sent = send(4 * MEGABYTE, 5, request);
    const [response] = (await within(answered, 'the response')) as [https.Agent & NodeJS.ReadableStream];
    expect(await received(response as never)).toEqual(await sumOf(blocks(4 * MEGABYTE, 5)));
    await sent;
  });

  describe.each(['in the clear', 'over TLS'])('HTTP/2 %s', (how) => {
    const secure = how === 'over TLS';

    test('streams side by side, each with its own answer', async () => {
      const server = secure ? http2.createSecureServer(identity) : http2.createServer();
      server.on('stream', (stream, headers) => {
        stream.respond({ ':status': 200 });
        void send(MEGABYTE, Number(String(headers[':path']).slice(1)), stream);
      });
      const { port, accepted } = await doorOf(module, server);
      const session = http2.connect(`${secure ? 'https' : 'http'}://localhost:${port}`, {
        createConnection: () =>
          secure ? tls.connect({ ...trusted, ALPNProtocols: ['h2'], socket: plain(port) }) : plain(port),
      });
      onTestFinished(() => session.destroy());
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, number) => within(received(session.request({ ':path': `/${number + 1}` })), '')),
      );
      const wanted = await Promise.all(Array.from({ length: 8 }, (_, number) => sumOf(blocks(MEGABYTE, number + 1))));
      expect(answers).toEqual(wanted);
      expectOwn(module, accepted[0]);
      const closed = once(accepted[0] as Socket, 'close');
      session.close();
      await within(closed, 'the close of the connection');
    });
  });
});
