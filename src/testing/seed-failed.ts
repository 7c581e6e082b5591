import type { ScheduledFault } from './fault-schedule.ts';

interface Details {
  readonly seed: number;
  readonly failing: readonly number[];
  /** How many seeds were run. */
  readonly tried: number;
  readonly command: string;
  /** How often the scenario was run again. */
  readonly runs: number;
  readonly isRepeatable: boolean;
  readonly schedule: readonly ScheduledFault[] | undefined;
  /** How many faults the seed had made up. */
  readonly madeUp: number;
  readonly trace: string;
  readonly error: unknown;
  readonly code: string | undefined;
}

/**
 * A scenario of `exploreSeeds` has failed under a seed. The message says how to repeat it and which faults it takes; `cause` is what it
 * failed with.
 */
export class SeedFailed extends Error {
  readonly _tag = 'SeedFailed' as const;
  /** The first seed under which it fails. */
  readonly seed: number;
  /** All that failed: more than one with `keepGoing`. */
  readonly failingSeeds: readonly number[];
  /** The faults that it takes, as `network.play` takes them; undefined when the scenario does not call `disturb`. */
  readonly schedule: readonly ScheduledFault[] | undefined;
  /** The command that repeats it. */
  readonly command: string;

  /** @internal */
  constructor(details: Details) {
    super(messageOf(details), { cause: details.error });
    this.seed = details.seed;
    this.failingSeeds = details.failing;
    this.schedule = details.schedule;
    this.command = details.command;
  }

  override get name(): 'SeedFailed' {
    return 'SeedFailed';
  }
}

function messageOf(details: Details): string {
  const { seed, failing, tried, command, isRepeatable, trace } = details;
  const many = failing.length > 1 ? `\nSeeds that fail: ${failing.join(', ')} (${failing.length} of ${tried})` : '';
  const flaky = isRepeatable
    ? ''
    : '\nRun again under the same seed it did not fail like that: something in it goes by real time, or by chance of its own.';
  return [
    `the scenario fails under seed ${seed}: ${textOf(details.error)}`,
    `To repeat it: ${command}${many}${flaky}`,
    ...faultsOf(details),
    ...(trace === '' ? [] : [`The last of what happened:\n${trace}`]),
  ].join('\n');
}

function faultsOf({ schedule, madeUp, runs, code }: Details): readonly string[] {
  if (schedule === undefined || code === undefined) return [];
  if (schedule.length === 0) return [`It takes no faults (of ${madeUp} that were made up; ${runs} runs).`];
  return [`The faults that it takes, ${schedule.length} of ${madeUp} that were made up (${runs} runs):\n${code}`];
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
