import type { ObservableInput } from 'rxjs';

import { isObservableInput } from '../internal/observable-input.ts';
import type { Inputs } from './inputs.ts';
import type { PacedOptions } from './limits.ts';

/** What makes one value of the values of all inputs. */
export type Combine = (...values: unknown[]) => unknown;

/** What a combining function may be called with, by its overloads. */
export type Argument = ObservableInput<unknown> | Inputs | Combine | PacedOptions | undefined;

export interface Arguments {
  readonly inputs: Inputs;
  readonly project: Combine | undefined;
  readonly options: PacedOptions | undefined;
}

/** Reads `(a, b, …)`, `(a, b, …, project)`, `([a, b, …], options)` or `([a, b, …], project, options)`. */
export function readArguments(given: readonly Argument[]): Arguments {
  const [first, ...rest] = given;
  // `([1, 2], [3, 4])` are two inputs.
  const listed = Array.isArray(first) && !rest.some(isObservableInput);
  const after = listed ? rest : given.slice(-1);
  const project = after.find((each) => typeof each === 'function');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- after a list nothing else is left, by the overloads
  const options = listed ? (after.find((each) => typeof each === 'object') as PacedOptions | undefined) : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same: all others are inputs
  const inputs = (listed ? first : project === undefined ? given : given.slice(0, -1)) as Inputs;
  return { inputs, project, options };
}
