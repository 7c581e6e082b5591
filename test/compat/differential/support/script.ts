import process from 'node:process';

import { expect, test } from 'vitest';

import { differenceOfRuns } from './compare.ts';
import { knownDifference } from './known-differences.ts';
import { candidates, reference, self } from './modules.ts';
import { record, type Recorded, type Script } from './record.ts';
import type { Net } from './tools.ts';

/** Where the specification states something else than the Node that runs does. */
export interface SpecificationWins {
  /** The sentence of the specification, as it stands there. */
  readonly sentence: string;
  /** The trace that follows from it. */
  readonly trace: readonly string[];
}

export interface ScriptOptions {
  readonly specification?: SpecificationWins;
  /** The major versions of Node that have the thing that is tested; all, when left out. */
  readonly since?: number;
  readonly until?: number;
}

const major = Number(process.versions.node.split('.')[0]);

/**
 * A test that runs the script against `node:net` and against the module under test, and compares the traces.
 *
 * The module is run twice: as it comes, and with `behaviour: 'node'`. The first may differ only where the
 * specification says so; then its trace must be the one that follows from the specification.
 */
export const script = (name: string, run: Script, options: ScriptOptions = {}): void => {
  const there = major >= (options.since ?? 0) && major <= (options.until ?? Infinity);
  test.runIf(there)(name, { timeout: 60_000 }, async () => {
    const expected = await record(reference, run);
    expect(expected.lines.length, 'a script that records nothing compares nothing').toBeGreaterThan(0);
    const { specification } = options;
    if (specification !== undefined)
      expect(expected.lines, 'where the traces do not differ, there is nothing to say').not.toEqual(
        specification.trace,
      );
    const problems: string[] = [];
    for (const { title, net, carrier, specificationWins } of candidates) {
      const wins = specificationWins && specification !== undefined;
      const wanted = wins ? { lines: specification.trace, left: [] } : expected;
      const problem = await problemOf(net, run, wanted);
      const known = self ? undefined : knownDifference(name, carrier);
      if (known === undefined && problem !== undefined)
        problems.push(`${wins ? 'the specification' : 'node:net'} (-) and ${title} (+):\n${problem}`);
      if (known !== undefined && problem === undefined)
        problems.push(`${title} does not differ any more: take it from known-differences.ts (${known.reason})`);
    }
    if (problems.length === 0) return;
    const again = differenceOfRuns(expected, await record(reference, run));
    if (again !== undefined) problems.push(`The script itself is not deterministic: node:net twice:\n${again}`);
    throw new Error(`${name}\n\n${problems.join('\n\n')}\n`);
  });
};

const problemOf = async (net: Net, run: Script, wanted: Recorded): Promise<string | undefined> => {
  try {
    return differenceOfRuns(wanted, await record(net, run));
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
};
