import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import ts from '@tsd/typescript';
import { afterAll, describe, expect, it } from 'vitest';

// What the compiler says about a failure that is misspelt, handled twice, or left over: a line or two that name what there is.

const root = fileURLToPath(new URL('../..', import.meta.url));

const imports = `
import { of } from 'rxjs';
import { catchAll } from '${root}src/observables/failures/catch-all.ts';
import { catchFailure } from '${root}src/observables/failures/catch-failure.ts';
import { catchFailures } from '${root}src/observables/failures/catch-failures.ts';
import { runFlow } from '${root}src/observables/failures/run-flow.ts';
import type { Flow, Op } from '${root}src/observables/flow.ts';
import type { ConnectFailure, ConnectionReset, IdleTimeout, ReadFailure } from '${root}src/core/failures/index.ts';
import { EMPTY, firstValueFrom } from '${root}src/rx.ts';
declare class TooHot extends Error { readonly _tag: 'TooHot' }
declare const two: Flow<string, IdleTimeout | ConnectionReset>;
declare const hot: Flow<number, TooHot>;
declare const answer: Flow<string, ConnectFailure | ReadFailure | IdleTimeout>;
declare function idle<A>(): Op<A, A, IdleTimeout>;
declare function framed(): Op<number, string, TooHot>;
`;

const several = 'FailureGroup | readonly ("ConnectionReset" | "IdleTimeout" | FailureGroup)[]';

/** A mistake, and what is said about it. */
const mistakes: Record<string, readonly string[]> = {
  'two.pipe(catchFailure("IdelTimeout", () => EMPTY))': [
    `Argument of type '"IdelTimeout"' is not assignable to parameter of type '"ConnectionReset" | "IdleTimeout" | ${several}'.`,
  ],
  'two.pipe(catchFailure(["IdleTimeout", "ConectionReset"], () => EMPTY))': [
    `Type '"ConectionReset"' is not assignable to type '"ConnectionReset" | "IdleTimeout" | FailureGroup'. Did you mean '"ConnectionReset"'?`,
  ],
  'hot.pipe(catchFailure("ToHot", () => EMPTY))': [
    `Argument of type '"ToHot"' is not assignable to parameter of type '"TooHot" | FailureGroup | readonly ("TooHot" | FailureGroup)[]'.`,
  ],
  // Its own name is no longer among those that there are.
  'two.pipe(catchFailure("IdleTimeout", () => EMPTY), catchFailure("IdleTimeout", () => EMPTY))': [
    `Argument of type '"IdleTimeout"' is not assignable to parameter of type '"ConnectionReset" | FailureGroup | readonly ("ConnectionReset" | FailureGroup)[]'.`,
  ],
  'two.pipe(catchFailures({ IdelTimeout: () => EMPTY }))': [
    `Object literal may only specify known properties, but 'IdelTimeout' does not exist in type 'Handlers<ConnectionReset | IdleTimeout>'. Did you mean to write 'IdleTimeout'?`,
  ],
  'hot.pipe(catchFailures({ ToHot: () => EMPTY }))': [
    `Object literal may only specify known properties, but 'ToHot' does not exist in type 'Handlers<TooHot>'. Did you mean to write 'TooHot'?`,
  ],
  'two.pipe(catchFailures({ IdleTimeout: () => EMPTY, FrameTooLarge: () => EMPTY }))': [
    `Object literal may only specify known properties, and 'FrameTooLarge' does not exist in type 'Handlers<ConnectionReset | IdleTimeout>'.`,
  ],
  'two.pipe(catchAll((failure) => of(failure.limit)))': [
    `Property 'limit' does not exist on type 'ConnectionReset | IdleTimeout'.`,
    `Property 'limit' does not exist on type 'ConnectionReset'.`,
  ],
  'two.pipe(catchFailure("IdleTimeout", () => undefined))': [
    `Type 'undefined' is not assignable to type 'ObservableOrList'.`,
  ],
  'runFlow(hot)': [
    `Argument of type 'Flow<number, TooHot>' is not assignable to parameter of type 'Unhandled<TooHot>'.`,
    `Property ''failures are left: handle them with catchFailure, catchFailures or catchAll, or add orDie()'' is missing in type 'Flow<number, TooHot>' but required in type 'Unhandled<TooHot>'.`,
  ],
  'firstValueFrom(two)': [
    `Argument of type 'Flow<string, ConnectionReset | IdleTimeout>' is not assignable to parameter of type 'Unhandled<ConnectionReset | IdleTimeout>'.`,
    `Property ''failures are left: handle them with catchFailure, catchFailures or catchAll, or add orDie()'' is missing in type 'Flow<string, ConnectionReset | IdleTimeout>' but required in type 'Unhandled<ConnectionReset | IdleTimeout>'.`,
  ],
  // All that is left, by the names of its groups.
  'runFlow(answer)': [
    `Argument of type 'Flow<string, ConnectionLost | IdleTimeout | LocalFailure | Overload | Unreachable>' is not assignable to parameter of type 'Unhandled<ConnectionLost | IdleTimeout | LocalFailure | Overload | Unreachable>'.`,
    `Property ''failures are left: handle them with catchFailure, catchFailures or catchAll, or add orDie()'' is missing in type 'Flow<string, ConnectionLost | IdleTimeout | LocalFailure | Overload | Unreachable>' but required in type 'Unhandled<ConnectionLost | IdleTimeout | LocalFailure | Overload | Unreachable>'.`,
  ],
  'of(1).pipe(framed())': [
    `Argument of type 'Op<number, string, TooHot>' is not assignable to parameter of type 'OperatorFunction<number, string>'.`,
    `Types of parameters 'source' and 'source' are incompatible.`,
    `Type 'Observable<number>' is not assignable to type 'Observable<number> & Carrier'.`,
    `Property ''a plain Observable forgets failures: begin with from(source) of rxjs-net/rx'' is missing in type 'Observable<number>' but required in type 'Carrier'.`,
  ],
};

const expressions = Object.keys(mistakes);
const firstLine = imports.split('\n').length;
const text = `${imports}${expressions.join(';\n')};\nexport {};\n`;

/** The order of a union is the compiler's to choose; what stands in parentheses is sorted first. */
function sorted(line: string): string {
  const union = /(?:"?\w+"?(?:<\w+>)?|readonly \([^)]*\)\[\])(?: \| (?:"?\w+"?(?:<\w+>)?|readonly \([^)]*\)\[\]))+/g;
  const sort = (each: string): string => each.split(' | ').toSorted().join(' | ');
  return line
    .replace(/\(([^)|]+(?: \| [^)|]+)+)\)/g, (_, inner: string) => `(${sort(inner).replaceAll(' | ', '∪')})`)
    .replace(union, sort)
    .replaceAll('∪', ' | ');
}

const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-messages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'mistakes.ts');
const config = join(folder, 'tsconfig.json');
writeFileSync(file, text);
writeFileSync(
  config,
  JSON.stringify({
    compilerOptions: {
      strict: true,
      target: 'es2022',
      lib: ['es2023'],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { rxjs: [join(root, 'node_modules/rxjs/dist/types/index.d.ts')] },
    },
    files: [file],
  }),
);

type Messages = readonly (readonly string[])[];

/** What is said about each line, by the compiler of tsd. */
function byApi(): Messages {
  const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
    config,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ code }) => expect.fail(`the configuration is refused: ${code}`),
    },
  ) ?? { options: {}, fileNames: [] };
  const program = ts.createProgram(fileNames, options);
  const said: string[][] = expressions.map(() => []);
  for (const each of program.getSemanticDiagnostics(program.getSourceFile(file))) {
    const line = each.file?.getLineAndCharacterOfPosition(each.start ?? 0).line ?? 0;
    const lines = ts.flattenDiagnosticMessageText(each.messageText, '\n').split('\n');
    said[line - firstLine + 1]?.push(...lines.map((message) => sorted(message.trim())));
  }
  return said;
}

/** What is said about each line, by the compiler that the project is built with. */
function byCommand(): Messages {
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', config, '--pretty', 'false'],
    {
      encoding: 'utf8',
      cwd: folder,
    },
  );
  const said: string[][] = expressions.map(() => []);
  let current: string[] | undefined;
  for (const line of stdout.trimEnd().split('\n')) {
    const [, at, message] = /^\S+\((\d+),\d+\): error TS\d+: (.*)$/.exec(line) ?? [];
    if (at !== undefined) current = said[Number(at) - firstLine];
    current?.push(sorted((message ?? line).trim()));
  }
  return said;
}

describe.each([
  [`TypeScript ${ts.version}`, byApi],
  ['the compiler of the project', byCommand],
])('%s', (_, compile) => {
  const said = compile();
  it.each(expressions.map((expression, index) => ({ expression, index })))('$expression', ({ expression, index }) => {
    const expected = mistakes[expression]?.map(sorted) ?? [];
    // A compiler may leave out what a later line says again.
    expect(said[index]).toEqual(expected.slice(-Math.max(said[index]?.length ?? 0, 1)));
  });
});
