// The scenarios whose cost `npm run bench -- --simulation` measures, smaller: they count their answers, and fail if one is missing.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

test('a hundred connections that talk, and an idle hour', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['bench/run.mjs', '--simulation', '--smoke'], {
    cwd: new URL('../..', import.meta.url),
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/100 connections that exchange 10 messages each: .* not judged/);
  expect(stdout).toMatch(/2 connections, idle for one virtual hour, with a ping every 30 s: .* not judged/);
}, 60_000);
