// The table of what `rxjs-net/rx` has, out of the code: which names are RxJS's own, which have other types, which are other
// functions. It stands between two marks in docs/guide/rx-names.md.
//
//   node scripts/rx-table.mjs           writes the table
//   node scripts/rx-table.mjs --check   fails if the table is not what this script would write
//
// Needs the built package.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import prettier from 'prettier';
import * as rxjs from 'rxjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'docs/guide/rx-names.md');
const entry = join(root, 'src/rx.ts');
const rx = await import('rxjs-net/rx');

// ------------------------------------------------------------------------------------------------- what is exported

/** Each name of the entry, with the module that it comes from. */
const exported = [...readFileSync(entry, 'utf8').matchAll(/export (type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
  ([, type, names, from]) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => ({
        name: name.replace(/^type /, ''),
        from,
        isType: type !== undefined || name.startsWith('type '),
      })),
);

/** The first sentence of a name's doc comment: of the value, where a type has the name as well. */
const sentence = ({ name, from }) => {
  const path = join(dirname(entry), from);
  const text = readFileSync(path, 'utf8');
  const comments = ['const|function|class', 'interface|type'].flatMap((keywords) => {
    const declared = new RegExp(
      String.raw`/\*\*((?:(?!\*/)[^])*)\*/\s*(?://[^\n]*\s*)*export (?:${keywords}) ${name}\b`,
      'g',
    );
    return [...text.matchAll(declared)].map(([, comment]) => comment.replaceAll(/^\s*\* ?/gm, '').trim());
  });
  const words = comments.find((comment) => !comment.startsWith('@'));
  if (words === undefined) throw new Error(`${name} has no doc comment in ${relative(root, path)}`);
  const [first] = /^[^]*?\.(?=\s|$)/.exec(words.split('\n\n')[0]) ?? [words];
  return first.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
};

/** What a name is, by the function that it stands for, and by whether its type is RxJS's. */
const kindOf = ({ name, from, isType }) => {
  if (isType) return from === 'rxjs' ? 'same type' : 'other type';
  const sameFunction = rx[name] === rxjs[name];
  if (from === 'rxjs') {
    if (!sameFunction) throw new Error(`${name} comes from rxjs, and is not what rxjs has`);
    return 'same';
  }
  return sameFunction ? 'carries failures' : 'own';
};

const sorted = exported.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
const of = (kind) => sorted.filter((each) => kindOf(each) === kind);
const listed = (kind) =>
  of(kind)
    .map(({ name }) => `\`${name}\``)
    .join(', ');
const rows = (kind) => of(kind).map((each) => `| \`${each.name}\` | ${sentence(each).replaceAll('|', '\\|')} |`);
const table = (kind) => ['| name | what it is |', '| --- | --- |', ...rows(kind)].join('\n');

const generated = `
## RxJS's function with a type that carries failures (${of('carries failures').length})

\`===\` what \`rxjs\` has. Only the type differs.

${table('carries failures')}

## This library's function (${of('own').length})

Does what RxJS's does, and paces its source or knows more of failures.

${table('own')}

## RxJS's function with RxJS's type (${of('same').length})

They take no further Observable, so there is nothing to forget. In the pipe of a Flow they keep its failures.

${listed('same')}

## Types (${of('same type').length + of('other type').length})

RxJS's types: ${listed('same type')}.

${table('other type')}
`;

// ----------------------------------------------------------------------------------------------------------- output

const before = readFileSync(file, 'utf8');
const [start, end] = ['<!-- names -->', '<!-- /names -->'];
const [head, tail] = [before.indexOf(start) + start.length, before.indexOf(end)];
if (head < start.length || tail < head) throw new Error(`${relative(root, file)} has no place for the table`);
const after = await prettier.format(`${before.slice(0, head)}\n${generated}\n${before.slice(tail)}`, {
  ...(await prettier.resolveConfig(file)),
  parser: 'markdown',
});

if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error(`${relative(root, file)} is not what scripts/rx-table.mjs writes: run node scripts/rx-table.mjs`);
    process.exitCode = 1;
  } else {
    const counts = ['same', 'carries failures', 'own'].map((kind) => `${of(kind).length} ${kind}`);
    console.log(`${relative(root, file)} agrees: ${counts.join(', ')}`);
  }
} else {
  writeFileSync(file, after);
}
