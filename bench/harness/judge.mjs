import { bounds, idleHeapBytes, stalled as stalledBounds } from '../bounds.mjs';
import { spread } from './statistics.mjs';

/**
 * From rounds to figures, and from figures to verdicts. A verdict is only given where the run was quiet enough to give
 * one, and a figure that is over its bound by less than the noise of the run counts as met.
 *
 * @typedef {import('./statistics.mjs').Spread} Spread
 * @typedef {import('../workloads.mjs').Workload} Workload
 * @typedef {'met' | 'missed' | 'not judged'} Judgement
 *
 * @typedef {object} Verdict
 * @property {string} workload
 * @property {string} what
 * @property {'ratio' | 'B' | 'MiB'} unit
 * @property {Spread} value
 * @property {number} bound
 * @property {number} noise relative: 0.03 is ±3 %
 * @property {Judgement} judgement
 *
 * @typedef {object} Comparison
 * @property {string} variant
 * @property {string} against
 * @property {Spread} ratio
 * @property {'less' | 'more' | 'no difference seen' | 'not judged'} difference
 *
 * @typedef {object} Noise
 * @property {Spread} ratio of the baseline to itself in another process
 * @property {number} floor the farther end of that, as a distance from 1
 * @property {number} limit beyond which nothing is judged
 */

const QUIET = 0.08;
/** The allocator treats every process differently: bulk figures scatter more for a reason that is no interference. */
const QUIET_BULK = 0.25;

/** @param {Spread} ratio @param {number} limit @returns {Noise} */
function noiseOf(ratio, limit) {
  return { ratio, floor: Math.max(Math.abs(ratio.q1 - 1), Math.abs(ratio.q3 - 1)), limit };
}

/** @param {Spread} value @param {number} bound @param {Noise} noise @returns {Judgement} */
function judge(value, bound, { floor, limit }) {
  if (floor > limit) return 'not judged';
  return value.median <= bound * (1 + floor) ? 'met' : 'missed';
}

/** @param {Spread} ratio @param {Noise} noise @returns {Comparison['difference']} */
function difference(ratio, noise) {
  if (noise.floor > noise.limit) return 'not judged';
  if (ratio.q3 < 1 && ratio.q3 < noise.ratio.q1) return 'less';
  if (ratio.q1 > 1 && ratio.q1 > noise.ratio.q3) return 'more';
  return 'no difference seen';
}

/**
 * Ratios within each round. A variant that is missing (`--baselines`) gives none.
 *
 * @template {Record<string, object>} R
 * @param {readonly R[]} rounds
 * @param {string} variant
 * @param {string} against
 * @param {(figure: any) => number} pick
 */
function ratios(rounds, variant, against, pick) {
  return spread(rounds.map((round) => pick(round[variant]) / pick(round[against])));
}

/** @param {Workload} workload */
function idsOf({ variants }) {
  return variants.map(({ id }) => id);
}

/** The variants that are compared with the first one: all but itself and the second instances. @param {string[]} ids */
const compared = (ids) => ids.filter((id) => id !== 'idiomatic' && !id.endsWith('-again'));

/**
 * @param {Workload} workload
 * @param {readonly import('./paired.mjs').Round[]} rounds
 */
export function judgePaired(workload, rounds) {
  const ids = idsOf(workload);
  const cpu = (/** @type {import('./paired.mjs').Figure} */ figure) => figure.cpuPerOp;
  const limit = workload.bulk === true ? QUIET_BULK : QUIET;

  /** The baseline's own second instance if there is one, else that of `idiomatic`. @param {string} against */
  const noiseFor = (against) => {
    const base = ids.includes(`${against}-again`) ? against : 'idiomatic';
    return noiseOf(ratios(rounds, `${base}-again`, base, cpu), limit);
  };
  /** @param {string} variant @param {string} against @returns {Comparison} */
  const compare = (variant, against) => {
    const ratio = ratios(rounds, variant, against, cpu);
    return { variant, against, ratio, difference: difference(ratio, noiseFor(against)) };
  };

  // With `--variants` either of the two may be missing.
  const own = bounds.filter(
    (bound) => bound.workload === workload.id && ids.includes(bound.variant) && ids.includes(bound.against),
  );
  const comparisons = compared(ids).map((variant) => compare(variant, 'idiomatic'));
  for (const { variant, against } of own) {
    if (against !== 'idiomatic') comparisons.push(compare(variant, against));
  }
  /** @type {Verdict[]} */
  const verdicts = own.map(({ variant, against, atMost }) => {
    const value = ratios(rounds, variant, against, cpu);
    const noise = noiseFor(against);
    return {
      workload: workload.id,
      what: `${variant} ÷ ${against}`,
      unit: 'ratio',
      value,
      bound: atMost,
      noise: noise.floor,
      judgement: judge(value, atMost, noise),
    };
  });
  const figures = ids.map((id) => ({ id, ...medians(rounds, id) }));
  return { noise: noiseFor('idiomatic'), figures, comparisons, verdicts, rounds };
}

/** @param {readonly import('./paired.mjs').Round[]} rounds @param {string} id */
function medians(rounds, id) {
  const of = (/** @type {(figure: any) => number | null} */ pick) => {
    const values = rounds.map((round) => pick(round[id])).filter((value) => value !== null);
    return values.length === 0 ? null : spread(values).median;
  };
  return {
    cpuPerOp: of((figure) => figure.cpuPerOp) ?? Number.NaN,
    rate: of((figure) => figure.rate) ?? Number.NaN,
    latency: of((figure) => figure.latency),
    serverBusy: of((figure) => figure.serverBusy) ?? Number.NaN,
    loadBusy: of((figure) => figure.loadBusy) ?? Number.NaN,
  };
}

/**
 * @param {Workload} workload
 * @param {{ connections: number, rounds: readonly import('./idle.mjs').IdleRound[] }} measured
 */
export function judgeIdle(workload, { connections, rounds }) {
  const ids = idsOf(workload);
  const heap = (/** @type {import('./idle.mjs').Footprint} */ figure) => figure.heap;
  const noise = noiseOf(ratios(rounds, 'idiomatic-again', 'idiomatic', heap), QUIET);
  /** @param {string} id @param {'heap' | 'rss'} what */
  const all = (id, what) => spread(rounds.map((round) => round[id]?.[what] ?? Number.NaN));
  const comparisons = compared(ids).map((variant) => {
    const ratio = ratios(rounds, variant, 'idiomatic', heap);
    return { variant, against: 'idiomatic', ratio, difference: difference(ratio, noise) };
  });
  /** @type {Verdict[]} */
  const verdicts = [];
  for (const [id, bound] of Object.entries(idleHeapBytes)) {
    if (!ids.includes(id)) continue;
    const value = all(id, 'heap');
    verdicts.push({
      workload: workload.id,
      what: `heap of ${id}`,
      unit: 'B',
      value,
      bound,
      noise: noise.floor,
      judgement: judge(value, bound, noise),
    });
  }
  const figures = ids.map((id) => ({ id, heap: all(id, 'heap').median, rss: all(id, 'rss').median }));
  return { connections, noise, figures, comparisons, verdicts, rounds };
}

/**
 * @param {Workload} workload
 * @param {Record<string, import('./stalled.mjs').Stalled>} measured
 */
export function judgeStalled(workload, measured) {
  const base = measured['idiomatic'];
  // Bounds that are multiples of what a correct server takes: noise does not come near them, so there is none here.
  const noise = { ratio: spread([1]), floor: 0, limit: QUIET };
  /** @type {Verdict[]} */
  const verdicts = [];
  /** @type {Comparison[]} */
  const comparisons = [];
  for (const id of idsOf(workload)) {
    const other = measured[id];
    if (id === 'idiomatic' || base === undefined || other === undefined) continue;
    const accepted = spread([other.accepted / base.accepted]);
    const growth = spread([other.growth / 1_048_576]);
    const growthBound = stalledBounds.growth / 1_048_576;
    comparisons.push({ variant: id, against: 'idiomatic', ratio: accepted, difference: 'not judged' });
    verdicts.push(
      {
        workload: workload.id,
        what: `bytes accepted, ${id} ÷ pipe`,
        unit: 'ratio',
        value: accepted,
        bound: stalledBounds.acceptedOfPipe,
        noise: 0,
        judgement: judge(accepted, stalledBounds.acceptedOfPipe, noise),
      },
      {
        workload: workload.id,
        what: `growth of RSS, ${id}`,
        unit: 'MiB',
        value: growth,
        bound: growthBound,
        noise: 0,
        judgement: judge(growth, growthBound, noise),
      },
    );
  }
  const figures = Object.entries(measured).map(([id, figure]) => ({ id, ...figure }));
  return { noise, figures, comparisons, verdicts, rounds: [measured] };
}
