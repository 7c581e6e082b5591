// Builds dist/: the ES modules that Node, Bun and bundlers take, and the CommonJS tree for what can only `require`
// (see docs/decisions/0001-dual-package.md). Starts from nothing, so that no file of an earlier build stays.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { rewriteDeclarations } from './dts.mjs';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

const tsc = (project) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [path('node_modules/typescript/bin/tsc'), '-p', path(project)], {
      stdio: 'inherit',
    });
    child.once('close', (code) => resolve(code === 0));
  });

rmSync(path('dist'), { recursive: true, force: true });
const built = await Promise.all([tsc('tsconfig.build.json'), tsc('tsconfig.cjs.json')]);
if (built.every(Boolean)) {
  rewriteDeclarations(path('dist'));
  mkdirSync(path('dist/cjs'), { recursive: true });
  writeFileSync(path('dist/cjs/package.json'), '{ "type": "commonjs" }\n');
} else {
  process.exitCode = 1;
}
