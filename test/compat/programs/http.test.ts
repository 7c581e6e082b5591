// Node's own HTTP over our sockets: a client that is given connections, and a server that is fed with them.
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { describe, expect, onTestFinished, test } from 'vitest';

import { standstill, until, within } from '../../observables/support/wait.ts';
import { blocks, received, send, sumOf } from './support/bytes.ts';
import { expectOwn, listening, type Module, modules } from './support/modules.ts';

interface Site {
  readonly port: number;
  /** The HTTP server, which listens to nothing by itself. */
  readonly http: http.Server;
  /** What the net server accepted, in order. */
  readonly accepted: Socket[];
}

/** An HTTP server that gets its connections from a server of the module. */
async function site(module: Module, listener: http.RequestListener, options: http.ServerOptions = {}): Promise<Site> {
  const accepted: Socket[] = [];
  const server = http.createServer(options, listener);
  // Half-open, as HTTP's own listener has it: a client may end its side and still wait for the answer.
  const door = module.net.createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    server.emit('connection', socket);
  });
  const port = await listening(door);
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
  });
  expectOwn(module, door);
  return { port, http: server, accepted };
}

/** An agent that opens its connections with the module. */
class ModuleAgent extends http.Agent {
  readonly opened: Socket[] = [];
  // Node's types have it only from a later version on.
  override readonly createConnection: (options: http.ClientRequestArgs) => Socket;

  constructor(module: Module, options: http.AgentOptions) {
    super(options);
    this.createConnection = (given) => {
      const socket = module.net.createConnection(given as never);
      this.opened.push(socket);
      return socket;
    };
    onTestFinished(() => this.destroy());
  }
}

/** Options of a request with a connection of its own. */
function direct(module: Module, port: number): http.RequestOptions {
  // No `agent`, not even `false`: an agent would not ask for `createConnection`.
  return { host: '127.0.0.1', port, createConnection: module.net.createConnection as never };
}

async function responseTo(request: http.ClientRequest): Promise<http.IncomingMessage> {
  const [response] = (await within(once(request, 'response'), 'a response')) as [http.IncomingMessage];
  return response;
}

describe.each(modules)('over $name', (module) => {
  const { net } = module;

  test('a request and its answer, and the very sockets on both sides', async () => {
    const seen: Socket[] = [];
    const { port, accepted } = await site(module, (request, response) => {
      seen.push(request.socket);
      void text(request).then((body) => response.end(`${request.method} ${request.url} ${body}`));
    });
    const request = http.request({ ...direct(module, port), method: 'POST', path: '/a?b' });
    request.end('hello');
    const response = await responseTo(request);
    expectOwn(module, response.socket);
    expectOwn(module, accepted[0]);
    expect(await text(response)).toBe('POST /a?b hello');
    expect(seen).toEqual(accepted);
    expect(seen[0]).toBe(accepted[0]);
    expect(response.socket.remotePort).toBe(port);
  });

  test('keep-alive: a hundred requests on one connection, without a listener more', async () => {
    const { port, accepted } = await site(module, (request, response) => {
      response.end(request.url);
    });
    const agent = new ModuleAgent(module, { keepAlive: true, maxSockets: 1 });
    const listeners: number[] = [];
    for (let number = 0; number < 100; number++) {
      const response = await responseTo(http.get({ host: '127.0.0.1', port, agent, path: `/${number}` }));
      expect(await text(response)).toBe(`/${number}`);
      const [socket] = agent.opened;
      if (socket === undefined) throw new Error('the agent opened nothing');
      // The agent takes it back in a later turn.
      if (!agent.freeSockets[Object.keys(agent.freeSockets)[0] ?? '']?.includes(socket)) {
        await within(once(agent, 'free'), 'a free socket');
      }
      listeners.push(socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0));
    }
    expect(agent.opened).toHaveLength(1);
    expect(accepted).toHaveLength(1);
    expectOwn(module, agent.opened[0]);
    expect(new Set(listeners.slice(1)).size).toBe(1);

    const closed = once(accepted[0] as Socket, 'close');
    agent.destroy();
    await within(closed, 'the close of the idle connection');
  });

  test('keep-alive: the server closes an idle connection, and the agent opens another', async () => {
    const {
      port,
      accepted,
      http: server,
    } = await site(module, (_request, response) => {
      response.end('done');
    });
    server.keepAliveTimeout = 1;
    const agent = new ModuleAgent(module, { keepAlive: true });
    const get = async (): Promise<string> => text(await responseTo(http.get({ host: '127.0.0.1', port, agent })));
    expect(await get()).toBe('done');
    await within(once(agent.opened[0] as Socket, 'close'), 'the close of the idle connection');
    expect(await get()).toBe('done');
    expect(accepted).toHaveLength(2);
  });

  test('many at once: fifty connections, each with its own answer', async () => {
    const { port, accepted } = await site(module, (request, response) => {
      setImmediate(() => response.end(request.url?.repeat(1000)));
    });
    const agent = new ModuleAgent(module, { keepAlive: true });
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, number) =>
        text(await responseTo(http.get({ host: '127.0.0.1', port, agent, path: `/${number}` }))),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, number) => `/${number}`.repeat(1000)));
    expect(accepted).toHaveLength(50);
  });

  test('pipelining: requests that come together are answered in order', async () => {
    const { port } = await site(module, (request, response) => {
      // The first takes longest.
      setTimeout(() => response.end(`<${request.url}>`), request.url === '/0' ? 20 : 0);
    });
    const client = net.connect(port, '127.0.0.1');
    const request = (number: number): string => `GET /${number} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    client.write(
      `${request(0)}${request(1)}${request(2)}GET /3 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    const answer = await within(text(client), 'the answers');
    expect(answer.match(/<.*?>/g)).toEqual(['</0>', '</1>', '</2>', '</3>']);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4);
  });

  test('a body of 100 MB there, and another one back', { timeout: 60_000 }, async () => {
    const total = 100 * 1_048_576;
    let arrived: unknown;
    const { port } = await site(module, (request, response) => {
      void received(request).then((sum) => {
        arrived = sum;
        return send(total, 2, response);
      });
    });
    const request = http.request({ ...direct(module, port), method: 'POST' });
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    await send(total, 1, request);
    const [response] = await answered;
    expect(arrived).toEqual(await sumOf(blocks(total, 1)));
    expect(await received(response)).toEqual(await sumOf(blocks(total, 2)));
    expectOwn(module, response.socket);
  });

  test('a client that does not read stops the server, which loses nothing', async () => {
    let accepted = 0;
    const { port } = await site(module, (_request, response) => {
      const source = blocks(64 * 1_048_576, 3);
      const more = (): void => {
        for (let next = source.next(); next.done !== true; next = source.next()) {
          accepted += next.value.length;
          if (!response.write(next.value)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const response = await responseTo(http.get(direct(module, port)));
    await standstill(() => accepted);
    expect(accepted).toBeLessThan(32 * 1_048_576);
    expect(await received(response)).toEqual(await sumOf(blocks(64 * 1_048_576, 3)));
  });

  test('an upgrade: both sides go on with the bare socket, and the first bytes are not lost', async () => {
    const { port, http: server, accepted } = await site(module, () => {});
    server.on('upgrade', (_request, socket: Socket, head: Buffer) => {
      expect(socket).toBe(accepted[0]);
      expect(head.toString()).toBe('early ');
      // The response and the first bytes behind it leave as one.
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nwelcome ');
      socket.unshift(head);
      socket.pipe(socket);
    });
    const request = http.request({ ...direct(module, port), headers: { Connection: 'Upgrade', Upgrade: 'echo' } });
    request.flushHeaders();
    // What follows the headers at once belongs to the next protocol.
    request.once('socket', (socket) => {
      socket.once('connect', () => socket.write('early '));
    });
    const [, socket, head] = (await within(once(request, 'upgrade'), 'the upgrade')) as [unknown, Socket, Buffer];
    expectOwn(module, socket);
    socket.unshift(head);
    socket.end('bye');
    expect(await within(text(socket), 'the echo')).toBe('welcome early bye');
  });

  test('CONNECT: a tunnel to another server', async () => {
    const { port: inner } = await site(module, (request, response) => {
      response.end(`inner ${request.url}`);
    });
    const { port, http: proxy } = await site(module, () => {});
    proxy.on('connect', (request, socket: Socket) => {
      const target = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
    });
    const request = http.request({ ...direct(module, port), method: 'CONNECT', path: `127.0.0.1:${inner}` });
    request.end();
    const [, tunnel] = (await within(once(request, 'connect'), 'the tunnel')) as [unknown, Socket];
    const through = http.get({ path: '/x', createConnection: () => tunnel });
    expect(await text(await responseTo(through))).toBe('inner /x');
  });

  test('100-continue: the body waits for the word of the server', async () => {
    const order: string[] = [];
    const { port, http: server } = await site(module, () => {});
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      order.push('asked');
      response.writeContinue();
      void text(request).then((body) => {
        order.push(body);
        response.end('thanks');
      });
    });
    const request = http.request({ ...direct(module, port), method: 'PUT', headers: { Expect: '100-continue' } });
    request.flushHeaders();
    await within(once(request, 'continue'), '100 Continue');
    order.push('told');
    request.end('the body');
    expect(await text(await responseTo(request))).toBe('thanks');
    expect(order).toEqual(['asked', 'told', 'the body']);
  });

  test('a client that gives up in the middle of its body: the server hears of it and goes on', async () => {
    let began = (_body: Promise<unknown>): void => {};
    const body = new Promise<unknown>((resolve) => (began = resolve));
    const { port, accepted } = await site(module, (request, response) => {
      if (request.method === 'GET') response.end('still here');
      else began(received(request));
    });
    const request = http.request({ ...direct(module, port), method: 'POST', headers: { 'Content-Length': 1000 } });
    request.on('error', () => {});
    request.write('some');
    const [socket] = (await once(request, 'socket')) as [Socket];
    await within(once(socket, 'connect'), 'the connection');
    // Only when the server is in the middle of it.
    await until(() => (accepted[0]?.bytesRead ?? 0) > 0, 'the request');
    request.destroy();
    await expect(within(body, 'the end of the request')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await text(await responseTo(http.get(direct(module, port))))).toBe('still here');
  });

  test('a server that gives up in the middle of its answer: the client hears of it', async () => {
    const { port } = await site(module, (_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('some', () => response.destroy());
    });
    const response = await responseTo(http.get(direct(module, port)));
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET', message: 'aborted' });
  });

  test('a connection that is refused: the request fails with the error of the system', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = net.createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const [error] = (await once(http.get(direct(module, port)), 'error')) as [NodeJS.ErrnoException];
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port });
    expect(error.message).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  test('a time-out of the client, on a server that says nothing', async () => {
    const { port } = await site(module, () => {});
    const request = http.get({ ...direct(module, port), timeout: 20 });
    const error = once(request, 'error');
    await within(once(request, 'timeout'), 'the time-out');
    request.destroy(new Error('too late'));
    expect(await error).toEqual([new Error('too late')]);
  });

  test('a time-out of the server, on a client that says nothing', async () => {
    const { port, http: server, accepted } = await site(module, () => {});
    server.timeout = 20;
    const client = net.connect(port, '127.0.0.1');
    client.resume();
    await within(once(client, 'close'), 'the close');
    expect(accepted[0]?.destroyed).toBe(true);
  });

  test('what is no HTTP is answered with 400 and closed', async () => {
    const { port } = await site(module, () => {});
    const client = net.connect(port, '127.0.0.1');
    client.write('what?\r\n\r\n');
    expect(await within(text(client), 'the answer')).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
});
