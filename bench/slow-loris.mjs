/**
 * `node bench/slow-loris.mjs [connections]`: does a thousand peers that send a byte a second slow down somebody else's
 * ping-pong? Three servers of the same kind are up at once: one to itself, one more to itself (the difference between
 * these two is the noise), and one with the crowd. Each round measures all of them, in shuffled order; the figures are
 * ratios to the first in the same round.
 */
import process from 'node:process';

import { describeEnvironment, findPinning } from './harness/environment.mjs';
import { Child, killAll } from './harness/processes.mjs';
import { randomFrom, shuffled, spread } from './harness/statistics.mjs';

const CONNECTIONS = Number(process.argv[2] ?? 1000);
const ROUNDS = 41;
const SLICE_MS = 200;

const settings = {
  listen: { port: 0, host: '127.0.0.1' },
  noDelay: true,
  module: 'node:net',
  coalesceWrites: false,
};

/** @param {string} name @param {number | undefined} cpu */
function startServer(name, cpu) {
  const file = new URL('servers/lib-guarded-lines.mjs', import.meta.url);
  return new Child({ name, file, args: [JSON.stringify(settings)], cpu });
}

/** @param {number[]} values */
function show(values) {
  const { q1, median, q3 } = spread(values);
  return `${median.toFixed(3)} (${q1.toFixed(3)}–${q3.toFixed(3)})`;
}

async function run() {
  // Whatever hangs: it has to come to an end.
  setTimeout(() => {
    killAll();
    process.stderr.write('bench: not done after 180 s\n');
    process.exit(1);
  }, 180_000).unref();
  const pinning = findPinning();
  const random = randomFrom((Date.now() % 1_000_000) + 1);
  const load = new Child({ name: 'load', file: new URL('load.mjs', import.meta.url), cpu: pinning?.load });
  const crowd = new Child({ name: 'crowd', file: new URL('load.mjs', import.meta.url), cpu: pinning?.load });
  const names = ['alone', 'alone-again', 'crowded'];
  const servers = new Map(names.map((name) => [name, startServer(name, pinning?.server)]));
  /** @type {Map<string, { latency: number[], cpu: number[] }>} */
  const figures = new Map(names.map((name) => [name, { latency: [], cpu: [] }]));
  try {
    for (const [name, server] of servers) {
      const target = await server.request('address');
      const { address, port } = target;
      const at = { host: address, port };
      await load.request('open', { key: name, file: 'one-line', target: at, options: {} });
      if (name === 'crowded') {
        const options = { connections: CONNECTIONS };
        await crowd.request('open', { key: name, file: 'slow-loris', target: at, options }, 60_000);
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      /** @type {Map<string, { latency: number, cpu: number }>} */
      const measured = new Map();
      for (const name of shuffled(names, random)) {
        const server = /** @type {Child} */ (servers.get(name));
        const before = await server.request('sample');
        const slice = await load.request('slice', { key: name, ms: SLICE_MS });
        const after = await server.request('sample');
        if (after.failures > 0) throw new Error(after.firstFailure);
        measured.set(name, { latency: slice.latency, cpu: (after.cpu - before.cpu) / slice.ops });
      }
      // The first round warms up.
      if (round === 0) continue;
      const base = measured.get('alone');
      if (base === undefined) throw new Error('nothing was measured');
      for (const [name, { latency, cpu }] of measured) {
        figures.get(name)?.latency.push(latency / base.latency);
        figures.get(name)?.cpu.push(cpu / base.cpu);
      }
    }
    const { connections, cut, sent } = await crowd.request('report', { key: 'crowded' });
    const { node } = describeEnvironment();
    process.stdout.write(
      `Node ${node.slice(1)}; ${connections} connections, a byte a second each (${sent} sent, ${cut} cut)\n`,
    );
    process.stdout.write('ping-pong of another connection, alone = 1: median (quartiles)\n');
    for (const name of names.slice(1)) {
      const { latency, cpu } = figures.get(name) ?? { latency: [], cpu: [] };
      process.stdout.write(`${name.padEnd(12)} round trip ${show(latency)}   server CPU per round trip ${show(cpu)}\n`);
    }
    process.stdout.write('The server CPU of the crowded one has the bytes of the crowd in it.\n');
  } finally {
    await Promise.all([load.stop(), crowd.stop(), ...[...servers.values()].map((server) => server.stop())]);
  }
}

run().catch((/** @type {unknown} */ error) => {
  killAll();
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
