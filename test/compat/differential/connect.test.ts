import type { Socket } from 'node:net';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import type { Tools } from './support/tools.ts';

const state = (tools: Tools, socket: Socket): void => {
  tools.read(
    socket,
    'connecting',
    '_connecting',
    'pending',
    'readyState',
    'destroyed',
    'readable',
    'writable',
    'bytesRead',
    'bytesWritten',
    'localAddress',
    'localPort',
    'localFamily',
    'remoteAddress',
    'remotePort',
    'remoteFamily',
  );
};

describe('connect', () => {
  for (const form of ['connect', 'createConnection'] as const) {
    script(`net.${form}(port, host, callback)`, async (net, tools) => {
      const port = await tools.listen(net.createServer((socket) => socket.end()));
      const client = tools.call('connect', () => net[form](port, '127.0.0.1', tools.callback('connected')));
      tools.watch('client', client as Socket).resume();
      await tools.until(client as Socket, 'close');
    });

    script(`net.${form}({ port, host }, callback)`, async (net, tools) => {
      const port = await tools.listen(net.createServer((socket) => socket.end()));
      const client = net[form]({ port, host: '127.0.0.1' }, tools.callback('connected'));
      tools.watch('client', client).resume();
      await tools.until(client, 'close');
    });

    script(`net.${form}(path, callback)`, async (net, tools) => {
      const path = tools.path();
      await tools.listen(
        net.createServer((socket) => socket.end()),
        path,
      );
      const client = net[form](path, tools.callback('connected'));
      tools.watch('client', client).resume();
      await tools.until(client, 'close');
    });
  }

  script('every form of socket.connect returns the socket and calls back', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const path = tools.path();
    await tools.listen(
      net.createServer((socket) => socket.end()),
      path,
    );
    const forms: readonly (readonly [string, (socket: Socket) => Socket])[] = [
      ['(port, host)', (socket) => socket.connect(port, '127.0.0.1')],
      ['(port, host, callback)', (socket) => socket.connect(port, '127.0.0.1', tools.callback('connected'))],
      ['({ port, host })', (socket) => socket.connect({ port, host: '127.0.0.1' })],
      [
        '({ port, host }, callback)',
        (socket) => socket.connect({ port, host: '127.0.0.1' }, tools.callback('connected')),
      ],
      ['(path)', (socket) => socket.connect(path)],
      ['(path, callback)', (socket) => socket.connect(path, tools.callback('connected'))],
      ['({ path }, callback)', (socket) => socket.connect({ path }, tools.callback('connected'))],
    ];
    for (const [index, [form, connect]] of forms.entries()) {
      const socket = tools.watch(`socket ${index}`, new net.Socket());
      tools.call(form, () => connect(socket));
      socket.resume();
      await tools.until(socket, 'close');
    }
  });

  script('a port may be a decimal or a hexadecimal string', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    for (const text of [String(port), `0x${port.toString(16)}`]) {
      const client = tools.watch(
        `client ${text.startsWith('0x')}`,
        net.connect({ port: text as never, host: '127.0.0.1' }),
      );
      client.resume();
      await tools.until(client, 'close');
    }
  });

  script('path wins over port', async (net, tools) => {
    const path = tools.path();
    await tools.listen(
      net.createServer((socket) => socket.end('by path')),
      path,
    );
    const client = tools.watch('client', net.connect({ path, port: 1, host: '127.0.0.1' }));
    await tools.until(client, 'connect');
    client.resume();
    await tools.until(client, 'close');
  });

  script('the state before, during and after a connection', async (net, tools) => {
    const server = net.createServer();
    const port = await tools.listen(server);
    const client = tools.watch('client', new net.Socket());
    state(tools, client);
    client.on('connect', () => {
      state(tools, client);
    });
    client.on('ready', () => {
      state(tools, client);
    });
    client.on('end', () => {
      state(tools, client);
    });
    client.on('close', () => {
      state(tools, client);
    });
    server.on('connection', (socket) => {
      setImmediate(() => setImmediate(() => socket.end('bye')));
    });
    client.connect(port, '127.0.0.1');
    state(tools, client);
    client.resume();
    await tools.until(client, 'close');
    await tools.turns(1);
    state(tools, client);
  });

  script('the state after end while connecting', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.resume().end()));
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    tools.call('end', () => client.end());
    state(tools, client);
    client.resume();
    await tools.until(client, 'close');
  });

  script('addresses on both sides', async (net, tools) => {
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    const port = await tools.listen(server);
    const client = tools.watch('client', new net.Socket());
    client.connect(port, '127.0.0.1');
    await tools.until(client, 'connect');
    await tools.until(server, 'connection');
    tools.call('client.address', () => client.address());
    state(tools, client);
  });

  script('addresses of an accepted socket, and after it was destroyed', async (net, tools) => {
    const { socket } = await tools.accepted(net);
    tools.call('address', () => socket.address());
    state(tools, socket);
    socket.destroy();
    tools.call('address after destroy', () => socket.address());
    state(tools, socket);
    await tools.until(socket, 'close');
    tools.call('address after close', () => socket.address());
    state(tools, socket);
  });

  script('addresses that were never read before close', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    peer.end();
    await tools.until(client, 'close');
    state(tools, client);
  });

  script('addresses over a path', async (net, tools) => {
    const { client } = await tools.client(net, { path: tools.path() });
    state(tools, client);
    tools.call('address', () => client.address());
  });

  script('written while connecting: sent in order, counted at once', async (net, tools) => {
    const server = tools.builtin.createServer({ allowHalfOpen: true });
    const received: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('data', (chunk) => received.push(chunk));
        socket.on('end', () => {
          socket.end();
          resolve();
        });
      });
    });
    const port = await tools.listen(server);
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    tools.call('write', () => client.write('äöü', tools.callback('first written')));
    tools.read(client, 'bytesWritten', 'bufferSize', 'writableLength');
    tools.call('write', () => client.write(Buffer.from('abc'), tools.callback('second written')));
    tools.read(client, 'bytesWritten', 'bufferSize', 'writableLength');
    tools.call('write', () => client.write('00ff', 'hex'));
    tools.call('write', () => client.write('last', 'utf8', tools.callback('last written')));
    tools.read(client, 'bytesWritten', 'bufferSize', 'writableLength');
    tools.call('end', () => client.end('end', tools.callback('ended')));
    tools.read(client, 'bytesWritten', 'bufferSize', 'writableLength');
    client.resume();
    await tools.wait('the server to get it', all);
    await tools.until(client, 'close');
    tools.note('received', Buffer.concat(received).toString());
    tools.read(client, 'bytesWritten', 'bufferSize', 'writableLength');
  });

  script('a write from the connect callback comes after the queued ones', async (net, tools) => {
    const server = tools.builtin.createServer();
    const accepted = new Promise<Socket>((resolve) => {
      server.once('connection', resolve);
    });
    const port = await tools.listen(server);
    const client = tools.watch(
      'client',
      net.connect(port, '127.0.0.1', () => {
        tools.call('write', () => client.write('2', tools.callback('2 written')));
      }),
    );
    tools.call('write', () => client.write('1', tools.callback('1 written')));
    const peer = await tools.wait('the peer', accepted);
    tools.note('received', await tools.peerReads(peer, 2));
    tools.read(client, 'bytesWritten');
  });

  script('write returns false with a high-water mark of 0', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.resume()));
    const client = tools.watch('client', new net.Socket({ highWaterMark: 0 } as never));
    client.connect(port, '127.0.0.1');
    tools.call('write', () => client.write('x', tools.callback('written')));
    await tools.until(client, 'drain');
    await tools.called('written', (callback) => {
      tools.call('write', () => client.write('x', callback));
    });
    tools.read(client, 'writableHighWaterMark', 'readableHighWaterMark');
  });

  script('a refused connection', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect(port, '127.0.0.1', tools.callback('connected')));
    client.on('error', () => {
      state(tools, client);
    });
    await tools.until(client, 'close');
    state(tools, client);
    tools.listeners(client);
  });

  script('a refused connection with a local address', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' }));
    await tools.until(client, 'close');
  });

  script('a refused connection with a local port', async (net, tools) => {
    const port = await tools.deadPort();
    const localPort = await tools.deadPort();
    const client = tools.watch(
      'client',
      net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort }),
    );
    await tools.until(client, 'close');
  });

  script('what was written and ended before a refusal', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    tools.call('write', () => client.write('x', tools.callback('written')));
    tools.call('end', () => client.end('y', tools.callback('ended')));
    await tools.until(client, 'close');
    tools.read(client, 'bytesWritten', 'writableLength', 'errored', 'closed');
  });

  script('a local port is used', async (net, tools) => {
    const server = net.createServer((socket) => socket.end());
    const port = await tools.listen(server);
    const localPort = await tools.deadPort();
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1', localPort }));
    client.resume();
    await tools.until(client, 'connect');
    tools.note('same', client.localPort === localPort);
    await tools.until(client, 'close');
  });

  script('a local port in use', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const taken = await tools.listen(net.createServer());
    const client = tools.watch(
      'client',
      net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort: taken }),
    );
    state(tools, client);
    await tools.until(client, 'close');
  });

  script('a local address that is not ours', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1', localAddress: '192.0.2.1' }));
    await tools.until(client, 'close');
  });

  script('port 0 does not throw but fails', async (net, tools) => {
    const client = tools.watch('client', net.connect({ port: 0, host: '127.0.0.1' }));
    await tools.until(client, 'close');
  });

  script('a path to nothing', async (net, tools) => {
    const client = tools.watch('client', net.connect(tools.path('nothing'), tools.callback('connected')));
    state(tools, client);
    await tools.until(client, 'close');
    state(tools, client);
  });

  script('the same socket connects again from its close handler', async (net, tools) => {
    const server = net.createServer((socket) => socket.end('hi'));
    const port = await tools.listen(server);
    const client = tools.watch('client', new net.Socket());
    client.setEncoding('utf8');
    client.on('data', () => undefined);
    let rounds = 0;
    client.on('close', () => {
      rounds += 1;
      tools.read(client, 'bytesRead', 'bytesWritten', 'readyState');
      if (rounds < 3) {
        tools.call('connect', () => client.connect(port, '127.0.0.1', tools.callback('connected')));
        client.write('x');
      }
    });
    client.connect(port, '127.0.0.1', tools.callback('connected'));
    client.write('abc');
    await tools.until(client, 'close', 3);
    await tools.turns(1);
    tools.listeners(client);
  });

  script('the same socket connects again after failures', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', new net.Socket());
    let rounds = 0;
    client.on('close', () => {
      rounds += 1;
      if (rounds < 3) tools.call('connect', () => client.connect(port, '127.0.0.1'));
    });
    client.connect(port, '127.0.0.1');
    await tools.until(client, 'close', 3);
    await tools.turns(1);
    state(tools, client);
    tools.listeners(client);
  });

  script('a socket that failed connects to a server that is there', async (net, tools) => {
    const dead = await tools.deadPort();
    const port = await tools.listen(net.createServer((socket) => socket.end('hi')));
    const client = tools.watch('client', new net.Socket());
    client.on('data', () => undefined);
    client.once('close', () => {
      client.connect(port, '127.0.0.1');
    });
    client.connect(dead, '127.0.0.1');
    await tools.until(client, 'close', 2);
  });

  script('a socket that was destroyed connects again', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end('hi')));
    const client = tools.watch('client', new net.Socket());
    client.on('data', () => undefined);
    client.connect(port, '127.0.0.1');
    await tools.until(client, 'connect');
    client.destroy();
    tools.call('connect again at once', () => client.connect(port, '127.0.0.1'));
    state(tools, client);
    await tools.until(client, 'close');
  });

  script('connect on a socket that is connected', async (net, tools) => {
    const { client } = await tools.client(net);
    const port = client.remotePort as number;
    tools.call('connect again', () => client.connect(port, '127.0.0.1'));
    state(tools, client);
    await tools.next(client, 'connect').catch(() => undefined);
  });

  script('the connect callback is dropped once it was called', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.resume()));
    const client = tools.watch('client', net.connect(port, '127.0.0.1', tools.callback('connected')));
    tools.listeners(client);
    await tools.until(client, 'ready');
    tools.listeners(client);
  });

  script('end on a socket that never connected', async (net, tools) => {
    const client = tools.watch('client', new net.Socket());
    tools.call('end', () => client.end(tools.callback('ended')));
    state(tools, client);
    await tools.turns(3);
    state(tools, client);
  });

  script('destroy on a socket that never connected', async (net, tools) => {
    const client = tools.watch('client', new net.Socket());
    tools.call('destroy', () => client.destroy());
    await tools.until(client, 'close');
    state(tools, client);
  });

  script('destroy with an error on a socket that never connected', async (net, tools) => {
    const client = tools.watch('client', new net.Socket());
    tools.call('destroy', () => client.destroy(new Error('enough')));
    await tools.until(client, 'close');
    tools.read(client, 'errored', 'destroyed');
  });

  script('destroy right after connect to an address', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch('client', net.connect(port, '127.0.0.1', tools.callback('connected')));
    tools.call('destroy', () => client.destroy());
    state(tools, client);
    await tools.until(client, 'close');
    await tools.turns(5);
    state(tools, client);
  });

  for (const autoSelectFamily of [false, true]) {
    script(`destroy right after connect to a name, with autoSelectFamily ${autoSelectFamily}`, async (net, tools) => {
      const port = await tools.listen(net.createServer());
      let answer = (): void => undefined;
      const client = tools.watch(
        'client',
        net.connect({
          port,
          host: 'somewhere.test',
          autoSelectFamily,
          lookup: (_host, _options, callback) => {
            answer = () => {
              if (autoSelectFamily) callback(null, [{ address: '127.0.0.1', family: 4 }]);
              else callback(null, '127.0.0.1', 4);
            };
          },
        }),
      );
      await tools.turns(1);
      tools.call('destroy', () => client.destroy());
      await tools.until(client, 'close');
      tools.call('the lookup answers', answer);
      await tools.turns(5);
      state(tools, client);
    });
  }

  script('destroy in the connect callback', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch(
      'client',
      net.connect(port, '127.0.0.1', () => {
        tools.call('destroy', () => client.destroy());
      }),
    );
    client.write('x', tools.callback('written'));
    await tools.until(client, 'close');
    await tools.turns(2);
  });

  script('destroy inside error gives one close', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.on('error', () => {
      tools.call('destroy', () => client.destroy());
    });
    await tools.until(client, 'close');
    await tools.turns(3);
  });

  script('end before connect still connects, finishes and closes', async (net, tools) => {
    const server = tools.builtin.createServer((socket) => socket.resume());
    const port = await tools.listen(server);
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    tools.call('end', () => client.end());
    client.resume();
    await tools.until(client, 'close');
    state(tools, client);
  });

  script('methods while connecting and after close do not throw', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    const all = (): void => {
      tools.call('setNoDelay', () => client.setNoDelay());
      tools.call('setKeepAlive', () => client.setKeepAlive(true, 1000));
      tools.call('pause', () => client.pause());
      tools.call('resume', () => client.resume());
      tools.call('address', () => client.address());
      tools.call('ref', () => client.ref());
      tools.call('unref', () => client.unref());
      tools.call('setTimeout', () => client.setTimeout(0));
      tools.read(client, 'bufferSize', 'remoteAddress', 'remotePort', 'bytesRead', 'bytesWritten');
    };
    all();
    client.ref();
    await tools.until(client, 'close');
    all();
    tools.read(client, '_handle');
  });

  script('a connection that another server closed its listener for', async (net, tools) => {
    const { server, socket } = await tools.accepted(net);
    server.close();
    state(tools, socket);
    tools.call('address', () => socket.address());
  });

  script('_handle exists while there is a connection', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.note('handle', typeof client._handle, client._handle === null);
    client.destroy();
    tools.note('handle', (client as { _handle?: unknown })._handle);
    await tools.until(client, 'close');
  });
});
