import type { Recorded } from './record.ts';

/** Where the second run differs. It may leave less open than the first one: `node:net` keeps a handle when it throws. */
export const differenceOfRuns = (expected: Recorded, actual: Recorded): string | undefined => {
  const more = actual.left.filter((kind) => !expected.left.includes(kind));
  return difference(
    expected.lines,
    more.length === 0 ? actual.lines : [...actual.lines, `left open: ${more.join(', ')}`],
  );
};

/** The lines of two traces, side by side: what is only in the first one with `-`, only in the second with `+`. */
export const difference = (expected: readonly string[], actual: readonly string[]): string | undefined => {
  if (expected.length === actual.length && expected.every((line, index) => line === actual[index])) return undefined;
  return rows(expected, actual).join('\n');
};

/** By the longest common subsequence: traces have some dozens of lines. */
const rows = (expected: readonly string[], actual: readonly string[]): string[] => {
  const common: number[][] = Array.from({ length: expected.length + 1 }, () =>
    Array.from({ length: actual.length + 1 }, () => 0),
  );
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = expected.length - 1; row >= 0; row--) {
    for (let column = actual.length - 1; column >= 0; column--) {
      (common[row] as number[])[column] =
        expected[row] === actual[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let row = 0;
  let column = 0;
  while (row < expected.length || column < actual.length) {
    if (row < expected.length && column < actual.length && expected[row] === actual[column]) {
      lines.push(`  ${expected[row]}`);
      row++;
      column++;
    } else if (column >= actual.length || (row < expected.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`- ${expected[row]}`);
      row++;
    } else {
      lines.push(`+ ${actual[column]}`);
      column++;
    }
  }
  return lines;
};
