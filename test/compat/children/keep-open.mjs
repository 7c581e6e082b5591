// `keepOpen`: parent and child both have the connection, and both write to it.
import net from 'node:net';

import { count, forkSelf, load, message, once, say, textOf } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

if (role === 'child') {
  await load(childNet);
  const received = message(process, 'socket');
  process.send({ kind: 'ready' });
  const [, socket] = await received;
  socket.write('child ', () => process.send({ kind: 'wrote' }));
  await message(process, 'close');
  socket.destroy();
  await once(socket, 'close');
  process.send({ kind: 'closed' });
  await message(process, 'leave');
  process.disconnect();
} else {
  const { createServer } = await load(parentNet);
  const child = forkSelf(import.meta.url, 'child', parentNet, childNet);
  await message(child, 'ready');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  client.setEncoding('utf8');
  const [socket] = await once(server, 'connection');
  const sent = new Promise((resolve) => child.send({ kind: 'socket' }, socket, { keepOpen: true }, resolve));
  await message(child, 'wrote');
  say('sent', await sent, 'the handle stays', socket._handle !== null);
  say('counted in both', await count(server));
  child.send({ kind: 'close' });
  await message(child, 'closed');
  say('the parent has it still', socket.writable, await count(server));
  socket.end('parent');
  say('client read', await textOf(client));
  server.close();
  await once(server, 'close');
  say('closed');
  child.send({ kind: 'leave' });
  await once(child, 'exit');
}
