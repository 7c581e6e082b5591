// Writes .oxlintrc.json. The linter's overrides replace a rule's options instead of adding to them, so every folder
// has to carry the full list of what it may not import; this file has each list once.
//
//   node scripts/oxlintrc.mjs           writes the file
//   node scripts/oxlintrc.mjs --check   fails if the file is not what this script would write
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import prettier from 'prettier';

const file = fileURLToPath(new URL('../.oxlintrc.json', import.meta.url));

// ---------------------------------------------------------------------------------------------------- restrictions

/** RxJS's own flattening and combining functions: their types forget what an inner flow can fail with. */
const flattening = [
  'combineAll',
  'combineLatest',
  'combineLatestAll',
  'combineLatestWith',
  'concat',
  'concatAll',
  'concatMap',
  'concatMapTo',
  'concatWith',
  'defer',
  'exhaust',
  'exhaustAll',
  'exhaustMap',
  'expand',
  'flatMap',
  'forkJoin',
  'iif',
  'merge',
  'mergeAll',
  'mergeMap',
  'mergeMapTo',
  'mergeScan',
  'mergeWith',
  'onErrorResumeNext',
  'onErrorResumeNextWith',
  'race',
  'raceWith',
  'switchAll',
  'switchMap',
  'switchMapTo',
  'switchScan',
  'using',
  'zip',
  'zipAll',
  'zipWith',
];

const refuse = {
  /** Everywhere. */
  common: [
    {
      regex: '(^|/)(dist|build)/',
      message: 'Built files are for users: import the sources, or the package by its name.',
    },
    {
      regex: '(^|/)node_modules/|^(rxjs|fp-ts|io-ts)/(dist|src|es6|esm|internal|_esm)',
      message: "A package's internals are not its API.",
    },
    {
      regex: '^\\./\\.|[^./]/\\.\\.?(/|$)',
      message: 'Write a relative path in its shortest form, so that the layer rule can read it.',
    },
    {
      group: ['fp-ts/*', '!fp-ts/lib', '!fp-ts/HKT', 'io-ts/*', '!io-ts/lib'],
      message: 'Native ESM needs fp-ts/lib/X.js (and io-ts, io-ts/lib/X.js).',
    },
  ],
  flattening: [
    {
      regex: '^rxjs(/operators)?$',
      importNames: flattening,
      message: "RxJS's types forget the failures of inner flows, and it does not pace: take it from rxjs-net/rx.",
    },
  ],
  system: [
    {
      regex: '^(node:)?(net|tls|dns|dns/promises)$',
      message: 'Layer rule: only src/core/node/ talks to the operating system.',
    },
  ],
  loaders: [
    {
      regex: '^(node:)?module$',
      message: 'Layer rule: a module that is loaded by another way is not seen by the linter.',
    },
  ],
  linter: [
    {
      regex: '^(eslint|typescript|typescript-eslint|@typescript-eslint/.*)(/|$)',
      message: 'The plugin loads without ESLint and its parser: what it uses of them is written down in host.ts.',
    },
  ],
  rxjs: [{ regex: '^rxjs(/|$)', message: 'Layer rule: src/core knows no RxJS, nor does src/eslint.' }],
  fp: [{ regex: '^(fp-ts|io-ts)(/|$)', message: 'Layer rule: only src/effects knows fp-ts and io-ts.' }],
  self: [
    {
      regex: '^rxjs-net(/|$)',
      message: 'Layer rule: the sources import each other by path, not by the package’s name.',
    },
  ],
  sources: [
    {
      regex: '^(\\.\\./)+src(/|$)',
      message: 'Public API only: import rxjs-net or one of its subpaths, as a user does.',
    },
  ],
};

// ---------------------------------------------------------------------------------------------------------- layers

/** Which layer may know which other ones. */
const layers = {
  core: [],
  observables: ['core'],
  effects: ['observables', 'core'],
  compat: ['observables', 'core'],
  testing: ['core'],
  eslint: [],
};

/** What a file that lies `depth` folders below its layer's folder may not import by a relative path. */
const leaving = (layer, depth) => {
  const up = '../'.repeat(depth + 1);
  const allowed = layers[layer];
  const arrows = allowed.length === 0 ? 'nothing else in src' : allowed.map((name) => `src/${name}`).join(', ');
  return [
    {
      // The type of a Flow has no run time: what the tests of bytes begin with is one.
      group: [
        `${up}**`,
        ...allowed.map((name) => `!${up}${name}/**`),
        ...(layer === 'testing' ? [`!${up}observables`, `!${up}observables/flow.ts`] : []),
      ],
      message: `Layer rule: src/${layer} may import ${arrows}.`,
    },
  ];
};

const rule = (...lists) => ({ 'no-restricted-imports': ['error', { patterns: lists.flat() }] });

/** The folder itself, and two levels of folders below it. */
const layer = (name, ...lists) =>
  [0, 1, 2].map((depth) => ({
    files: [`src/${name}/${'*/'.repeat(depth)}*.ts`],
    rules: rule(refuse.common, refuse.flattening, refuse.loaders, refuse.self, ...lists, leaving(name, depth)),
  }));

const core = layer('core', refuse.rxjs, refuse.fp);

const overrides = [
  {
    files: ['src/*.ts'],
    rules: rule(refuse.common, refuse.flattening, refuse.loaders, refuse.self, refuse.system, refuse.fp, [
      {
        group: ['./effects/**', './compat/**', './testing/**', './eslint/**', '../**'],
        message: 'Layer rule: the root entries know src/core and src/observables only.',
      },
    ]),
  },
  ...layer('core', refuse.rxjs, refuse.fp, refuse.system),
  // After the rest of core: the last override that matches wins.
  ...core.slice(1).map(({ files, rules }) => ({
    files: files.map((glob) => glob.replace('src/core/*/', 'src/core/node/')),
    rules,
  })),
  ...layer('observables', refuse.fp, refuse.system),
  {
    // RxJS's own functions with other types: their signatures are RxJS's, `any` included, and nothing runs that is not RxJS's.
    files: ['src/observables/rx/retyped/*.ts'],
    rules: {
      ...rule(refuse.common, refuse.loaders, refuse.self, refuse.fp, refuse.system, leaving('observables', 2)),
      'typescript/no-explicit-any': 'off',
      'typescript/no-unsafe-type-assertion': 'off',
      'typescript/no-invalid-void-type': 'off',
      // The type arguments that RxJS takes, and in its order.
      'typescript/no-unnecessary-type-parameters': 'off',
      'typescript/no-empty-object-type': 'off',
    },
  },
  {
    // What they take of RxJS queues nothing that isn't bounded here.
    files: ['src/observables/pacing/joining.ts', 'src/observables/rx/combine-latest.ts'],
    rules: rule(refuse.common, refuse.loaders, refuse.self, refuse.fp, refuse.system, leaving('observables', 1)),
  },
  ...layer('effects', refuse.system),
  ...layer('compat', refuse.fp, refuse.system),
  ...layer('testing', refuse.fp, refuse.system),
  // It has to load where none of the others is wanted.
  ...layer('eslint', refuse.rxjs, refuse.fp, refuse.system, refuse.linter),
  {
    files: ['src/**'],
    rules: {
      'typescript/explicit-module-boundary-types': 'error',
      'typescript/no-require-imports': 'error',
      'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
      'no-console': 'error',
    },
  },
  {
    // It has the types of `node:net` and takes whatever a program gives, as that does; both are put together by assertion.
    files: ['src/compat/**'],
    rules: {
      'typescript/no-unsafe-type-assertion': 'off',
      // Methods are taken from prototypes and put on others: that is what this layer does.
      'typescript/unbound-method': 'off',
      'oxc/no-this-in-exported-function': 'off',
      'typescript/no-this-alias': 'off',
    },
  },
  {
    // `net.Socket` and `Socket` are both how programs write it.
    files: ['test/compat/**', 'type-tests/**'],
    rules: { 'import/no-named-as-default-member': 'off' },
  },
  {
    files: ['examples/**'],
    rules: rule(refuse.common, refuse.flattening, refuse.sources),
  },
  {
    files: ['type-tests/**', 'bench/**'],
    rules: rule(refuse.common, refuse.sources),
  },
  {
    files: ['test/**', 'type-tests/**', 'bench/**'],
    rules: {
      'typescript/no-unsafe-type-assertion': 'off',
      'typescript/no-unnecessary-condition': 'off',
      'typescript/no-unsafe-return': 'off',
    },
  },
  {
    // Expressions that only have to have a type, or to be refused one.
    files: ['type-tests/**'],
    rules: {
      'no-unused-expressions': 'off',
      'no-unused-vars': 'off',
      'typescript/no-floating-promises': 'off',
      'typescript/no-explicit-any': 'off',
    },
  },
];

// ----------------------------------------------------------------------------------------------------------- output

const config = {
  $schema: './node_modules/oxlint/configuration_schema.json',
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error' },
  env: { node: true, es2024: true },
  rules: {
    ...rule(refuse.common),
    'no-restricted-properties': [
      'error',
      ...['binding', '_linkedBinding', 'getBuiltinModule'].map((property) => ({
        object: 'process',
        property,
        message: 'Node’s internals, and modules by a side door, are refused.',
      })),
    ],
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-var': 'error',
    'prefer-const': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-unnecessary-condition': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    // `_tag` is the name that fp-ts, and so this library, discriminates by.
    'no-underscore-dangle': 'off',
    // RxJS marks single overloads of `timer`, `map` and others; the rule takes the whole name.
    'typescript/no-deprecated': 'off',
    // A named function as an operator's argument, and a function that closes over nothing, are a matter of taste.
    'unicorn/consistent-function-scoping': 'off',
    // Handlers of emitters and children of processes are told apart by their events here.
    'promise/always-return': 'off',
  },
  overrides,
  ignorePatterns: ['dist', 'build', 'coverage', '.cache', 'node_modules', 'bench/results'],
};

const text = await prettier.format(JSON.stringify(config), {
  ...(await prettier.resolveConfig(file)),
  parser: 'json',
});

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('.oxlintrc.json is not what scripts/oxlintrc.mjs writes: run node scripts/oxlintrc.mjs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
