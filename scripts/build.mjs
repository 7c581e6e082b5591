// Builds dist/: the ES modules that Node, Bun and bundlers take, and the CommonJS tree for what can only `require`
// (see docs/decisions/0001-dual-package.md). It is built beside the old one and then put in its place: no file of an
// earlier build stays, and who runs something from dist/ meanwhile never sees half of it.
import { spawn } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { rewriteDeclarations } from './dts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
// As deep as dist/, so that the source maps are true in both places.
const fresh = join(root, `.build-${process.pid}`);
const old = join(root, `.build-${process.pid}-old`);

const tsc = (project, folder) =>
  new Promise((resolve) => {
    const args = [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, project), '--outDir', folder];
    spawn(process.execPath, args, { stdio: 'inherit' }).once('close', (code) => resolve(code === 0));
  });

const remove = (folder) => rmSync(folder, { recursive: true, force: true });

const rename = (from, to) => {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) return false;
    throw error;
  }
};

try {
  const built = await Promise.all([
    tsc('tsconfig.build.json', join(fresh, 'esm')),
    tsc('tsconfig.cjs.json', join(fresh, 'cjs')),
  ]);
  if (built.every(Boolean)) {
    rewriteDeclarations(fresh);
    writeFileSync(join(fresh, 'cjs/package.json'), '{ "type": "commonjs" }\n');
    // What `require` gives: the plain object that `require('net')` gives too. It stands here because neither TypeScript before
    // 5.6 nor the CommonJS tree knows such a name.
    appendFileSync(join(fresh, 'esm/compat/index.js'), "\nexport { net as 'module.exports' };\n");
    // Another build may put its own there between the two steps.
    do {
      rename(dist, old);
      remove(old);
    } while (!rename(fresh, dist));
  } else {
    process.exitCode = 1;
  }
} finally {
  remove(fresh);
}
