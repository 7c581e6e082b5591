import { catchError, type ObservableInput, type ObservedValueOf } from 'rxjs';

import type { FailureByTag, FailureTag } from '../../core/failures/index.ts';
import type { FailureOf, Op } from '../flow.ts';
import { toObservable } from '../rx/from.ts';
import { catchableTag } from './has-tag.ts';
import { refuseHandler } from './refuse-handler.ts';

/** A handler for each of some tags. */
type Handlers = { readonly [T in FailureTag]?: (failure: FailureByTag[T]) => ObservableInput<unknown> };

/** What a handler returns. */
type ReturnOf<F> = F extends (failure: never) => infer I ? I : never;

/**
 * Handles several failures, each by its tag: goes on with the flow that the handler returns, and removes the failures
 * from the type. Anything else passes, defects included. A tag that the flow can't fail with does not compile.
 *
 * Adds the failures of the handlers' flows; what a handler throws is a defect. Completes when the flow has, or the
 * handler's. (For a failure of your own see `catchFailure`.)
 *
 * @example
 * ```ts
 * import { EMPTY, of } from 'rxjs';
 * import { catchFailures, ConnectionReset, type Flow, type IdleTimeout } from 'rxjs-net';
 * import { defer } from 'rxjs-net/rx';
 *
 * const text: Flow<string, ConnectionReset | IdleTimeout> = defer(() => {
 *   throw new ConnectionReset();
 * });
 *
 * text
 *   .pipe(
 *     catchFailures({
 *       IdleTimeout: () => EMPTY,
 *       ConnectionReset: () => of('the peer hung up'),
 *     }),
 *   )
 *   .subscribe((line) => console.log(line)); // => the peer hung up
 * ```
 */
export function catchFailures<A, H extends Handlers>(
  handlers: H & Readonly<Record<Exclude<keyof H, FailureTag>, never>>,
): Op<
  A,
  A | ObservedValueOf<ReturnOf<H[keyof H]>>,
  FailureOf<ReturnOf<H[keyof H]>>,
  FailureByTag[keyof H & FailureTag]
>;
export function catchFailures<A>(
  handlers: Readonly<Record<string, (failure: unknown) => ObservableInput<unknown>>>,
): Op<A, unknown, unknown, unknown> {
  for (const [tag, handler] of Object.entries<unknown>(handlers)) {
    if (handler !== undefined && typeof handler !== 'function') return refuseHandler(tag, handler);
  }
  return catchError((error: unknown) => {
    const tag = catchableTag(error);
    const handler = tag !== undefined && Object.hasOwn(handlers, tag) ? handlers[tag] : undefined;
    if (handler === undefined) throw error;
    return toObservable(handler(error));
  });
}
