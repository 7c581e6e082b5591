/**
 * The load generator: a process of its own, lean, and suspicious. It speaks `node:net` with `onread` and one reused
 * buffer, writes a batch with one call, counts every reply and compares every byte of it. It drives one server at a time
 * in slices and drains completely at the end of each, so that all the work of a slice is in that slice's figures.
 *
 * @typedef {{ port: number, host: string } | { path: string }} Target
 *
 * @typedef {object} Slice what a generator reports of one slice
 * @property {number} ops operations that were answered in full
 * @property {number} [sent] bytes sent since the start (bulk in: the server tells how many arrived)
 * @property {number[]} [latencies] round trips in ms, of one connection as a sample
 *
 * @typedef {object} Generator
 * @property {(ms: number) => Promise<Slice>} [slice] makes load for that long, then waits for what is outstanding
 * @property {() => Promise<object>} [report] other figures
 * @property {() => void} close
 */
import { median } from './harness/statistics.mjs';

/** @type {Map<string, Generator>} */
const generators = new Map();

/** @param {string} key */
function generator(key) {
  const found = generators.get(key);
  if (found === undefined) throw new Error(`no generator "${key}"`);
  return found;
}

/** @param {Generator} one @param {number} ms */
async function runSlice(one, ms) {
  if (one.slice === undefined) throw new Error('this generator has no slices');
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { ops, sent, latencies = [] } = await one.slice(ms);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ops, sent, elapsed, cpu: user + system, latency: latencies.length === 0 ? null : median(latencies) };
}

/** @param {{ type: string, key: string, file: string, target: Target, options: object, ms: number }} message */
async function answer({ type, key, file, target, options, ms }) {
  switch (type) {
    case 'open': {
      const { open } = await import(`./load/${file}.mjs`);
      generators.set(key, await open(target, options));
      return undefined;
    }
    case 'slice':
      return runSlice(generator(key), ms);
    case 'report':
      return generator(key).report?.();
    case 'close':
      generator(key).close();
      generators.delete(key);
      return undefined;
    default:
      throw new Error(`unknown request ${type}`);
  }
}

process.on('message', (/** @type {any} */ message) => {
  if (message.type === 'stop') process.exit(0);
  answer(message).then(
    (result) => process.send?.({ id: message.id, result }),
    (error) => process.send?.({ id: message.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
