import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from '@tsd/typescript';
import { describe, expect, it } from 'vitest';

// What an editor shows when one points at a variable: a union of failures, and never the helpers that compute it.

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

const imports = `
import { EMPTY, filter, map, of, scan, share, takeUntil, NEVER } from 'rxjs';
import type { FrameTooLarge, IdleTimeout, ReadFailure } from '../../src/core/failures/index.ts';
import type { Flow, Op } from '../../src/observables/flow.ts';
import { catchFailure } from '../../src/observables/failures/catch-failure.ts';
import { orDie } from '../../src/observables/failures/or-die.ts';
import { framed } from '../../src/observables/channels/framed.ts';
import { rpc } from '../../src/observables/channels/rpc.ts';
import { answerWith } from '../../src/observables/channels/answer-with.ts';
import type { Connection } from '../../src/observables/connection.ts';
import type { Framing } from '../../src/observables/framing/framing.ts';
import { mapAsync } from '../../src/observables/map-async.ts';
import { concatMap, merge, mergeMap, zip } from '../../src/rx.ts';
declare const connection: Connection;
declare const text: Framing<string, string, FrameTooLarge>;
declare class TooHot { readonly _tag: 'TooHot' }
declare const bytes: Flow<Buffer, ReadFailure>;
declare const hot: Flow<number, TooHot>;
declare function lines(): Op<Uint8Array, string, FrameTooLarge>;
declare function idle<A>(): Op<A, A, IdleTimeout>;
`;

/** What is shown for each of some expressions. */
function shown(expressions: readonly string[]): readonly (string | undefined)[] {
  const file = join(here, 'flow-display.virtual.ts');
  const declarations = expressions.map((expression, index) => `export const shown${index} = ${expression};\n`);
  const text = imports + declarations.join('');
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
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const content = name === file ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
  });
  const problems = service
    .getSemanticDiagnostics(file)
    .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'));
  expect(problems).toEqual([]);
  return expressions.map((_, index) => {
    const position = text.indexOf(`shown${index} =`);
    const info = service.getQuickInfoAtPosition(file, position);
    return info?.displayParts
      ?.map((part) => part.text)
      .join('')
      .replace(/^const shown\d+: /, '');
  });
}

/** The order of a union is the compiler's to choose. */
const sorted = (text: string | undefined): string | undefined =>
  text?.replace(/\w+(?:<\w+>)?(?: \| \w+(?:<\w+>)?)+/g, (union) => union.split(' | ').toSorted().join(' | '));

const expected: Record<string, string> = {
  'bytes.pipe(map((chunk) => chunk.length))': 'Flow<number, ReadFailure>',
  'bytes.pipe(lines())': 'Flow<string, FrameTooLarge | ReadFailure>',
  'bytes.pipe(lines(), idle(), filter((line) => line !== ""), map(Number), scan((a, b) => a + b, 0), takeUntil(NEVER), share())':
    'Flow<number, FrameTooLarge | ReadFailure | IdleTimeout>',
  'bytes.pipe(lines(), idle(), catchFailure("IdleTimeout", () => EMPTY))': 'Flow<string, FrameTooLarge | ReadFailure>',
  'hot.pipe(idle(), catchFailure("IdleTimeout", () => of("x")))': 'Flow<string | number, TooHot>',
  'bytes.pipe(lines(), orDie())': 'Flow<string, never>',
  'bytes.pipe(lines(), mergeMap(() => hot))': 'Flow<number, FrameTooLarge | ReadFailure | TooHot>',
  'bytes.pipe(lines(), concatMap((line) => (line === "" ? hot : of(1))))':
    'Flow<number, FrameTooLarge | ReadFailure | TooHot>',
  'bytes.pipe(lines(), mapAsync(async (line) => line.length))': 'Flow<number, FrameTooLarge | ReadFailure>',
  'merge(bytes, hot)': 'Flow<number | Buffer<ArrayBufferLike>, ReadFailure | TooHot>',
  'zip([hot, bytes])': 'Flow<[number, Buffer<ArrayBufferLike>], ReadFailure | TooHot>',
  'framed(connection, text)': 'Channel<string, string, FrameTooLarge>',
  'framed(connection, text).incoming': 'Flow<string, FrameTooLarge | ReadFailure>',
  'framed(connection, text).send(hot.pipe(map(String)))': 'Flow<never, WriteFailure | TooHot>',
  'rpc(framed(connection, text), { maxInFlight: 3 }).request("what")': 'Flow<string, RequestFailure>',
  'rpc(framed(connection, text), { deadline: 3 })': 'Rpc<string, string, DeadlineExceeded | RequestFailure>',
  'bytes.pipe(lines(), answerWith(() => hot))': 'Flow<number, FrameTooLarge | ReadFailure | TooHot>',
  '<A, E>(flow: Flow<A, E>) => flow.pipe(map((value) => [value]), idle())':
    '<A, E>(flow: Flow<A, E>) => Flow<A[], IdleTimeout | E>',
};

describe('what an editor shows', () => {
  const texts = shown(Object.keys(expected));
  it.each(Object.entries(expected).map(([expression, text], index) => ({ expression, text, index })))(
    '$expression is $text',
    ({ text, index }) => {
      expect(sorted(texts[index])).toBe(sorted(text));
    },
  );
});
