import { combineLatest as rxCombineLatest, map, Observable, type SchedulerLike, type Subscriber } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Flow } from '../flow.ts';
import {
  type Combine,
  type InputsByName,
  inputsByName,
  inputsOf,
  popCombine,
  popScheduler,
} from '../pacing/arguments.ts';
import type { Inputs, ValuesOf } from '../pacing/inputs.ts';
import { type InputHandler, InputReceiver } from '../pacing/receiver.ts';
import { unsubscribeAll } from '../pacing/release-all.ts';
import { toObservable } from './from.ts';

/**
 * RxJS's `combineLatest`, with the failures of all flows in the type: whenever one emits, emits the
 * latest values of all, once each has one. Takes an array or an object, and gives back the same
 * shape.
 *
 * A consumer that can't keep up holds the one whose value it was.
 *
 * Its failures are those of the flows. Completes when all have.
 *
 * @example
 * ```ts
 * import { combineLatest, of } from 'rxjs-net/rx';
 *
 * combineLatest([of('a'), of(1, 2)]).subscribe((latest) => console.log(latest.join())); // => a,1
 * // => a,2
 * ```
 */
export function combineLatest(inputs: readonly []): Flow<never>;
export function combineLatest<I extends Inputs>(inputs: readonly [...I]): Flow<ValuesOf<I>, FailureOf<I[number]>>;
export function combineLatest<I extends Inputs, B>(
  inputs: readonly [...I],
  project: (...values: ValuesOf<I>) => B,
): Flow<B, FailureOf<I[number]>>;
export function combineLatest<I extends InputsByName>(
  inputs: I,
): Flow<{ -readonly [K in keyof I]: EmittedBy<I[K]> }, FailureOf<I[keyof I]>>;
/**
 * @deprecated RxJS deprecates arguments one by one, and a scheduler: pass a list, and use
 * `subscribeOn` or `observeOn`.
 */
export function combineLatest<I extends Inputs>(...inputs: I): Flow<ValuesOf<I>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates arguments one by one: pass a list. */
export function combineLatest<I extends Inputs, B>(
  ...inputsAndProject: [...I, (...values: ValuesOf<I>) => B]
): Flow<B, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `subscribeOn` or `observeOn`. */
export function combineLatest<I extends Inputs>(
  inputs: readonly [...I],
  scheduler: SchedulerLike,
): Flow<ValuesOf<I>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `subscribeOn` or `observeOn`. */
export function combineLatest<I extends Inputs, B>(
  inputs: readonly [...I],
  project: (...values: ValuesOf<I>) => B,
  scheduler: SchedulerLike,
): Flow<B, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `subscribeOn` or `observeOn`. */
export function combineLatest<I extends Inputs>(
  ...inputsAndScheduler: [...I, SchedulerLike]
): Flow<ValuesOf<I>, FailureOf<I[number]>>;
/** @deprecated RxJS deprecates the scheduler: use `subscribeOn` or `observeOn`. */
export function combineLatest<I extends Inputs, B>(
  ...inputsAndProjectAndScheduler: [...I, (...values: ValuesOf<I>) => B, SchedulerLike]
): Flow<B, FailureOf<I[number]>>;
export function combineLatest(...given: unknown[]): Flow<unknown, unknown> {
  const scheduler = popScheduler(given);
  const project = popCombine(given);
  const byName = inputsByName(given);
  const inputs = byName === undefined ? inputsOf(given) : Object.values(byName);
  const make = making(byName === undefined ? undefined : Object.keys(byName), project);
  if (scheduler !== undefined) return rxCombineLatest(inputs, scheduler).pipe(map(make));
  if (inputs.length === 0) return toObservable(inputs);
  return new Observable((subscriber) => {
    const combining = new Combining(subscriber, inputs, make);
    subscriber.add(combining);
    combining.start();
  });
}

/** What makes one value of the latest of all inputs. */
function making(names: readonly string[] | undefined, project: Combine | undefined): (values: unknown[]) => unknown {
  if (names !== undefined) {
    const named = (values: unknown[]): unknown => Object.fromEntries(names.map((name, index) => [name, values[index]]));
    return project === undefined ? named : (values) => project(named(values));
  }
  return project === undefined ? (values) => values : (values) => project(...values);
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
    // As in RxJS, one that fails at once doesn't keep the others from being subscribed to.
    for (const receiver of this.receivers) toObservable(this.inputs[receiver.index]).subscribe(receiver);
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
