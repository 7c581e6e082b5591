// What the programs in this folder share: their options, Ctrl-C, and a last word when something fails.
import process from 'node:process';
import { parseArgs } from 'node:util';

import { EMPTY, tap } from 'rxjs-net/rx';
import { catchAll, type Flow, type NetFailure, runFlow, type ServeEvent } from 'rxjs-net';

import { describeEvent } from '../describe-event.ts';

/** Says what went wrong, and which code the process ends with; it ends by itself, for nothing is left open. */
export const giveUp = (code: 1 | 2, text: string): Flow<never> => {
  console.error(text);
  process.exitCode = code;
  return EMPTY;
};

/** The program's options with their defaults, and what else is on the command line. Ends the process when one is wrong. */
export const readOptions = <T extends Readonly<Record<string, string>>>(
  usage: string,
  defaults: T,
): { readonly options: T; readonly rest: readonly string[] } => {
  const names = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }] as const);
  const refuse = (error: unknown): never => {
    giveUp(2, `${error instanceof Error ? error.message : String(error)}\nUsage: npm start -- ${usage}`);
    return process.exit();
  };
  const read = (): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } => {
    try {
      return parseArgs({ options: Object.fromEntries(names), allowPositionals: true });
    } catch (error) {
      return refuse(error);
    }
  };
  const { values, positionals } = read();
  return { options: { ...defaults, ...values }, rest: positionals };
};

/** An option that is a whole number. Ends the process when it is none. */
export const readCount = (name: string, text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  giveUp(2, `--${name} must be a whole number, got "${text}"`);
  return process.exit();
};

/** Aborted by Ctrl-C, or when the system ends the process: servers then finish what they are at. */
export const stopped: AbortSignal = (() => {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
})();

/** Runs a program to its end. A failure is told in a line. */
export const run = (program: Flow<unknown, NetFailure>): Promise<void> =>
  runFlow(program.pipe(catchAll((failure) => giveUp(failure._tag === 'InvalidOptions' ? 2 : 1, failure.message)))).then(
    () => undefined,
  );

/** Runs a server, and tells what happens on it. */
export const runServer = (server: Flow<ServeEvent, NetFailure>): Promise<void> =>
  run(server.pipe(tap((event) => console.log(describeEvent(event)))));
