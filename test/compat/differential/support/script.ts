import process from 'node:process';

import { expect, test } from 'vitest';

import { differenceOfRuns } from './compare.ts';
import { knownDifference } from './known-differences.ts';
import { byNode, bySpecification, reference, self } from './modules.ts';
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
    const problems: string[] = [];
    const compare = async (title: string, net: Net, wanted: Recorded): Promise<void> => {
      const problem = await problemOf(net, run, wanted);
      if (problem !== undefined) problems.push(`${title}:\n${problem}`);
    };
    if (specification === undefined) {
      await compare('node:net (-) and compat (+)', bySpecification, expected);
    } else if (!self) {
      await compare('the specification (-) and compat (+)', bySpecification, { lines: specification.trace, left: [] });
      expect(expected.lines, 'where the traces do not differ, there is nothing to say').not.toEqual(
        specification.trace,
      );
    }
    await compare("node:net (-) and compat with behaviour: 'node' (+)", byNode, expected);

    const known = self ? undefined : knownDifference(name);
    if (known !== undefined) {
      expect(problems, `mended: take "${name}" from known-differences.ts`).not.toEqual([]);
      return;
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
