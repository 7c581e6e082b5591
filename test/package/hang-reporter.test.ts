// A run that hangs is ended, and says where: nobody can look at it any more when it is read about in a log.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const reporter = at('../../scripts/hang-reporter.mjs');

/** A run of vitest over one file of `hanging/`: how it ended, and what it said. */
function runOf(file: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const args = [at('../../node_modules/vitest/vitest.mjs'), 'run', `--reporter=${reporter}`, file];
  const run = spawn(process.execPath, args, {
    cwd: at('hanging'),
    env: { ...process.env, HANG_LIMIT: '2000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    run.once('close', (code) => resolve({ code, output }));
  });
}

describe('a run that hangs is ended, and its worker', () => {
  test('says what it runs when it spins, after its last test', async () => {
    const { code, output } = await runOf('spins');
    expect(code).toBe(1);
    expect(output).toMatch(/HANGS: .*spins\.hanging\.mjs/);
    expect(output).toMatch(/spinForEver \(.*spins\.hanging\.mjs:\d+\)/);
  }, 60_000);

  test('says what is open when it waits', async () => {
    const { code, output } = await runOf('waits');
    expect(code).toBe(1);
    expect(output).toMatch(/HANGS: .*waits\.hanging\.mjs\n.*last heard of: ended: ends/);
    expect(output).toMatch(/active: .*TCPServerWrap/);
    expect(output).toContain('it waits');
  }, 60_000);
});

interface Reporter {
  onTestRunStart(): void;
  onTestModuleStart(module: { readonly moduleId: string }): void;
  onTestCaseResult(test: { readonly module: { readonly moduleId: string }; readonly fullName: string }): void;
  onTestModuleEnd(module: { readonly moduleId: string }): void;
  onTestRunEnd(): void;
}

describe('silence', () => {
  async function reporting(): Promise<{ readonly watching: Reporter; readonly said: string[] }> {
    const { default: HangReporter } = (await import(reporter)) as {
      readonly default: new (options: { limit: number; hung: (message: string) => void }) => Reporter;
    };
    const said: string[] = [];
    vi.useFakeTimers();
    const watching = new HangReporter({ limit: 10_000, hung: (message) => said.push(message) });
    onTestFinished(() => {
      watching.onTestRunEnd();
      vi.useRealTimers();
    });
    watching.onTestRunStart();
    watching.onTestModuleStart({ moduleId: 'a.test.ts' });
    return { watching, said };
  }

  test('is a hang when the limit has passed since the last word', async () => {
    const { watching, said } = await reporting();
    vi.advanceTimersByTime(9_000);
    watching.onTestCaseResult({ module: { moduleId: 'a.test.ts' }, fullName: 'one' });
    vi.advanceTimersByTime(9_000);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(said).toEqual([expect.stringContaining('last heard of: ended: one')]);
  });

  test('is none when the machine was asleep', async () => {
    const { said } = await reporting();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(2_000);
    expect(said).toEqual([]);
  });

  test('is none of a file that has ended, whatever is heard of it later', async () => {
    const { watching, said } = await reporting();
    watching.onTestModuleEnd({ moduleId: 'a.test.ts' });
    watching.onTestCaseResult({ module: { moduleId: 'a.test.ts' }, fullName: 'one' });
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([]);
  });
});
