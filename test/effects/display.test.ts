import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from '@tsd/typescript';
import { expect, test } from 'vitest';

// What an editor shows when one points at a program: its value, whatever it can fail with, and the fields of a Do.

const here = dirname(fileURLToPath(import.meta.url));
const file = join(here, 'display.virtual.ts');

const program = `
import { pipe } from 'fp-ts/lib/function.js';
import * as N from '../../src/effects/index.ts';
import { lines } from '../../src/index.ts';

const asked = N.withConnection({ port: 1, host: 'h' })((connection) =>
  pipe(
    connection,
    N.writeFrame(lines(), 'hello'),
    N.flatMap(() => N.readFrame(lines())(connection)),
  ),
);
const caught = pipe(asked, N.catchTag('ConnectionRefused', () => N.of('x')));
const fields = pipe(N.Do, N.bind('a', () => N.of(1)), N.apS('b', N.of('two')), N.let('c', ({ a }) => a + 1));
const fieldsAndFailures = pipe(N.Do, N.bind('a', () => asked), N.bind('b', () => N.of(1)));
const simple = pipe(N.of(1), N.map(String));
export const all = { asked, caught, fields, fieldsAndFailures, simple };
`;

const options: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};
const { sys } = ts;
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: () => '1',
  getScriptSnapshot: (name) => {
    const content = name === file ? program : sys.readFile(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => here,
  getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
  fileExists: (name) => name === file || sys.fileExists(name),
  readFile: (name) => sys.readFile(name),
  directoryExists: (name) => sys.directoryExists(name),
  getDirectories: (name) => sys.getDirectories(name),
});

const shown = (name: string): string | undefined =>
  service
    .getQuickInfoAtPosition(file, program.indexOf(`const ${name} =`) + 'const '.length)
    ?.displayParts?.map((part) => part.text)
    .join('')
    .replace(/^const \w+: /, '')
    .replaceAll(/\s+/g, ' ');

test('the program compiles', () => {
  const problems = service.getSemanticDiagnostics(file).map(({ messageText }) => messageText);
  expect(problems).toEqual([]);
});

test('a value is shown first, so that no failure cuts it off', () => {
  expect(shown('asked')).toMatch(/^N\.Program<Option<string>, /);
  expect(shown('caught')).toMatch(/^N\.Program<string \| Option<string>, /);
  expect(shown('simple')).toBe('N.Program<string, never, N.NetEnv>');
});

test('the fields of a Do are shown', () => {
  // Their order is the compiler's to choose.
  expect(shown('fields')).toMatch(
    /^N\.Program<\{ (?:readonly (?:a: number|b: string|c: number); ){3}\}, never, N\.NetEnv>$/,
  );
  expect(shown('fieldsAndFailures')).toMatch(/^N\.Program<\{ (?:readonly (?:a: Option<string>|b: number); ){2}\}, /);
});
