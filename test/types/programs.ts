import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as rxjs from 'rxjs';
import * as net from 'rxjs-net';
import * as strategies from 'rxjs-net/strategies';

import { corpus, type PlacedRow } from './corpus/index.ts';

/** Where the names of RxJS come from. */
export type RxSource = 'rxjs' | 'rxjs-net/rx';

const types = {
  rx: ['MonoTypeOperatorFunction', 'OperatorFunction'],
  net: ['ConnectFailure', 'FailureOf', 'Flow', 'PoolFailure', 'ReadFailure', 'WriteFailure'],
};
const names = {
  rx: new Set([...Object.keys(rxjs), ...types.rx]),
  net: new Set([...Object.keys(net), ...types.net]),
  // RxJS has a `buffer` and a `sample` too.
  strategies: new Set(Object.keys(strategies).filter((name) => !(name in rxjs))),
  world: new Set(['Inner', 'Outer', 'VerdictOf', 'chunks', 'connection', 'inner', 'outer', 'yes']),
};

/** The module of a row's program: imports, the program, and a line whose error says what the types say. */
export function programOf(row: PlacedRow, rxSource: RxSource): string {
  const body = /\bresult\b/.test(row.program) ? row.program.trim() : `const result = ${row.program.trim()};`;
  const asked = `const verdict: VerdictOf<FailureOf<typeof result>, ${row.fails}> = '?';`;
  const used = identifiersOf(`${body}\n${asked}`);
  const from = (module: string, known: ReadonlySet<string>): string => {
    const taken = [...used].filter((name) => known.has(name) && (known !== names.net || !names.rx.has(name)));
    return taken.length === 0 ? '' : `import { ${taken.toSorted().join(', ')} } from '${module}';\n`;
  };
  const spaces = (name: string, module: string): string =>
    used.has(name) ? `import * as ${name} from '${module}';\n` : '';
  return [
    `// ${row.id}: ${row.name}\n`,
    from(rxSource, names.rx),
    from('rxjs-net', names.net),
    spaces('net', 'rxjs-net'),
    spaces('own', 'rxjs-net/rx'),
    from('rxjs-net/strategies', names.strategies),
    from('./world.js', names.world),
    `\n${body}\n\n${asked}\n`,
  ].join('');
}

/** Names of RxJS that are words of the language. */
const keywords = new Set(['async', 'never']);

/** The free names of a program: none behind a dot, of a property, or in a text. */
function identifiersOf(program: string): ReadonlySet<string> {
  const code = program.replaceAll(/'[^']*'/g, "''");
  const found = code.matchAll(/(?<![.\w])[A-Za-z]\w*\b(?!:)/g);
  return new Set([...found].map(([name]) => name).filter((name) => !keywords.has(name)));
}

const options = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  module: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  noErrorTruncation: true,
};

/**
 * Writes one module a row, named by its id, into a folder that is made anew. It must be in this repository, for the
 * programs name the package, which is what was built, and its peers.
 */
export function writePrograms(folder: string, rxSource: RxSource): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(fileURLToPath(new URL('./world.ts', import.meta.url)), join(folder, 'world.ts'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.ts'] }, null, 2),
  );
  for (const row of corpus) writeFileSync(join(folder, `${row.id}.ts`), programOf(row, rxSource));
}
