import { execFile } from 'node:child_process';
import process from 'node:process';

import { corpus } from './corpus/index.ts';

/**
 * The name of the property that the source of an operator lacks, which is the message. TypeScript 5.4 explains the same two types
 * once in a compilation; after that only the head of the message is there.
 */
const toForget =
  /a plain Observable forgets failures|'(?:Op|Framing)<.*' is not assignable to parameter of type 'OperatorFunction<|'FlowSource<|Carrier[>']/;

/** Compiles the programs of a folder, and reads of each row's what its types say. */
export async function verdictsOf(compiler: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const output = await new Promise<string>((resolve) => {
    const args = [compiler, '-p', folder, '--pretty', 'false'];
    execFile(process.execPath, args, { maxBuffer: 2 ** 26, cwd: folder }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
  const errors = errorsByFile(output);
  const verdicts = new Map(corpus.map(({ id }) => [id, verdictOf(errors.get(id) ?? [])] as const));
  const foreign = [...errors.keys()].filter((file) => !verdicts.has(file));
  if (foreign.length > 0) throw new Error(`${foreign.join(', ')}: ${JSON.stringify([...errors.values()][0])}`);
  return verdicts;
}

/** Each error in all of its lines. */
function errorsByFile(output: string): ReadonlyMap<string, readonly string[]> {
  const errors = new Map<string, string[]>();
  for (const error of output.split(/^(?=\S)/m)) {
    if (error.trim() === '') continue;
    const file = /^(?:.*\/)?(\w+)\.ts\(\d+,\d+\): error /.exec(error)?.[1] ?? error;
    errors.set(file, [...(errors.get(file) ?? []), error]);
  }
  return errors;
}

function verdictOf(errors: readonly string[]): string {
  const asked = /error TS2322: Type '"\?"' is not assignable to type '(.*)'\.\s*$/;
  const others = errors.filter((error) => !asked.test(error));
  if (others.some((error) => toForget.test(error))) return 'refused to forget';
  if (others.length > 0) return 'refused';
  const texts = [...(asked.exec(errors[0] ?? '')?.[1] ?? 'nothing').matchAll(/"([^"]*)"/g)].map(
    ([, text]) => text ?? '',
  );
  return joined(texts);
}

/** One text of a union's: tags are sorted. */
function joined(texts: readonly string[]): string {
  const [first = 'nothing'] = texts;
  const list = (pattern: RegExp): string =>
    [...new Set(texts.map((text) => pattern.exec(text)?.[1] ?? text))].toSorted().join(' | ');
  if (first.startsWith('WRONG')) return `WRONG has ${list(/has (\w+)/)} wants ${list(/wants (\w+)/)}`;
  const verb = /^(LOST|widened by) /.exec(first)?.[1];
  return verb === undefined ? texts.join(' | ') : `${verb} ${list(/(\w+)$/)}`;
}
