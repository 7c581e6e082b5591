// The program that shows the simulated network; what it prints and draws is what the documentation shows of it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { run } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-partition-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const documented = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The fenced block that follows a line of the guide. */
const blockBehind = (text: string, line: string): string =>
  /```text\n(.*?)\n```/s.exec(text.slice(text.indexOf(line)))?.[1] ?? 'there is none';

describe('partition', () => {
  test('prints what the client saw, the trace and the diagram: the same as in the guide', async () => {
    const picture = join(folder, 'run.svg');
    const { code, stdout, stderr } = await run(['--svg', picture], { program: 'programs/partition' }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ 1107 ms: visit 1: :1\n 2\d{3} ms: visit 2: no answer in time\n 3\d{3} ms: visit 3: :3\n/);
    const guide = documented('docs/guide/11-simulated-network.md');
    expect(stdout.trimEnd()).toBe(blockBehind(guide, '`npm start -- partition`'));
    // After a change: npm start -- partition --svg docs/images/partition.svg
    expect(readFileSync(picture, 'utf8') === documented('docs/images/partition.svg'), 'the picture is stale').toBe(
      true,
    );
    expect(documented('README.md')).toContain('(docs/images/partition.svg)');
  });

  test('another seed is another run, and the same seed the same', async () => {
    const outputs = await Promise.all(
      ['3', '3', '4'].map((seed) => run(['--seed', seed], { program: 'programs/partition' }).ended),
    );
    const [one, again, other] = outputs.map(({ stdout }) => stdout);
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });

  test.each([
    ['--seed', 'x'],
    ['--width', '5'],
    ['--speed', '5'],
  ])('%s %s is refused', async (...args) => {
    expect(await run(args, { program: 'programs/partition' }).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(args[0]?.slice(2) ?? '') as unknown,
    });
  });
});
