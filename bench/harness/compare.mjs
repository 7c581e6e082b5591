/**
 * Compares what things cost inside one process, in nanoseconds per item. Every pass has a checksum.
 */
import { spread } from './statistics.mjs';

/**
 * @typedef {{ title: string, items: number, checksum: number, run: () => Promise<number> }} Subject
 */

const PASSES = 15;
const WARM_UP_PASSES = 5;

/**
 * Sums up what comes out, until it is over.
 *
 * @template T
 * @param {import('rxjs').Observable<T>} source
 * @param {(item: T) => number} weigh
 * @returns {Promise<number>}
 */
export function total(source, weigh) {
  return new Promise((resolve, reject) => {
    let sum = 0;
    source.subscribe({
      next: (item) => (sum += weigh(item)),
      error: reject,
      complete: () => resolve(sum),
    });
  });
}

/** @param {Subject} subject */
async function onePass({ title, items, checksum, run }) {
  const start = process.hrtime.bigint();
  const sum = await run();
  const took = Number(process.hrtime.bigint() - start);
  if (sum !== checksum) throw new Error(`${title.trim()}: checksum ${sum}, expected ${checksum}`);
  return took / items;
}

/**
 * Passes go round all subjects, so that a busy moment of the machine does not hit one of them only. Those whose title is
 * indented are compared with the one above them that is not: how many times as long they take, in the same pass.
 *
 * @param {readonly Subject[]} subjects
 */
export async function compare(subjects) {
  const samples = subjects.map(() => /** @type {number[]} */ ([]));
  for (let pass = 0; pass < WARM_UP_PASSES + PASSES; pass++) {
    for (const [index, subject] of subjects.entries()) {
      const took = await onePass(subject);
      if (pass >= WARM_UP_PASSES) samples[index]?.push(took);
    }
  }
  const width = Math.max(...subjects.map(({ title }) => title.length));
  process.stdout.write(`ns per item, median (quartiles) of ${PASSES} passes; Node ${process.version}\n`);
  let lead = /** @type {readonly number[]} */ ([]);
  for (const [index, { title }] of subjects.entries()) {
    const took = samples[index] ?? [];
    const { median, q1, q3 } = spread(took);
    const figures = `${median.toFixed(1).padStart(7)}  (${q1.toFixed(1)}–${q3.toFixed(1)})`;
    if (!title.startsWith(' ')) lead = took;
    const times = spread(took.map((each, pass) => each / (lead[pass] ?? each)));
    const compared =
      lead === took ? '' : `×${times.median.toFixed(2)}  (${times.q1.toFixed(2)}–${times.q3.toFixed(2)})`;
    process.stdout.write(`  ${title.padEnd(width)}  ${figures.padEnd(28)} ${compared}`.trimEnd());
    process.stdout.write('\n');
  }
}
