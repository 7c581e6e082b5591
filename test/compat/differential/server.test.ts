import { EventEmitter, setMaxListeners } from 'node:events';
import type { Server, Socket } from 'node:net';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad, type Tools } from './support/tools.ts';

const dial = async (tools: Tools, server: Server): Promise<Socket> => {
  const port = tools.portOf(server);
  const client = tools.builtin.connect(port, '127.0.0.1');
  tools.adopt(client);
  await tools.wait('a client to connect', new Promise((resolve) => client.once('connect', resolve)));
  return client;
};

describe('server', () => {
  script('close waits for the connections', async (net, tools) => {
    const { server, socket } = await tools.accepted(net);
    tools.call('close', () => server.close(tools.callback('closed')));
    await tools.turns(3);
    tools.read(server, 'listening');
    tools.note('address', server.address());
    tools.note('still open');
    socket.destroy();
    await tools.until(server, 'close');
  });

  script('close of a server that does not listen', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('close', () => server.close(tools.callback('closed')));
    await tools.turns(3);
    tools.call('close', () => server.close());
    await tools.turns(3);
    tools.listeners(server);
  });

  script('close twice', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, '127.0.0.1');
    await tools.until(server, 'listening');
    tools.call('close', () => server.close(tools.callback('first')));
    tools.call('close', () => server.close(tools.callback('second')));
    await tools.until(server, 'close');
    tools.call('close', () => server.close(tools.callback('third')));
    await tools.turns(3);
    tools.listeners(server);
  });

  script('close with an argument that is no function', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, '127.0.0.1');
    await tools.until(server, 'listening');
    tools.call('close', () => server.close(bad('bad argument')));
    await tools.until(server, 'close');
  });

  script('close while connected, then listen again', async (net, tools) => {
    const { server, socket } = await tools.accepted(net);
    server.close(tools.callback('closed'));
    tools.call('listen', () => server.listen(0, '127.0.0.1', tools.callback('listening')));
    await tools.until(server, 'listening', 2);
    socket.destroy();
    await tools.until(socket, 'close');
    await tools.turns(3);
    tools.read(server, 'listening');
  });

  script('getConnections counts, later', async (net, tools) => {
    const { server, socket } = await tools.accepted(net);
    await tools.called('counted', (callback) => {
      tools.call('getConnections', () => server.getConnections(callback));
      tools.note('after the call');
    });
    socket.destroy();
    await tools.until(socket, 'close');
    await tools.called('counted', (callback) => server.getConnections(callback));
  });

  script('getConnections of a server that does not listen', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    await tools.called('counted', (callback) => server.getConnections(callback));
  });

  script('maxConnections drops what is too much', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.maxConnections = 1;
    await tools.listen(server);
    await dial(tools, server);
    await tools.until(server, 'connection');
    const surplus = await dial(tools, server);
    surplus.resume();
    await tools.wait('the surplus to close', new Promise((resolve) => surplus.once('close', resolve)));
    await tools.until(server, 'drop');
    tools.note('bytes', surplus.bytesRead);
    await tools.called('counted', (callback) => server.getConnections(callback));
  });

  script('maxConnections: a closed one makes room', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.maxConnections = 1;
    server.on('connection', (socket) => socket.resume());
    await tools.listen(server);
    const first = await dial(tools, server);
    await tools.until(server, 'connection');
    first.destroy();
    await tools.settled();
    await tools.called('counted', (callback) => server.getConnections(callback));
    await dial(tools, server);
    await tools.until(server, 'connection', 2);
  });

  script('maxConnections 0 over a path', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.maxConnections = 0;
    const path = tools.path();
    await tools.listen(server, path);
    const client = tools.builtin.connect(path);
    tools.adopt(client);
    await tools.settled();
    tools.read(server, 'maxConnections');
  });

  script('options for accepted sockets', async (net, tools) => {
    const { socket, server } = await tools.accepted(net, {
      server: { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1500, highWaterMark: 8, allowHalfOpen: true },
    });
    tools.read(socket, 'readableHighWaterMark', 'writableHighWaterMark', 'allowHalfOpen');
    tools.read(server, 'noDelay', 'keepAlive', 'keepAliveInitialDelay', 'highWaterMark', 'allowHalfOpen');
  });

  script('createServer with wrong options', (net, tools) => {
    for (const options of ['path', 0, true, Symbol('s')]) {
      tools.call('createServer', () => net.createServer(bad(options)));
      tools.call('new Server', () => new net.Server(bad(options)));
    }
    for (const options of [null, undefined, [], new Date(0)]) {
      tools.call('createServer', () => net.createServer(bad(options)));
    }
    tools.call('listener that is no function', () => net.createServer({}, bad('x')));
    for (const highWaterMark of ['x', -1, NaN, {}, 1.5]) {
      tools.call('highWaterMark', () => net.createServer({ highWaterMark: bad(highWaterMark) }));
    }
    for (const [key, value] of Object.entries({
      keepAliveInitialDelay: 'x',
      noDelay: 'x',
      keepAlive: {},
      blockList: {},
    })) {
      tools.call(key, () => net.createServer(bad({ [key]: value })));
    }
  });

  script('asyncDispose closes, also a second time', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, '127.0.0.1');
    await tools.until(server, 'listening');
    const symbol = (Symbol as unknown as { asyncDispose: symbol }).asyncDispose;
    const dispose = (server as unknown as Record<symbol, () => Promise<void>>)[symbol];
    tools.note('there', typeof dispose);
    if (dispose === undefined) return;
    for (let round = 0; round < 2; round++) {
      await dispose.call(server).then(
        () => {
          tools.note('resolved');
        },
        (error: unknown) => {
          tools.note('rejected', error);
        },
      );
    }
    tools.note('address', server.address());
  });

  script('captureRejections: a rejecting listener destroys its socket', async (net, tools) => {
    EventEmitter.captureRejections = true;
    const server = tools.watch(
      'server',
      new net.Server(
        bad(async () => {
          await Promise.resolve();
          throw new Error('rejected');
        }),
      ),
      { accepted: 'socket' },
    );
    EventEmitter.captureRejections = false;
    const closed = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.once('close', () => {
          resolve();
        });
      });
    });
    await tools.listen(server);
    await dial(tools, server);
    await tools.wait('the socket to close', closed);
  });

  script('a connection listener that throws: the process hears of it, the next one is accepted', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.once('connection', () => {
      throw new Error('thrown by the listener');
    });
    await tools.listen(server);
    const heard = tools.uncaught();
    await dial(tools, server);
    await tools.wait('the uncaught error', heard);
    await dial(tools, server);
    await tools.until(server, 'connection', 2);
  });

  script('the listener is called on the server with the socket', async (net, tools) => {
    const { server } = await tools.accepted(net);
    server.on('connection', tools.callback('listener'));
    await dial(tools, server);
    await tools.until(server, 'connection', 2);
  });

  script('hundreds of connections, all counted', async (net, tools) => {
    const server = net.createServer();
    setMaxListeners(0, server);
    await tools.listen(server);
    const clients: Socket[] = [];
    for (let index = 0; index < 100; index++) clients.push(await dial(tools, server));
    await tools.settled();
    await tools.called('counted', (callback) => server.getConnections(callback));
    for (const client of clients) client.destroy();
    tools.note('done');
  });

  script('emit connection by hand', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.on('connection', tools.callback('listener'));
    const socket = tools.name('given', new net.Socket());
    tools.call('emit', () => server.emit('connection', socket));
    await tools.called('counted', (callback) => server.getConnections(callback));
  });

  script(
    'connections: what it counts',
    async (net, tools) => {
      const { server, socket } = await tools.accepted(net);
      tools.read(server, 'connections');
      socket.destroy();
      await tools.until(socket, 'close');
      tools.read(server, 'connections');
    },
    {
      specification: {
        sentence: 'server.connections: 在服务器端的并发连接数。',
        trace: [
          'server: listening',
          'server: connection <socket>',
          'server: connections=1',
          'socket: close false',
          'server: connections=0',
        ],
      },
    },
  );

  script(
    'connections: counted, deprecated',
    (net, tools) => {
      const server = net.createServer();
      tools.note('there', 'connections' in server, Object.keys(server).includes('connections'));
    },
    {
      specification: {
        sentence:
          'server.connections (added: v0.2.0, deprecated: v0.9.7) 在服务器端的并发连接数。 This becomes `null` when sending a socket to a child with `child_process.fork()`.',
        trace: ['there true false'],
      },
    },
  );

  script('a socket of another server counts for nobody', async (net, tools) => {
    const one = await tools.accepted(net);
    one.socket.destroy();
    tools.call('destroy again', () => one.socket.destroy());
    await tools.until(one.socket, 'close');
    await tools.called('counted', (callback) => one.server.getConnections(callback));
  });

  script(
    'a block list',
    async (net, tools) => {
      const blockList = new net.BlockList();
      blockList.addAddress('127.0.0.1');
      const server = tools.watch('server', net.createServer({ blockList } as never));
      await tools.listen(server);
      const client = await dial(tools, server);
      client.resume();
      await tools.wait('the client to close', new Promise((resolve) => client.once('close', resolve)));
      await tools.called('counted', (callback) => server.getConnections(callback));
    },
    { since: 24 },
  );
});
