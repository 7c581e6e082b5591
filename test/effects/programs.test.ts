// Random programs of brackets, failures, defects, waits and scopes, aborted at any moment: whatever happens, what was opened
// is closed exactly once, in the reverse order, before anybody hears how the program ended.
import { getEventListeners } from 'node:events';

import { fc, test } from '@fast-check/vitest';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect } from 'vitest';

import {
  apFirst,
  attempt,
  bracket,
  bracketed,
  die,
  type Exit,
  flatMap,
  fromCallback,
  fromIO,
  left,
  map,
  type Net,
  of,
  race,
  type ReleaseFailed,
  sequenceArray,
  sleep,
  timeout,
  toExit,
  uninterruptible,
} from 'rxjs-net/effects';
import { VirtualClock } from 'rxjs-net/testing';

type Failed = string | { readonly _tag: string };
type Ending = 'well' | 'failing' | 'dying' | 'slow';

type Simple = 'of' | 'left' | 'die' | 'throw' | 'never';
type Combined = 'in turn' | 'race' | 'both' | 'at once';

type Program =
  | { readonly type: Simple }
  | { readonly type: 'sleep'; readonly ms: number }
  | { readonly type: 'bracket'; readonly acquire: Ending; readonly release: Ending; readonly use: Program }
  | { readonly type: 'bracketed'; readonly release: readonly Ending[]; readonly use: Program }
  | { readonly type: Combined; readonly all: readonly Program[] }
  | { readonly type: 'timeout'; readonly ms: number; readonly inner: Program }
  | { readonly type: 'uninterruptible' | 'attempt'; readonly inner: Program };

const ending = fc.constantFrom<Ending>('well', 'well', 'failing', 'dying', 'slow');

const programs = fc.letrec<{ program: Program }>((tie) => ({
  program: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.record({ type: fc.constantFrom<Simple>('of', 'left', 'die', 'throw', 'never') }),
    fc.record({ type: fc.constant('sleep'), ms: fc.nat(20) }),
    fc.record({ type: fc.constant('bracket'), acquire: ending, release: ending, use: tie('program') }),
    fc.record({ type: fc.constant('bracket'), acquire: ending, release: ending, use: tie('program') }),
    fc.record({
      type: fc.constant('bracketed'),
      release: fc.array(ending, { minLength: 1, maxLength: 4 }),
      use: tie('program'),
    }),
    fc.record({
      type: fc.constantFrom<Combined>('in turn', 'race', 'both', 'at once'),
      all: fc.array(tie('program'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('timeout'), ms: fc.integer({ min: 1, max: 20 }), inner: tie('program') }),
    fc.record({ type: fc.constantFrom('uninterruptible', 'attempt'), inner: tie('program') }),
  ),
})).program;

/** What is open, in the order in which it was opened within one branch, and what went wrong with it. */
class Ledger {
  /** Waits that hold something of the system, such as a listener. */
  waiting = 0;
  opened = 0;
  released = 0;
  readonly wrong: string[] = [];
  /** What to do when so many have been opened. */
  atOpening: readonly [number, () => void] | undefined = undefined;
  readonly open = new Set<Opened>();
}

/** One thing that is open; what was opened within it has to be closed before. */
interface Opened {
  readonly parent: Opened | undefined;
  readonly inner: Set<Opened>;
  closing: boolean;
}

const ended = (how: Ending, what: string): Net<Failed, void> => {
  if (how === 'failing') return left(`${what} failed`);
  if (how === 'dying') return die(`${what} died`);
  return how === 'slow' ? sleep(3) : of(undefined);
};

const one = (ledger: Ledger, parent: Opened | undefined, acquire: Ending, release: Ending) =>
  bracket(
    pipe(
      ended(acquire, 'acquire'),
      flatMap(() =>
        fromIO((): Opened => {
          const opened = { parent, inner: new Set<Opened>(), closing: false };
          parent?.inner.add(opened);
          ledger.open.add(opened);
          ledger.opened += 1;
          if (ledger.opened === ledger.atOpening?.[0]) ledger.atOpening[1]();
          return opened;
        }),
      ),
    ),
    (opened) =>
      pipe(
        fromIO(() => {
          if (opened.closing) ledger.wrong.push('closed twice');
          if (opened.inner.size > 0) ledger.wrong.push('closed before what is within it');
          opened.closing = true;
        }),
        flatMap(() => ended(release, 'release')),
        // Whether it fails or not, it is over only now.
        (net) => (env) => () =>
          net(env)().finally(() => {
            parent?.inner.delete(opened);
            ledger.open.delete(opened);
            ledger.released += 1;
          }),
      ),
  );

const waiting = (ledger: Ledger): Net<never, never> =>
  fromCallback(() => {
    ledger.waiting += 1;
    return () => {
      ledger.waiting -= 1;
    };
  });

type Random = Net<Failed | ReleaseFailed<unknown, unknown, unknown>, unknown>;

const simple = (ledger: Ledger): Record<Simple, Random> => ({
  of: of(1),
  left: left('left'),
  die: die('died'),
  throw: pipe(
    of(1),
    map(() => {
      throw new Error('thrown');
    }),
  ),
  never: waiting(ledger),
});

const combined: Record<Combined, (all: readonly Random[]) => Random> = {
  'in turn': (all) =>
    all.reduce((before, after) =>
      pipe(
        before,
        flatMap(() => after),
      ),
    ),
  race: (all) => all.reduce((a, b) => pipe(a, race(b))),
  both: (all) => all.reduce((a, b) => pipe(a, apFirst(b))),
  'at once': sequenceArray({ concurrency: 2 }),
};

const effect = (ledger: Ledger, program: Program, parent?: Opened): Random => {
  if ('all' in program) return combined[program.type](program.all.map((each) => effect(ledger, each, parent)));
  if ('inner' in program) {
    const inner = effect(ledger, program.inner, parent);
    if (program.type === 'timeout') return pipe(inner, timeout(program.ms));
    return program.type === 'attempt' ? attempt(inner) : uninterruptible(inner);
  }
  if (program.type === 'bracket') {
    return one(ledger, parent, program.acquire, program.release)((opened) => effect(ledger, program.use, opened));
  }
  if (program.type === 'bracketed') {
    const parts = program.release.map((release) => one(ledger, parent, 'well', release));
    return bracketed(...parts)((...all) => effect(ledger, program.use, all.at(-1)));
  }
  return program.type === 'sleep' ? sleep(program.ms) : simple(ledger)[program.type];
};

/** Whether it may wait for ever where nothing can interrupt it. */
const mayHang = (program: Program, interruptible = true): boolean => {
  if ('use' in program) return mayHang(program.use, interruptible);
  if ('all' in program) return program.all.some((each) => mayHang(each, interruptible));
  if (!('inner' in program)) return program.type === 'never' && !interruptible;
  return mayHang(program.inner, program.type === 'timeout' || (program.type === 'attempt' && interruptible));
};

/** Turns the clock as long as the program runs, and lets the promises of each moment be settled. */
const settled = async <E, A>(clock: VirtualClock, exit: Promise<Exit<E, A>>): Promise<Exit<E, A>> => {
  let found: Exit<E, A> | undefined;
  void exit.then((value) => (found = value));
  for (let idle = 0; idle < 3;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (found !== undefined) return found;
    idle = clock.step() ? 0 : idle + 1;
  }
  throw new Error('it waits for nothing that could come');
};

describe('a thousand random programs', () => {
  test.prop(
    [
      programs.filter((candidate) => !mayHang(candidate)),
      fc.oneof(
        fc.record({ at: fc.constant('a moment' as const), when: fc.nat(40) }),
        fc.record({ at: fc.constant('an opening' as const), when: fc.integer({ min: 1, max: 4 }) }),
        fc.record({ at: fc.constant('the start' as const), when: fc.constant(0) }),
      ),
    ],
    { numRuns: 1_000 },
  )('leave nothing open, and run each release exactly once, in reverse order', async (random, abort) => {
    const ledger = new Ledger();
    const clock = new VirtualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const net = effect(ledger, random);
    // Building it does nothing.
    expect([ledger.opened, ledger.waiting, clock.pending]).toEqual([0, 0, 0]);

    if (abort.at === 'the start') controller.abort('given up');
    if (abort.at === 'an opening') ledger.atOpening = [abort.when, () => controller.abort('given up')];
    // What waits for ever has to be given up at last.
    const cancel = clock.after(abort.at === 'a moment' ? abort.when : 10_000, () => controller.abort('given up'));
    const exit = await settled(clock, toExit(net, { clock, signal }));
    cancel();

    expect(ledger.wrong).toEqual([]);
    expect([ledger.open.size, ledger.waiting, clock.pending]).toEqual([0, 0, 0]);
    expect(ledger.released).toBe(ledger.opened);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    if (exit._tag === 'Interrupted') expect([signal.aborted, exit.reason]).toEqual([true, 'given up']);
    if (abort.at === 'the start') expect([exit._tag, ledger.opened]).toEqual(['Interrupted', 0]);
  });
});
