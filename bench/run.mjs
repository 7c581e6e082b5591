/** `npm run bench`: see `--help`. The method is in README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { help, readArguments } from './harness/arguments.mjs';
import { describeEnvironment, findPinning } from './harness/environment.mjs';
import { measureIdle } from './harness/idle.mjs';
import { judgeIdle, judgePaired, judgeStalled } from './harness/judge.mjs';
import { measurePaired } from './harness/paired.mjs';
import { killAll } from './harness/processes.mjs';
import { describeRun, markdown, terminalVerdicts, terminalWorkload } from './harness/report.mjs';
import { chart } from './harness/chart.mjs';
import { measureStalled } from './harness/stalled.mjs';
import { randomFrom } from './harness/statistics.mjs';

/**
 * @typedef {import('./harness/report.mjs').Results} Results
 * @typedef {import('./harness/report.mjs').WorkloadResult} WorkloadResult
 * @typedef {import('./harness/bench.mjs').Context} Context
 * @typedef {import('./workloads.mjs').Workload} Workload
 * @typedef {ReturnType<typeof readArguments>} Wanted
 */

/** @param {unknown} reason @returns {never} */
function giveUp(reason) {
  killAll();
  process.stderr.write(`\nbench: ${reason instanceof Error ? reason.message : String(reason)}\n`);
  process.exit(1);
}

/** On a terminal one line that changes, elsewhere nothing. @param {string} line */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${line}`);
}

async function requireBuild() {
  try {
    const library = await import('rxjs-net');
    if (typeof library.serve === 'function') return;
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
  }
  throw new Error('there is no built package: run npm run build first');
}

/** @param {Context} context @param {Workload} workload @returns {Promise<WorkloadResult>} */
async function measure(context, workload) {
  const { id, kind, title, unit, variants } = workload;
  const servers = Object.fromEntries(variants.map((variant) => [variant.id, variant.server]));
  const judged =
    kind === 'paired'
      ? judgePaired(workload, await measurePaired(context, workload))
      : kind === 'idle'
        ? judgeIdle(workload, await measureIdle(context, workload))
        : judgeStalled(workload, await measureStalled(context, workload));
  progress('');
  return { id, kind, title, unit, servers, ...judged };
}

/**
 * What a folder of results needs: not the figures of every round, and no digits beyond what was measured. (`--json` prints
 * all of it.)
 *
 * @param {string} key
 * @param {unknown} value
 */
function concise(key, value) {
  if (key === 'rounds') return undefined;
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/** @param {string} folder @param {Results} results */
function write(folder, results) {
  mkdirSync(folder, { recursive: true });
  const target = (/** @type {string} */ extension) => path.join(folder, `latest.${extension}`);
  writeFileSync(target('json'), `${JSON.stringify(results, concise, 2)}\n`);
  writeFileSync(target('md'), markdown(results));
  writeFileSync(target('svg'), chart(results));
}

/** @param {Wanted} wanted */
async function run(wanted) {
  if (wanted.library) await requireBuild();
  const started = performance.now();
  // Whatever hangs: a benchmark that was started by a machine has to come to an end.
  setTimeout(() => giveUp(`not done after ${wanted.plan.limitMs / 1000} s`), wanted.plan.limitMs).unref();
  const say = (/** @type {string} */ text) => {
    if (!wanted.json) process.stdout.write(text);
  };

  const pinning = findPinning();
  /** @type {string[]} */
  const notes = [];
  /** @type {Context} */
  const context = {
    plan: wanted.plan,
    random: randomFrom(wanted.seed),
    pinning,
    cpuProf: wanted.cpuProf,
    progress,
    note(line) {
      notes.push(line);
      say(`note: ${line}\n`);
    },
  };
  /** @type {WorkloadResult[]} */
  const workloads = [];
  /** @type {Results} */
  const results = {
    schema: 1,
    profile: wanted.profile,
    verdicts: wanted.plan.verdicts,
    seed: wanted.seed,
    date: new Date().toISOString(),
    seconds: 0,
    environment: describeEnvironment(),
    pinning:
      pinning === undefined
        ? 'not pinned (taskset or a second processor is missing)'
        : `servers pinned to processor ${pinning.server}, load generator to ${pinning.load}`,
    notes,
    workloads,
  };
  say(`${describeRun(results).join('\n')}\n`);
  if (wanted.cpuProf !== undefined) context.note('with profiler: the figures are no figures');

  for (const workload of wanted.workloads) {
    const result = await measure(context, workload);
    workloads.push(result);
    say(terminalWorkload(result, results.verdicts));
  }
  results.seconds = Math.round((performance.now() - started) / 1000);

  say(terminalVerdicts(results));
  if (wanted.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  if (wanted.out !== undefined) {
    const folder = wanted.out === 'default' ? fileURLToPath(new URL('results', import.meta.url)) : wanted.out;
    write(folder, results);
    say(`\nwritten to ${path.relative(process.cwd(), folder) || '.'}\n`);
  }
  say(`\n${results.seconds} s; every reply was counted and compared\n`);
  const missed = workloads.some(({ verdicts }) => verdicts.some(({ judgement }) => judgement === 'missed'));
  if (wanted.check && results.verdicts && missed) process.exitCode = 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    killAll();
    // 128 and the number of the signal, as a shell has it.
    process.exit(signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 129);
  });
}
process.on('uncaughtException', giveUp);

try {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted.help) process.stdout.write(help);
  else if (wanted.micro) {
    await requireBuild();
    const { runMicro } = await import('./micro.mjs');
    await runMicro();
    const { runFraming } = await import('./framing.mjs');
    await runFraming();
  } else if (wanted.simulation) {
    await requireBuild();
    const { runSimulation } = await import('./simulation.mjs');
    await runSimulation({ smoke: wanted.profile === 'smoke', check: wanted.check });
  } else await run(wanted);
} catch (error) {
  giveUp(error);
}
