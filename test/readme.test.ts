// Every code block of the README, of the guide and of the `@example`s is a program: all are compiled together against
// the built package, by its own name, and each is run. What a block prints is what its `// => …` comments say, in
// order; `…` in such a comment stands for anything. A block that is marked `ts no-run` is compiled only.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package: only there does it know itself by its name.
const folder = join(root, '.cache', `readme-${process.pid}`);

interface Block {
  /** Where it stands: `README.md:12`. */
  readonly place: string;
  readonly language: 'ts' | 'js';
  readonly runs: boolean;
  /** The lines before it are blank, so that the compiler's line numbers are those of the document. */
  readonly program: string;
  readonly expected: readonly string[];
  /** Name of the program's file, without its ending. */
  readonly name: string;
}

// ------------------------------------------------------------------------------------------------------ the blocks

const fence = /^(?<indent>[ \t]*)(?<marks>`{3,})(?<info>[^`]*)$/;

const blocks = (file: string, lines: readonly string[]): Block[] => {
  const found: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const opening = fence.exec(lines[at] ?? '')?.groups;
    if (opening === undefined) continue;
    const { indent = '', marks = '', info = '' } = opening;
    const start = at + 1;
    const body: string[] = [];
    for (at = start; at < lines.length && (lines[at] ?? '').trim() !== marks; at += 1) {
      const line = lines[at] ?? '';
      body.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
    }
    const [language, ...flags] = info.trim().split(/\s+/);
    if (language !== 'ts' && language !== 'js') continue;
    found.push({
      place: `${file}:${start + 1}`,
      language,
      runs: !flags.includes('no-run'),
      program: `${'\n'.repeat(start)}${body.join('\n')}\n`,
      expected: body.flatMap((line) => /\/\/ => ?(.*)$/.exec(line)?.slice(1) ?? []).map((line) => line.trimEnd()),
      name: `${file.replaceAll(/[^A-Za-z0-9]+/g, '_')}_${start + 1}`,
    });
  }
  return found;
};

/** A source file with nothing left of it but the text of its `@example`s, each line where it was. */
const examplesOf = (text: string): string[] => {
  let inComment = false;
  let inExample = false;
  return text.split('\n').map((line) => {
    if (!inComment && /^\s*\/\*\*/.test(line)) {
      inComment = true;
      inExample = false;
    }
    const content = line.replace(/^\s*\/?\*{1,2} ?/, '').replace(/\*\/\s*$/, '');
    const tag = /^\s*@(\w+)/.exec(content)?.[1];
    if (inComment && tag !== undefined) inExample = tag === 'example';
    const kept = inComment && inExample && tag === undefined ? content : '';
    if (line.includes('*/')) inComment = false;
    return kept;
  });
};

const files = (under: string, ending: string): string[] =>
  existsSync(join(root, under))
    ? readdirSync(join(root, under), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .toSorted()
    : [];

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = [...files('.', 'README.md').filter((file) => file === 'README.md'), ...files('docs', '.md')];
const all = [
  ...documents.flatMap((file) => blocks(file, read(file).split('\n'))),
  ...files('src', '.ts').flatMap((file) => blocks(file, examplesOf(read(file)))),
];

// -------------------------------------------------------------------------------------------- compiling and running

interface Outcome {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const node = (args: readonly string[], timeout: number): Promise<Outcome> =>
  new Promise((resolve) => {
    // A program of its own: nothing that says it runs within a test runner, which the seeds' reports look at.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|VITEST|RXJS_NET_|TEST$|NODE_ENV$)/.test(name)),
    );
    const child = execFile(
      process.execPath,
      args,
      { cwd: folder, timeout, killSignal: 'SIGKILL', env: { ...env, NO_COLOR: '1' } },
      (error, stdout, stderr) => {
        const code =
          error === null ? 0 : error.killed === true ? `stopped after ${timeout} ms` : (error.code ?? 'killed');
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end();
  });

const compiled = (): Promise<Outcome> => {
  mkdirSync(folder, { recursive: true });
  for (const { name, language, program } of all) writeFileSync(join(folder, `${name}.${language}`), program);
  const compilerOptions = {
    paths: {},
    noEmit: false,
    rootDir: '.',
    outDir: 'out',
    allowJs: true,
    checkJs: true,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts', '*.js'] }),
  );
  return node([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], 60_000);
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const matches = (pattern: string, line: string): boolean =>
  new RegExp(`^${pattern.split('…').map(escaped).join('.*')}$`).test(line);

test.runIf(existsSync(join(root, 'README.md')))('there are code blocks', () => {
  expect(all.length).toBeGreaterThan(0);
});

describe.runIf(all.length > 0)('code blocks', () => {
  let compilation: Outcome;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/esm/index.d.ts'))) throw new Error('dist/ is not there: npm run build');
    compilation = await compiled();
    return () => {
      rmSync(folder, { recursive: true, force: true });
    };
  }, 90_000);

  test('all compile', () => {
    const places = all.reduce(
      (text, { name, place }) => text.replaceAll(name, place.replace(/:\d+$/, '')),
      compilation.stdout,
    );
    expect(places + compilation.stderr).toBe('');
    expect(compilation.code).toBe(0);
  });

  // Each is a process of its own, and the worker does nothing but wait for it.
  test.concurrent.each(all.filter(({ runs }) => runs).map((block) => [block.place, block] as const))(
    '%s',
    async (_, { name, expected }) => {
      const { code, stdout, stderr } = await node([join(folder, 'out', `${name}.js`)], 15_000);
      expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout });
      if (expected.length === 0) return;
      const printed = stdout.split('\n').map((line) => line.trimEnd());
      if (printed.at(-1) === '') printed.pop();
      // Where a comment allows anything, take over what was printed: a difference then shows only what is wrong.
      const wanted = expected.map((pattern, at) => {
        const line = printed[at];
        return line !== undefined && matches(pattern, line) ? line : pattern;
      });
      expect(printed).toEqual(wanted);
    },
  );
});
