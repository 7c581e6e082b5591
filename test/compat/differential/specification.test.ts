import { describe } from 'vitest';

import { script } from './support/script.ts';

// The programs of the specification as they stand there, with the port changed to one that the system chooses, and
// `console.log` to a line of the trace.

describe('programs of the specification', () => {
  script('net.createServer: the echo server', async (net, tools) => {
    const server = net.createServer((c) => {
      // 'connection' listener
      tools.note('client connected');
      c.on('end', () => {
        tools.note('client disconnected');
      });
      c.write('hello\r\n');
      c.pipe(c);
    });
    server.on('error', (err) => {
      throw err;
    });
    tools.watch('server', server);
    server.listen(0, () => {
      tools.note('server bound');
    });
    await tools.until(server, 'listening');
    const client = tools.builtin.connect(tools.portOf(server), '127.0.0.1');
    tools.adopt(client);
    const read = tools.peerReads(client, 13);
    client.write('world!');
    tools.note('client got', await read);
    client.end();
    await tools.peerEmits(client, 'close');
  });

  script('net.createConnection: the client of the echo server', async (net, tools) => {
    const server = tools.builtin.createServer((c) => c.pipe(c));
    const port = await tools.listen(server);
    const client = net.createConnection({ port, host: '127.0.0.1' }, () => {
      //'connect' listener
      tools.note('connected to server!');
      client.write('world!\r\n');
    });
    tools.watch('client', client);
    client.on('data', (data) => {
      tools.note(data.toString());
      client.end();
    });
    client.on('end', () => {
      tools.note('disconnected from server');
    });
    await tools.until(client, 'close');
  });

  script('net.createConnection: the client over a path', async (net, tools) => {
    const path = tools.path('echo.sock');
    await tools.listen(
      tools.builtin.createServer((c) => c.pipe(c)),
      path,
    );
    const client = net.createConnection({ path }, () => {
      tools.note('connected to server!');
      client.write('world!\r\n');
    });
    tools.watch('client', client);
    client.on('data', (data) => {
      tools.note(data.toString());
      client.end();
    });
    client.on('end', () => {
      tools.note('disconnected from server');
    });
    await tools.until(client, 'close');
  });

  script('server.address: goodbye', async (net, tools) => {
    const server = net
      .createServer((socket) => {
        socket.end('goodbye\n');
      })
      .on('error', (err) => {
        // handle errors here
        throw err;
      });
    tools.watch('server', server);
    // grab an arbitrary unused port.
    server.listen(() => {
      tools.portOf(server);
      tools.note('opened server on', server.address());
    });
    await tools.until(server, 'listening');
    const client = tools.builtin.connect(tools.portOf(server), '127.0.0.1');
    tools.adopt(client);
    tools.note('client got', await tools.peerReads(client, 8));
  });

  script('server.listen: retry when the address is in use', async (net, tools) => {
    const other = tools.builtin.createServer();
    const PORT = await tools.listen(other);
    const HOST = '127.0.0.1';
    const server = tools.watch('server', net.createServer());
    server.on('error', (e: NodeJS.ErrnoException) => {
      if (e.code === 'EADDRINUSE') {
        tools.note('Address in use, retrying...');
        setTimeout(() => {
          server.close();
          server.listen(PORT, HOST);
        }, 5);
        other.close();
      }
    });
    server.listen(PORT, HOST);
    await tools.until(server, 'listening');
    tools.note('listening', server.address());
    tools.listeners(server);
  });

  script('server.listen: exclusive', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen({
      host: 'localhost',
      port: 0,
      exclusive: true,
    });
    await tools.until(server, 'listening');
    tools.read(server, 'listening');
  });

  script('socket.setTimeout: end when idle', async (net, tools) => {
    const { client: socket, peer } = await tools.client(net, { halfOpenPeer: false });
    peer.resume();
    socket.resume();
    socket.setTimeout(10);
    socket.on('timeout', () => {
      tools.note('socket timeout');
      socket.end();
    });
    await tools.until(socket, 'close');
  });
});
