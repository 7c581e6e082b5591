import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { ESLint, parser } from 'lint-tools';
import * as plugin from 'rxjs-net/eslint';
import { configs } from 'rxjs-net/eslint';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache', 'eslint-plugin');
mkdirSync(folder, { recursive: true });

const lint = async (code: string, config: readonly object[]): Promise<string[]> => {
  const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: config });
  const results = await eslint.lintText(code, { filePath: join(folder, 'program.ts') });
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`));
};

describe('the plugin', () => {
  test('is the module as a whole', () => {
    expect(Object.keys(plugin).toSorted()).toEqual(['configs', 'meta', 'rules']);
  });

  test('says what is missing where there are no types', async () => {
    const linted = lint('const a = 1;', [configs.recommended, { languageOptions: { parser } }]);
    await expect(linted).rejects.toThrow(
      'rxjs-net/no-lost-failures needs types: take the parser of typescript-eslint and set parserOptions.projectService to true.',
    );
  });

  test('has the types of ESLint and of typescript-eslint', () => {
    writeFileSync(
      join(folder, 'config.ts'),
      [
        "import type { TSESLint } from '@typescript-eslint/utils';",
        "import type { ESLint, Linter } from 'eslint';",
        "import { defineConfig } from 'eslint/config';",
        "import * as flows from 'rxjs-net/eslint';",
        'export const plugin: ESLint.Plugin = flows;',
        'export const config: Linter.Config[] = [flows.configs.recommended, flows.configs.imports];',
        'export const other: TSESLint.FlatConfig.ConfigArray = [flows.configs.recommended, flows.configs.imports];',
        'export default defineConfig(flows.configs.imports, { extends: [flows.configs.recommended], plugins: { flows } });',
      ].join('\n'),
    );
    const paths = {
      '@typescript-eslint/utils': ['../../scripts/lint-tools/node_modules/@typescript-eslint/utils/dist/index.d.ts'],
    };
    const compilerOptions = { strict: true, module: 'nodenext', noEmit: true, skipLibCheck: true, types: [], paths };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['config.ts'] }));
    const compiler = join(root, 'scripts/lint-tools/node_modules/typescript/bin/tsc');
    expect(execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })).toBe('');
  });
});

describe('configs.imports', () => {
  const [path] = (configs.imports.rules['no-restricted-imports'] as [string, { paths: { importNames: string[] }[] }])[1]
    .paths;
  const names = path?.importNames ?? [];

  test('refuses names of rxjs and of rxjs/operators, without types', async () => {
    const code =
      "import { map, mergeMap, type OperatorFunction } from 'rxjs';\nimport { takeUntil } from 'rxjs/operators';\n";
    expect(await lint(code, [configs.imports, { languageOptions: { parser } }])).toEqual([
      "no-restricted-imports: 'mergeMap' import from 'rxjs' is restricted. Take it from rxjs-net/rx, where its type keeps the failures of flows.",
      "no-restricted-imports: 'takeUntil' import from 'rxjs/operators' is restricted. Take it from rxjs-net/rx, where its type keeps the failures of flows.",
    ]);
  });

  test('refuses exactly what is something else in rxjs-net/rx', () => {
    const entry = readFileSync(join(root, 'src/rx.ts'), 'utf8');
    const others = [...entry.matchAll(/export \{([^}]*)\} from '(?!rxjs')/g)].flatMap(([, exported]) =>
      (exported ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type ')),
    );
    expect(names).toEqual(others.toSorted());
  });

  test('is what the guide has for other linters', () => {
    const check = spawnSync(process.execPath, [join(root, 'scripts/lint-guide.mjs'), '--check'], { encoding: 'utf8' });
    expect(check.stderr).toBe('');
  });

  test('works in oxlint, in the form that the guide has', () => {
    const guide = readFileSync(join(root, 'docs/guide/lint.md'), 'utf8');
    writeFileSync(join(folder, 'oxlint.json'), /```json oxlint\n([^]*?)```/.exec(guide)?.[1] ?? '');
    writeFileSync(
      join(folder, 'imports.js'),
      "export { map, mergeMap } from 'rxjs';\nexport { of } from 'rxjs/operators';\n",
    );
    const args = ['-c', join(folder, 'oxlint.json'), '--no-ignore', '--format', 'unix', join(folder, 'imports.js')];
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), args, { encoding: 'utf8', cwd: folder });
    expect(stdout.match(/'(\w+)' import from 'rxjs[\w/]*' is restricted/g)).toEqual([
      "'mergeMap' import from 'rxjs' is restricted",
      "'of' import from 'rxjs/operators' is restricted",
    ]);
  });
});
