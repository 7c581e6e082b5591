import { Observable, type ObservableInput, type ObservedValueOf, type Subscriber } from 'rxjs';

import type { FailureOf, Flow } from '../flow.ts';
import type { Combine } from '../pacing/arguments.ts';
import type { Inputs, ValuesOf } from '../pacing/inputs.ts';
import { subscribeTo } from '../pacing/joining.ts';
import { type InputHandler, InputReceiver } from '../pacing/receiver.ts';
import { unsubscribeAll } from '../pacing/release-all.ts';

/** Inputs by name. */
type InputsByName = Readonly<Record<string, ObservableInput<unknown>>>;

/**
 * RxJS's `combineLatest`, with the failures of all flows in the type: whenever one emits, emits the latest values of all,
 * once each has one. Takes an array or an object, and gives back the same shape.
 *
 * A consumer that can't keep up holds the one whose value it was.
 *
 * Its failures are those of the flows. Completes when all have.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { combineLatest } from 'rxjs-net/rx';
 *
 * combineLatest([of('a'), of(1, 2)]).subscribe((latest) => console.log(latest.join())); // => a,1
 * // => a,2
 * ```
 */
export function combineLatest<I extends Inputs>(inputs: readonly [...I]): Flow<ValuesOf<I>, FailureOf<I[number]>>;
export function combineLatest<I extends Inputs, B>(
  inputs: readonly [...I],
  project: (...values: ValuesOf<I>) => B,
): Flow<B, FailureOf<I[number]>>;
export function combineLatest<I extends InputsByName>(
  inputs: I,
): Flow<{ -readonly [K in keyof I]: ObservedValueOf<I[K]> }, FailureOf<I[keyof I]>>;
export function combineLatest(given: Inputs | InputsByName, project?: Combine): Flow<unknown, unknown> {
  return new Observable((subscriber) => {
    const combining = isList(given)
      ? new Combining(subscriber, given, project === undefined ? (values) => values : (values) => project(...values))
      : new Combining(subscriber, Object.values(given), byName(Object.keys(given)));
    subscriber.add(combining);
    combining.start();
  });
}

function isList(given: Inputs | InputsByName): given is Inputs {
  return Array.isArray(given);
}

function byName(keys: readonly string[]): (values: unknown[]) => unknown {
  return (values) => Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

class Combining implements InputHandler<unknown> {
  private readonly subscriber: Subscriber<unknown>;
  private readonly inputs: Inputs;
  private readonly make: (values: unknown[]) => unknown;
  private readonly receivers: InputReceiver<unknown>[];
  private readonly values: unknown[];
  private readonly has: boolean[];
  private missing: number;
  private active: number;

  constructor(subscriber: Subscriber<unknown>, inputs: Inputs, make: (values: unknown[]) => unknown) {
    this.subscriber = subscriber;
    this.inputs = inputs;
    this.make = make;
    this.receivers = inputs.map((_, index) => new InputReceiver(this, index));
    this.values = inputs.map(() => undefined);
    this.has = inputs.map(() => false);
    this.missing = inputs.length;
    this.active = inputs.length;
  }

  start(): void {
    if (this.active === 0) this.subscriber.complete();
    for (const [index, input] of this.inputs.entries()) {
      const receiver = this.receivers[index];
      if (this.subscriber.closed || receiver === undefined) return;
      subscribeTo(input, receiver);
    }
  }

  inputNext(value: unknown, { index }: InputReceiver<unknown>): void {
    this.values[index] = value;
    if (this.has[index] !== true) {
      this.has[index] = true;
      this.missing--;
    }
    if (this.missing > 0) return;
    let made: unknown;
    try {
      made = this.make(this.values.slice());
    } catch (error) {
      this.subscriber.error(error);
      return;
    }
    this.subscriber.next(made);
  }

  inputError(error: unknown): void {
    this.subscriber.error(error);
  }

  inputComplete(): void {
    this.active--;
    if (this.active === 0) this.subscriber.complete();
  }

  unsubscribe(): void {
    unsubscribeAll(this.receivers);
  }
}
