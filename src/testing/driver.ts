import { checkDuration } from '../core/options/index.ts';
import { claim } from './claims.ts';
import { withGlobalTimers } from './global-timers.ts';
import { LoopWatch } from './loop-work.ts';
import type { Network } from './network.ts';
import type { FollowingClock } from './network-clock.ts';
import { addedSince, type AddedWaits, explain, realWaits } from './real-waits.ts';
import { turn } from './turn.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Who lets the time of a network pass. */
export interface Driver {
  /** With a start date the global timers run in its time. */
  run<T>(program: () => PromiseLike<T> | T, startDate: number | undefined): Promise<T>;
  advance(ms: number): Promise<void>;
  settle(): Promise<void>;
}

/** How many turns of the real event loop a scenario may do nothing before it counts as stuck. */
const PATIENCE = 200;
/** How long it may wait for files and the like, in real ms. */
const REAL_PATIENCE = 5_000;
/** How many turns in a row a program may take before it counts as one that polls. */
const MAX_TURNS = 100_000;

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

// Taken when the module is loaded, before fake timers can be there.
const { hrtime } = process;
const realTime = (): number => Number(hrtime.bigint() / 1_000_000n);

/** Not to be taken for an error of the scenario's own, which is another failure. */
class ScenarioStuck extends Error {
  override get name(): 'ScenarioStuck' {
    return 'ScenarioStuck';
  }
}

const never = (): boolean => false;

/** Virtual time: whenever nothing else is to be done, it moves to the next event. */
export class VirtualDriver implements Driver {
  private readonly network: Network;
  private readonly clock: VirtualClock;
  private readonly loop = new LoopWatch();

  constructor(network: Network, clock: VirtualClock) {
    this.network = network;
    this.clock = clock;
  }

  run<T>(program: () => PromiseLike<T> | T, startDate: number | undefined): Promise<T> {
    const run = (): Promise<T> => this.untilSettled(program, startDate !== undefined);
    return this.drive('run', () => (startDate === undefined ? run() : withGlobalTimers(this.clock, startDate, run)));
  }

  private async untilSettled<T>(program: () => PromiseLike<T> | T, hasGlobalTimers: boolean): Promise<T> {
    const before = realWaits();
    let settled: Outcome<T> | undefined;
    void Promise.resolve(program()).then(
      (value) => (settled = { value }),
      (error: unknown) => (settled = { error }),
    );
    const outcome = (): Outcome<T> | undefined => settled;
    const why = (): string => explain(addedSince(before), hasGlobalTimers);
    const bound = this.bound(why);
    let idle = 0;
    let patience = 0;
    for (;;) {
      await this.untilWaiting(() => outcome() !== undefined, why);
      const ended = outcome();
      if (ended !== undefined) {
        if ('error' in ended) throw ended.error;
        return ended.value;
      }
      if (this.clock.step()) {
        idle = 0;
        bound();
        continue;
      }
      if (idle === 0) patience = realTime() + REAL_PATIENCE;
      if (++idle > PATIENCE) this.checkIdle(addedSince(before), patience, why);
    }
  }

  /** Files may take their time; a real timer or socket is a mistake. */
  private checkIdle({ others }: AddedWaits, patience: number, why: () => string): void {
    if (others.length > 0 && realTime() < patience) return;
    throw this.stuck('nothing can happen any more, and the program still waits', why());
  }

  /**
   * Lets the program run on until it waits for time to move. One turn is not enough: an immediate,
   * or a file that was read, may lead to the next one, and time must not move before the last of
   * them.
   */
  private async untilWaiting(isOver = never, why: () => string = () => ''): Promise<void> {
    let turns = 0;
    let patience = 0;
    for (;;) {
      await turn();
      if (isOver()) return;
      const work = this.loop.work();
      if (work === undefined) return;
      if (work === 'immediates') {
        if (++turns < MAX_TURNS) continue;
        throw this.stuck(
          `the program has taken ${turns} turns of the event loop in a row, and an immediate takes no time; wait with network.sleep()`,
          why(),
        );
      }
      if (patience === 0) patience = realTime() + REAL_PATIENCE;
      else if (realTime() > patience)
        throw this.stuck(`an operation on a file has been in flight for ${REAL_PATIENCE} ms of real time`, why());
    }
  }

  async advance(ms: number): Promise<void> {
    checkDuration('ms', ms, { zero: true });
    await this.drive('advance', async () => {
      const until = this.clock.now() + ms;
      const bound = this.bound();
      await this.untilWaiting();
      while (this.clock.step(until)) {
        bound();
        await this.untilWaiting();
      }
      this.clock.moveTo(until);
    });
  }

  settle(): Promise<void> {
    return this.drive('settle', async () => {
      const bound = this.bound();
      await this.untilWaiting();
      while (this.network.isBusy && this.clock.step()) {
        bound();
        await this.untilWaiting();
      }
    });
  }

  /** Two who move one time would each see it jump. */
  private async drive<T>(what: string, work: () => Promise<T>): Promise<T> {
    const release = claim(this.clock, what);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Counts an event each time it is called, and fails at the bound. */
  private bound(why: () => string = () => ''): () => void {
    const { maxEvents } = this.network.settings;
    let events = 0;
    return () => {
      if (++events >= maxEvents) throw this.stuck(`it is still going on after ${events} events`, why());
    };
  }

  private stuck(what: string, why: string): Error {
    const { settings, trace } = this.network;
    const because = why === '' ? '' : `. Perhaps: ${why}`;
    return new ScenarioStuck(
      `the scenario is stuck: ${what} (seed ${settings.seed}, at ${this.clock.now()} ms)${because}\n${trace.text(20) || 'Nothing has happened on the network.'}`,
    );
  }
}

/** The time of somebody else's clock: it passes by itself, or whoever has it moves it. */
export class FollowingDriver implements Driver {
  private readonly network: Network;
  private readonly clock: FollowingClock;

  constructor(network: Network, clock: FollowingClock) {
    this.network = network;
    this.clock = clock;
  }

  async run<T>(program: () => PromiseLike<T> | T, startDate: number | undefined): Promise<T> {
    if (startDate !== undefined) throw notOurs('run() with { globalTimers }');
    let stopWatching = (): void => {};
    const failed = new Promise<never>((_resolve, reject) => (stopWatching = this.clock.watch(reject)));
    try {
      return await Promise.race([failed, program()]);
    } finally {
      stopWatching();
    }
  }

  async advance(): Promise<void> {
    throw notOurs('advance()');
  }

  async settle(): Promise<void> {
    await turn();
    await this.network.whenIdle();
  }
}

const notOurs = (what: string): Error =>
  new Error(
    `${what} moves virtual time, and the time of this network is that of the clock that it was given: leave out the option "clock", or give a VirtualClock`,
  );
