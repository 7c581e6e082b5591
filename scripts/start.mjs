// What `npm start` runs: builds the package and the examples, then becomes the examples. In one process, so that a
// signal that npm passes on reaches the server, and not only a shell in front of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

for (const [what, ...args] of [
  ['the package', join(root, 'scripts', 'build.mjs')],
  ['the examples', join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.examples.json')],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`npm start: building ${what} failed`);
    process.exit(1);
  }
}

// The name of a program in examples/programs/ comes first: `npm start -- chat --port 8124`.
const [name = ''] = process.argv.slice(2);
const program = join(root, 'build', 'examples', 'programs', `${name}.js`);
const isProgram = /^[a-z-]+$/.test(name) && existsSync(program);
if (isProgram) process.argv.splice(2, 1);
await import(pathToFileURL(isProgram ? program : join(root, 'build', 'examples', 'main.js')).href);
