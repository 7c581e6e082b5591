// The public surface as text: every declaration that a user of the package can reach, without comments.
//
//   node scripts/api.mjs           writes etc/api.md
//   node scripts/api.mjs --check   fails, with the difference, if etc/api.md is not what the build declares
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'etc', 'api.md');
const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// ---------------------------------------------------------------------------------------------------- declarations

/** Blank where a comment was; strings, which may hold the signs of one, are left alone. */
const token = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const withoutComments = (text) =>
  text
    .replace(token, (match) => (match.startsWith('/') ? '' : match))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');

const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.\.?\/[^"']*)["']/g;

const imported = (path, text) =>
  [...text.matchAll(specifier)].map(([, target]) => join(dirname(path), target.replace(/\.([mc]?)[jt]s$/, '.d.$1ts')));

const reachable = (entry) => {
  const found = new Map();
  const visit = (path) => {
    if (found.has(path)) return;
    if (!existsSync(path)) throw new Error(`${relative(root, path)} is not there: run npm run build`);
    const text = withoutComments(readFileSync(path, 'utf8'));
    found.set(path, text);
    for (const target of imported(path, text)) visit(target);
  };
  visit(entry);
  return found;
};

const types = (target) => (typeof target === 'string' ? undefined : (target.types ?? types(target.import)));

const entries = Object.entries(exports)
  .map(([subpath, target]) => ({ subpath, types: types(target) }))
  .filter((entry) => entry.types !== undefined);

const all = new Map();
for (const entry of entries) {
  for (const [path, text] of reachable(join(root, entry.types))) {
    const known = all.get(path) ?? { text, entries: [] };
    known.entries.push(join(name, entry.subpath));
    all.set(path, known);
  }
}

const section = ([path, { text, entries: users }]) =>
  `## ${relative(join(root, 'dist/esm'), path)}\n\nReached from ${users.map((user) => `\`${user}\``).join(', ')}.\n\n\`\`\`ts\n${text}\n\`\`\`\n`;

const expected = [
  `# The public surface of ${name}\n`,
  'Written by `npm run api` from the built declarations; `npm run api:check` fails when they differ from this file.\n',
  ...[...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(section),
].join('\n');

// ---------------------------------------------------------------------------------------------------------- output

/** The lines that differ, with two lines around them: longest common subsequence between what both have alike. */
const difference = (before, after) => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const length = Array.from({ length: x.length + 1 }, () => new Uint32Array(y.length + 1));
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      length[i][j] = x[i] === y[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const lines = a.slice(Math.max(0, start - 2), start).map((line) => `  ${line}`);
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      lines.push(`  ${x[i]}`);
      i += 1;
      j += 1;
    } else if (j < y.length && (i === x.length || length[i][j + 1] > length[i + 1][j])) {
      lines.push(`+ ${y[j]}`);
      j += 1;
    } else {
      lines.push(`- ${x[i]}`);
      i += 1;
    }
  }
  lines.push(...a.slice(a.length - end, a.length - end + 2).map((line) => `  ${line}`));
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - 2), at + 3).some((line) => !line.startsWith('  ')));
  return lines.flatMap((line, at) => (near[at] ? [line] : near[at - 1] ? ['  …'] : [])).join('\n');
};

if (process.argv.includes('--check')) {
  const actual = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (actual !== expected) {
    console.error(difference(actual, expected));
    console.error(
      '\nThe public surface is not what etc/api.md says. If that is meant: npm run api, and a line in CHANGELOG.md',
    );
    process.exitCode = 1;
  } else {
    console.log(`etc/api.md agrees: ${entries.length} entries, ${all.size} declaration files`);
  }
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, expected);
  console.log(`etc/api.md: ${entries.length} entries, ${all.size} declaration files`);
}
