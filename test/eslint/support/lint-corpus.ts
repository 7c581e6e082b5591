import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ESLint, parser } from 'lint-tools';
import { configs } from 'rxjs-net/eslint';

import { type RxSource, writePrograms } from '../../types/programs.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The messages of the rule for each program of the corpus, by its id. */
export const lintCorpus = async (rxSource: RxSource): Promise<ReadonlyMap<string, readonly string[]>> => {
  const folder = join(root, '.cache', 'eslint-corpus', rxSource.replaceAll('/', '-'));
  writePrograms(folder, rxSource);
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: [
      configs.recommended,
      {
        files: ['**/*.ts'],
        languageOptions: { parser, parserOptions: { project: './tsconfig.json', tsconfigRootDir: folder } },
      },
    ],
  });
  const results = await eslint.lintFiles(['*.ts']);
  const broken = results.flatMap(({ messages }) => messages.filter(({ fatal }) => fatal === true));
  if (broken.length > 0) throw new Error(broken.map(({ message }) => message).join('\n'));
  return new Map(
    results.map(({ filePath, messages }) => [basename(filePath, '.ts'), messages.map(({ message }) => message)]),
  );
};
