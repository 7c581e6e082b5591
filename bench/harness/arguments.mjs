import { parseArgs } from 'node:util';

import { workloads } from '../workloads.mjs';
import { plans } from './plan.mjs';

/**
 * The command line.
 *
 * @typedef {import('./plan.mjs').Plan} Plan
 * @typedef {import('../workloads.mjs').Workload} Workload
 */

export const help = `Usage: npm run bench -- [options]

Measures the server CPU that the library needs per operation, as a ratio to servers written with node:net that do the
same. Uses the built package (npm run build). Loopback only; stops by itself.

Profiles
  (none)             everything, some 12 minutes; writes bench/results/latest.{json,md,svg}
  --quick            ping-pong (TCP, IPC), lines and churn; about 60 seconds
  --smoke            everything, tiny and without verdicts, 10 to 15 seconds: does the benchmark itself work?
  --micro            only the in-process microbenchmarks: ns per line, ns per item
  --simulation       only the simulated network: CPU time of two scenarios; writes bench/results/simulation.md.
                     With --smoke both are tiny and not judged

Options
  --only <workload>  only this one; may be given more than once
  --rounds <n>       rounds per set of fresh processes
  --seed <n>         repeats the shuffled order of an earlier run
  --baselines        without the library, to look at the noise of the machine
  --variants <word>  only idiomatic node:net, and what has this in its name: compat, for example
  --out <folder>     writes latest.{json,md,svg} there, in any profile
  --cpu-prof <dir>   writes a CPU profile of every server process there (the figures are then no figures)
  --check            exit code 1 when a bound is missed
  --json             the results as JSON to stdout, and nothing else there
  --help

Workloads
${workloads.map(({ id, title }) => `  ${id.padEnd(17)}  ${title}`).join('\n')}

How to read it: "0.90 (0.88–0.93)" is the median and the quartiles of the ratio to idiomatic node:net, in slices of the
same round. The baseline runs twice, in two processes; what differs between those is the noise. A difference is only
called one outside it, and when the noise is beyond ±8 % (±25 % for bulk) nothing is judged. Exit code 1: a reply was
missing or wrong, or a server failed.
`;

/** @param {string | undefined} text @param {string} name */
function positive(text, name) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number from 1, not "${text}"`);
  return value;
}

/** @param {readonly string[]} only @param {Plan} plan @returns {Workload[]} */
function choose(only, plan) {
  const wanted = only.length > 0 ? only : plan.workloads;
  if (wanted === 'all') return [...workloads];
  return wanted.map((id) => {
    const found = workloads.find((workload) => workload.id === id);
    if (found === undefined) {
      throw new Error(`no workload "${id}"; there are ${workloads.map((workload) => workload.id).join(', ')}`);
    }
    return found;
  });
}

/** Without the library's servers. @param {Workload} workload @returns {Workload} */
const baselinesOnly = (workload) => ({
  ...workload,
  variants: workload.variants.filter(
    ({ server, module }) => !server.startsWith('lib-') && module !== 'rxjs-net/compat',
  ),
});

/** @param {string} word @returns {(workload: Workload) => Workload} */
const variantsOf = (word) => (workload) => {
  const variants = workload.variants.filter(({ id }) => id.startsWith('idiomatic') || id.includes(word));
  return { ...workload, variants };
};

/** @param {readonly string[]} argv */
export function readArguments(argv) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      micro: { type: 'boolean', default: false },
      simulation: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seed: { type: 'string' },
      baselines: { type: 'boolean', default: false },
      variants: { type: 'string' },
      out: { type: 'string' },
      'cpu-prof': { type: 'string' },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.quick && values.smoke) throw new Error('--quick and --smoke are two profiles: choose one');
  const profile = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const plan = plans[profile];
  const rounds = positive(values.rounds, 'rounds') ?? plan.rounds;
  const chosen = choose(values.only, plan).map(
    values.variants === undefined ? (all) => all : variantsOf(values.variants),
  );
  if (chosen.every(({ variants }) => variants.every(({ id }) => id.startsWith('idiomatic')))) {
    throw new Error(`no variant has "${values.variants}" in its name`);
  }
  const part = values.only.length > 0 || values.baselines || values.variants !== undefined;
  const whole = profile === 'full' && !part && values['cpu-prof'] === undefined;
  return {
    help: values.help,
    micro: values.micro,
    simulation: values.simulation,
    json: values.json,
    check: values.check,
    profile,
    plan: { ...plan, rounds, limitMs: plan.limitMs * Math.max(1, rounds / plan.rounds) },
    seed: positive(values.seed, 'seed') ?? (Date.now() % 1_000_000) + 1,
    library: !values.baselines,
    workloads: values.baselines ? chosen.map(baselinesOnly) : chosen,
    // A part of the picture must not replace the whole one.
    out: values.out ?? (whole ? 'default' : undefined),
    cpuProf: values['cpu-prof'],
  };
}
