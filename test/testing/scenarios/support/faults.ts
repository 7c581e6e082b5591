import {
  corrupt,
  cutAfter,
  delay,
  drop,
  type Fault,
  limitRate,
  reset,
  type SimulatedNetwork,
  slice,
  stall,
} from '../../../../src/testing/index.ts';
import type { Random } from '../../../../src/testing/random.ts';

/** One fault, for a while; the times are counted from the beginning. */
interface Trouble {
  readonly from: number;
  readonly until: number;
  readonly text: string;
  /** @returns what takes it back. */
  readonly install: (network: SimulatedNetwork) => () => void;
}

export type FaultPlan = readonly Trouble[];

interface Kind {
  readonly text: string;
  readonly fault: Fault;
}

const kinds: readonly ((random: Random) => Kind)[] = [
  (random) => kind(`delay(${random.integer(0, 3_000)})`, delay),
  (random) => kind(`drop(${random.integer(1, 60) / 100})`, drop),
  (random) => kind(`slice(${random.integer(1, 20)})`, slice),
  (random) => kind(`cutAfter(${random.integer(0, 2_000)})`, cutAfter),
  (random) => kind(`limitRate(${random.integer(100, 20_000)})`, limitRate),
  () => ({ text: 'reset()', fault: reset() }),
  () => ({ text: 'stall()', fault: stall() }),
];

function kind(text: string, make: (value: number) => Fault): Kind {
  return { text, fault: make(Number(/\((.*)\)/.exec(text)?.[1])) };
}

/** What goes wrong in a run: some of it for a moment, some of it for longer than any time limit. */
export function planFaults(
  random: Random,
  { hosts, isChecksummed = false }: { readonly hosts: readonly string[]; readonly isChecksummed?: boolean },
  whenCut: (host: string) => void,
): FaultPlan {
  return Array.from({ length: random.integer(0, 5) }, () => {
    const from = random.integer(0, random.integer(0, 2) === 0 ? 4_000 : 400);
    const until = from + random.integer(0, random.integer(0, 2) === 0 ? 90_000 : 4_000);
    const host = hosts[random.integer(0, hosts.length - 1)] ?? '';
    return { from, until, ...troubleFor(host, random, isChecksummed, whenCut) };
  });
}

function troubleFor(
  host: string,
  random: Random,
  isChecksummed: boolean,
  whenCut: (host: string) => void,
): Pick<Trouble, 'text' | 'install'> {
  const which = random.integer(0, kinds.length + 2 + (isChecksummed ? 3 : 0));
  if (which === kinds.length)
    return { text: `partition(${host}, server)`, install: (network) => network.partition(host, 'server') };
  if (which === kinds.length + 1) return crashOf(host);
  // A server that is gone ends most of what there is to see: that is rare.
  if (which === kinds.length + 2) return crashOf(random.integer(0, 3) === 0 ? 'server' : host);
  const made = kinds[which]?.(random) ?? { text: 'corrupt(0.2)', fault: corrupt(0.2) };
  const place = [{ from: host }, { to: host }, {}][random.integer(0, 2)] ?? {};
  return {
    text: `${made.text} at ${JSON.stringify(place)}`,
    install: (network) => network.fault(place, telling(made.fault, whenCut)),
  };
}

/** Tells of both ends of what it resets. */
function telling(fault: Fault, whenCut: (host: string) => void): Fault {
  return {
    ...fault,
    judge: (passage) => {
      const verdict = fault.judge(passage);
      if (verdict?.reset === true) {
        whenCut(passage.from);
        whenCut(passage.to);
      }
      return verdict;
    },
  };
}

function crashOf(host: string): Pick<Trouble, 'text' | 'install'> {
  return {
    text: `crash(${host})`,
    install: (network) => {
      network.crash(host);
      return () => network.restart(host);
    },
  };
}

/** Lets it all happen; resolves when the last fault is over. */
export async function disturb(network: SimulatedNetwork, plan: FaultPlan): Promise<void> {
  await Promise.all(
    plan.map(async ({ from, until, install }) => {
      await network.sleep(from);
      const takeBack = install(network);
      await network.sleep(until - from);
      takeBack();
    }),
  );
}
