import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { corpus } from './corpus/index.ts';
import { type RxSource, writePrograms } from './programs.ts';
import { verdictsOf } from './verdicts.ts';

// What the types say of what can fail, for programs that a user would write. The programs name the built package.

const root = fileURLToPath(new URL('../..', import.meta.url));

/** TypeScript 5.9 is the one that tsd has. `scripts/consumer.mjs` adds others: paths by name, as JSON. */
const compilers: Readonly<Record<string, string>> = {
  5.9: join(root, 'node_modules/@tsd/typescript/typescript/lib/tsc.js'),
  '7.0': join(root, 'node_modules/typescript/bin/tsc'),
  ...(JSON.parse(process.env['RXJS_NET_TYPE_COMPILERS'] ?? '{}') as Record<string, string>),
};

const compiled = (rxSource: RxSource, version: string) => {
  let verdicts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const folder = join(root, '.cache/programs', `${rxSource.replaceAll('/', '-')}-${version}`);
    writePrograms(folder, rxSource);
    verdicts = await verdictsOf(compilers[version] ?? '', folder);
  }, 300_000);
  return (id: string) => verdicts.get(id);
};

describe.each(Object.keys(compilers))('names from rxjs-net/rx, TypeScript %s', (version) => {
  const verdict = compiled('rxjs-net/rx', version);
  it.for(corpus)('$group $name', ({ id, says }) => {
    expect(verdict(id)).toBe(says.replace(/^beyond types: /, ''));
  });
});

// What RxJS's own names lose, which is what the lint rule is measured by.
describe('names from rxjs, TypeScript 7.0', () => {
  const verdict = compiled('rxjs', '7.0');
  it.for(corpus)('$group $name', ({ id, plain }) => {
    expect(verdict(id)).toBe(plain);
  });
});

it('has 220 programs, each with a name of its own', () => {
  expect(corpus).toHaveLength(220);
  expect(new Set(corpus.map(({ group, name }) => `${group} ${name}`)).size).toBe(220);
});

it('is beyond types only in the programs that the decision lists', () => {
  const decision = readFileSync(join(root, 'docs/decisions/0027-beyond-types.md'), 'utf8');
  const listed = [...decision.matchAll(/^ {2}- `([A-G] .*)`$/gm)].map(([, row = '?']) => row);
  const beyond = corpus.filter(({ says }) => says.startsWith('beyond types: '));
  expect(listed.toSorted()).toEqual(beyond.map(({ group, name }) => `${group} ${name}`).toSorted());
});

it('loses or misstates failures in no other', () => {
  expect(corpus.filter(({ says }) => /^(?:LOST|WRONG)/.test(says))).toEqual([]);
});

it('is too wide only by the failure of a full queue', () => {
  const tags = corpus.flatMap(({ says }) => /^widened by (.*)/.exec(says)?.[1] ?? []);
  expect(new Set(tags)).toEqual(new Set(['BufferOverflow']));
});
