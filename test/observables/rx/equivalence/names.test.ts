import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import * as rxjs from 'rxjs';
import { describe, expect, it } from 'vitest';

import * as rx from '../../../../src/rx.ts';

// `rxjs-net/rx` has every name of RxJS's root, no more and no less.

/** What another function stands for, and the programs of this folder compare. All others are RxJS's own. */
const OURS = [
  'combineLatest',
  'concat',
  'concatMap',
  'defer',
  'exhaustMap',
  'from',
  'groupBy',
  'merge',
  'mergeMap',
  'race',
  'switchMap',
  'throwError',
  'window',
  'windowCount',
  'windowTime',
  'windowToggle',
  'windowWhen',
  'zip',
];

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();

/** The names that a file exports, by its text: those of its lists and of its declarations. */
function exported(path: string, isOfRxjs: boolean): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const names: string[] = [];
  for (const [, list = ''] of text.matchAll(/export (?:type )?\{([^}]*)\}/g)) {
    for (const each of list.split(',')) {
      const name = each.replace('type ', '').split(' as ').at(-1)?.trim() ?? '';
      if (name !== '') names.push(name);
    }
  }
  const declarations = /export (?:declare )?(?:interface|type|class|const|function|enum) (\w+)/g;
  for (const [, name = ''] of text.matchAll(declarations)) names.push(name);
  for (const [, from = ''] of text.matchAll(/export \* from '([^']+)'/g)) {
    expect(isOfRxjs, `export * from '${from}'`).toBe(true);
    names.push(...exported(join(dirname(path), `${from}.d.ts`), isOfRxjs));
  }
  return names;
}

describe('the names of rxjs-net/rx', () => {
  it('are those of RxJS', () => {
    expect(sorted(Object.keys(rx))).toEqual(sorted(Object.keys(rxjs)));
  });

  it('are those of RxJS where they are types, too', () => {
    const root = dirname(createRequire(import.meta.url).resolve('rxjs/package.json'));
    const theirs = sorted(exported(join(root, 'dist/types/index.d.ts'), true));
    expect(theirs).toContain('ObservableInput');
    expect(theirs.length).toBeGreaterThan(Object.keys(rxjs).length);
    expect(sorted(exported(new URL('../../../../src/rx.ts', import.meta.url).pathname, false))).toEqual(theirs);
  });

  it('stand for the functions of RxJS themselves, with the exceptions of one list', () => {
    const differ = Object.entries(rx).filter(([name, value]) => value !== Reflect.get(rxjs, name));
    expect(sorted(differ.map(([name]) => name))).toEqual(OURS);
  });
});
