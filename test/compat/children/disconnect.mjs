// A worker that holds a socket that it was sent is disconnected. Arguments: the parent's net, the worker's net, `cluster` or
// `fork`, and who asks for it.
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { load, message, once, say } from './say.mjs';

const [parentNet, workerNet, kind, who, role] = process.argv.slice(2);
const isWorker = cluster.isWorker || role === 'worker';

async function work() {
  const { createServer } = await load(workerNet);
  // One that listens, shared with the primary where that is one.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const received = message(process, 'socket');
  process.send({ kind: 'ready' });
  const [, socket] = await received;
  socket.on('error', () => {});
  socket.write('hello');
  process.send({ kind: 'got' });
  if (who === 'worker') {
    if (cluster.isWorker) cluster.worker.disconnect();
    else process.disconnect();
  }
  await once(process, 'disconnect');
  // The socket is the worker's own: it works on, and keeps the process until it has closed.
  socket.resume();
  socket.end(' and bye');
  server.close();
}

async function lead() {
  const { createServer } = await load(parentNet);
  const args = [parentNet, workerNet, kind, who];
  const file = fileURLToPath(import.meta.url);
  if (kind === 'cluster') cluster.setupPrimary({ exec: file, args });
  const worker = kind === 'cluster' ? cluster.fork() : fork(file, [...args, 'worker']);
  const child = kind === 'cluster' ? worker.process : worker;
  process.on('exit', () => child.kill());
  await message(worker, 'ready');
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  client.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const [socket] = await once(server, 'connection');
  const got = message(worker, 'got');
  worker.send({ kind: 'socket' }, socket);
  await got;
  const disconnected = once(worker, 'disconnect');
  const exited = once(worker, 'exit');
  const ended = once(client, 'end');
  if (who === 'primary') worker.disconnect();
  await disconnected;
  say('disconnected');
  await ended;
  say('client read', text);
  client.end();
  say('worker left', ...(await exited));
  server.close();
}

await (isWorker ? work() : lead());
