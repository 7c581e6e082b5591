import { explain, startLoad, startServer } from './bench.mjs';
import { descriptorLimit } from './environment.mjs';
import { shuffled } from './statistics.mjs';

/**
 * Memory per idle connection: what the heap (and the resident memory) of the server is with them, less what it was
 * without, after a garbage collection each. Servers run one after the other, in shuffled order, in fresh processes.
 *
 * @typedef {import('./bench.mjs').Context} Context
 * @typedef {import('../workloads.mjs').Workload} Workload
 * @typedef {{ heap: number, rss: number }} Footprint bytes per connection
 * @typedef {Record<string, Footprint>} IdleRound by variant
 */

/** Enough to have everything loaded and compiled that the first connections of a process load and compile. */
const WARM_UP = 300;

/** Descriptors that a process needs for other things. */
const SPARE = 200;

/** Failed connections don't count here: the generator leaves with resets. @param {import('./bench.mjs').Server} server */
const alive = ({ child }) => child.request('memory');

/** @param {Context} context */
function connectionCount({ plan, note }) {
  const possible = descriptorLimit() - SPARE;
  if (possible >= plan.idleConnections) return plan.idleConnections;
  note(`idle: ${possible} connections and not ${plan.idleConnections}, for the limit of open files (ulimit -n)`);
  return possible;
}

/** @param {Context} context @param {Workload} workload @param {number} connections @param {Workload['variants'][number]} variant */
async function footprint(context, workload, connections, variant) {
  const load = startLoad(context, workload);
  const server = await startServer(context, workload, variant);
  const { child, target } = server;
  const openWith = (/** @type {string} */ key, /** @type {number} */ count) =>
    load
      .request('open', { key, file: workload.load, target, options: { connections: count } }, 60_000)
      .catch(async (error) => {
        throw await explain(server, error, alive);
      });

  await openWith('warm-up', WARM_UP);
  await load.request('report', { key: 'warm-up' });
  await load.request('close', { key: 'warm-up' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = await child.request('settled-memory');
  await openWith('idle', connections);
  const after = await child.request('settled-memory');
  await load.request('report', { key: 'idle' }, 20_000).catch(async (error) => {
    throw await explain(server, error, alive);
  });
  await load.request('close', { key: 'idle' });
  await load.stop();
  await child.stop();
  return {
    heap: (after.heapUsed - before.heapUsed) / connections,
    rss: (after.rss - before.rss) / connections,
  };
}

/**
 * @param {Context} context
 * @param {Workload} workload
 * @returns {Promise<{ connections: number, rounds: IdleRound[] }>}
 */
export async function measureIdle(context, workload) {
  const connections = connectionCount(context);
  const { idleInstances } = context.plan;
  /** @type {IdleRound[]} */
  const rounds = [];
  for (let instance = 0; instance < idleInstances; instance++) {
    /** @type {IdleRound} */
    const figures = {};
    for (const variant of shuffled(workload.variants, context.random)) {
      context.progress(`${workload.id}: processes ${instance + 1}/${idleInstances}, ${variant.id}`);
      figures[variant.id] = await footprint(context, workload, connections, variant);
    }
    rounds.push(figures);
  }
  return { connections, rounds };
}
