import { checkCount, checkDuration, checkOneOf, refuse, refuseUnknown } from '../core/options/index.ts';
import { FAULT_KINDS, type FaultKind, type ScheduledFault } from './fault-schedule.ts';
import type { Random } from './random.ts';
import type { FaultPlace } from './rules.ts';

/** What may go wrong in a scenario under a seed, and where. */
export interface FaultPlan {
  /** The pairs of hosts that talk to each other: faults and partitions are between them. */
  readonly links: readonly (readonly [string, string])[];
  /** Which hosts may crash, and be restarted. Default: none. */
  readonly crashes?: readonly string[] | undefined;
  /** How many faults there are at most. Default: 5. */
  readonly most?: number | undefined;
  /** The last of them begins at most so long after the first may, in ms. Default: 2,000. */
  readonly within?: number | undefined;
  /** How long one lasts at most, in ms; two of three are over within a twelfth of that. Default: 60,000, longer than many a time limit. */
  readonly longest?: number | undefined;
  /** What may go wrong. Default: all but `corrupt`, which TCP does not let through either, and `crash`, unless `crashes` names hosts. */
  readonly kinds?: readonly FaultKind[] | undefined;
}

/** A plan, checked. */
interface Plan {
  readonly links: readonly (readonly [string, string])[];
  readonly crashes: readonly string[];
  readonly most: number;
  readonly within: number;
  readonly longest: number;
  readonly kinds: readonly FaultKind[];
}

function readPlan(plan: FaultPlan): Plan {
  refuseUnknown(plan, ['links', 'crashes', 'most', 'within', 'longest', 'kinds'], 'plan');
  const { links, crashes = [], most = 5, within = 2_000, longest = 60_000 } = plan;
  if (!Array.isArray(links) || links.length === 0 || !links.every(isPair))
    refuse('links', links, 'pairs of names of hosts, one or more');
  if (!Array.isArray(crashes) || !crashes.every((name) => typeof name === 'string'))
    refuse('crashes', crashes, 'names of hosts');
  const usual = FAULT_KINDS.filter((kind) => kind !== 'corrupt' && (kind !== 'crash' || crashes.length > 0));
  const { kinds = usual } = plan;
  if (!Array.isArray(kinds) || kinds.length === 0) refuse('kinds', kinds, 'names of faults, one or more');
  for (const kind of kinds) checkOneOf('kinds', kind, FAULT_KINDS);
  if (kinds.includes('crash') && crashes.length === 0) refuse('crashes', crashes, 'the names of those who may crash');
  return {
    links,
    crashes,
    most: checkCount('most', most, { zero: true }),
    within: checkDuration('within', within, { zero: true }),
    longest: checkDuration('longest', longest, { zero: true }),
    kinds,
  };
}

function isPair(link: unknown): boolean {
  return (
    Array.isArray(link) && link.length === 2 && link.every((name) => typeof name === 'string') && link[0] !== link[1]
  );
}

/** Makes up a schedule of faults, in the order in which they begin. */
export function makeUpFaults(random: Random, options: FaultPlan): readonly ScheduledFault[] {
  const plan = readPlan(options);
  const faults = Array.from({ length: random.integer(0, plan.most) }, () => makeUpFault(random, plan));
  return faults.toSorted((one, other) => one.at - other.at);
}

function makeUpFault(random: Random, { links, crashes, within, longest, kinds }: Plan): ScheduledFault {
  const time = {
    at: random.integer(0, Math.floor(within)),
    for: random.integer(0, Math.floor(random.integer(0, 2) === 0 ? longest : longest / 12)),
  };
  const fault = pick(random, kinds);
  const [one, other] = pick(random, links);
  if (fault === 'crash') return { ...time, fault, host: pick(random, crashes) };
  if (fault === 'partition') return { ...time, fault, between: [one, other] };
  const place = pick<FaultPlace>(random, [{ from: one, to: other }, { from: other, to: one }, {}]);
  switch (fault) {
    case 'delay':
      return { ...time, fault, ms: random.integer(0, 3_000), ...place };
    case 'drop':
      return { ...time, fault, chance: random.integer(1, 6) / 10, ...place };
    case 'cutAfter':
      return { ...time, fault, bytes: random.integer(0, 2_000), ...place };
    case 'slice':
      return { ...time, fault, most: random.integer(1, 20), ...place };
    case 'limitRate':
      return { ...time, fault, bytesPerSecond: random.integer(100, 10_000), ...place };
    case 'slowClose':
      return { ...time, fault, ms: random.integer(0, 10_000), ...place };
    case 'corrupt':
      return { ...time, fault, chance: random.integer(1, 10) / 10, ...place };
    case 'stall':
    case 'reset':
      return { ...time, fault, ...place };
    default:
      return fault satisfies never;
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[random.integer(0, from.length - 1)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}
