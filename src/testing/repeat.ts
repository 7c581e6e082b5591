import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkInteger, refuse } from '../core/options/index.ts';

/** The environment variable that gives every simulated network its seed, whatever its options say, so that a run can be repeated. */
export const SEED_VARIABLE = 'RXJS_NET_SEED';

/** The seed that the environment asks for, if it does. */
export function seedOfEnvironment(): number | undefined {
  const text = process.env[SEED_VARIABLE];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) return refuse(SEED_VARIABLE, text, 'an integer from 0, in digits');
  return checkInteger(SEED_VARIABLE, Number(text), 0, Number.MAX_SAFE_INTEGER);
}

/** Remembers who called: the file of a test, as far as the stack tells. To be asked when it is needed. */
export function rememberCaller(): () => string | undefined {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  Error.captureStackTrace(holder, rememberCaller);
  Error.stackTraceLimit = stackTraceLimit;
  return () => {
    const files = (holder.stack ?? '').split('\n').flatMap(fileOf);
    return files.find((file) => /[._-](test|spec)\.\w+$/.test(file)) ?? files.at(-1);
  };
}

/** The file of a line of a stack, unless it is one of the platform or of a package. */
function fileOf(line: string): readonly string[] {
  const place = /(?:\(|\sat (?:async )?)([^()]+):\d+:\d+\)?$/.exec(line)?.[1];
  if (place === undefined || place.startsWith('node:') || /[\\/]node_modules[\\/]/.test(place)) return [];
  return [place.startsWith('file:') ? fileURLToPath(place) : place].filter(isAbsolute);
}

/** The command that repeats a run under a seed, as far as can be told from inside of it. */
export function commandFor(seed: number, file: string | undefined): string {
  const assignment = `${SEED_VARIABLE}=${seed}`;
  const command = [...runner(), ...(file === undefined ? [] : [quoted(shown(file))])].join(' ');
  return process.platform === 'win32' ? `set ${assignment}&& ${command}` : `${assignment} ${command}`;
}

/** How the process that runs this would be started again, but for the file. */
function runner(): readonly string[] {
  const { env } = process;
  if (env['VITEST'] !== undefined) return ['npx', 'vitest', 'run'];
  if (env['JEST_WORKER_ID'] !== undefined) return ['npx', 'jest'];
  if (env['NODE_TEST_CONTEXT'] !== undefined) return ['node', '--test'];
  const [, program = ''] = process.argv;
  if (/[\\/]mocha[\\/]/.test(program)) return ['npx', 'mocha'];
  if (/[\\/]ava[\\/]/.test(program)) return ['npx', 'ava'];
  return ['node', ...process.execArgv.map(quoted)];
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What is printed when a run fails. */
export function noteOf(seed: number, file: string | undefined): string {
  return `A run of a simulated network failed under seed ${seed}. To repeat it: ${commandFor(seed, file)}`;
}
