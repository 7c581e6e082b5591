import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import process from 'node:process';

import { describe } from 'vitest';

import { script } from './support/script.ts';

describe('IPC', () => {
  script('an exchange over a path', async (net, tools) => {
    const path = tools.path();
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.on('connection', (socket) => {
      socket.on('data', (chunk: Buffer) => socket.end(chunk.toString().toUpperCase()));
    });
    await tools.listen(server, path);
    const client = tools.name('client', tools.builtin.connect(path));
    const read = tools.peerReads(client, 5);
    client.write('hello');
    tools.note('answer', await read);
    client.end();
    await tools.until(server, 'connection');
    server.close();
    await tools.until(server, 'close');
    tools.note('file left', existsSync(path));
  });

  script('a client over a path that is echoed', async (net, tools) => {
    const { client, peer } = await tools.client(net, { path: tools.path() });
    peer.pipe(peer);
    client.on('data', () => undefined);
    client.write('hello');
    await tools.until(client, 'data');
    client.end();
    await tools.until(client, 'close');
  });

  script('properties over a path', async (net, tools) => {
    const { socket, server } = await tools.accepted(net, { path: tools.path() });
    tools.note('address', server.address());
    tools.note('address', socket.address());
    tools.read(socket, 'remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily');
    tools.call('setNoDelay', () => socket.setNoDelay());
    tools.call('setKeepAlive', () => socket.setKeepAlive(true, 1));
  });

  script('a plain file', async (net, tools) => {
    const path = tools.path('file');
    writeFileSync(path, 'text');
    const client = tools.watch('client', net.connect(path));
    await tools.until(client, 'close');
  });

  script('a folder', async (net, tools) => {
    const client = tools.watch('client', net.connect(tools.path('.')));
    await tools.until(client, 'close');
  });

  script('without permission', async (net, tools) => {
    const path = tools.path();
    await tools.listen(net.createServer(), path);
    chmodSync(path, 0);
    const client = tools.watch('client', net.connect(path));
    // As root nothing is forbidden: then it connects.
    const done = process.getuid?.() === 0 ? 'ready' : 'close';
    await tools.until(client, done);
  });

  script('TCP options beside a path are ignored', async (net, tools) => {
    const path = tools.path();
    await tools.listen(net.createServer(), path);
    const client = tools.watch(
      'client',
      net.connect({ path, port: 1, host: 'x', localAddress: 'nonsense', family: 6, lookup: 5 } as never),
    );
    await tools.until(client, 'ready');
  });

  script(
    'a path that is too long',
    async (net, tools) => {
      const path = tools.path('x'.repeat(120));
      const server = tools.watch('server', net.createServer());
      tools.call('listen', () => server.listen(path));
      await tools.settled();
      tools.read(server, 'listening');
      const client = tools.watch('client', net.connect(path));
      await tools.settled();
      tools.read(client, 'readyState', 'destroyed');
      tools.note('a file of 107 bytes', existsSync(Buffer.from(path).subarray(0, 107)));
    },
    {
      specification: {
        sentence:
          'The path is a filesystem path name. It gets truncated to `sizeof(sockaddr_un.sun_path) - 1`, which varies on different operating system between 91 and 107 bytes. 在 Linux 系统上的典型值是 107',
        trace: [
          'listen => <server>',
          'server: listening',
          'server: listening=true',
          'server: connection a Socket',
          'client: connect',
          'client: ready',
          'client: readyState="open" destroyed=false',
          'a file of 107 bytes true',
        ],
      },
    },
  );

  script('an empty path', (net, tools) => {
    tools.call('connect', () => net.connect(''));
    tools.call('connect', () => net.connect({ path: '' }));
    tools.call('listen', () => net.createServer().listen(''));
    tools.call('listen', () => net.createServer().listen({ path: '' }));
  });

  script('a path with a null inside', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(`${tools.path('with')}\0null`));
    await tools.turns(3);
    tools.read(server, 'listening');
  });

  script('much data over a path, both ways', async (net, tools) => {
    const { client, peer } = await tools.client(net, { path: tools.path(), watch: { joinData: true } });
    peer.pipe(peer);
    client.on('data', () => undefined);
    client.end(Buffer.alloc(1_000_000, 'abc'));
    await tools.until(client, 'close');
    tools.read(client, 'bytesRead', 'bytesWritten');
  });
});
