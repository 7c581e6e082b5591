import process from 'node:process';

import { config } from 'rxjs';

import { nodeTransport, systemClock } from '../../../../src/index.ts';
import { simulateNetwork, type SimulatedNetwork } from '../../../../src/testing/index.ts';
import { Random } from '../../../../src/testing/random.ts';
import { CountingClock } from '../../../observables/support/resources.ts';
import { disturb, type FaultPlan, planFaults } from './faults.ts';
import { violationsOf } from './invariants.ts';
import type { Observations } from './observations.ts';
import { Stage } from './stage.ts';

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

const ONE = process.env['RXJS_NET_SEED'];
export const SEEDS: readonly number[] =
  ONE === undefined
    ? Array.from({ length: process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 200 }, (_, index) => index + 1)
    : [Number(ONE)];

function networkOf(seed: number, random: Random): SimulatedNetwork {
  const latency = random.integer(0, 50);
  return simulateNetwork({
    seed,
    latency,
    jitter: random.integer(0, 50),
    window: random.integer(0, 9) === 0 ? random.integer(1, 64) : random.integer(64, 4_000),
    // Byte by byte only now and then: it takes its time.
    chunking: { least: 1, most: random.integer(0, 9) === 0 ? random.integer(1, 8) : random.integer(3, 12) ** 3 },
    maxEvents: 200_000,
    traceLimit: 300,
    ...(random.integer(0, 3) === 0 && { bandwidth: random.integer(2_000, 100_000) }),
  });
}

/** Everything settles in the end: what was sent last is acknowledged, or given up. */
const LONG = 2_000_000;

/** Runs a scenario over a simulated network with the faults of a seed. @returns what doesn't hold. */
export async function runSimulated(scenario: Scenario, seed: number): Promise<readonly string[]> {
  const random = new Random(seed);
  const network = networkOf(seed, random);
  const hosts = ['server', ...scenario.hosts];
  for (const host of hosts) network.host(host);
  const cutHosts = new Set<string>();
  const plan = planFaults(random, scenario, (host) => cutHosts.add(network.host(host).address));
  const { seen, found } = await play(scenario, seed, network, plan);
  for (const address of cutHosts) seen?.cut.add(address);
  if (seen !== undefined) found.push(...violationsOf(seen));
  const open = network.netstat().split('\n').slice(1);
  if (open.length > 0) found.push(`left open: ${open.join('; ')}`);
  if (network.clock.pending > 0) found.push(`${network.clock.pending} timers are left`);
  if (found.length === 0) return found;
  return [
    `seed ${seed} of "${scenario.name}": RXJS_NET_SEED=${seed} npx vitest run test/testing/scenarios -t '${scenario.name}'`,
    ...found,
    `faults: ${plan.map(({ text }) => text).join('; ') || 'none'}`,
    network.trace().slice(-1_500),
  ];
}

async function play(
  scenario: Scenario,
  seed: number,
  network: SimulatedNetwork,
  plan: FaultPlan,
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
    await network.run(() => Promise.all([scenario.run(stage), disturb(network, plan)]));
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
  const { seen, found } = await play(scenario, seed, network, []);
  if (seen === undefined) throw new Error(found.join('\n'));
  return seen;
}

/** Runs a scenario under every seed, and stops at the first that finds something. */
export async function explore(scenario: Scenario): Promise<void> {
  for (const seed of SEEDS) {
    const found = await runSimulated(scenario, seed);
    if (found.length > 0) throw new Error(found.join('\n'));
  }
}
