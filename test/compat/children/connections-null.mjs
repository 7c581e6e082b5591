// The specification's `server.connections`, and what becomes of a server whose children are gone.
import net from 'node:net';

import { count, forkSelf, load, message, once, say } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

if (role === 'child') {
  await load(childNet);
  const received = message(process, 'socket');
  process.send({ kind: 'ready' });
  await received;
  process.send({ kind: 'got' });
  await message(process, 'leave');
  // With the connection open: it goes with the process.
  process.exit();
} else {
  const { createServer } = await load(parentNet);
  const child = forkSelf(import.meta.url, 'child', parentNet, childNet);
  await message(child, 'ready');
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  say('before', server.connections);
  child.send({ kind: 'socket' }, socket);
  await message(child, 'got');
  say('after', server.connections);
  say('counted', await count(server));
  child.send({ kind: 'leave' });
  await once(child, 'exit');
  say('child gone', server.connections, await count(server));
  server.close();
  await once(server, 'close');
  say('closed');
  client.destroy();
}
