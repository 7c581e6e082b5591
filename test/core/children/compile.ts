import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Inside the package, whose files are ES modules.
const folder = join(root, '.cache', `children-${process.pid}`);

/** Compiles the programs of `programs/`, with the sources under test, and gives what removes them again. */
export async function compilePrograms(): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const programs = fileURLToPath(new URL('programs', import.meta.url));
  const compilerOptions = {
    noEmit: false,
    rootDir: root,
    outDir: folder,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
  };
  const project = join(folder, 'tsconfig.json');
  const files = readdirSync(programs).map((name) => join(programs, name));
  writeFileSync(project, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }));
  await new Promise<void>((resolve, reject) => {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    execFile(process.execPath, [compiler, '-p', project], (error, stdout) => {
      if (error === null) resolve();
      else reject(new Error(stdout, { cause: error }));
    });
  });
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A program that runs, and what it says: one JSON value per line. */
export class Program {
  readonly child: ChildProcess;
  private readonly said: unknown[] = [];
  private wake: () => void = () => {};
  private errors = '';
  private exit: number | string | undefined = undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    if (child.stdout !== null)
      createInterface(child.stdout).on('line', (line) => {
        this.said.push(JSON.parse(line));
        this.wake();
      });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    child.once('close', (code, signal) => {
      this.exit = code ?? signal ?? 'gone';
      this.wake();
    });
  }

  /** The next thing that it says. */
  async next(): Promise<unknown> {
    while (this.said.length === 0) {
      if (this.exit !== undefined) throw new Error(`the program ended (${this.exit}): ${this.errors}`);
      await this.change();
    }
    return this.said.shift();
  }

  /** Goes on with the program: it waits for a line. */
  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Its end, by itself: nothing of it is open any more. */
  async ended(): Promise<unknown> {
    this.child.stdin?.end();
    while (this.exit === undefined) await this.change();
    return this.errors === '' ? this.exit : this.errors;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

interface RunOptions {
  /** The most descriptors that it may have. */
  readonly descriptors?: number;
  /** What it inherits as descriptor 3. */
  readonly third?: StdioOptions extends string | (infer Each)[] ? Each : never;
  readonly args?: readonly string[];
}

/** Runs one of the programs. */
export function run(name: string, { descriptors, third, args = [] }: RunOptions = {}): Program {
  const command = [process.execPath, join(folder, 'test/core/children/programs', `${name}.js`), ...args];
  const limited =
    descriptors === undefined ? command : ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', ...command];
  const [file = '', ...rest] = limited;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const stdio = ['pipe', 'pipe', 'pipe', ...(third === undefined ? [] : [third])];
  return new Program(spawn(file, rest, { stdio: stdio as StdioOptions, env }));
}
