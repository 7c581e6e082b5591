import { map, type ObservableInput, type SchedulerLike } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import { isObservableInput } from '../internal/observable-input.ts';
import { toObservable } from '../rx/from.ts';
import type { Project } from './flattening.ts';
import type { Inputs } from './inputs.ts';
import type { PacedOptions } from './limits.ts';

// RxJS reads what its combining functions are given from the last argument to the first; so does
// this.

/** What makes one value of the values of all inputs. */
export type Combine = (...values: unknown[]) => unknown;

/** Inputs by name. */
export type InputsByName = Readonly<Record<string, ObservableInput<unknown>>>;

/** Removes a scheduler from the end of `given`, and returns it. */
export function popScheduler(given: unknown[]): SchedulerLike | undefined {
  const last = given.at(-1);
  if (!isScheduler(last)) return undefined;
  given.pop();
  return last;
}

function isScheduler(value: unknown): value is SchedulerLike {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  return value !== null && 'schedule' in value && typeof value.schedule === 'function';
}

/** Removes a number from the end of `given`, and returns it. */
export function popNumber(given: unknown[], orElse: number): number {
  const last = given.at(-1);
  if (typeof last !== 'number') return orElse;
  given.pop();
  return last;
}

/** Removes a function from the end of `given`, and returns it. */
export function popCombine(given: unknown[]): Combine | undefined {
  const last = given.at(-1);
  if (typeof last !== 'function') return undefined;
  given.pop();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the overloads
  return last as Combine;
}

/**
 * Removes options of this library from the end of `given`, where they follow a list, and returns
 * them.
 */
export function popOptions(given: unknown[]): PacedOptions | undefined {
  const last = given.at(-1);
  if (given.length < 2 || !Array.isArray(given[0])) return undefined;
  if (last === undefined) {
    given.pop();
    return undefined;
  }
  if (typeof last !== 'object' || last === null || isObservableInput(last) || 'length' in last) return undefined;
  given.pop();
  return last;
}

/**
 * The inputs of `(a, b, …)` or of `([a, b, …])`. What is no input of an Observable is refused at
 * its subscription.
 */
export function inputsOf(given: readonly unknown[]): Inputs {
  const [first] = given;
  return asInputs(given.length === 1 && Array.isArray(first) ? first : given);
}

/** The inputs of `(a, b, …)`. */
export function asInputs(given: readonly unknown[]): Inputs {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the overloads
  return given as Inputs;
}

/** The object of `({ a, b })`, and undefined for other arguments. */
export function inputsByName(given: readonly unknown[]): InputsByName | undefined {
  const [first] = given;
  if (given.length !== 1 || typeof first !== 'object' || first === null) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the overloads
  return Object.getPrototypeOf(first) === Object.prototype ? (first as InputsByName) : undefined;
}

/** Reads `(project, options)`, and the deprecated `(project, resultSelector, options)`. */
export function readFlattening<A>(
  project: Project<A>,
  optionsOrSelect: unknown,
  last: unknown,
): { readonly project: Project<A>; readonly options: unknown } {
  if (typeof optionsOrSelect !== 'function') return { project, options: optionsOrSelect ?? last ?? undefined };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the overloads
  return { project: selecting(project, optionsOrSelect as Select<A>), options: last ?? undefined };
}

/** What makes one value of an item and of a value of its inner, each with its index. */
export type ResultSelector<A, I extends ObservableInput<unknown>, B> = (
  value: A,
  inner: EmittedBy<I>,
  index: number,
  innerIndex: number,
) => B;

type Select<A> = ResultSelector<A, ObservableInput<unknown>, unknown>;

function selecting<A>(project: Project<A>, select: Select<A>): Project<A> {
  return (value, index) =>
    toObservable(project(value, index)).pipe(map((inner, innerIndex) => select(value, inner, index, innerIndex)));
}
