/**
 * The results as text: tables for the terminal, and the same tables in Markdown.
 *
 * @typedef {import('./statistics.mjs').Spread} Spread
 * @typedef {import('./judge.mjs').Verdict} Verdict
 * @typedef {import('./judge.mjs').Comparison} Comparison
 *
 * @typedef {object} WorkloadResult
 * @property {string} id
 * @property {'paired' | 'idle' | 'stalled'} kind
 * @property {string} title
 * @property {string} unit
 * @property {Record<string, string>} servers which file runs which variant
 * @property {number} [connections]
 * @property {import('./judge.mjs').Noise} noise
 * @property {readonly any[]} figures
 * @property {readonly Comparison[]} comparisons
 * @property {readonly Verdict[]} verdicts
 *
 * @typedef {object} Results
 * @property {number} schema
 * @property {string} profile
 * @property {boolean} verdicts whether this run judges at all
 * @property {number} seed
 * @property {string} date
 * @property {number} seconds
 * @property {ReturnType<typeof import('./environment.mjs').describeEnvironment>} environment
 * @property {string} pinning
 * @property {readonly string[]} notes
 * @property {readonly WorkloadResult[]} workloads
 */

/** @param {number} value @returns {string} */
function digits(value) {
  if (!Number.isFinite(value)) return '–';
  if (value < 0) return `-${digits(-value)}`;
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 0.2 ? value.toFixed(2) : value.toFixed(3);
}

/** @param {number} bytes */
const mib = (bytes) => `${digits(bytes / 1_048_576)} MiB`;

/** @param {number} fraction */
const percent = (fraction) => `${(fraction * 100).toFixed(0)} %`;

/** @param {number} fraction */
const noiseText = (fraction) => `±${(fraction * 100).toFixed(1)} %`;

/** @param {Spread} spread */
export function spreadText({ median, q1, q3, n }) {
  return n < 2 ? digits(median) : `${digits(median)} (${digits(q1)}–${digits(q3)})`;
}

/** @param {readonly Comparison[]} comparisons @param {string} variant */
function ratioCell(comparisons, variant) {
  const found = comparisons.find((one) => one.variant === variant && one.against === 'idiomatic');
  return found === undefined ? '' : spreadText(found.ratio);
}

/** @param {readonly Comparison[]} comparisons @param {string} variant */
function differenceCell(comparisons, variant) {
  return comparisons.find((one) => one.variant === variant && one.against === 'idiomatic')?.difference ?? '';
}

/** @param {WorkloadResult} workload @param {boolean} judged @returns {string[][]} the first row is the head */
function figureRows({ kind, unit, figures, comparisons }, judged) {
  const head = ['variant'];
  /** @type {string[][]} */
  let rows;
  if (kind === 'paired') {
    head.push(`CPU µs/${unit}`, 'ratio (IQR)', `${unit}s/s`, 'p50 ms', 'server busy', 'load busy');
    rows = figures.map(({ id, cpuPerOp, rate, latency, serverBusy, loadBusy }) => [
      id,
      digits(cpuPerOp),
      ratioCell(comparisons, id),
      digits(rate),
      latency === null ? '' : digits(latency),
      percent(serverBusy),
      percent(loadBusy),
    ]);
  } else if (kind === 'idle') {
    head.push('heap B', 'ratio (IQR)', 'RSS B');
    rows = figures.map(({ id, heap, rss }) => [id, digits(heap), ratioCell(comparisons, id), digits(rss)]);
  } else {
    head.push('accepted', 'ratio', 'RSS growth');
    rows = figures.map(({ id, accepted, growth }) => [id, mib(accepted), ratioCell(comparisons, id), mib(growth)]);
    return [head, ...rows];
  }
  if (!judged) return [head, ...rows];
  head.push('against idiomatic');
  return [head, ...rows.map((row) => [...row, differenceCell(comparisons, row[0] ?? '')])];
}

/** @param {readonly Verdict[]} verdicts @returns {string[][]} */
function verdictRows(verdicts) {
  const unitText = (/** @type {Verdict['unit']} */ unit) => (unit === 'ratio' ? '' : ` ${unit}`);
  return [
    ['workload', 'figure', 'measured (IQR)', 'bound', 'noise', 'verdict'],
    ...verdicts.map(({ workload, what, unit, value, bound, noise, judgement }) => [
      workload,
      what,
      `${spreadText(value)}${unitText(unit)}`,
      `≤ ${digits(bound)}${unitText(unit)}`,
      noise === 0 ? '' : noiseText(noise),
      judgement === 'not judged' ? 'too noisy, not judged' : judgement,
    ]),
  ];
}

/** Left column to the left, numbers to the right. @param {string[][]} rows */
function terminalTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}

/** @param {string[][]} rows */
function markdownTable([head = [], ...rows]) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** @param {WorkloadResult} workload @param {boolean} judged */
function noiseLine({ kind, noise, connections }, judged) {
  if (kind === 'stalled') return '';
  const at = connections === undefined ? '' : `${connections.toLocaleString('en-US')} connections; `;
  const quiet =
    !judged || noise.floor <= noise.limit ? '' : `, more than ±${noise.limit * 100} %: too noisy, not judged`;
  return `${at}noise (idiomatic-again ÷ idiomatic) ${spreadText(noise.ratio)}${quiet}`;
}

/** @param {WorkloadResult} workload @param {boolean} judged */
export function terminalWorkload(workload, judged) {
  const noise = noiseLine(workload, judged);
  return `\n${workload.id}: ${workload.title}${noise === '' ? '' : `\n  ${noise}`}\n${terminalTable(figureRows(workload, judged))}\n`;
}

/** @param {Results} results */
export function terminalVerdicts({ workloads, verdicts: judged }) {
  const verdicts = workloads.flatMap((workload) => workload.verdicts);
  if (!judged || verdicts.length === 0) return '';
  return `\nBounds (a figure within the noise of the run counts as met)\n${terminalTable(verdictRows(verdicts))}\n`;
}

/** @param {Results} results */
export function describeRun({ environment, pinning, seed, profile }) {
  const { node, rxjs, package: version, commit, cpu, cpus, platform, loadAverage } = environment;
  return [
    `rxjs-net ${version} (${commit}), Node ${node}, RxJS ${rxjs}; ${cpu}, ${cpus} processors, ${platform}`,
    `profile ${profile}, seed ${seed}; ${pinning}; load average at the start ${loadAverage}`,
  ];
}

/** @param {Results} results */
export function markdown(results) {
  const { workloads, notes, date, seconds } = results;
  const verdicts = workloads.flatMap((workload) => workload.verdicts);
  const parts = [
    '# Benchmark results',
    'Made by `npm run bench`; do not edit. Server CPU per operation, as a ratio to idiomatic `node:net` in the same round: the median, and the quartiles in brackets. Lower is better. ' +
      'Rates and latencies are secondary: they only say something about a server that was busy.',
    [...describeRun(results), `${date}, ${seconds} s`, ...notes].map((line) => `- ${line}`).join('\n'),
    '![Server CPU per operation, library ÷ idiomatic node:net](./latest.svg)',
  ];
  if (results.verdicts && verdicts.length > 0) parts.push('## Bounds', markdownTable(verdictRows(verdicts)));
  for (const workload of workloads) {
    const noise = noiseLine(workload, results.verdicts);
    const files = Object.entries(workload.servers).map(([id, file]) => `[${id}](../servers/${file}.mjs)`);
    parts.push(`## ${workload.title}`);
    parts.push(`\`${workload.id}\`${noise === '' ? '' : `; ${noise}`}. Code: ${files.join(', ')}.`);
    parts.push(markdownTable(figureRows(workload, results.verdicts)));
  }
  return `${parts.join('\n\n')}\n`;
}
