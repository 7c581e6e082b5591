import process from 'node:process';

import { config } from 'rxjs';

import { nodeTransport, systemClock } from '../../../../src/index.ts';
import { FAULT_KINDS } from '../../../../src/testing/fault-schedule.ts';
import {
  exploreSeeds,
  type FaultPlan,
  type Random,
  type SeededRun,
  simulateNetwork,
  type SimulatedNetwork,
} from '../../../../src/testing/index.ts';
import { CountingClock } from '../../../observables/support/resources.ts';
import { violationsOf } from './invariants.ts';
import type { Observations } from './observations.ts';
import { Stage } from './stage.ts';
import { Violated } from './violated.ts';

/** One program over the network, in a few actors, which draws all that it does from a seed. */
export interface Scenario {
  readonly name: string;
  /** Who takes part, besides the host "server". */
  readonly hosts: readonly string[];
  /** Its messages have a checksum: bytes may be changed on the way. */
  readonly isChecksummed?: boolean;
  /** Without a fault it has the same outcome everywhere. */
  readonly isSteady?: boolean;
  run(stage: Stage): Promise<void>;
}

/** Hundreds of them, since what breaks a program is rare. */
const SEEDS = process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 200;

function networkOf({ random, network: make }: SeededRun, hosts: readonly string[]): SimulatedNetwork {
  const maxEvents = 200_000;
  const latency = random.integer(0, 50);
  const network = make({
    latency,
    jitter: random.integer(0, 50),
    window: random.integer(0, 9) === 0 ? random.integer(1, 64) : random.integer(64, 4_000),
    // Byte by byte only now and then: it takes its time.
    chunking: { least: 1, most: random.integer(0, 9) === 0 ? random.integer(1, 8) : random.integer(3, 12) ** 3 },
    maxEvents,
    // All of it: who was reset is read from it.
    traceLimit: maxEvents,
    ...(random.integer(0, 3) === 0 && { bandwidth: random.integer(2_000, 100_000) }),
  });
  for (const host of hosts) network.host(host);
  return network;
}

/** What goes wrong in a run: some of it for a moment, some of it for longer than any time limit. */
function planOf(random: Random, { hosts, isChecksummed = false }: Scenario): FaultPlan {
  return {
    links: hosts.map((host) => [host, 'server'] as const),
    // A server that is gone ends most of what there is to see: that is rare.
    crashes: random.integer(0, 7) === 0 ? [...hosts, 'server'] : hosts,
    within: random.integer(0, 2) === 0 ? 4_000 : 400,
    longest: 90_000,
    // Changed bytes are for those who can tell, and then they are frequent.
    ...(isChecksummed && { kinds: [...FAULT_KINDS, 'corrupt', 'corrupt'] }),
  };
}

/** Everything settles in the end: what was sent last is acknowledged, or given up. */
const LONG = 2_000_000;

/** Runs a scenario over a simulated network with the faults of a seed. @throws Violated */
async function runSimulated(scenario: Scenario, run: SeededRun): Promise<void> {
  const network = networkOf(run, ['server', ...scenario.hosts]);
  const plan = planOf(run.random, scenario);
  const { seen, found } = await play(scenario, run.seed, network, () => run.disturb(network, plan).done);
  if (seen !== undefined) {
    for (const end of cutIn(network)) seen.cut.add(end);
    found.push(...violationsOf(seen));
  }
  const open = network.netstat().split('\n').slice(1);
  if (open.length > 0) found.push(`left open: ${open.join('; ')}`);
  if (network.clock.pending > 0) found.push(`${network.clock.pending} timers are left`);
  if (found.length > 0) throw new Violated(scenario.name, found);
}

/** The ends of each connection that was reset on the way, by address and port. */
function cutIn(network: SimulatedNetwork): ReadonlySet<string> {
  const names = network
    .traceEntries()
    .filter(({ fate }) => fate === 'reset')
    .flatMap(({ from, to }) => [from, to]);
  return new Set(
    Array.from(new Set(names), (name) => {
      const [host = '', port] = name.split(':');
      return `${network.host(host).address}:${port}`;
    }),
  );
}

async function play(
  scenario: Scenario,
  seed: number,
  network: SimulatedNetwork,
  disturbed: () => Promise<void>,
): Promise<{ seen: Observations | undefined; found: string[] }> {
  const found: string[] = [];
  const timers = new CountingClock(network.clock);
  const stage = new Stage(
    {
      clock: network.clock,
      sleep: (ms) => network.sleep(ms),
      transportOf: (host) => ({ ...network.host(host).transport, clock: timers }),
      placeOf: () => ({ port: 80 }),
      targetOf: (server) => ({ host: server, port: 80 }),
    },
    seed,
  );
  config.onUnhandledError = (error) => found.push(`nobody was told of ${String(error)}`);
  try {
    await network.run(() => Promise.all([scenario.run(stage), disturbed()]));
    // What was destroyed last has closed by then, and given back its timers.
    await network.run(() => network.sleep(1));
    if (timers.pending > 0) found.push(`${timers.pending} timers of the library go on`);
    await network.run(() => network.sleep(LONG));
    return { seen: stage.seen, found };
  } catch (error) {
    found.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { seen: undefined, found };
  } finally {
    config.onUnhandledError = null;
  }
}

/** A virtual second, in real ms. */
const REAL_SECOND = 50;

/** Runs a scenario without faults over the operating system. */
export async function runReal(scenario: Scenario, seed: number): Promise<Observations> {
  const stage = new Stage(
    {
      clock: systemClock,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, (ms * REAL_SECOND) / 1_000)),
      transportOf: () => nodeTransport,
      placeOf: () => ({ host: '127.0.0.1', port: 0 }),
      targetOf: (_server, address) => ({
        host: '127.0.0.1',
        port: address !== undefined && 'port' in address ? address.port : 1,
      }),
    },
    seed,
  );
  await scenario.run(stage);
  return stage.seen;
}

/** As `runReal`, over a simulated network. */
export async function runUndisturbed(scenario: Scenario, seed: number): Promise<Observations> {
  const network = simulateNetwork({ seed, latency: 0 });
  for (const host of ['server', ...scenario.hosts]) network.host(host);
  const { seen, found } = await play(scenario, seed, network, async () => {});
  if (seen === undefined) throw new Error(found.join('\n'));
  return seen;
}

/**
 * Runs a scenario under 200 seeds of random faults (2,000 with RXJS_NET_LONG=1; one, with RXJS_NET_SEED): whatever happens to the
 * network, what `invariants.ts` says holds, and nothing is left open. One that finds something is told of with the least faults under
 * which it does. To be called by a test itself: its file is in the command that repeats it.
 */
export function explore(scenario: Scenario): Promise<void> {
  return exploreSeeds(SEEDS, (run) => runSimulated(scenario, run));
}

/** For a table of tests. */
export function named(scenarios: readonly Scenario[]): readonly (readonly [string, Scenario])[] {
  return scenarios.map((scenario) => [scenario.name, scenario]);
}
