import * as fc from 'fast-check';
import * as rx from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

import type { Flow } from '../../src/observables/flow.ts';
import * as paced from '../../src/rx.ts';

// The operators bear RxJS's names: where nobody holds anything they do what RxJS's do, to the frame.

type Inner = rx.Observable<string>;
interface Case {
  readonly source: string;
  readonly inners: readonly string[];
}
type Make = (source: Flow<string>, inners: readonly Inner[]) => rx.Observable<unknown>;

const indexOf = (value: string): number => value.charCodeAt(0) - 97;
const pick = (inners: readonly Inner[], value: string): Inner => {
  const inner = inners[indexOf(value) % inners.length];
  if (inner === undefined) throw new Error('no inner');
  return inner.pipe(rx.map((each) => `${value}${each}`));
};

const pairs: Record<string, readonly [ours: Make, theirs: Make]> = {
  mergeMap: [(s, i) => s.pipe(paced.mergeMap((v) => pick(i, v))), (s, i) => s.pipe(rx.mergeMap((v) => pick(i, v)))],
  'mergeMap of 2': [
    (s, i) => s.pipe(paced.mergeMap((v) => pick(i, v), 2)),
    (s, i) => s.pipe(rx.mergeMap((v) => pick(i, v), 2)),
  ],
  concatMap: [(s, i) => s.pipe(paced.concatMap((v) => pick(i, v))), (s, i) => s.pipe(rx.concatMap((v) => pick(i, v)))],
  switchMap: [(s, i) => s.pipe(paced.switchMap((v) => pick(i, v))), (s, i) => s.pipe(rx.switchMap((v) => pick(i, v)))],
  exhaustMap: [
    (s, i) => s.pipe(paced.exhaustMap((v) => pick(i, v))),
    (s, i) => s.pipe(rx.exhaustMap((v) => pick(i, v))),
  ],
  merge: [(s, i) => paced.merge(s, ...i), (s, i) => rx.merge(s, ...i)],
  'merge of 1': [(s, i) => paced.merge(s, ...i, 1), (s, i) => rx.merge(s, ...i, 1)],
  concat: [(s, i) => paced.concat(s, ...i), (s, i) => rx.concat(s, ...i)],
  race: [(s, i) => paced.race(s, ...i), (s, i) => rx.race(s, ...i)],
  'race of a list': [(s, i) => paced.race([s, ...i]), (s, i) => rx.race([s, ...i])],
  defer: [(s) => paced.defer(() => s), (s) => rx.defer(() => s)],
  combineLatest: [(s, i) => paced.combineLatest([s, ...i]), (s, i) => rx.combineLatest([s, ...i])],
  'combineLatest by name': [
    (s, [i = rx.EMPTY]) => paced.combineLatest({ s, i }),
    (s, [i = rx.EMPTY]) => rx.combineLatest({ s, i }),
  ],
  'combineLatest with a project': [
    (s, [i = rx.EMPTY]) => paced.combineLatest([s, i], (a, b) => a + b),
    (s, [i = rx.EMPTY]) => rx.combineLatest([s, i], (a, b) => a + b),
  ],
  zip: [(s, i) => paced.zip(s, ...i), (s, i) => rx.zip(s, ...i)],
  'zip with a project': [
    (s, [i = rx.EMPTY]) => paced.zip(s, i, (a, b) => a + b),
    (s, [i = rx.EMPTY]) => rx.zip(s, i, (a, b) => a + b),
  ],
  'zip of a list with a project': [
    (s, [i = rx.EMPTY]) => paced.zip([s, i], (a, b) => a + b),
    (s, [i = rx.EMPTY]) => rx.zip([s, i], (a, b) => a + b),
  ],
};

/** What a subscriber sees, and when its sources are subscribed to, by frame. */
function trace(make: Make, { source, inners }: Case, unsubscribeAt: number | undefined): unknown {
  const seen: unknown[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ cold, flush }) => {
    const from = cold(source);
    const into = inners.map((inner) => cold(inner));
    const subscription = make(from, into)
      .pipe(rx.materialize())
      .subscribe((notification) => seen.push([scheduler.now(), notification]));
    if (unsubscribeAt !== undefined) scheduler.schedule(() => subscription.unsubscribe(), unsubscribeAt);
    flush();
    seen.push(from.subscriptions, ...into.map((each) => each.subscriptions));
  });
  return seen;
}

/** Marbles with values, some at the same time, and every kind of end. */
const marbles = (letters: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(
        fc.oneof(
          fc.constantFrom(...letters.split('')),
          fc.constant('-'),
          fc.constant('-'),
          fc.constant(`(${letters})`),
        ),
        {
          maxLength: 6,
        },
      ),
      fc.constantFrom('|', '|', '|', '#', '-'),
    )
    .map(([parts, end]) => parts.join('') + end);

const cases: fc.Arbitrary<Case> = fc.record({
  source: marbles('abc'),
  inners: fc.array(marbles('xy'), { minLength: 1, maxLength: 3 }),
});

describe('the same as RxJS, where nobody is slow', () => {
  for (const [name, [ours, theirs]] of Object.entries(pairs)) {
    it(name, () => {
      fc.assert(
        fc.property(cases, fc.option(fc.nat(12), { nil: undefined }), (each, unsubscribeAt) => {
          expect(trace(ours, each, unsubscribeAt)).toEqual(trace(theirs, each, unsubscribeAt));
        }),
        { numRuns: 150 },
      );
    });
  }
});
