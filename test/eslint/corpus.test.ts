import { beforeAll, describe, expect, test } from 'vitest';

import { corpus, type PlacedRow } from '../types/corpus/index.ts';
import { lintCorpus } from './support/lint-corpus.ts';

// The rule over the programs whose types are known to be right or wrong. They name the built package.

const list = (rows: readonly PlacedRow[]): string[] => rows.map(({ group, name }) => `${group} ${name}`);

describe('names from rxjs', () => {
  let reports: ReadonlyMap<string, readonly string[]>;
  const reported = ({ id }: PlacedRow): boolean => (reports.get(id)?.length ?? 0) > 0;
  beforeAll(async () => {
    reports = await lintCorpus('rxjs');
  }, 300_000);

  // What the compiler refuses is no loss any more; the rule reports most of it too, for a cast gets around the compiler.
  const losses = corpus.filter(({ plain }) => /LOST|WRONG/.test(plain));
  const refused = corpus.filter(({ plain }) => plain === 'refused to forget');
  const right = corpus.filter(({ plain }) => plain === 'kept' || plain === 'unknown');

  test('reports nearly all losses, and no right program', () => {
    const missed = losses.filter((row) => !reported(row));
    const needless = right.filter(reported);
    const share = `${losses.length - missed.length} of ${losses.length} losses reported`;
    const more = `${refused.filter(reported).length} of ${refused.length} that the compiler refuses`;
    console.log(`${share}, ${more}; ${needless.length} needless reports over ${corpus.length} programs`);
    expect(list(missed)).toEqual([]);
    expect(list(needless)).toEqual([]);
  });

  test('reports failures that are handled and still in the type only for catchError', () => {
    const wide = corpus.filter((row) => row.plain.startsWith('widened') && reported(row));
    expect(wide.flatMap(({ id }) => reports.get(id) ?? []).filter((said) => !said.startsWith('catchError'))).toEqual(
      [],
    );
  });
});

describe('names from rxjs-net/rx', () => {
  let reports: ReadonlyMap<string, readonly string[]>;
  const reported = ({ id }: PlacedRow): boolean => (reports.get(id)?.length ?? 0) > 0;
  beforeAll(async () => {
    reports = await lintCorpus('rxjs-net/rx');
  }, 300_000);

  test('reports what no type can say', () => {
    const missed = corpus.filter((row) => row.says.startsWith('beyond types') && !reported(row));
    expect(list(missed)).toEqual([]);
  });

  test('reports no program whose type is right', () => {
    const needless = corpus.filter((row) => /^(?:kept|widened|unknown)/.test(row.says) && reported(row));
    expect(needless.map(({ id, name }) => [name, reports.get(id)])).toEqual([]);
  });
});
