// The names of fp-ts's ReaderTaskEither: here, or absent for a reason.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import * as RTE from 'fp-ts/lib/ReaderTaskEither.js';
import { expect, test } from 'vitest';

import * as effects from 'rxjs-net/effects';

/** Other names for something that is here. fp-ts lists these as legacy, next to the newer ones. */
const LEGACY = 'flatMap…, tap… and liftOption are the names of today';
const legacy = [
  'chainEitherK',
  'chainEitherKW',
  'chainIOEitherK',
  'chainIOEitherKW',
  'chainIOK',
  'chainNullableK',
  'chainOptionK',
  'chainOptionKW',
  'chainReaderEitherK',
  'chainReaderEitherKW',
  'chainReaderIOK',
  'chainReaderIOKW',
  'chainReaderK',
  'chainReaderKW',
  'chainReaderTaskK',
  'chainReaderTaskKW',
  'chainTaskEitherK',
  'chainTaskEitherKW',
  'chainTaskK',
  'chainFirstEitherK',
  'chainFirstEitherKW',
  'chainFirstIOK',
  'chainFirstReaderEitherK',
  'chainFirstReaderEitherKW',
  'chainFirstReaderIOK',
  'chainFirstReaderIOKW',
  'chainFirstReaderK',
  'chainFirstReaderKW',
  'chainFirstReaderTaskK',
  'chainFirstReaderTaskKW',
  'chainFirstTaskEitherK',
  'chainFirstTaskEitherKW',
  'chainFirstTaskK',
];

const IN_TURN = 'traverseArray and sequenceArray take a concurrency: 1 is one after the other';
const AS_THEY_ARE = 'that of fp-ts takes a Net as it is, and has nothing to interrupt';
const absent: Readonly<Record<string, string>> = {
  ...Object.fromEntries(legacy.map((name) => [name, LEGACY])),
  ApT: 'an array is traversed by traverseArray, with a concurrency',
  bracketW: 'bracket is curried, and widens',
  getCompactable: AS_THEY_ARE,
  getFilterable: AS_THEY_ARE,
  sequenceSeqArray: IN_TURN,
  traverseReadonlyArrayWithIndex: 'traverseArrayWithIndex is the same',
  traverseReadonlyArrayWithIndexSeq: IN_TURN,
  traverseReadonlyNonEmptyArrayWithIndex: 'traverseArrayWithIndex takes these arrays as well',
  traverseReadonlyNonEmptyArrayWithIndexSeq: IN_TURN,
  traverseSeqArray: IN_TURN,
  traverseSeqArrayWithIndex: IN_TURN,
};

/** The names whose every declaration is marked `@deprecated`. */
function deprecated(): ReadonlySet<string> {
  const file = createRequire(import.meta.url)
    .resolve('fp-ts/lib/ReaderTaskEither.js')
    .replace(/\.js$/, '.d.ts');
  const names = new Map<string, boolean>();
  const declarations =
    /(?<comment>\/\*\*(?:(?!\*\/)[\s\S])*\*\/)?\s*export declare (?:const|function|let) (?<name>\w+)/g;
  for (const { groups } of readFileSync(file, 'utf8').matchAll(declarations)) {
    const { name = '', comment = '' } = groups ?? {};
    names.set(name, (names.get(name) ?? true) && comment.includes('@deprecated'));
  }
  return new Set([...names].filter(([, all]) => all).map(([name]) => name));
}

const ours = new Map<string, unknown>(Object.entries(effects));
const old = deprecated();
const theirs = Object.keys(RTE).filter((name) => !old.has(name) && name !== '__esModule' && name !== 'default');

test('every name of fp-ts that is not deprecated is here, or absent for a reason', () => {
  expect(theirs.length).toBeGreaterThan(170);
  expect(theirs.filter((name) => !ours.has(name)).toSorted()).toEqual(Object.keys(absent).toSorted());
});

test('names with W widen as those without do, where these do', () => {
  const pairs = [
    ['apFirst', 'apFirstW'],
    ['apS', 'apSW'],
    ['apSecond', 'apSecondW'],
    ['bind', 'bindW'],
    ['chainFirst', 'chainFirstW'],
    ['filterOrElse', 'filterOrElseW'],
    ['flatten', 'flattenW'],
    ['fold', 'foldW'],
    ['getOrElse', 'getOrElseW'],
    ['match', 'matchW'],
    ['matchE', 'matchEW'],
    ['orElseFirst', 'orElseFirstW'],
    ['orLeft', 'orLeftW'],
  ] as const;
  for (const [plain, wide] of pairs) expect(ours.get(wide)).toBe(ours.get(plain));
});
