import { restrictedImports, type RestrictedImport } from './imports.ts';
import { noLostFailures } from './no-lost-failures.ts';
import type { Rule } from './rule.ts';

/** What a configuration takes of the plugin. */
export interface Rules {
  readonly meta: { readonly name: string; readonly namespace: string };
  readonly rules: Record<'no-lost-failures', Rule>;
}

/** An object of a flat configuration. */
export interface Config {
  name: string;
  files: string[];
  plugins?: { 'rxjs-net': Rules };
  rules: Record<string, 'error' | ['error', { paths: RestrictedImport[] }]>;
}

/**
 * The plugin, which is what the module exports: its rules, and configurations that turn them on.
 */
export interface Plugin extends Rules {
  readonly configs: Record<'recommended' | 'imports', Config>;
}

/** The name of the plugin. */
export const meta: Plugin['meta'] = { name: 'rxjs-net', namespace: 'rxjs-net' };

/**
 * The rules of the plugin.
 *
 * `no-lost-failures` reports where the type of an Observable forgets what a flow can fail with:
 * functions of RxJS that are given a flow, a plain `Observable` that is declared where a flow goes,
 * `firstValueFrom` and `toPromise`, RxJS's `pipe()` helper, Subjects in between, and failures that
 * are thrown in an operator's function. Each message names the failures and what to write instead.
 * It needs the parser of typescript-eslint, with type information.
 *
 * @example
 * ```ts
 * import { rules } from 'rxjs-net/eslint';
 *
 * console.log(Object.keys(rules).join()); // => no-lost-failures
 * ```
 */
export const rules: Plugin['rules'] = { 'no-lost-failures': noLostFailures };

/**
 * Configurations for `eslint.config.js`.
 *
 * `recommended` turns on `no-lost-failures` in TypeScript files. `imports` needs no types: it
 * refuses the names of `rxjs` that forget failures, and names `rxjs-net/rx`. They can be used
 * together.
 *
 * @example
 * ```ts
 * // eslint.config.js; `recommended` needs the parser of typescript-eslint as well: see the guide.
 * import { configs } from 'rxjs-net/eslint';
 *
 * export default [configs.imports];
 *
 * console.log(configs.imports.name, configs.recommended.name); // => rxjs-net/imports rxjs-net/recommended
 * ```
 */
export const configs: Plugin['configs'] = {
  recommended: {
    name: 'rxjs-net/recommended',
    files: ['**/*.ts', '**/*.tsx', '**/*.mts', '**/*.cts'],
    plugins: { 'rxjs-net': { meta, rules } },
    rules: { 'rxjs-net/no-lost-failures': 'error' },
  },
  imports: {
    name: 'rxjs-net/imports',
    files: ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
    rules: { 'no-restricted-imports': ['error', restrictedImports()] },
  },
};
