// What `npm test` runs (after a build): vitest, then tsd, then one summary of both.
//
//   npm test                    everything
//   npm test -- --no-types      vitest alone
//   npm test -- test/core       vitest alone, with these arguments
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
const report = join(cache, 'vitest.json');
const args = process.argv.slice(2).filter((arg) => arg !== '--no-types');
const withTypes = args.length === process.argv.length - 2 && args.length === 0;

mkdirSync(cache, { recursive: true });
rmSync(report, { force: true });

/** Runs a script in a process group of its own, so that nothing of it outlives it: not even a test that spins. */
const run = (script, argv, { capture = false } = {}) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, script), ...argv], {
      cwd: root,
      detached: true,
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
    });
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // Nothing is left of it.
      }
    };
    const interrupted = () => {
      end('SIGKILL');
      process.exit(1);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.once(signal, interrupted);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        process.stdout.write(text);
      });
    }
    child.once('exit', () => end('SIGKILL'));
    child.once('close', (code) => {
      for (const signal of signals) process.off(signal, interrupted);
      resolve({ ok: code === 0, output });
    });
  });

const summary = { passed: 0, failed: 0, skipped: 0 };
/** What was not tested, by the outermost names of the tests. */
const untested = new Set();

const tests = await run('node_modules/vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=./scripts/hang-reporter.mjs',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...args,
]);
try {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not even be collected has no failed test of its own.
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  summary.passed += numPassedTests;
  summary.failed += numFailedTests + broken.length;
  summary.skipped += numPendingTests;
  for (const { ancestorTitles, status, title } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (status === 'skipped' || status === 'pending') untested.add(ancestorTitles[0] ?? title);
  }
} catch {
  console.error('vitest left no report');
}
// Unhandled errors and hangs fail a run in which every test passed.
if (!tests.ok && summary.failed === 0) summary.failed = 1;
const lines = [
  `vitest  ${summary.passed} passed, ${summary.failed} failed${summary.skipped > 0 ? `, ${summary.skipped} skipped` : ''}`,
];

if (withTypes) {
  const folder = join(root, 'type-tests');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.test-d\.[mc]?ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const types = await run('node_modules/tsd/dist/cli.js', [], { capture: true });
  const failed = files.filter((file) => types.output.includes(`${file}:`)).length;
  const bad = types.ok ? 0 : Math.max(failed, 1);
  const good = files.length - Math.min(bad, files.length);
  if (files.length === 0) console.error('type-tests/ has no *.test-d.ts');
  summary.passed += good;
  summary.failed += files.length === 0 ? 1 : bad;
  lines.push(`tsd     ${good} ${good === 1 ? 'file' : 'files'} passed, ${bad} failed`);
}

writeFileSync(join(cache, 'test-summary.json'), `${JSON.stringify(summary)}\n`);
lines.push(...[...untested].map((name) => `SKIPPED ${name}`));
console.log(
  `\n${lines.join('\n')}\n${summary.failed > 0 ? 'FAILED' : summary.skipped > 0 ? 'all that ran passed' : 'all passed'}`,
);
process.exitCode = summary.failed === 0 ? 0 : 1;
