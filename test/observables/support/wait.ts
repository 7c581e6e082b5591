import { firstValueFrom, type Observable, timeout } from 'rxjs';

/** How long a test waits for something that is to happen at once. */
export const SOON = 5_000;

/** The next value, or a failure that says what did not come. */
export function next<T>(source: Observable<T>, what: string, limit = SOON): Promise<T> {
  return firstValueFrom(
    source.pipe(
      timeout({
        first: limit,
        with: () => {
          throw new Error(`${what} did not come within ${limit} ms`);
        },
      }),
    ),
  );
}

/** A promise that fails by itself when it takes too long. */
export function within<T>(promise: Promise<T>, what: string, limit = SOON): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** For conditions that no event tells: looks again and again. */
export async function until(condition: () => boolean, what: string, limit = SOON): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come about within ${limit} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

/** Waits until `read()` has not changed for `quiet` ms: what a stall looks like from outside. */
export async function standstill(read: () => number, quiet = 150, limit = 15_000): Promise<number> {
  const end = performance.now() + limit;
  let value = read();
  let since = performance.now();
  // One long turn of a busy machine is no standstill.
  let looks = 0;
  while (performance.now() - since < quiet || looks < 20) {
    if (performance.now() > end) throw new Error(`it did not come to a standstill within ${limit} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    const now = read();
    looks++;
    if (now === value) continue;
    value = now;
    looks = 0;
    since = performance.now();
  }
  return value;
}

/** Every tick and every microtask that is due, and one turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** All pending `process.nextTick` callbacks, in this turn of the event loop. */
export function tick(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => process.nextTick(resolve));
  });
}

/** What a flow did: its values, and how it ended. */
export interface Seen<T> {
  readonly values: T[];
  readonly errors: unknown[];
  completed: boolean;
  /** Resolves when it has ended, whichever way. */
  readonly ended: Promise<void>;
  unsubscribe(): void;
}

/** Subscribes and writes down what happens. */
export function watch<T>(source: Observable<T>): Seen<T> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const values: T[] = [];
  const errors: unknown[] = [];
  const seen: Seen<T> = { values, errors, completed: false, ended, unsubscribe: () => subscription.unsubscribe() };
  const subscription = source.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => {
      errors.push(error);
      end();
    },
    complete: () => {
      seen.completed = true;
      end();
    },
  });
  return seen;
}

/** The one failure that a flow ended with. */
export function failureOf(seen: Seen<unknown>): { readonly _tag: string } & Error {
  if (seen.errors.length !== 1) throw new Error(`${seen.errors.length} failures, not one`);
  return seen.errors[0] as { readonly _tag: string } & Error;
}
