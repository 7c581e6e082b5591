// What the types of flows cost a compiler: 200 pipes of nine operators, of RxJS's Observables and of flows, by TypeScript 5.9.
// They are meant to take at most three times as long. What counts is processor time, the best of some rounds in which the
// programs take turns: a busy machine slows all of them, and has little to do with either. Instantiations are exact.
//
//   node scripts/type-cost.mjs [rounds]
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checker = join(root, 'scripts/type-cost/check.mjs');
const folder = join(root, '.cache/type-cost');

const pipes = 200;
const rounds = Number(process.argv[2] ?? 4);
/** The goal is 3; the rest is room for what else the machine does. */
const ceiling = 4.5;
/** The same in a figure that has no chance in it: what it was, and room for a few operators more. */
const ceilingOfInstantiations = 25;

const simple = (n) => `
    map((value) => value + ${n}),
    filter((value) => value > ${n}),
    scan((sum, value) => sum + value, 0),
    tap((value) => console.log(value)),
    distinctUntilChanged(),
    map((value) => \`\${value}\`),
    take(${n + 1}),
    startWith('begin'),
    toArray(),`;

const operators = 'distinctUntilChanged, filter, map, scan, startWith, take, tap, toArray';

/** Imports, and the nth pipe. */
const programs = {
  'RxJS, nine that add nothing': {
    head: `import { ${operators}, type Observable } from 'rxjs';
declare const source: Observable<number>;`,
    pipe: (n) => `source.pipe(${simple(n)}\n)`,
  },
  'flows, the same nine': {
    head: `import { ConnectionReset, IdleTimeout, type Flow } from 'rxjs-net';
import { ${operators} } from 'rxjs-net/rx';
declare const source: Flow<number, ConnectionReset | IdleTimeout>;`,
    pipe: (n) => `source.pipe(${simple(n)}\n)`,
  },
  'RxJS, flattening and catchError': {
    head: `import { catchError, concatMap, filter, from, map, mergeMap, type Observable, of, share, switchMap, tap, timeout } from 'rxjs';
declare const source: Observable<number>;`,
    pipe: (n) => `source.pipe(
    map((value) => \`\${value + ${n}}\`),
    timeout(1_000),
    filter((line) => line !== ''),
    mergeMap((line) => of(line.length)),
    concatMap((length) => from([length, ${n}])),
    switchMap(async (length) => length * 2),
    tap((length) => console.log(length)),
    catchError(() => of(0)),
    share(),
  )`,
  },
  'flows, flattening, limits and handlers': {
    head: `import { catchFailure, idleTimeout, lines, mapAsync, type Connection } from 'rxjs-net';
import { concatMap, filter, from, map, mergeMap, of, share, tap } from 'rxjs-net/rx';
declare const connection: Connection;`,
    pipe: (n) => `connection.incoming.pipe(
    lines(),
    idleTimeout(1_000),
    filter((line) => line !== ''),
    mergeMap((line) => of(line.length)),
    concatMap((length) => from([length, ${n}])),
    mapAsync(async (length) => length * 2),
    tap((length) => console.log(length)),
    catchFailure('IdleTimeout', () => of(0)),
    share(),
  )`,
  },
};

const pairs = [
  ['RxJS, nine that add nothing', 'flows, the same nine'],
  ['RxJS, flattening and catchError', 'flows, flattening, limits and handlers'],
];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const files = new Map();
for (const [name, { head, pipe }] of Object.entries(programs)) {
  const file = join(folder, `${files.size}.ts`);
  const body = Array.from({ length: pipes }, (_, n) => `export const pipe${n} = ${pipe(n)};\n`).join('');
  writeFileSync(file, `${head}\n\n${body}`);
  files.set(name, file);
}

const measure = (file) =>
  JSON.parse(execFileSync(process.execPath, [checker, file], { encoding: 'utf8', timeout: 120_000 }));

const best = new Map();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, file] of files) {
    const measured = measure(file);
    if (measured.errors.length > 0) {
      console.error(`${name} does not compile:\n${measured.errors.slice(0, 5).join('\n')}`);
      process.exit(1);
    }
    const { seconds, elapsed } = best.get(name) ?? { seconds: Infinity, elapsed: Infinity };
    best.set(name, {
      ...measured,
      seconds: Math.min(seconds, measured.seconds),
      elapsed: Math.min(elapsed, measured.elapsed),
    });
  }
}

for (const [name, { seconds, elapsed, instantiations }] of best) {
  console.log(
    `${name.padEnd(40)} ${seconds.toFixed(2)} s of a processor, ${elapsed.toFixed(2)} s in all, ${instantiations.toLocaleString('en')} instantiations`,
  );
}
for (const [plain, flows] of pairs) {
  const ratio = best.get(flows).seconds / best.get(plain).seconds;
  const times = best.get(flows).instantiations / best.get(plain).instantiations;
  const good = ratio <= ceiling && times <= ceilingOfInstantiations;
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${flows}: ${ratio.toFixed(2)} times the processor time (at most ${ceiling}), ` +
      `${times.toFixed(1)} times the instantiations (at most ${ceilingOfInstantiations})`,
  );
  if (!good) process.exitCode = 1;
}
