// The layer rule is only worth something if the linter really refuses. This plants imports in a folder tree like ours
// and runs the linter with the project's own configuration over it.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** [file, line of code, part of the message that refuses it; none if it is allowed]. */
type Case = readonly [file: string, code: string, message?: string];

const arrows = {
  core: 'src/core may import nothing else in src',
  observables: 'src/observables may import src/core',
  effects: 'src/effects may import src/observables, src/core',
  compat: 'src/compat may import src/observables, src/core',
  testing: 'src/testing may import src/core',
  eslint: 'src/eslint may import nothing else in src',
} as const;

const layers = Object.keys(arrows) as (keyof typeof arrows)[];

/** Every layer to every other one, from its folder and from one below it. */
const between: Case[] = layers.flatMap((from) =>
  layers
    .filter((to) => to !== from)
    .flatMap((to): Case[] => {
      const allowed = arrows[from].split(' may import ')[1]?.includes(`src/${to}`) === true;
      const message: readonly [string?] = allowed ? [] : [arrows[from]];
      return [
        [`src/${from}/a.ts`, `import { x } from '../${to}/x.ts';`, ...message],
        [`src/${from}/deep/a.ts`, `import { x } from '../../${to}/x.ts';`, ...message],
        [`src/${from}/deep/deeper/a.ts`, `import { x } from '../../../${to}/deep/x.ts';`, ...message],
      ];
    }),
);

const everyForm: Case[] = [
  ['src/core/a.ts', "import type { X } from '../observables/x.ts';", arrows.core],
  ['src/core/a.ts', "import '../observables/x.ts';", arrows.core],
  ['src/core/a.ts', "export { x } from '../observables/x.ts';", arrows.core],
  ['src/core/a.ts', "export * from '../observables/x.ts';", arrows.core],
  ['src/core/a.ts', "export const x = await import('../observables/x.ts');", arrows.core],
  ['src/core/a.ts', "import x = require('../observables/x.ts');", arrows.core],
  ['src/core/a.ts', "export type X = import('../observables/x.ts').X;", 'type annotations are forbidden'],
  ['src/core/a.ts', "export const x = require('../observables/x.ts');", 'no-require-imports'],
  ['src/core/a.ts', "import { createRequire } from 'node:module';", 'not seen by the linter'],
  ['src/core/a.ts', "import { x } from './../observables/x.ts';", 'shortest form'],
  ['src/core/a.ts', "import { x } from './deep/../../observables/x.ts';", 'shortest form'],
  ['src/core/a.ts', "import { x } from '../index.ts';", arrows.core],
  ['src/core/a.ts', "import { x } from 'rxjs-net';", 'not by the package’s name'],
  ['src/core/node/a.ts', "import { x } from '../../observables/x.ts';", arrows.core],
  ['src/observables/a.ts', "import { x } from '../index.ts';", arrows.observables],
  ['src/observables/a.ts', "import { x } from '../rx.ts';", arrows.observables],
  ['src/observables/a.ts', "import { x } from 'rxjs-net/rx';", 'not by the package’s name'],
  ['src/index.ts', "export * from './effects/index.ts';", 'the root entries know'],
  ['src/index.ts', "export * from './compat/index.ts';", 'the root entries know'],
  ['src/rx.ts', "export * from './testing/index.ts';", 'the root entries know'],
  ['src/index.ts', "export * from './observables/index.ts';"],
  ['src/index.ts', "export * from './core/index.ts';"],
  ['src/rx.ts', "export * from './observables/rx.ts';"],
  ['src/index.ts', "export * from './eslint/index.ts';", 'the root entries know'],
  ['src/eslint/a.ts', "import type { Rule } from 'eslint';", 'loads without ESLint'],
  ['src/eslint/a.ts', "import type { TSESTree } from '@typescript-eslint/utils';", 'loads without ESLint'],
  ['src/core/a.ts', "import { x } from './x.ts';"],
  ['src/core/node/a.ts', "import { x } from '../x.ts';"],
  ['src/observables/deep/a.ts', "import { x } from '../x.ts';"],
  ['src/compat/a.ts', "import { x } from '../core/node/index.ts';"],
];

const packages: Case[] = [
  ...['rxjs', 'rxjs/operators', 'rxjs/testing'].map((name): Case => [
    'src/core/a.ts',
    `import { x } from '${name}';`,
    'src/core knows no RxJS',
  ]),
  ['src/core/node/a.ts', "import { Observable } from 'rxjs';", 'src/core knows no RxJS'],
  ['src/core/node/a.ts', "import type { Observable } from 'rxjs';", 'src/core knows no RxJS'],
  ...['core', 'core/node', 'observables', 'compat', 'testing'].flatMap((folder): Case[] => [
    [`src/${folder}/a.ts`, "import { right } from 'fp-ts/lib/Either.js';", 'Layer rule: only src/effects knows'],
    [`src/${folder}/a.ts`, "import type { Either } from 'fp-ts/lib/Either.js';", 'Layer rule: only src/effects knows'],
    [`src/${folder}/a.ts`, "import * as t from 'io-ts';", 'Layer rule: only src/effects knows'],
  ]),
  ['src/index.ts', "import * as t from 'io-ts';", 'Layer rule: only src/effects knows'],
  ['src/effects/a.ts', "import { right } from 'fp-ts/lib/Either.js';"],
  ['src/effects/a.ts', "import * as t from 'io-ts';"],
  ['src/effects/a.ts', "import type { HKT } from 'fp-ts/HKT';"],
  ['src/effects/a.ts', "import { right } from 'fp-ts/Either';", 'Native ESM needs'],
  ['src/observables/a.ts', "import { Observable, map, share } from 'rxjs';"],
  ['src/testing/a.ts', "import { TestScheduler } from 'rxjs/testing';"],
  ['src/testing/a.ts', "import type { Flow } from '../observables/flow.ts';"],
];

const systems = ['net', 'tls', 'dns', 'dns/promises'].flatMap((name) => [name, `node:${name}`]);
const system: Case[] = systems.flatMap((name): Case[] => [
  ['src/core/node/a.ts', `import { x } from '${name}';`],
  ['src/core/node/deep/a.ts', `import type { x } from '${name}';`],
  ['test/core/a.ts', `import { x } from '${name}';`],
  ...[
    'src/index.ts',
    'src/core/a.ts',
    'src/core/failures/a.ts',
    'src/observables/a.ts',
    'src/observables/deep/a.ts',
  ].map((file): Case => [file, `import { x } from '${name}';`, 'only src/core/node/ talks to the operating system']),
  ...['effects', 'compat', 'testing'].map((folder): Case => [
    `src/${folder}/a.ts`,
    `import type { X } from '${name}';`,
    'only src/core/node/ talks',
  ]),
]);

const flattening =
  'mergeMap concatMap switchMap exhaustMap flatMap mergeAll concatAll switchAll exhaustAll mergeWith concatWith'
    .concat(
      ' raceWith zipWith combineLatestWith merge concat race defer combineLatest zip forkJoin iif using expand mergeScan',
    )
    .split(' ')
    .flatMap((name): Case[] => [
      ['src/observables/a.ts', `import { ${name} } from 'rxjs';`, 'forget the failures of inner flows'],
      ['examples/a.ts', `import { map, ${name} as other } from 'rxjs';`, 'forget the failures of inner flows'],
    ]);

const refusals: Case[] = [
  ...flattening,
  ['src/observables/deep/a.ts', "import { mergeMap } from 'rxjs/operators';", 'forget the failures of inner flows'],
  ['src/effects/a.ts', "export { defer } from 'rxjs';", 'forget the failures of inner flows'],
  ['src/rx.ts', "export { mergeMap } from 'rxjs';", 'forget the failures of inner flows'],
  ['examples/a.ts', "import * as rx from 'rxjs';", 'forget the failures of inner flows'],
  ['examples/deep/a.ts', "import { mergeMap } from 'rxjs/operators';", 'forget the failures of inner flows'],
  ['examples/a.ts', "import { mergeMap } from 'rxjs-net/rx';"],
  ['examples/a.ts', "import { connect } from '../src/index.ts';", 'Public API only'],
  ['type-tests/a.test-d.ts', "import { connect } from '../src/index.ts';", 'Public API only'],
  ['bench/a.ts', "import { connect } from '../src/index.ts';", 'Public API only'],
  ['test/a.test.ts', "import { connect } from '../src/index.ts';"],
  ['test/a.test.ts', "import { mergeMap } from 'rxjs';"],
  ['src/observables/a.ts', "import { x } from 'rxjs/internal/Observable';", 'internals are not its API'],
  ['test/a.test.ts', "import { x } from 'rxjs/internal/Observable';", 'internals are not its API'],
  ['examples/a.ts', "import { x } from 'rxjs/dist/cjs/index.js';", 'internals are not its API'],
  ['test/a.test.ts', "import { x } from '../node_modules/rxjs/dist/cjs/index.js';", 'internals are not its API'],
  ['test/a.test.ts', "import { x } from '../dist/esm/index.js';", 'Built files are for users'],
  ['src/observables/a.ts', "import { x } from '../../dist/esm/index.js';", 'Built files are for users'],
  ['src/core/node/a.ts', "process.binding('tcp_wrap');", 'are refused'],
  ['test/a.test.ts', "process.binding('tcp_wrap');", 'are refused'],
  ['src/core/a.ts', "export const net = process.getBuiltinModule('net');", 'are refused'],
];

const groups = { between, everyForm, packages, system, refusals };

// ------------------------------------------------------------------------------------------------------ the linter

interface Diagnostic {
  readonly message: string;
  readonly code: string;
  readonly help?: string;
  readonly filename: string;
}

const isReport = (value: unknown): value is { readonly diagnostics: readonly Diagnostic[] } =>
  typeof value === 'object' && value !== null && 'diagnostics' in value;

const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-layers-'));
const told = new Map<string, string>();

/** The planted file of a case: beside the one it stands for, with a name of its own. */
const planted = ([file]: Case, group: string, index: number): string => {
  const fixed = /^src\/[a-z]+\.ts$/.test(file);
  return fixed
    ? file.replace(/\w+\.ts$/, `${group}${index}.ts`)
    : file.replace(/a(\.test(-d)?)?\.ts$/, `${group}${index}$1.ts`);
};

beforeAll(() => {
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [group, cases] of Object.entries(groups)) {
    for (const [index, item] of cases.entries()) {
      const file = join(folder, planted(item, group, index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${item[1]}\n`);
    }
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', 'src', 'test', 'examples', 'type-tests', 'bench'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const report: unknown = JSON.parse(stdout);
  if (!isReport(report)) throw new Error(`the linter said: ${stdout}${stderr}`);
  for (const { filename, message, code, help = '' } of report.diagnostics) {
    if (!/no-restricted|no-require-imports|consistent-type-imports/.test(code)) continue;
    told.set(filename, `${told.get(filename) ?? ''}${code}: ${message} ${help}\n`);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(groups))('%s', (group, cases) => {
  test.each(
    cases.map((item, index) => {
      const [file, code, message] = item;
      return [`${file}: ${code}${message === undefined ? ' (allowed)' : ''}`, item, index] as const;
    }),
  )('%s', (_, item, index) => {
    const said = told.get(planted(item, group, index));
    if (item[2] === undefined) {
      expect(said).toBeUndefined();
    } else {
      expect(said).toContain(item[2]);
    }
  });
});

test('.oxlintrc.json is what its script writes', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/oxlintrc.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('no source switches the layer rule off', () => {
  const directive = /(?:oxlint|eslint)-disable\S*([^\n]*)/g;
  const found = ['src', 'examples']
    .filter((name) => existsSync(join(root, name)))
    .flatMap((name) =>
      readdirSync(join(root, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .flatMap((entry) => {
          const file = join(entry.parentPath, entry.name);
          return [...readFileSync(file, 'utf8').matchAll(directive)]
            .filter(([, rules = '']) => !/^\s+[a-z]/.test(rules) || rules.includes('no-restricted'))
            .map(([text]) => `${file}: ${text}`);
        }),
    );
  expect(found).toEqual([]);
});
