// A listening server and a connection are put into a child's descriptors: `stdio: [..., server._handle, socket]`.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { load, once, say, textOf } from './say.mjs';

const [role, parentNet, childNet] = process.argv.slice(2);

if (role === 'child') {
  const { createServer, Socket } = await load(childNet);
  const server = createServer((accepted) => accepted.end('from descriptor 3')).listen({ fd: 3 });
  await once(server, 'listening');
  say('child', server.address().port > 0, server.address().family);
  const [accepted] = await once(server, 'connection');
  await once(accepted, 'close');
  server.close();
  const socket = new Socket({ fd: 4, readable: true, writable: true });
  socket.end('from descriptor 4');
  socket.resume();
  await once(socket, 'close');
  say('child closed', socket.bytesWritten);
} else {
  const { createServer } = await load(parentNet);
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const client = net.connect(port, '127.0.0.1').setEncoding('utf8');
  const [socket] = await once(server, 'connection');
  const args = [fileURLToPath(import.meta.url), 'child', parentNet, childNet];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', server._handle, socket] });
  process.on('exit', () => child.kill());
  await once(child, 'spawn');
  socket.destroy();
  server.close();
  await once(server, 'close');
  const second = net.connect(port, '127.0.0.1').setEncoding('utf8');
  say('second client read', await textOf(second));
  client.end();
  say('first client read', await textOf(client));
  await once(child, 'close');
}
