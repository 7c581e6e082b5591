// Lints the examples, and every code block of the documents and of the `@example`s, with the ESLint plugin of the built
// package: what the project asks of its users holds for what it shows them. Needs `npm run build`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { ESLint, parser } from 'lint-tools';
import { configs } from 'rxjs-net/eslint';

import { codeBlocks } from './code-blocks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a document loses to show what is lost, or because a promise is what is asked for: the file, a part of the message. */
const demonstrations = [
  // The chapter shows what RxJS's own forgets.
  { file: 'docs/guide/1-flows-and-failures.md', says: 'mergeMap of rxjs forgets' },
  // What a program under generated faults fails with is what the explorer wants to know.
  { file: 'docs/guide/11-simulated-network.md', says: 'forEach() forgets' },
  { file: 'src/testing/explore-seeds.ts', says: 'forEach() forgets' },
];

// Inside the package: only there does it know itself by its name.
const folder = join(root, '.cache', `flows-${process.pid}`);
const blocks = codeBlocks(root);
const files = new Map(blocks.map(({ name, file }) => [name, file]));

mkdirSync(folder, { recursive: true });
for (const { name, program } of blocks) writeFileSync(join(folder, name), program);
const compilerOptions = {
  paths: {},
  allowJs: true,
  checkJs: true,
  noEmit: true,
  rewriteRelativeImportExtensions: true,
};
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts', '*.js'] }),
);

try {
  const project = [join(folder, 'tsconfig.json'), join(root, 'tsconfig.examples.json')];
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      { ...configs.recommended, files: ['**/*.ts', '**/*.js'] },
      { files: ['**/*.ts', '**/*.js'], languageOptions: { parser, parserOptions: { project, tsconfigRootDir: root } } },
      { linterOptions: { reportUnusedDisableDirectives: 'off' } },
    ],
  });
  const results = await eslint.lintFiles([`${relative(root, folder)}/*.{ts,js}`, 'examples/**/*.ts']);
  const shown = demonstrations.map((entry) => ({ ...entry, seen: false }));
  const reports = results.flatMap(({ filePath, messages }) => {
    const file = files.get(basename(filePath)) ?? relative(root, filePath);
    return messages
      .filter(({ message }) => {
        const known = shown.filter((entry) => entry.file === file && message.includes(entry.says));
        for (const entry of known) entry.seen = true;
        return known.length === 0;
      })
      .map(({ line, message }) => `${file}:${line} ${message}`);
  });
  const stale = shown
    .filter(({ seen }) => !seen)
    .map(({ file, says }) => `${file}: "${says}" is not reported any more`);
  for (const line of [...reports, ...stale]) console.error(line);
  console.log(`${results.length} programs, ${reports.length} reports, ${shown.length} demonstrations`);
  if (reports.length + stale.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
