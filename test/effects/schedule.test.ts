// Schedules as values: what they decide, and that they are a monoid.
import { fc, test as check } from '@fast-check/vitest';
import { concatAll } from 'fp-ts/lib/Monoid.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';

import {
  allOf,
  capDelay,
  delaysOf,
  exponentialBackoff,
  fixedDelay,
  fullJitter,
  limitTo,
  MonoidSchedule,
  type Schedule,
  schedule,
  type ScheduleStatus,
  stableAfter,
} from 'rxjs-net/effects';

const first = (part: Schedule, count: number, chance = 1): readonly number[] => {
  const delays: number[] = [];
  for (const delay of delaysOf(part, { random: () => chance })) {
    if (delays.length === count) break;
    delays.push(delay);
  }
  return delays;
};

describe('what each decides', () => {
  test('limitTo', () => {
    expect([...delaysOf(limitTo(1))]).toEqual([]);
    expect([...delaysOf(limitTo(4))]).toEqual([0, 0, 0]);
    expect(first(limitTo(Number.POSITIVE_INFINITY), 2)).toEqual([0, 0]);
  });

  test('fixedDelay', () => expect(first(fixedDelay(7), 3)).toEqual([7, 7, 7]));

  test('exponentialBackoff', () => {
    expect(first(exponentialBackoff(), 11)).toEqual([
      100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]);
    expect(first(exponentialBackoff({ initial: 1, factor: 3, max: 20 }), 4)).toEqual([1, 3, 9, 20]);
    expect(first(exponentialBackoff({ initial: 50_000 }), 2)).toEqual([50_000, 50_000]);
    // Where the power is Infinity.
    expect(exponentialBackoff().next({ step: 5_000, elapsed: 0, lasted: 0, chance: 0 })).toEqual(some(30_000));
  });

  test('capDelay and fullJitter, in the order in which they are put', () => {
    const growing = exponentialBackoff({ initial: 100 });
    expect(first(capDelay(250)(growing), 4)).toEqual([100, 200, 250, 250]);
    expect(first(fullJitter(growing), 3, 0.5)).toEqual([50, 100, 200]);
    expect(first(fullJitter(growing), 3, 0)).toEqual([0, 0, 0]);
    expect(first(capDelay(150)(fullJitter(growing)), 3, 0.5)).toEqual([50, 100, 150]);
    expect(first(fullJitter(capDelay(150)(growing)), 3, 0.5)).toEqual([50, 75, 75]);
  });

  test('they keep stableAfter', () => {
    const stable = allOf(stableAfter(60), stableAfter(50), limitTo(2));
    expect(stable.stableAfter).toBe(50);
    expect(fullJitter(capDelay(1)(stable)).stableAfter).toBe(50);
    expect(limitTo(2).stableAfter).toBe(Number.POSITIVE_INFINITY);
  });

  test('none of nothing is at once, for ever', () => {
    expect(first(allOf(), 3)).toEqual([0, 0, 0]);
    expect(first(concatAll(MonoidSchedule)([]), 3)).toEqual([0, 0, 0]);
  });

  test('one of their own knows how long it has been at it', () => {
    const forASecond = schedule(({ elapsed }) => (elapsed < 1_000 ? some(300) : none));
    expect([...delaysOf(forASecond)]).toEqual([300, 300, 300, 300]);
  });

  test('a wrong option comes to light when it is asked, whatever else says', () => {
    const status = { step: 0, elapsed: 0, lasted: 0, chance: 0 };
    const wrong: readonly [Schedule, string][] = [
      [limitTo(-1), 'times'],
      [limitTo(0), 'times'],
      [limitTo(1.5), 'times'],
      [fixedDelay(-1), 'ms'],
      [fixedDelay(Number.NaN), 'ms'],
      [capDelay(2 ** 31)(fixedDelay(1)), 'ms'],
      [stableAfter(0), 'ms'],
      [stableAfter('1s' as unknown as number), 'ms'],
      [exponentialBackoff({ factor: 0.5 }), 'factor'],
      [exponentialBackoff({ initial: 10, max: 5 }), 'max'],
      [exponentialBackoff({ inital: 10 } as object), 'inital'],
    ];
    for (const [part, option] of wrong) {
      const failure = expect.objectContaining({ _tag: 'InvalidOptions', option });
      for (const asked of [part, allOf(limitTo(1), part), allOf(part, limitTo(1)), fullJitter(part)]) {
        expect(() => asked.next(status)).toThrow(failure);
      }
    }
  });
});

// ---- laws

const duration = fc.integer({ min: 1, max: 100_000 });
const parts: fc.Arbitrary<Schedule> = fc.letrec<{ one: Schedule; any: Schedule }>((tie) => ({
  one: fc.oneof(
    fc.integer({ min: 1, max: 11 }).map(limitTo),
    fc.nat(100_000).map(fixedDelay),
    fc.record({ initial: duration, factor: fc.double({ min: 1, max: 5, noNaN: true }) }).map(exponentialBackoff),
    duration.map(stableAfter),
    fc.func(fc.option(fc.nat(1_000))).map((f) =>
      schedule((status) => {
        const delay = f(status);
        return delay === null ? none : some(delay);
      }),
    ),
  ),
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('one'),
    fc.tuple(duration, tie('any')).map(([ms, part]) => capDelay(ms)(part)),
    tie('any').map(fullJitter),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => MonoidSchedule.concat(a, b)),
  ),
})).any;

const statuses: fc.Arbitrary<ScheduleStatus> = fc.record({
  step: fc.nat(20),
  elapsed: fc.nat(1_000_000),
  lasted: fc.nat(1_000_000),
  chance: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('a monoid', () => {
  const { concat, empty } = MonoidSchedule;
  const same = (one: Schedule, other: Schedule, status: ScheduleStatus): void => {
    expect(one.next(status)).toEqual(other.next(status));
    expect(one.stableAfter).toBe(other.stableAfter);
  };

  check.prop([parts, parts, parts, statuses])('associative', (a, b, c, status) => {
    same(concat(concat(a, b), c), concat(a, concat(b, c)), status);
  });

  check.prop([parts, statuses])('with an identity on both sides', (part, status) => {
    same(concat(part, empty), part, status);
    same(concat(empty, part), part, status);
  });

  check.prop([parts, parts, statuses])('commutative, and of both the stricter', (a, b, status) => {
    const both = concat(a, b);
    same(both, concat(b, a), status);
    const [one, other] = [a.next(status), b.next(status)];
    if (one._tag === 'Some' && other._tag === 'Some') {
      expect(both.next(status)).toEqual(some(Math.max(one.value, other.value)));
    } else expect(both.next(status)).toEqual(none);
  });

  check.prop([parts, statuses])('a schedule has no state: asked twice, it says the same', (part, status) => {
    expect(part.next(status)).toEqual(part.next(status));
  });

  check.prop([parts, duration, statuses])('a cap and jitter never lengthen a wait', (part, ms, status) => {
    const delay = part.next(status);
    const capped = capDelay(ms)(part).next(status);
    const spread = fullJitter(part).next(status);
    expect(capped._tag).toBe(delay._tag);
    expect(spread._tag).toBe(delay._tag);
    if (delay._tag === 'None' || capped._tag === 'None' || spread._tag === 'None') return;
    expect(capped.value).toBe(Math.min(ms, delay.value));
    expect(spread.value).toBeLessThanOrEqual(Math.ceil(delay.value));
  });
});
