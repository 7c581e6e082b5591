import { onTestFinished } from 'vitest';

/** What a function of the program throws in these tests. Each one is told apart. */
export class Boom extends Error {
  override readonly name = 'Boom';
}

let places = 0;

/** Throws, and keeps what was thrown. */
export class Bomb {
  readonly thrown: Boom[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  readonly go = (): never => {
    const boom = new Boom(`${this.name} ${this.thrown.length + 1}`);
    // A place of its own: the process is warned once per place.
    boom.stack = `${String(boom)}\n    at go (/bombs/${++places}.ts:1:1)`;
    this.thrown.push(boom);
    throw boom;
  };
}

/** What the process was told while a test ran: by warnings, and by exceptions that nothing took. */
export class ProcessWatch {
  readonly warnings: unknown[] = [];
  readonly uncaught: unknown[] = [];
}

export function watchProcess(): ProcessWatch {
  const watch = new ProcessWatch();
  const onWarning = (warning: Error): void => void (warning.name === 'Defect' && watch.warnings.push(warning));
  const onUncaught = (error: unknown): void => void watch.uncaught.push(error);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const others = events.map((event) => [event, process.listeners(event as 'uncaughtException')] as const);
  for (const event of events) {
    process.removeAllListeners(event);
    process.on(event, onUncaught);
  }
  process.on('warning', onWarning);
  onTestFinished(() => {
    process.off('warning', onWarning);
    for (const [event, listeners] of others) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  });
  return watch;
}

/** How often an exception is in what was reported, wherever it is inside of it. */
export function countOf(boom: Boom, report: unknown): number {
  if (report === boom) return 1;
  if (!(report instanceof Error)) return 0;
  const inner: unknown[] = [report.cause];
  for (const name of ['errors', 'suppressed']) {
    const list: unknown = Reflect.get(report, name);
    if (Array.isArray(list)) inner.push(...(list as unknown[]));
  }
  return inner.reduce<number>((sum, each) => sum + countOf(boom, each), 0);
}

/** What was thrown and not reported exactly once. */
export function misreported(bomb: Bomb, reports: readonly unknown[]): string[] {
  return bomb.thrown.flatMap((boom) => {
    const count = reports.reduce<number>((sum, report) => sum + countOf(boom, report), 0);
    return count === 1 ? [] : [`${boom.message}: reported ${count} times`];
  });
}
