import type { Monoid } from 'fp-ts/lib/Monoid.js';
import { isNone, map, none, type Option, some } from 'fp-ts/lib/Option.js';

import { checkCount, checkDuration } from '../core/options/index.ts';
import { type ExponentialBackoff, jittered, readExponential } from '../observables/reconnecting/backoff.ts';

/**
 * What a schedule decides by.
 *
 * @category model
 * @since 0.1.0
 */
export interface ScheduleStatus {
  /** How many times it has gone on since the beginning, or since a run that was stable. */
  readonly step: number;
  /** Since then, in ms. */
  readonly elapsed: number;
  /** How long the last run took, in ms. */
  readonly lasted: number;
  /** From 0 to 1, drawn for this decision: the environment's `random`. */
  readonly chance: number;
}

/**
 * When to do something again: a value without a state, which says after how many ms, or that it is
 * enough.
 *
 * Schedules are put together with `allOf`; what is asked of both has to be granted by both.
 *
 * @category model
 * @since 0.1.0
 */
export interface Schedule {
  /**
   * How long to wait, in ms, before it is done once more; `none` when it is enough. A pure
   * function.
   */
  readonly next: (status: ScheduleStatus) => Option<number>;
  /** After a run of so many ms all counts start over; `Infinity` for never. */
  readonly stableAfter: number;
}

/**
 * A schedule that is asked after failures: when to try again.
 *
 * @category model
 * @since 0.1.0
 */
export type RetryPolicy = Schedule;

// ------------------------------------------------------------------------------------------------------ constructors

/**
 * A schedule of one's own. What `next` throws is a defect of the effect that goes by it.
 *
 * @param next - a pure function: it may be asked more often than it is gone by.
 *
 * @example
 * ```ts
 * import { none, some } from 'fp-ts/lib/Option.js';
 * import { delaysOf, schedule } from 'rxjs-net/effects';
 *
 * const countdown = schedule(({ step }) => (step < 3 ? some((3 - step) * 100) : none));
 *
 * console.log([...delaysOf(countdown)]); // => [ 300, 200, 100 ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function schedule(next: (status: ScheduleStatus) => Option<number>): Schedule {
  return { next, stableAfter: Number.POSITIVE_INFINITY };
}

/**
 * Limits how often something is run in all, the first time included, without a wait: `limitTo(5)`
 * is 5 attempts, as `maxAttempts: 5` of `reconnecting` is.
 *
 * @param times - whole, 1 or more, or `Infinity`. Anything else is a defect, `InvalidOptions`, of the effect that goes by it.
 *
 * @example
 * ```ts
 * import { delaysOf, limitTo } from 'rxjs-net/effects';
 *
 * console.log([...delaysOf(limitTo(3))]); // => [ 0, 0 ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function limitTo(times: number): Schedule {
  return schedule(({ step }) => (step + 1 < checkCount('times', times, { infinity: true }) ? some(0) : none));
}

/**
 * Always the same wait, for ever.
 *
 * @param ms - 0 to 2,147,483,647. Anything else is a defect, `InvalidOptions`, of the effect that goes by it.
 *
 * @example
 * ```ts
 * import { allOf, delaysOf, fixedDelay, limitTo } from 'rxjs-net/effects';
 *
 * console.log([...delaysOf(allOf(fixedDelay(500), limitTo(4)))]); // => [ 500, 500, 500 ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function fixedDelay(ms: number): Schedule {
  return schedule(() => some(checkDuration('ms', ms, { zero: true })));
}

/**
 * Waits that grow, for ever: those of `reconnecting`. The n-th takes `initial * factor ** (n - 1)`
 * ms, and at most `max`.
 *
 * @param options - `{ initial: 100, factor: 2, max: 30_000 }` by default. Wrong ones are a defect, `InvalidOptions`, of the effect that goes by it.
 *
 * @example
 * ```ts
 * import { allOf, delaysOf, exponentialBackoff, limitTo } from 'rxjs-net/effects';
 *
 * const policy = allOf(exponentialBackoff({ initial: 100, max: 500 }), limitTo(6));
 *
 * console.log([...delaysOf(policy)]); // => [ 100, 200, 400, 500, 500 ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function exponentialBackoff(options: ExponentialBackoff = {}): Schedule {
  return schedule(({ step }) => some(readExponential(options)(step + 1)));
}

/**
 * Lets all counts start over after a run that lasted: who was connected for an hour begins with the
 * first wait and the full number of attempts. It neither waits nor ends by itself.
 *
 * The whole run counts, what it takes to connect included: with a `connectTimeout` that is less, a
 * dial that hangs is not taken for one that lasted.
 *
 * @param ms - more than 0, at most 2,147,483,647. Anything else is a defect, `InvalidOptions`, of the effect that goes by it.
 *
 * @example
 * ```ts
 * import { allOf, exponentialBackoff, limitTo, stableAfter } from 'rxjs-net/effects';
 *
 * const policy = allOf(exponentialBackoff(), limitTo(5), stableAfter(60_000));
 *
 * console.log(policy.stableAfter); // => 60000
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function stableAfter(ms: number): Schedule {
  return {
    next: () => {
      checkDuration('ms', ms);
      return some(0);
    },
    stableAfter: ms,
  };
}

// ------------------------------------------------------------------------------------------------------- combinators

const mapDelay = (part: Schedule, f: (delay: number, status: ScheduleStatus) => number): Schedule => ({
  next: (status) => map((delay: number) => f(delay, status))(part.next(status)),
  stableAfter: part.stableAfter,
});

/**
 * The same schedule with no wait longer than that.
 *
 * @param ms - 0 to 2,147,483,647. Anything else is a defect, `InvalidOptions`, of the effect that goes by it.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { allOf, capDelay, delaysOf, exponentialBackoff, limitTo } from 'rxjs-net/effects';
 *
 * const policy = pipe(allOf(exponentialBackoff(), limitTo(5)), capDelay(300));
 *
 * console.log([...delaysOf(policy)]); // => [ 100, 200, 300, 300 ]
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function capDelay(ms: number): (part: Schedule) => Schedule {
  return (part) => mapDelay(part, (delay) => Math.min(delay, checkDuration('ms', ms, { zero: true })));
}

/**
 * The same schedule with each wait spread by chance over anything from 0 to its length, so that a
 * thousand clients don't come back at once.
 *
 * @example
 * ```ts
 * import { allOf, delaysOf, fixedDelay, fullJitter, limitTo } from 'rxjs-net/effects';
 *
 * const policy = fullJitter(allOf(fixedDelay(1_000), limitTo(3)));
 *
 * console.log([...delaysOf(policy, { random: () => 0.25 })]); // => [ 250, 250 ]
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function fullJitter(part: Schedule): Schedule {
  return mapDelay(part, (delay, { chance }) => Math.round(jittered(delay, chance)));
}

// --------------------------------------------------------------------------------------------------------- instances

/**
 * Both: it is enough when it is for one of them, and the longer wait is waited. The counts start
 * over after the shorter of both `stableAfter`. The empty one goes on at once, for ever.
 *
 * @example
 * ```ts
 * import { concatAll } from 'fp-ts/lib/Monoid.js';
 * import { delaysOf, fixedDelay, limitTo, MonoidSchedule } from 'rxjs-net/effects';
 *
 * const policy = concatAll(MonoidSchedule)([fixedDelay(10), fixedDelay(20), limitTo(3)]);
 *
 * console.log([...delaysOf(policy)]); // => [ 20, 20 ]
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const MonoidSchedule: Monoid<Schedule> = {
  concat: (one, other) => ({
    next: (status) => {
      const first = one.next(status);
      // It is asked even so: what is wrong with it must not come to light only now and then.
      const second = other.next(status);
      return isNone(first) || isNone(second) ? none : some(Math.max(first.value, second.value));
    },
    stableAfter: Math.min(one.stableAfter, other.stableAfter),
  }),
  empty: schedule(() => some(0)),
};

/**
 * All of them as one: see `MonoidSchedule`.
 *
 * @example
 * ```ts
 * import { allOf, exponentialBackoff, limitTo, type RetryPolicy, stableAfter } from 'rxjs-net/effects';
 *
 * const policy: RetryPolicy = allOf(exponentialBackoff({ initial: 50 }), limitTo(10), stableAfter(60_000));
 *
 * console.log(policy.next({ step: 1, elapsed: 60, lasted: 5, chance: 0 })); // => { _tag: 'Some', value: 100 }
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function allOf(...parts: readonly Schedule[]): Schedule {
  let all = MonoidSchedule.empty;
  for (const part of parts) all = MonoidSchedule.concat(all, part);
  return all;
}

// ------------------------------------------------------------------------------------------------------- destructors

/**
 * The waits of a schedule, one after the other, as if each run took no time: to look at it, without
 * a clock. They may be endless.
 *
 * @param options - `random`, by default as if it were always 1: the longest waits.
 *
 * @example
 * ```ts
 * import { delaysOf, exponentialBackoff } from 'rxjs-net/effects';
 *
 * let total = 0;
 * let attempts = 1;
 * for (const delay of delaysOf(exponentialBackoff())) {
 *   total += delay;
 *   if (total > 60_000) break;
 *   attempts += 1;
 * }
 * console.log(`${attempts} attempts in the first minute`); // => 10 attempts in the first minute
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function* delaysOf(
  { next }: Schedule,
  { random = () => 1 }: { readonly random?: (() => number) | undefined } = {},
): Generator<number, void, undefined> {
  let elapsed = 0;
  for (let step = 0; ; step += 1) {
    const delay = next({ step, elapsed, lasted: 0, chance: random() });
    if (isNone(delay)) return;
    yield delay.value;
    elapsed += delay.value;
  }
}
