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
import { connectionLost } from '../../src/core/failures/index.ts';
import { connect } from '../../src/observables/connect.ts';
import { listen } from '../../src/observables/listen.ts';
import { idleTimeout } from '../../src/observables/limits/idle-timeout.ts';
import { lines as framedLines } from '../../src/observables/framing/lines.ts';
import { pool } from '../../src/observables/pool/pool.ts';
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
  'bytes.pipe(map((chunk) => chunk.length))': 'Flow<number, ConnectionLost | Overload | SystemFailure>',
  'bytes.pipe(lines())': 'Flow<string, FrameTooLarge | ConnectionLost | Overload | SystemFailure>',
  'bytes.pipe(lines(), idle(), filter((line) => line !== ""), map(Number), scan((a, b) => a + b, 0), takeUntil(NEVER), share())':
    'Flow<number, FrameTooLarge | ConnectionLost | Overload | SystemFailure | IdleTimeout>',
  'bytes.pipe(lines(), idle(), catchFailure("IdleTimeout", () => EMPTY))':
    'Flow<string, FrameTooLarge | ConnectionLost | Overload | SystemFailure>',
  'hot.pipe(idle(), catchFailure("IdleTimeout", () => of("x")))': 'Flow<string | number, TooHot>',
  'bytes.pipe(lines(), orDie())': 'Flow<string, never>',
  'bytes.pipe(lines(), mergeMap(() => hot))':
    'Flow<number, FrameTooLarge | ConnectionLost | Overload | SystemFailure | TooHot>',
  'bytes.pipe(lines(), concatMap((line) => (line === "" ? hot : of(1))))':
    'Flow<number, FrameTooLarge | ConnectionLost | Overload | SystemFailure | TooHot>',
  'bytes.pipe(lines(), mapAsync(async (line) => line.length))':
    'Flow<number, FrameTooLarge | ConnectionLost | Overload | SystemFailure>',
  'merge(bytes, hot)': 'Flow<number | Buffer<ArrayBufferLike>, ConnectionLost | Overload | SystemFailure | TooHot>',
  'zip([hot, bytes])': 'Flow<[number, Buffer<ArrayBufferLike>], ConnectionLost | Overload | SystemFailure | TooHot>',
  'framed(connection, text)': 'Channel<string, string, FrameTooLarge>',
  'framed(connection, text).incoming': 'Flow<string, FrameTooLarge | ConnectionLost | Overload | SystemFailure>',
  'framed(connection, text).send(hot.pipe(map(String)))':
    'Flow<never, BufferOverflow | ConnectionLost | InvalidOptions | SystemFailure | TooHot>',
  'rpc(framed(connection, text), { maxInFlight: 3 }).request("what")':
    'Flow<string, ConnectionLost | InvalidOptions | Overload | PossiblyDelivered | SystemFailure>',
  'rpc(framed(connection, text), { deadline: 3 })':
    'Rpc<string, string, ConnectionLost | DeadlineExceeded | InvalidOptions | Overload | PossiblyDelivered | SystemFailure>',
  'bytes.pipe(lines(), answerWith(() => hot))':
    'Flow<number, FrameTooLarge | ConnectionLost | Overload | SystemFailure | TooHot>',
  'connect({ port: 1 })': 'Flow<Connection, ConnectionAborted | ConnectionReset | LocalFailure | Unreachable>',
  // The commonest program. The groups of dialling and of reading overlap nowhere, so their names are shown.
  'connect({ port: 1 }).pipe(mergeMap(({ incoming }) => incoming), framedLines(), idleTimeout(5_000))':
    'Flow<string, ConnectionLost | FrameTooLarge | IdleTimeout | LocalFailure | Overload | Unreachable>',
  'connect({ port: 1 }).pipe(mergeMap(({ incoming }) => incoming), catchFailure(connectionLost, () => EMPTY))':
    'Flow<Buffer<ArrayBufferLike>, LocalFailure | Overload | Unreachable>',
  'connect({ port: 1 }).pipe(mergeMap((c) => merge(c.incoming, c.send(of("")))))':
    'Flow<Buffer<ArrayBufferLike>, ConnectionLost | LocalFailure | Overload | Unreachable>',
  'listen({ port: 1 })': 'Flow<Server, HostNotFound | LocalFailure | PathNotFound>',
  'pool({ port: 1 }).use((c) => rpc(framed(c, text)).request(""))':
    'Flow<string, ConnectionLost | LocalFailure | Overload | PoolExhausted | PossiblyDelivered | Unreachable>',
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
