// Loads every subpath of the built package in a fresh process, by `import` and by `require`, as a user's program would.
// Both must load without a word on stderr, and must be the same namespace: one copy in the process, whoever asks.
// The CommonJS tree, which this Node would never choose, is loaded by its file.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const program = (lines) => [
  "import { createRequire } from 'node:module';",
  `const require = createRequire(${JSON.stringify(join(root, 'package.json'))});`,
  "const names = (loaded) => Object.keys(loaded).filter((key) => key !== '__esModule').toSorted();",
  'const fail = (why) => { throw new Error(why); };',
  ...lines,
];

const load = (label, lines) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program(lines).join('\n')],
    { cwd: root, encoding: 'utf8', timeout: 30_000, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const ok = status === 0 && stderr === '';
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${label}: ${ok ? stdout.trim() : stderr.trim() || `exit code ${status}`}`);
  if (!ok) process.exitCode = 1;
};

for (const [subpath, target] of Object.entries(exports)) {
  const specifier = JSON.stringify(name + subpath.slice(1));
  if (subpath.endsWith('.json')) {
    load(`import  ${specifier}`, [
      `const { default: json } = await import(${specifier}, { with: { type: 'json' } });`,
      'console.log(json.version);',
    ]);
    load(`require ${specifier}`, [`console.log(require(${specifier}).version);`]);
    continue;
  }
  const count = "console.log(names(loaded).length, 'names');";
  const some = "if (names(loaded).length === 0) fail('exports nothing');";
  load(`import  ${specifier}`, [`const loaded = await import(${specifier});`, some, count]);
  load(`require ${specifier}`, [`const loaded = require(${specifier});`, some, count]);
  load(`both    ${specifier}`, [
    `const required = require(${specifier});`,
    `const imported = await import(${specifier});`,
    "if (required !== imported && required !== imported['module.exports']) fail('two copies in one process');",
    "console.log('the same namespace');",
  ]);
  const commonjs = JSON.stringify(join(root, target.require.default));
  load(`cjs     ${specifier}`, [
    `const loaded = require(${commonjs});`,
    `const expected = names(await import(${specifier})).filter((key) => key !== 'module.exports');`,
    "if (names(loaded).join() !== expected.join()) fail('the CommonJS tree exports other names');",
    count,
  ]);
}
