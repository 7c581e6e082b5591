// `ws` over our sockets: through an upgrade of Node's HTTP server, and with a connection of ours on the client's side.
import { once } from 'node:events';
import http from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, createWebSocketStream, WebSocket, WebSocketServer } from 'ws';

import { standstill, within } from '../../observables/support/wait.ts';
import { blocks, received, send, sumOf } from './support/bytes.ts';
import { expectOwn, listening, type Module, modules } from './support/modules.ts';

const MEGABYTE = 1_048_576;

interface Site {
  readonly url: string;
  readonly sockets: WebSocketServer;
  readonly accepted: Socket[];
  /** A client whose connection is one of the module's. */
  readonly dial: (options?: ClientOptions) => Promise<WebSocket>;
}

async function site(module: Module, perMessageDeflate = false): Promise<Site> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate, maxPayload: 64 * MEGABYTE });
  const accepted: Socket[] = [];
  const door = module.net.createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    server.emit('connection', socket);
  });
  const url = `ws://127.0.0.1:${await listening(door)}/`;
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
  });
  return {
    url,
    sockets,
    accepted,
    dial: async (options = {}) => {
      let own: Socket | undefined;
      const createConnection = (given: NetConnectOpts): Socket => {
        // What `ws` itself does before it calls net.connect.
        own = module.net.connect({ ...given, path: undefined } as unknown as NetConnectOpts);
        return own;
      };
      const client = new WebSocket(url, { perMessageDeflate, ...options, createConnection: createConnection as never });
      onTestFinished(() => client.terminate());
      await within(once(client, 'open'), 'the open WebSocket');
      expectOwn(module, own);
      expectOwn(module, accepted.at(-1));
      return client;
    },
  };
}

const messageOf = async (from: WebSocket): Promise<Buffer> => {
  const [data] = (await within(once(from, 'message'), 'a message')) as [Buffer];
  return data;
};

describe.each(modules)('over $name', (module) => {
  test('text and bytes, there and back', async () => {
    const { sockets, dial } = await site(module);
    sockets.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
    });
    const client = await dial();
    client.send('hello, wörld');
    expect((await messageOf(client)).toString()).toBe('hello, wörld');
    client.send(Buffer.from([0, 1, 255]));
    expect(await messageOf(client)).toEqual(Buffer.from([0, 1, 255]));
  });

  test('what the server says at once, with the answer to the upgrade', async () => {
    const { sockets, url } = await site(module);
    sockets.on('connection', (socket) => socket.send('welcome'));
    const createConnection = ((given: NetConnectOpts) =>
      module.net.connect({ ...given, path: undefined } as unknown as NetConnectOpts)) as never;
    const client = new WebSocket(url, { createConnection });
    onTestFinished(() => client.terminate());
    expect((await messageOf(client)).toString()).toBe('welcome');
  });

  test.each([false, true])('a message of 16 MB each way (compressed: %s)', async (deflate) => {
    const { sockets, dial } = await site(module, deflate);
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => socket.send(data));
    });
    const client = await dial();
    const message = Buffer.concat([...blocks(16 * MEGABYTE, 7)]);
    client.send(message);
    expect(message.equals(await messageOf(client))).toBe(true);
  });

  test('ten thousand small messages in order', async () => {
    const { sockets, dial } = await site(module);
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(data, { binary: false }));
    });
    const client = await dial();
    const seen: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        if (seen.push(data.toString()) === 10_000) resolve();
      });
    });
    for (let number = 0; number < 10_000; number++) client.send(String(number));
    await within(all, 'all messages');
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, number) => String(number)));
  });

  test('as a stream, with backpressure: a reader that waits stops the sender', async () => {
    const { sockets, dial } = await site(module);
    const total = 48 * MEGABYTE;
    let sender: NodeJS.WritableStream | undefined;
    let taken = 0;
    sockets.on('connection', (socket) => {
      const stream = createWebSocketStream(socket);
      sender = stream;
      stream.on('error', () => {});
      const source = blocks(total, 9);
      const more = (): void => {
        for (let next = source.next(); next.done !== true; next = source.next()) {
          taken += next.value.length;
          if (!stream.write(next.value)) {
            stream.once('drain', more);
            return;
          }
        }
        stream.end();
      };
      more();
    });
    const client = await dial();
    const stream = createWebSocketStream(client);
    await standstill(() => taken);
    expect(taken).toBeLessThan(total / 2);
    expect(sender).toBeDefined();
    expect(await received(stream)).toEqual(await sumOf(blocks(total, 9)));
  });

  test('the other way round: the client sends as a stream', async () => {
    const { sockets, dial } = await site(module);
    const arrived = new Promise((resolve) => {
      sockets.on('connection', (socket) => resolve(received(createWebSocketStream(socket))));
    });
    const client = await dial();
    await send(8 * MEGABYTE, 11, createWebSocketStream(client));
    expect(await within(arrived, 'the bytes')).toEqual(await sumOf(blocks(8 * MEGABYTE, 11)));
  });

  test('ping and pong', async () => {
    const { sockets, dial } = await site(module);
    const client = await dial();
    const [atServer] = [...sockets.clients] as [WebSocket];
    const pong = once(atServer, 'pong');
    const pinged = once(client, 'ping');
    atServer.ping('are you there');
    expect(String((await within(pinged, 'the ping'))[0])).toBe('are you there');
    expect(String((await within(pong, 'the pong'))[0])).toBe('are you there');
  });

  test.each(['client', 'server'])(
    'a closing handshake that the %s begins, and then both sockets close',
    async (who) => {
      const { sockets, dial, accepted } = await site(module);
      const client = await dial();
      const [atServer] = [...sockets.clients] as [WebSocket];
      const [first, second] = who === 'client' ? [client, atServer] : [atServer, client];
      const closes = Promise.all([once(first, 'close'), once(second, 'close'), once(accepted[0] as Socket, 'close')]);
      first.close(4001, 'that is all');
      const [one, other] = await within(closes, 'the closes');
      expect(one[0]).toBe(4001);
      expect([other[0], String(other[1])]).toEqual([4001, 'that is all']);
    },
  );

  test('a peer that is gone without a word: 1006', async () => {
    const { sockets, dial } = await site(module);
    const client = await dial();
    const [atServer] = [...sockets.clients] as [WebSocket];
    const closed = once(client, 'close');
    atServer.terminate();
    expect((await within(closed, 'the close'))[0]).toBe(1006);
  });

  test('an upgrade that is refused', async () => {
    const { sockets, dial } = await site(module);
    sockets.options.verifyClient = (_info, done) => done(false, 403);
    await expect(dial()).rejects.toThrow('Unexpected server response: 403');
  });
});
