import { createInterface } from 'node:readline';

import type { NetFailure } from '../../../../src/core/failures/index.ts';

const lines = createInterface(process.stdin)[Symbol.asyncIterator]();

/** Says one value to the test. */
export function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Waits for a line of the test's. */
export async function told(): Promise<string | undefined> {
  const { value, done } = await lines.next();
  return done === true ? undefined : value;
}

/** What a failure says, without its stack. */
export function facts(failure: NetFailure | undefined): unknown {
  if (failure === undefined) return null;
  const { _tag, code, syscall, address, port } = failure;
  return { _tag, code, syscall, address, port };
}
