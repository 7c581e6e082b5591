import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openHandles } from './describe.ts';
import { Tools, type Net } from './tools.ts';

/** One behaviour as a program that records what it sees. Must be deterministic: it waits for events, never for time. */
export type Script = (net: Net, tools: Tools) => void | Promise<void>;

/** What a run has shown. */
export interface Recorded {
  readonly lines: readonly string[];
  readonly left: readonly string[];
}

/** How long one run of a script may take, in ms. */
const limit = 8000;

/**
 * Runs the script against the module and gives the trace.
 *
 * What the script opened is closed afterwards; `left` are the kinds of handles that are still open then.
 *
 * @throws when the script throws, or hangs; the message says where, and has the trace so far.
 */
export const record = async (net: Net, script: Script, timeLimit = limit): Promise<Recorded> => {
  const folder = mkdtempSync(join(tmpdir(), 'd-'));
  const tools = new Tools(folder);
  const before = openHandles();
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`hung for ${timeLimit} ms at: ${tools.at}`));
    }, timeLimit);
  });
  try {
    await Promise.race([script(net, tools), hung]);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`the script failed: ${reason}\nTrace so far:\n${tools.lines.join('\n')}`, { cause: error });
  } finally {
    clearTimeout(timer);
    await tools.release();
    rmSync(folder, { recursive: true, force: true });
  }
  const left = [...openHandles()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind);
  return { lines: tools.lines, left };
};
