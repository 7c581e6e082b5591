// Workers of `cluster` share a port. Arguments: the workers' net, and `rr` or `none` for the scheduling.
import cluster from 'node:cluster';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { load, message, once, say, textOf } from './say.mjs';

const [workersNet, policy] = process.argv.slice(2);

async function ask(target) {
  const client = net.connect(target).setEncoding('utf8');
  client.on('error', () => {});
  const text = await textOf(client).catch((error) => error.code);
  return text;
}

/** What a worker does on demand. */
async function work() {
  const { createServer } = await load(workersNet);
  const servers = new Map();
  process.on('message', async ({ kind, id, options, most }) => {
    const server = servers.get(id);
    if (kind === 'listen') {
      const made =
        server ??
        createServer((socket) => {
          // Held open while connections are counted.
          if (most === undefined) socket.end(String(cluster.worker.id));
          else socket.write(String(cluster.worker.id));
          socket.on('error', () => {});
          socket.resume();
        });
      if (most !== undefined) made.maxConnections = most;
      servers.set(id, made);
      const outcome = new Promise((resolve) => {
        made.once('listening', () => resolve({ port: made.address().port, address: made.address() }));
        made.once('error', (error) => {
          resolve({ code: error.code, syscall: error.syscall, port: error.port, message: error.message });
        });
      });
      made.listen(options);
      process.send({ kind: 'listened', outcome: await outcome });
      made.removeAllListeners('listening');
      made.removeAllListeners('error');
    } else if (kind === 'close') {
      server.close();
      await once(server, 'close');
      process.send({ kind: 'closed', listening: server.listening });
    } else {
      process.disconnect();
    }
  });
  process.send({ kind: 'ready' });
}

async function listen(worker, options, more = {}) {
  const told = message(worker, 'listened');
  worker.send({ kind: 'listen', id: 1, options, ...more });
  const [{ outcome }] = await told;
  return outcome;
}

async function close(worker) {
  const told = message(worker, 'closed');
  worker.send({ kind: 'close', id: 1 });
  const [{ listening }] = await told;
  return listening;
}

async function direct() {
  cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE;
  const workers = [cluster.fork(), cluster.fork()];
  process.on('exit', () => workers.forEach((worker) => worker.process.kill()));
  await Promise.all(workers.map((worker) => message(worker, 'ready')));
  const [first, second] = workers;

  // One port for both.
  const host = '127.0.0.1';
  const { port } = await listen(first, { port: 0, host });
  const other = await listen(second, { port: 0, host });
  say('both have a port', port > 0, other.port === port);
  const answers = new Set();
  for (let each = 0; each < 20; each++) answers.add(await ask({ port, host }));
  // Without round-robin it is the system that chooses, and it may choose one.
  say('served', policy === 'rr' ? [...answers].toSorted((a, b) => a - b) : answers.size > 0);

  // Close, and listen again.
  say('closed', await close(first));
  say('served by the other', await ask({ port, host }));
  const again = await listen(first, { port, host });
  say('again', again.port === port);
  say('closed', await close(first), await close(second));

  // Exclusive: each its own, and a clash is an error.
  const own = await listen(first, { port: 0, host, exclusive: true });
  const clash = await listen(second, { port: own.port, host, exclusive: true });
  say('clash', clash.code, clash.syscall, clash.port === own.port, clash.message.replace(/\d+$/, 'PORT'));
  say('closed', await close(first));

  // What the primary can't bind, the worker is told.
  const blocker = net.createServer().listen(0, host);
  await once(blocker, 'listening');
  const taken = await listen(first, { port: blocker.address().port, host });
  // (Its syscall is `bind` there, and with it the text.)
  say('taken', taken.code, taken.port === blocker.address().port);
  blocker.close();

  // A path.
  const path = join(tmpdir(), `rxjs-net-cluster-${process.pid}.sock`);
  const shared = await listen(first, { path });
  say('path', shared.address === path, await ask({ path }));
  say('closed', await close(first));

  if (policy === 'rr') {
    // A worker that is full passes the surplus on.
    const full = await listen(first, { port: 0, host }, { most: 1 });
    await listen(second, { port: 0, host }, { most: 1 });
    const clients = [net.connect(full.port, host), net.connect(full.port, host)];
    const greetings = await Promise.all(clients.map(async (client) => String((await once(client, 'data'))[0])));
    say(
      'one each',
      greetings.toSorted((a, b) => a - b),
    );
    clients.forEach((client) => client.destroy());
    say('closed', await close(first), await close(second));
  }

  for (const worker of workers) worker.send({ kind: 'leave' });
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  say('end');
}

await (cluster.isPrimary ? direct() : work());
