// Checks one file, and prints what that took: processor time, the clock's, and what the compiler counts.
import process from 'node:process';

import ts from '@tsd/typescript';

const [file] = process.argv.slice(2);
const program = ts.createProgram([file], {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
});
// What any program costs is none of it.
program.getGlobalDiagnostics();

const start = process.cpuUsage();
const began = performance.now();
const errors = program.getSemanticDiagnostics(program.getSourceFile(file));
const { user, system } = process.cpuUsage(start);

console.log(
  JSON.stringify({
    seconds: (user + system) / 1e6,
    elapsed: (performance.now() - began) / 1e3,
    instantiations: program.getInstantiationCount(),
    errors: errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  }),
);
