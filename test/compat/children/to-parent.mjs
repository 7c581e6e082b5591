// The other direction: a child hands its parent a socket, and then a server.
import net from 'node:net';

import { forkSelf, load, message, once, say, textOf } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

if (role === 'child') {
  const { createServer } = await load(childNet);
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ kind: 'listening', port: server.address().port });
  const [socket] = await once(server, 'connection');
  process.send({ kind: 'socket' }, socket);
  await message(process, 'now the server');
  process.send({ kind: 'server' }, server, () => {
    server.close();
    process.disconnect();
  });
} else {
  const { createServer, Socket, Server } = await load(parentNet);
  const child = forkSelf(import.meta.url, 'child', parentNet, childNet);
  const received = message(child, 'socket');
  const [{ port }] = await message(child, 'listening');
  const client = net.connect(port, '127.0.0.1');
  client.setEncoding('utf8');
  client.write('hello');
  const [, socket] = await received;
  say('socket', socket instanceof Socket, socket.localPort === port);
  const [hello] = await once(socket, 'data');
  socket.end(`parent read ${hello}`);
  say('client read', await textOf(client));
  child.send({ kind: 'now the server' });
  const [, server] = await message(child, 'server');
  say('server', server instanceof Server, server.listening);
  const own = createServer((accepted) => accepted.end('parent')).listen(server);
  await once(own, 'listening');
  await once(child, 'exit');
  const second = net.connect(port, '127.0.0.1');
  second.setEncoding('utf8');
  say('client read', await textOf(second));
  own.close();
}
