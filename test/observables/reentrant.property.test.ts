import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';

import { orderless, program, run } from './support/reentrant-programs.ts';

const isLong = process.env['RXJS_NET_LONG'] === '1';
const numRuns = isLong ? 20_000 : 400;
/** In ms; 20,000 programs take some 30 s on an idle machine. */
const timeout = isLong ? 300_000 : 20_000;

test('a program that feeds its own sources gives what it gives with the operators of RxJS', { timeout }, () => {
  assert(
    property(program, (made) => {
      expect(run(made, { paced: true, highWaterMark: 10_000 })).toEqual(run(made, { paced: false }));
    }),
    { numRuns },
  );
});

test('pauses change when its values come, and no value', { timeout }, () => {
  // As text: to compare arrays of hundreds of values takes longer than to run the program.
  const sorted = (values: readonly number[]): string => values.toSorted((a, b) => a - b).join();
  assert(
    property(orderless, integer({ min: 1, max: 20 }), (made, highWaterMark) => {
      const paced = run(made, { paced: true, highWaterMark });
      const plain = run(made, { paced: false });
      expect(sorted(paced.values)).toBe(sorted(plain.values));
      expect(paced.end).toBe(plain.end);
    }),
    { numRuns },
  );
});
