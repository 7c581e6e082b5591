/**
 * What a simulated network costs: the process's own CPU time, of two scenarios, in seconds. Every answer is counted. Next to a real
 * network there is nothing to compare it with, so the bounds (bounds.mjs) are times, on the machine that it runs on.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { map } from 'rxjs';
import { connect, lines, serve } from 'rxjs-net';
import { simulateNetwork } from 'rxjs-net/testing';

import { simulationSeconds } from './bounds.mjs';
import { describeEnvironment } from './harness/environment.mjs';
import { spread } from './harness/statistics.mjs';

const ROUNDS = 3;
const MESSAGES = 10;
const HOUR = 3_600_000;
const PING_EVERY = 30_000;

/** @param {import('rxjs-net/testing').SimulatedNetwork} network @param {number} backlog */
function answeringServer(network, backlog = 511) {
  const { transport } = network.host('server');
  return serve({ port: 80, transport, backlog, idleTimeout: 3 * PING_EVERY }, (connection) =>
    connection.incoming.pipe(
      lines(),
      map((line) => `${line} too\n`),
    ),
  ).subscribe();
}

/** So many connections at once, each of which asks, and asks again when it was answered. @param {number} count */
async function exchange(count) {
  // All of them dial in the same moment.
  const network = simulateNetwork({ backlog: count });
  const server = answeringServer(network, count);
  const { transport } = network.host('client');
  let answers = 0;
  /** @returns {Promise<void>} */
  const one = () =>
    new Promise((resolve, reject) => {
      connect({ host: 'server', port: 80, transport }).subscribe({
        next(connection) {
          let answered = 0;
          connection.incoming.pipe(lines()).subscribe({
            next() {
              answers++;
              if (++answered === MESSAGES) connection.end();
              else connection.write(`message ${answered}\n`);
            },
            error: reject,
          });
          connection.write('message 0\n');
        },
        error: reject,
        complete: resolve,
      });
    });
  await network.run(() => Promise.all(Array.from({ length: count }, one)));
  server.unsubscribe();
  if (answers !== count * MESSAGES) throw new Error(`${answers} answers, expected ${count * MESSAGES}`);
}

/**
 * So many connections for one hour of virtual time: a ping every 30 seconds, which is answered; limits at the server; and the
 * system's own probes in between.
 *
 * @param {number} count
 */
async function idleHour(count) {
  const network = simulateNetwork();
  const server = answeringServer(network);
  const { transport } = network.host('client');
  let pings = 0;
  let answers = 0;
  await network.run(async () => {
    const clients = Array.from({ length: count }, () =>
      connect({ host: 'server', port: 80, transport, keepAlive: true, keepAliveInitialDelay: 10_000 }).subscribe(
        (connection) => {
          connection.incoming.pipe(lines()).subscribe(() => answers++);
          const ping = () => {
            pings++;
            connection.write('ping\n');
            network.clock.after(PING_EVERY, ping);
          };
          ping();
        },
      ),
    );
    await network.sleep(HOUR);
    for (const client of clients) client.unsubscribe();
  });
  server.unsubscribe();
  if (pings < (count * HOUR) / PING_EVERY || answers !== pings)
    throw new Error(`${answers} answers to ${pings} pings of ${count} connections`);
}

/** @typedef {{ id: keyof typeof simulationSeconds, title: string, full: number, smoke: number, run: (count: number) => Promise<void> }} Scenario */

/** @type {readonly Scenario[]} */
const scenarios = [
  {
    id: 'exchange',
    title: `connections that exchange ${MESSAGES} messages each`,
    full: 10_000,
    smoke: 100,
    run: exchange,
  },
  {
    id: 'idleHour',
    title: 'connections, idle for one virtual hour, with a ping every 30 s',
    full: 100,
    smoke: 2,
    run: idleHour,
  },
];

/** @param {() => Promise<void>} run */
async function cpuSeconds(run) {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Measures each, and says what was missed.
 *
 * @param {{ smoke: boolean, check: boolean }} wanted
 */
export async function runSimulation({ smoke, check }) {
  /** @type {string[]} */
  const rows = [];
  let missed = false;
  for (const { id, title, full, smoke: small, run } of scenarios) {
    const count = smoke ? small : full;
    const samples = [];
    for (let round = 0; round < (smoke ? 1 : ROUNDS); round++) samples.push(await cpuSeconds(() => run(count)));
    const { median, q1, q3 } = spread(samples);
    const atMost = simulationSeconds[id];
    const verdict = smoke ? 'not judged' : median <= atMost ? 'met' : 'missed';
    missed ||= verdict === 'missed';
    const figures = `${median.toFixed(2)} s (${q1.toFixed(2)}–${q3.toFixed(2)})`;
    process.stdout.write(`  ${count} ${title}: ${figures} of CPU, at most ${atMost} s: ${verdict}\n`);
    rows.push(`| ${count} ${title} | ${figures} | ≤ ${atMost} s | ${verdict} |`);
  }
  if (check && missed) process.exitCode = 1;
  if (smoke) return;
  const { node, cpu, cpus, platform } = describeEnvironment();
  const text = `# What a simulated network costs

Made by \`npm run bench -- --simulation\`; do not edit. CPU time of the whole process, user and system, median and
quartiles of ${ROUNDS} runs in one process. Node ${node}; ${cpu}, ${cpus} processors,
${platform}.

| scenario | CPU time | bound | verdict |
| --- | ---: | ---: | --- |
${rows.join('\n')}
`;
  writeFileSync(fileURLToPath(new URL('results/simulation.md', import.meta.url)), text);
}
