import { Observable, type ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { toObservable } from './from.ts';

/**
 * RxJS's `defer`, with the failures of the flow in the type: makes the flow anew for each
 * subscriber.
 *
 * Its failures are those of the flow; what the factory throws is a defect. Completes when the flow
 * does.
 *
 * @example
 * ```ts
 * import { defer, of } from 'rxjs-net/rx';
 *
 * let subscribers = 0;
 * const numbered = defer(() => of(++subscribers));
 *
 * numbered.subscribe((n) => console.log(n)); // => 1
 * numbered.subscribe((n) => console.log(n)); // => 2
 * ```
 */
export function defer<I extends ObservableInput<unknown>>(factory: () => I): Flow<EmittedBy<I>, FailureOf<I>>;
export function defer(factory: () => ObservableInput<unknown>): Flow<unknown, unknown> {
  return new Observable((subscriber) => {
    toObservable(factory()).subscribe(subscriber);
  });
}
