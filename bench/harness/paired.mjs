import { explain, sample, startLoad, startServer } from './bench.mjs';
import { shuffled } from './statistics.mjs';

/**
 * Rounds of short slices. All variants of a workload are up; in every round each of them has one slice, in shuffled
 * order; a ratio is always taken within a round. Slow drift of the machine hits all variants of a round alike, and what a
 * process happened to be born with (allocator, code layout) is averaged out by starting fresh ones.
 *
 * @typedef {import('./bench.mjs').Context} Context
 * @typedef {import('./bench.mjs').Server} Server
 * @typedef {import('../workloads.mjs').Workload} Workload
 *
 * @typedef {object} Figure of one slice
 * @property {number} cpuPerOp µs of server CPU
 * @property {number} rate operations per second
 * @property {number | null} latency median round trip in ms
 * @property {number} serverBusy 0 to 1
 * @property {number} loadBusy 0 to 1
 *
 * @typedef {Record<string, Figure>} Round by variant
 */

/** The server has no reply to give in "bulk in": asks until all has arrived. @param {Server} server @param {number} sent */
async function arrived(server, sent) {
  const deadline = performance.now() + 3000;
  for (;;) {
    const now = await sample(server);
    if (now.received === sent) return now;
    if (now.received > sent) throw new Error(`${server.child.name} received ${now.received} of ${sent} bytes`);
    if (performance.now() > deadline) {
      throw new Error(`${server.child.name} received only ${now.received} of ${sent} bytes`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * @param {Workload} workload
 * @param {Server} server
 * @param {import('./processes.mjs').Child} load
 * @param {number} ms
 * @returns {Promise<Figure>}
 */
async function slice(workload, server, load, ms) {
  const before = await sample(server);
  const result = await load.request('slice', { key: server.variant.id, ms }, ms + 10_000).catch(async (error) => {
    throw await explain(server, error);
  });
  const after = workload.countsAtServer === true ? await arrived(server, result.sent) : await sample(server);
  if (result.ops === 0) throw new Error(`${server.child.name}: nothing was answered in ${ms} ms`);
  const cpu = after.cpu - before.cpu;
  const elapsedUs = result.elapsed * 1000;
  return {
    cpuPerOp: cpu / result.ops,
    rate: (result.ops / result.elapsed) * 1000,
    latency: result.latency,
    serverBusy: cpu / elapsedUs,
    loadBusy: result.cpu / elapsedUs,
  };
}

/**
 * @param {Context} context
 * @param {Workload} workload
 * @returns {Promise<Round[]>}
 */
export async function measurePaired(context, workload) {
  const { plan, random, progress } = context;
  const instances = workload.bulk === true ? plan.bulkInstances : plan.instances;
  /** @type {Round[]} */
  const rounds = [];
  for (let instance = 0; instance < instances; instance++) {
    const load = startLoad(context, workload);
    const servers = await Promise.all(workload.variants.map((variant) => startServer(context, workload, variant)));
    for (const { variant, target } of servers) {
      await load.request('open', { key: variant.id, file: workload.load, target, options: workload.options });
    }
    for (const server of shuffled(servers, random)) await slice(workload, server, load, plan.warmUpMs);
    for (let round = 0; round < plan.rounds; round++) {
      progress(`${workload.id}: processes ${instance + 1}/${instances}, round ${round + 1}/${plan.rounds}`);
      /** @type {Round} */
      const figures = {};
      for (const server of shuffled(servers, random)) {
        figures[server.variant.id] = await slice(workload, server, load, plan.sliceMs);
      }
      rounds.push(figures);
    }
    // Bytes that came too late for the last slice are found here.
    for (const server of servers) {
      await load.request('report', { key: server.variant.id }).catch(async (error) => {
        throw await explain(server, error);
      });
    }
    for (const { variant } of servers) await load.request('close', { key: variant.id });
    await load.stop();
    await Promise.all(servers.map(({ child }) => child.stop()));
  }
  return rounds;
}
