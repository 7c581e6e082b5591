import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';

import { orderless, program, run } from './support/reentrant-programs.ts';

const numRuns = process.env['RXJS_NET_LONG'] === '1' ? 20_000 : 400;

test('a program that feeds its own sources gives what it gives with the operators of RxJS', () => {
  assert(
    property(program, (made) => {
      expect(run(made, { paced: true, highWaterMark: 10_000 })).toEqual(run(made, { paced: false }));
    }),
    { numRuns },
  );
});

test('pauses change when its values come, and no value', () => {
  const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
  assert(
    property(orderless, integer({ min: 1, max: 20 }), (made, highWaterMark) => {
      const paced = run(made, { paced: true, highWaterMark });
      const plain = run(made, { paced: false });
      expect(sorted(paced.values)).toEqual(sorted(plain.values));
      expect(paced.end).toBe(plain.end);
    }),
    { numRuns },
  );
});
