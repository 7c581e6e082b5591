// What installing the package, here or at a user's, relies on.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
  readonly scripts: Readonly<Record<string, string>>;
}

interface Locked {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

const text = (file: string): string => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
const manifest = JSON.parse(text('package.json')) as Manifest;
const lock = JSON.parse(text('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
// Of a folder of the repository, and of the link to it, nothing is loaded.
const installed = Object.entries(lock.packages).filter(
  ([path, entry]) => path.includes('node_modules/') && entry.link !== true,
);

describe('the lock file', () => {
  test('names no registry', () => {
    expect(installed.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  });

  test('has a checksum for every package', () => {
    expect(installed.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
  });

  test('has no package with an install script', () => {
    expect(installed.filter(([, entry]) => entry.hasInstallScript === true)).toEqual([]);
  });
});

describe('package.json', () => {
  // Its types stand in our declarations; there is no code in it.
  test('has no dependency but its peers, and the types of Standard Schema', () => {
    expect(manifest.dependencies).toEqual({ '@standard-schema/spec': '^1.1.0' });
    expect(manifest.peerDependencies).toEqual({
      '@typescript-eslint/utils': '>=6.0.0',
      eslint: '>=8.57.0',
      'fp-ts': '^2.16.0',
      'io-ts': '^2.2.20',
      rxjs: '^7.8.0',
    });
  });

  test('wants fp-ts and io-ts only from those who use the effects, ESLint from those who use the plugin', () => {
    expect(manifest.peerDependenciesMeta).toEqual({
      '@typescript-eslint/utils': { optional: true },
      eslint: { optional: true },
      'fp-ts': { optional: true },
      'io-ts': { optional: true },
    });
  });

  test('pins the tools whose newer versions break the lock file', () => {
    expect(manifest.devDependencies).toMatchObject({ oxlint: '1.89.0', 'oxlint-tsgolint': '7.0.2004' });
  });

  test('runs nothing at a user’s when it is installed', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  });

  // The order is what keeps it to one copy in a process: see docs/decisions/0001-dual-package.md.
  test.each(Object.entries(manifest.exports).filter(([subpath]) => !subpath.endsWith('.json')))(
    'exports %s in both module forms, the one for `import` and `require` alike first',
    (_, target) => {
      expect(Object.keys(target as object)).toEqual(['bun', 'module-sync', 'import', 'require']);
      const { require: commonjs, ...modules } = target as Record<string, { types: string; default: string }>;
      for (const { types, default: code } of Object.values(modules)) {
        expect([types, code]).toEqual(
          [commonjs?.types, commonjs?.default].map((file) => file?.replace('/cjs/', '/esm/')),
        );
      }
    },
  );
});
