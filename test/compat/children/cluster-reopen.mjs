// By the specification a worker's server that listens already is re-opened, with the primary's part of it.
import cluster from 'node:cluster';
import net from 'node:net';

import { load, message, once, say, textOf } from './say.mjs';

const [workersNet, policy] = process.argv.slice(2);

if (cluster.isPrimary) {
  cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE;
  const worker = cluster.fork();
  process.on('exit', () => worker.process.kill());
  const ports = [];
  for (const round of ['first', 'elsewhere', 'there again']) {
    const [{ port }] = await message(worker, 'listening');
    ports.push(port);
    say(round, await textOf(net.connect(port, '127.0.0.1').setEncoding('utf8')));
    worker.send({ kind: 'go on' });
  }
  const [first, second, third] = ports;
  say('moved', first !== second, 'stayed', second === third);
  const [error] = await once(net.connect(first, '127.0.0.1'), 'error');
  say('the first port', error.code);
  await once(worker, 'exit');
} else {
  const { createServer } = await load(workersNet);
  const server = createServer((socket) => socket.end('served'));
  const listen = async (port) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const told = message(process, 'go on');
    process.send({ kind: 'listening', port: server.address().port });
    await told;
  };
  await listen(0);
  await listen(0);
  await listen(server.address().port);
  process.disconnect();
}
