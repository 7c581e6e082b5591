// A parent shares its listening server with a child: both may accept, and the child can go on alone.
import net from 'node:net';

import { forkSelf, load, message, once, say, textOf } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

/** What the server of that port answers. */
async function ask(port) {
  const client = net.connect(port, '127.0.0.1');
  client.setEncoding('utf8');
  return await textOf(client);
}

if (role === 'child') {
  const childsNet = await load(childNet);
  const received = message(process, 'server');
  process.send({ kind: 'ready' });
  const [, server] = await received;
  // What arrives is the platform's: a server of ours takes its handle over.
  const own = childsNet.createServer((socket) => socket.end('from the child'));
  own.listen(server);
  await once(own, 'listening');
  process.send({
    kind: 'listening',
    isServer: server instanceof childsNet.Server,
    listening: server.listening,
    port: own.address().port,
  });
  await message(process, 'close');
  own.close();
  await once(own, 'close');
  process.send({ kind: 'closed' }, () => process.disconnect());
} else {
  const { createServer } = await load(parentNet);
  const child = forkSelf(import.meta.url, 'child', parentNet, childNet);
  await message(child, 'ready');
  const server = createServer((socket) => socket.end('from the parent')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  say('before', await ask(port));
  const sent = new Promise((resolve) => child.send({ kind: 'server' }, server, resolve));
  const [there] = await message(child, 'listening');
  say('sent', await sent, 'the parent listens on', server.listening);
  say('child', there.isServer, there.listening, there.port === port);
  server.close();
  await once(server, 'close');
  say('parent closed', await ask(port));
  child.send({ kind: 'close' });
  await message(child, 'closed');
  const refused = net.connect(port, '127.0.0.1');
  const [error] = await once(refused, 'error');
  say('child closed', error.code);
  await once(child, 'exit');
}
