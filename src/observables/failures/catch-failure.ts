import { catchError, type ObservableInput, type ObservedValueOf } from 'rxjs';

import type { FailureByTag, FailureTag } from '../../core/failures/index.ts';
import type { FailureOf, Op } from '../flow.ts';
import { toObservable } from '../rx/from.ts';
import { catchableTag } from './has-tag.ts';
import { refuseHandler } from './refuse-handler.ts';

/** A failure of your own: an error with a literal `_tag`. */
export interface Tagged {
  readonly _tag: string;
}

/** The tag of `F`; of a class that has no literal one there is none. */
export type TagOf<F extends Tagged> = string extends F['_tag'] ? never : F['_tag'];

/**
 * Handles one failure, told by its tag: goes on with the flow that `handler` returns, and removes the failure from the
 * type. Anything else passes, defects included.
 *
 * A tag that the flow can't fail with does not compile. A failure of your own is caught as well: it is any class with
 * a literal `_tag`, named by the type of the handler's parameter.
 *
 * Adds the failures of the handler's flow; what the handler throws is a defect. Completes when the flow has, or the
 * handler's.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { catchFailure, type ConnectFailure, ConnectionRefused, type Flow } from 'rxjs-net';
 * import { defer } from 'rxjs-net/rx';
 *
 * const dialled: Flow<string, ConnectFailure> = defer(() => {
 *   throw new ConnectionRefused({ address: '127.0.0.1', port: 9 });
 * });
 *
 * dialled
 *   .pipe(catchFailure('ConnectionRefused', (failure) => of(`nobody listens on port ${failure.port}`)))
 *   .subscribe((text) => console.log(text)); // => nobody listens on port 9
 * ```
 */
export function catchFailure<A, T extends FailureTag, I extends ObservableInput<unknown>>(
  tag: T,
  handler: (failure: FailureByTag[T]) => I,
): Op<A, A | ObservedValueOf<I>, FailureOf<I>, FailureByTag[T]>;
export function catchFailure<A, F extends Tagged, I extends ObservableInput<unknown>>(
  tag: TagOf<F>,
  handler: (failure: F) => I,
): Op<A, A | ObservedValueOf<I>, FailureOf<I>, F>;
export function catchFailure<A>(
  tag: string,
  handler: (failure: unknown) => ObservableInput<unknown>,
): Op<A, unknown, unknown, unknown> {
  if (typeof handler !== 'function') return refuseHandler('handler', handler);
  return catchError((error: unknown) => {
    if (catchableTag(error) !== tag) throw error;
    return toObservable(handler(error));
  });
}
