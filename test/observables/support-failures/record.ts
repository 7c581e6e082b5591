import type { Observable, Subscription } from 'rxjs';
import { onTestFinished } from 'vitest';

import { until } from './wait.ts';

/** How a flow ended. */
export type Ending = { readonly kind: 'complete' } | { readonly kind: 'error'; readonly error: unknown };

/** What one subscription got to see. */
export class Recording<T> {
  readonly values: T[] = [];
  ending: Ending | undefined = undefined;
  private readonly subscription: Subscription;

  constructor(flow: Observable<T>) {
    this.subscription = flow.subscribe({
      next: (value) => this.values.push(value),
      error: (error: unknown) => {
        this.ending = { kind: 'error', error };
      },
      complete: () => {
        this.ending = { kind: 'complete' };
      },
    });
  }

  unsubscribe(): void {
    this.subscription.unsubscribe();
  }

  /** Waits for so many values. */
  async count(count: number): Promise<readonly T[]> {
    await until(
      () => this.values.length >= count,
      () => `${count} values; there are ${this.show()}`,
    );
    return this.values;
  }

  /** Waits for a value that `matches`. */
  async find<S extends T>(matches: (value: T) => value is S): Promise<S> {
    await until(
      () => this.values.some(matches),
      () => `a certain value among ${this.show()}`,
    );
    return this.values.find(matches) as S;
  }

  /** Waits for the end. */
  async end(): Promise<Ending> {
    await until(
      () => this.ending !== undefined,
      () => `the end after ${this.show()}`,
    );
    return this.ending as Ending;
  }

  /** Waits for the failure. */
  async failure(): Promise<unknown> {
    const ending = await this.end();
    if (ending.kind === 'error') return ending.error;
    throw new Error(`it completed instead of failing, after ${this.show()}`);
  }

  /** Waits for the completion. */
  async completion(): Promise<readonly T[]> {
    const ending = await this.end();
    if (ending.kind === 'complete') return this.values;
    throw new Error(`it failed instead of completing, after ${this.show()}`, { cause: ending.error });
  }

  private show(): string {
    const shown = this.values.map((value) =>
      typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : String(value),
    );
    const end =
      this.ending === undefined
        ? ''
        : this.ending.kind === 'complete'
          ? ', completed'
          : `, failed: ${String(this.ending.error)}`;
    return `[${shown.join(', ')}]${end}`;
  }
}

/** Subscribes and notes what comes; unsubscribes when the test is over. */
export function record<T>(flow: Observable<T>): Recording<T> {
  const recording = new Recording(flow);
  onTestFinished(() => recording.unsubscribe());
  return recording;
}

/** The tag of a failure; for what has none, what it is. */
export function tagOf(error: unknown): string {
  return typeof error === 'object' && error !== null && '_tag' in error ? String(error._tag) : String(error);
}
