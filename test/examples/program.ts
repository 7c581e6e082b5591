// Runs the built examples as a user does, each in a process of its own that does not outlive its test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const built = (program: string): string =>
  fileURLToPath(new URL(`../../build/examples/${program}.js`, import.meta.url));

/** How a program ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program extends AsyncDisposable {
  /** Resolves with the match as soon as the output has it; fails when the program ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
}

/** `node main.js …args`, or another program of the examples, stopped hard after `limit` ms. */
export const run = (
  args: readonly string[],
  {
    limit = 15_000,
    variables = {},
    program = 'main',
  }: { readonly limit?: number; readonly variables?: NodeJS.ProcessEnv; readonly program?: string } = {},
): Program => {
  const main = built(program);
  if (!existsSync(main)) throw new Error('build/examples/ is not there: npm run build && npm run build:examples');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limit,
    killSignal: 'SIGKILL',
    env: { ...env, ...variables, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  const looking = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of looking) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]): Ending => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr,
  }));
  return {
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match === null) return;
          looking.delete(look);
          resolve(match);
        };
        looking.add(look);
        look();
        void ended.then((ending) => {
          reject(new Error(`it ended without printing ${pattern}: ${JSON.stringify(ending)}`));
        });
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
