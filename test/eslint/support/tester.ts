import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parser, RuleTester } from 'lint-tools';
import { rules } from 'rxjs-net/eslint';
import { describe, it } from 'vitest';

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder in the package, where it knows itself by its name; the parser wants the file that it is given to exist. */
const folder = join(root, '.cache', 'eslint-cases');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'case.ts'), '');
const compilerOptions = { strict: true, target: 'es2022', module: 'nodenext', types: ['node'], skipLibCheck: true };
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['case.ts'] }));

/** With `CI` in the environment the parser takes programs for files that don't change; the cases are no files. */
const parserOptions = {
  project: './tsconfig.json',
  tsconfigRootDir: folder,
  disallowAutomaticSingleRunInference: true,
};
const tester = new RuleTester({ languageOptions: { parser, parserOptions } });

/** Names that most cases have. The flows can fail with the errors of their names. */
const world = `
import type { Flow, Op } from 'rxjs-net';
class TooHot extends Error { readonly _tag = 'TooHot'; }
class TooCold extends Error { readonly _tag = 'TooCold'; }
declare const hot: Flow<number, TooHot>;
declare const cold: Flow<string, TooCold>;
declare const safe: Flow<number>;
declare const atMost: (limit: number) => Op<number, number, TooHot>;
`;

interface Reported {
  readonly code: string;
  /** Beginning of the message, or all of it. */
  readonly says: readonly string[];
  /** The program after the suggestion of the only report, without \`world\`. */
  readonly suggests?: string;
}

/** Runs the rule over programs, by name. */
export const cases = (
  title: string,
  {
    fine,
    reported,
  }: { readonly fine: Readonly<Record<string, string>>; readonly reported: Readonly<Record<string, Reported>> },
): void => {
  const filename = join(folder, 'case.ts');
  tester.run(title, rules['no-lost-failures'], {
    valid: Object.entries(fine).map(([name, code]) => ({ name, code: code + world, filename })),
    invalid: Object.entries(reported).map(([name, { code, says, suggests }]) => ({
      name,
      code: code + world,
      filename,
      errors: says.map((message) => ({
        message,
        ...(suggests === undefined ? {} : { suggestions: [{ messageId: 'import', output: suggests + world }] }),
      })),
    })),
  });
};
