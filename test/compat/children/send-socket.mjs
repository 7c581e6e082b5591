// A parent accepts a connection and hands it to a child, which answers it. Arguments: the parent's net, the child's net.
import net from 'node:net';

import { count, forkSelf, load, message, once, say, textOf } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

if (role === 'child') {
  const { Socket } = await load(childNet);
  const received = message(process, 'socket');
  process.send({ kind: 'ready' });
  const [, socket] = await received;
  process.send({ kind: 'got', isSocket: socket instanceof Socket, remote: typeof socket.remotePort });
  await message(process, 'go on');
  socket.setEncoding('utf8');
  socket.resume();
  socket.on('data', (text) => socket.end(`child read ${text}`));
  await once(socket, 'close');
  process.disconnect();
} else {
  const { createServer } = await load(parentNet);
  const child = forkSelf(import.meta.url, 'child', parentNet, childNet);
  await message(child, 'ready');
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  client.setEncoding('utf8');
  client.write('before');
  const [socket] = await once(server, 'connection');
  say('accepted', await count(server), socket.bytesRead);
  const sent = new Promise((resolve) => child.send({ kind: 'socket' }, socket, resolve));
  say('handle after send', socket._handle);
  const [{ isSocket, remote }] = await message(child, 'got');
  say('sent', await sent);
  say('child got a socket of its net', isSocket, remote);
  say('counted in the child', await count(server), server._usingWorkers);
  let closed = false;
  server.close((error) => {
    closed = true;
    say('closed', error ?? null);
  });
  await new Promise((resolve) => setImmediate(resolve));
  say('close waits for the child', !closed, server.listening);
  child.send({ kind: 'go on' });
  say('client read', await textOf(client));
  await once(server, 'close');
  say('children', server._workers.length);
  await once(child, 'exit');
}
