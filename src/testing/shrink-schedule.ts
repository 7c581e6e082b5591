import type { ScheduledFault } from './fault-schedule.ts';

/** Whether the scenario still fails, and in the same way, under this schedule. */
export type StillFails = (schedule: readonly ScheduledFault[]) => Promise<boolean>;

/** Stops asking after so many runs. */
interface Budget {
  left: number;
}

/**
 * Makes a schedule under which a scenario fails as small as it gets: first without what does not matter, then with the least times
 * and values that still do it. Each step is one run of the scenario.
 */
export async function shrinkSchedule(
  schedule: readonly ScheduledFault[],
  runs: number,
  stillFails: StillFails,
): Promise<readonly ScheduledFault[]> {
  const budget: Budget = { left: runs };
  const asked: StillFails = async (candidate) => budget.left-- > 0 && stillFails(candidate);
  let smallest = await withoutIdle(schedule, asked);
  for (;;) {
    const simpler = await simplified(smallest, asked, budget);
    // What got simpler may make another one idle.
    smallest = simpler === smallest ? smallest : await withoutIdle(simpler, asked);
    if (smallest === simpler || budget.left <= 0) return smallest;
  }
}

/** Leaves out as many as can be left out: halves first, then quarters, then one at a time (Zeller's delta debugging). */
async function withoutIdle(
  schedule: readonly ScheduledFault[],
  stillFails: StillFails,
): Promise<readonly ScheduledFault[]> {
  let kept = schedule;
  let size = kept.length;
  while (size >= 1 && kept.length > 0) {
    let left = false;
    for (let start = 0; start < kept.length;) {
      const candidate = kept.toSpliced(start, size);
      if (await stillFails(candidate)) {
        kept = candidate;
        left = true;
      } else start += size;
    }
    // Once more at the same size: what was needed may not be, now that others are gone.
    if (!left || size > 1) size = Math.floor(Math.min(size, kept.length + 1) / 2);
  }
  return kept;
}

async function simplified(
  schedule: readonly ScheduledFault[],
  stillFails: StillFails,
  budget: Budget,
): Promise<readonly ScheduledFault[]> {
  let smallest = schedule;
  for (let index = 0; index < schedule.length; index++) {
    for (const [name, target] of NUMBERS) {
      const value: unknown = Reflect.get(smallest[index] ?? {}, name);
      if (typeof value !== 'number' || value === target) continue;
      const before = smallest;
      const withValue = (other: number): readonly ScheduledFault[] =>
        before.map((entry, place) => (place === index ? { ...entry, [name]: other } : entry));
      const found = await nearest(value, target, budget, (other) => stillFails(withValue(other)));
      if (found !== value) smallest = withValue(found);
    }
  }
  return smallest;
}

/** What can be simpler, in this order, and what is simplest. */
const NUMBERS: readonly (readonly [name: string, simplest: number])[] = [
  ['at', 0],
  ['for', 0],
  ['ms', 0],
  ['bytes', 0],
  ['least', 1],
  ['most', 1],
  ['bytesPerSecond', 1],
  ['chance', 1],
];

/** The value nearest to the simplest one that still fails, by halves. A chance is certain or stays as it is. */
async function nearest(
  value: number,
  target: number,
  budget: Budget,
  fails: (value: number) => Promise<boolean>,
): Promise<number> {
  if (await fails(target)) return target;
  let passing = target;
  let failing = value;
  while (failing - passing > 1 && budget.left > 0) {
    const middle = Math.floor((passing + failing) / 2);
    if (await fails(middle)) failing = middle;
    else passing = middle;
  }
  return failing;
}
