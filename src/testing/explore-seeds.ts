import { checkBoolean, checkCount, checkFunction, checkInteger, refuse, refuseUnknown } from '../core/options/index.ts';
import { type ScheduledFault, scheduleAsCode } from './fault-schedule.ts';
import { type FaultPlan, makeUpFaults } from './made-up-faults.ts';
import { Random } from './random.ts';
import { commandFor, rememberCaller, seedOfEnvironment } from './repeat.ts';
import { SeedFailed } from './seed-failed.ts';
import { SETTING_NAMES, type SimulateNetworkOptions } from './settings.ts';
import { shrinkSchedule } from './shrink-schedule.ts';
import { type SimulatedNetwork, simulateNetwork } from './simulate-network.ts';
import { StepFailed, type Timeline } from './timeline.ts';

/** Options of `exploreSeeds`. */
export interface ExploreOptions {
  /** The first seed; the others follow it. Default: 1. */
  readonly firstSeed?: number | undefined;
  /**
   * Whether the seeds behind one that fails are run too, so that the failure names all that fail.
   * Default: false.
   */
  readonly keepGoing?: boolean | undefined;
  /**
   * How often a scenario that fails is run again at most, to find fewer and simpler faults under
   * which it does. Default: 500.
   */
  readonly maxShrinks?: number | undefined;
}

/** One run of a scenario: what it gets from its seed. */
export interface SeededRun {
  readonly seed: number;
  /** Chance for the scenario itself. It stays the same while the faults are made fewer. */
  readonly random: Random;
  /** `simulateNetwork` with this seed; its trace is in the report. */
  readonly network: (options?: Omit<SimulateNetworkOptions, 'seed'>) => SimulatedNetwork;
  /**
   * Makes up faults from the seed, and plays them on a network from now on. Once in a scenario.
   * While a failure is made smaller it plays fewer and simpler ones.
   */
  readonly disturb: (network: SimulatedNetwork, plan: FaultPlan) => Timeline;
}

/** How a run went. */
interface Outcome {
  readonly failure: { readonly error: unknown } | undefined;
  /** What `disturb` played, if it was called. */
  readonly schedule: readonly ScheduledFault[] | undefined;
  /** The last lines of what happened, if it failed: a long trace is dear to write. */
  readonly trace: string;
}

const TRACE_LINES = 20;

/**
 * Runs a scenario under `seeds` seeds, one after the other. A scenario fails when it throws or
 * rejects: then it is run again with fewer and simpler faults, as long as it still fails in the
 * same way (by the failure's `_tag`, or its name), and what is left is in the failure as code that
 * can be pasted, with the seed and the command that repeats it.
 *
 * With the environment variable `RXJS_NET_SEED` it runs that seed alone.
 *
 * @throws InvalidOptions
 * @throws SeedFailed
 *
 * @example
 * ```ts
 * import { connect, serve } from 'rxjs-net';
 * import { mergeMap, take, timer } from 'rxjs-net/rx';
 * import { exploreSeeds, SeedFailed } from 'rxjs-net/testing';
 *
 * const failed = await exploreSeeds(50, async ({ network, disturb }) => {
 *   const net = network();
 *   serve({ port: 80, transport: net.host('db').transport }, () => ['hello']).subscribe();
 *   const { transport } = net.host('app');
 *   disturb(net, { links: [['app', 'db']], kinds: ['delay', 'slice', 'reset'] });
 *   // It forgets that a connection may be reset.
 *   const ask = timer(1_000, net.scheduler).pipe(
 *     mergeMap(() => connect({ host: 'db', port: 80, transport })),
 *     mergeMap(({ incoming }) => incoming),
 *     take(1),
 *   );
 *   await net.run(() => ask.forEach(() => {}));
 * }).catch((error: unknown) => error);
 *
 * if (failed instanceof SeedFailed) console.log(failed.schedule?.map(({ fault }) => fault)); // => [ 'reset' ]
 * ```
 */
export async function exploreSeeds(
  seeds: number,
  scenario: (run: SeededRun) => unknown,
  options: ExploreOptions = {},
): Promise<void> {
  const callerFile = rememberCaller();
  checkCount('seeds', seeds);
  checkFunction('scenario', scenario);
  refuseUnknown(options, ['firstSeed', 'keepGoing', 'maxShrinks']);
  const { firstSeed = 1, keepGoing = false, maxShrinks = 500 } = options;
  checkInteger('firstSeed', firstSeed, 0, Number.MAX_SAFE_INTEGER - seeds);
  checkBoolean('keepGoing', keepGoing);
  checkCount('maxShrinks', maxShrinks, { zero: true });
  const only = seedOfEnvironment();
  const [first, count] = only === undefined ? [firstSeed, seeds] : [only, 1];
  const failing: number[] = [];
  let found: Outcome | undefined;
  let tried = 0;
  for (let seed = first; seed < first + count; seed++) {
    tried++;
    const outcome = await runOnce(seed, scenario);
    if (outcome.failure === undefined) continue;
    failing.push(seed);
    found ??= outcome;
    if (!keepGoing) break;
  }
  const [seed] = failing;
  if (found === undefined || seed === undefined) return;
  throw await smallest(seed, found, scenario, maxShrinks, { failing, tried, command: commandFor(seed, callerFile()) });
}

interface Search {
  readonly failing: readonly number[];
  readonly tried: number;
  readonly command: string;
}

/** What is reported: the failure under the least faults that do it. */
async function smallest(
  seed: number,
  found: Outcome,
  scenario: (run: SeededRun) => unknown,
  maxShrinks: number,
  { failing, tried, command }: Search,
): Promise<SeedFailed> {
  let last = found;
  let runs = 0;
  const kind = kindOf(found.failure?.error);
  const stillFails = async (schedule: readonly ScheduledFault[]): Promise<boolean> => {
    runs++;
    const outcome = await runOnce(seed, scenario, schedule);
    const fails = outcome.failure !== undefined && kindOf(outcome.failure.error) === kind;
    if (fails) last = outcome;
    return fails;
  };
  const { schedule } = found;
  let isRepeatable = true;
  if (maxShrinks > 0) {
    // Otherwise there is nothing to go by.
    isRepeatable = await stillFails(schedule ?? []);
    if (isRepeatable && schedule !== undefined) await shrinkSchedule(schedule, maxShrinks - 1, stillFails);
  }
  return new SeedFailed({
    seed,
    failing,
    tried,
    command,
    runs,
    isRepeatable,
    schedule: last.schedule,
    madeUp: schedule?.length ?? 0,
    trace: last.trace,
    error: last.failure?.error,
    code: last.schedule === undefined ? undefined : scheduleAsCode(last.schedule),
  });
}

async function runOnce(
  seed: number,
  scenario: (run: SeededRun) => unknown,
  replacement?: readonly ScheduledFault[],
): Promise<Outcome> {
  const networks: SimulatedNetwork[] = [];
  let schedule: readonly ScheduledFault[] | undefined;
  const run: SeededRun = {
    seed,
    // Streams of their own, so that fewer faults leave the rest as it is.
    random: new Random(seed, 1),
    network: (options = {}) => {
      refuseUnknown(options, SETTING_NAMES);
      const given: unknown = Reflect.get(options, 'seed');
      if (given !== undefined) refuse('seed', given, `left out: it is that of the run, ${seed}`);
      const made = simulateNetwork({ report: () => {}, ...options, seed });
      networks.push(made);
      return made;
    },
    disturb: (network, plan) => {
      if (schedule !== undefined) throw new Error('disturb() may be called once in a scenario');
      if (typeof (network as Partial<SimulatedNetwork> | undefined)?.play !== 'function')
        refuse('network', network, 'what `network` of the run made');
      const madeUp = makeUpFaults(new Random(seed, 2), plan);
      schedule = replacement ?? madeUp;
      return network.play(schedule);
    },
  };
  let failure: Outcome['failure'];
  try {
    await scenario(run);
  } catch (error) {
    failure = { error };
  }
  return { failure, schedule, trace: failure === undefined ? '' : lastOf(networks.at(-1)) };
}

function lastOf(network: SimulatedNetwork | undefined): string {
  return network?.trace().split('\n').slice(-TRACE_LINES).join('\n') ?? '';
}

/** By what a failure is known again. */
function kindOf(failure: unknown): unknown {
  // A step of a timeline fails by what was thrown in it.
  const error = failure instanceof StepFailed ? failure.cause : failure;
  if (typeof error !== 'object' || error === null) return typeof error;
  const tag: unknown = Reflect.get(error, '_tag');
  return tag ?? Reflect.get(error, 'name');
}
