import { startLoad, startServer } from './bench.mjs';

/**
 * A peer that sends without end and never reads its echo. A server that does not stop reading looks fast in every other
 * workload and takes memory without bound in this one.
 *
 * @typedef {import('./bench.mjs').Context} Context
 * @typedef {import('../workloads.mjs').Workload} Workload
 * @typedef {{ accepted: number, growth: number }} Stalled bytes
 */

/** How often the memory of the server is looked at. */
const EVERY_MS = 50;

/** Beyond this a server has no bound, and it is stopped before the machine suffers. */
const TOO_MUCH = 512 * 1_048_576;

/**
 * @param {Context} context
 * @param {Workload} workload
 * @returns {Promise<Record<string, Stalled>>}
 */
export async function measureStalled(context, workload) {
  /** @type {Record<string, Stalled>} */
  const figures = {};
  for (const variant of workload.variants) {
    context.progress(`${workload.id}: ${variant.id}`);
    const load = startLoad(context, workload);
    const { child, target } = await startServer(context, workload, variant);
    const { rss: start } = await child.request('memory');
    await load.request('open', { key: variant.id, file: workload.load, target, options: workload.options });
    let growth = 0;
    const until = performance.now() + context.plan.stalledMs;
    while (performance.now() < until && growth < TOO_MUCH) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const { rss } = await child.request('memory');
      growth = Math.max(growth, rss - start);
    }
    const { accepted } = await load.request('report', { key: variant.id });
    figures[variant.id] = { accepted, growth };
    await load.stop();
    await child.stop();
  }
  return figures;
}
