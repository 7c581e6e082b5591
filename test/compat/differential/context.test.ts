// In whose context `net` calls: what an `AsyncLocalStorage` holds in each listener and callback.
import { AsyncLocalStorage } from 'node:async_hooks';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import type { Tools } from './support/tools.ts';

const store = new AsyncLocalStorage<string>();
const whose = (): string => store.getStore() ?? 'none';
const as = <T>(user: string, work: () => T): T => store.run(user, work);

type Emitter = { on(event: string, listener: (...given: unknown[]) => void): unknown };

/** Notes each event with the context in which the listener runs. */
const listen = (tools: Tools, emitter: Emitter, name: string, ...events: readonly string[]): void => {
  for (const event of events) emitter.on(event, () => tools.note(`${name} ${event} in`, whose()));
};

describe('the context of listeners and callbacks', () => {
  script('a client: who dialled, who listens, who writes', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        as('dialler', () => {
          const socket = net.connect(to as { port: number });
          as('listener', () =>
            listen(tools, socket, 'client', 'lookup', 'connect', 'ready', 'data', 'end', 'finish', 'close'),
          );
          return socket;
        }),
    });
    for (const user of ['alice', 'bob']) {
      await new Promise<void>((resolve) => {
        as(user, () =>
          client.write(user, () => {
            tools.note(`${user} has written in`, whose());
            resolve();
          }),
        );
      });
    }
    await tools.peerReads(peer, 8);
    const data = tools.next(client, 'data');
    as('peer', () => peer.write('answer'));
    await data;
    as('alice', () => client.end(() => tools.note('ended in', whose())));
    await tools.until(client, 'finish');
    as('peer', () => peer.end());
    await tools.until(client, 'close');
  });

  script('a client that is paused by one and resumed by another', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) => as('dialler', () => net.connect(to as { port: number })),
    });
    as('alice', () => listen(tools, client, 'client', 'data', 'pause', 'resume'));
    const first = tools.next(client, 'data');
    peer.write('1');
    await first;
    as('alice', () => client.pause());
    peer.write('2');
    await tools.settled();
    const second = tools.next(client, 'data');
    as('bob', () => client.resume());
    await second;
    const third = tools.next(client, 'data');
    peer.write('3');
    await third;
  });

  script('a time-out, and a destroy by another one', async (net, tools) => {
    const { client } = await tools.client(net, {
      make: (to) => as('dialler', () => net.connect(to as { port: number })),
    });
    listen(tools, client, 'client', 'timeout', 'error', 'close');
    as('alice', () => client.setTimeout(20, () => tools.note('timed out in', whose())));
    await tools.until(client, 'timeout');
    as('bob', () => client.destroy(new Error('enough')));
    await tools.until(client, 'close');
  });

  script('a dial that fails', async (net, tools) => {
    const port = await tools.deadPort();
    const client = as('dialler', () => tools.watch('client', net.connect(port, '127.0.0.1')));
    as('alice', () => listen(tools, client, 'client', 'error', 'close'));
    await tools.until(client, 'close');
  });

  script('a server: who made it, who listens, who connects', async (net, tools) => {
    const server = as('maker', () =>
      tools.watch(
        'server',
        net.createServer(() => tools.note('connection in', whose())),
        { accepted: 'socket' },
      ),
    );
    listen(tools, server, 'server', 'listening', 'connection', 'close');
    server.on('connection', (socket) => {
      as('handler', () => listen(tools, socket, 'socket', 'data', 'end', 'close'));
      socket.write('hello', () => tools.note('the server has written in', whose()));
    });
    const port = await as('binder', () => tools.listen(server));
    for (const user of ['alice', 'bob']) {
      const closed = tools.next(server, 'connection');
      const peer = as(user, () => tools.builtin.connect(port, '127.0.0.1'));
      await closed;
      await tools.peerReads(peer, 5);
      as(user, () => peer.end('goodbye'));
      await tools.peerEmits(peer, 'close');
      await tools.settled();
    }
    await new Promise<void>((resolve) => {
      as('closer', () =>
        server.close(() => {
          tools.note('closed in', whose());
          resolve();
        }),
      );
    });
  });

  script('a connection listener that enters a context', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    let count = 0;
    server.on('connection', (socket) => {
      tools.note('connection in', whose());
      count++;
      store.enterWith(`connection ${count}`);
      listen(tools, socket, 'socket', 'data', 'close');
    });
    const port = await tools.listen(server);
    for (let n = 0; n < 2; n++) {
      const connection = tools.next(server, 'connection');
      const peer = tools.builtin.connect(port, '127.0.0.1');
      await connection;
      peer.end('hello');
      peer.resume();
      await tools.peerEmits(peer, 'close');
      await tools.settled();
    }
    server.close();
    await tools.until(server, 'close');
  });
});
