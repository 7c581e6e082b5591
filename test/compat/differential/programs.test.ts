import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { self } from './support/modules.ts';

const file = fileURLToPath(new URL('programs/programs.cjs', import.meta.url));

const names = [...readFileSync(file, 'utf8').matchAll(/^ {2}'(.+)'\(\) \{$/gm)].map(([, name]) => name as string);

interface Outcome {
  readonly output: string;
  readonly errors: string;
  readonly code: number | null;
  /** `SIGKILL`: it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
}

/** Runs the program by `require` of the built module, as a user's program would be. */
const run = async (module: string, name: string): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'p-'));
  const child = spawn(process.execPath, [file, module, name, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end('typed in\n');
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...how) => {
      resolve(how);
    });
  });
  clearTimeout(limit);
  rmSync(folder, { recursive: true, force: true });
  // Of an uncaught error, what it is: the rest has line numbers and ports.
  const what = /^.*\b(?:E[A-Z]{4,}|ERR_\w+)\b.*$|^finished$/m.exec(errors)?.[0] ?? '';
  return { output, errors: what.replaceAll(/\d{5}/g, '<port>').trim(), code, signal };
};

describe('the life of a process', () => {
  test('all programs are found', () => {
    expect(names.length).toBeGreaterThan(15);
  });

  test.each(names)('%s', { timeout: 40_000 }, async (name) => {
    const [reference, compat] = await Promise.all([
      run('node:net', name),
      run(self ? 'node:net' : 'rxjs-net/compat', name),
    ]);
    expect(reference.output, 'it ran').not.toBe('');
    expect(reference.signal, 'it ends by itself').toBeNull();
    expect(compat).toEqual(reference);
  });
});
