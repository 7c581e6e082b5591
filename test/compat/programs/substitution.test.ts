// The two ways of docs/compat.md in which a process is told what `node:net` is.
import { execFile } from 'node:child_process';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const program = (name: string): string => fileURLToPath(new URL(`drivers/${name}`, import.meta.url));

async function answersWith(...flags: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program('which-net.mjs')], {
    timeout: 15_000,
  });
  return JSON.parse(stdout);
}

test('without them, nothing is compat', async () => {
  expect(await answersWith()).toEqual({
    "require('net')": false,
    "require('node:net')": false,
    "import net from 'node:net'": false,
    "import { connect } from 'node:net'": false,
  });
});

test('--require: what CommonJS modules get', async () => {
  expect(await answersWith('--require', program('substitute.cjs'))).toEqual({
    "require('net')": true,
    "require('node:net')": true,
    "import net from 'node:net'": false,
    "import { connect } from 'node:net'": false,
  });
});

// It came with Node 22.15.
if ('registerHooks' in module) {
  test('--import: what all modules get', async () => {
    expect(await answersWith('--import', new URL('drivers/substitute-imports.mjs', import.meta.url).href)).toEqual({
      "require('net')": true,
      "require('node:net')": true,
      "import net from 'node:net'": true,
      "import { connect } from 'node:net'": true,
    });
  });
}
