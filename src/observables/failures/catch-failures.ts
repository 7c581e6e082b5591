import { catchError, type Observable, type ObservableInput } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Outcome, FlowSource } from '../flow.ts';
import { type ObservableOrList, severalOf } from '../one-chunk.ts';
import { toObservable } from '../rx/from.ts';
import { catchableTag } from './has-tag.ts';
import { refuse } from './refuse.ts';
import type { Caught, TagOf, WithTagsWithin } from './tags.ts';

/** A handler for each of some of the failures `E`, under its tag. */
export type Handlers<E> = { readonly [T in TagOf<E>]?: (failure: Caught<E, T>) => ObservableOrList };

/** What a handler returns. */
type ReturnOf<F> = F extends ((failure: never) => infer I extends ObservableInput<unknown>) ? I : never;

/** What the handlers go on with. */
type Next<H> = EmittedBy<ReturnOf<H[keyof H]>>;

/**
 * Handles several failures, each by its tag: goes on with the flow that the handler returns, and
 * removes the failures from the type. Anything else passes, defects included. Failures of your own
 * are caught as well. A tag that the flow can't fail with does not compile.
 *
 * Adds the failures of the handlers' flows; what a handler throws is a defect. Completes when the
 * flow has, or the handler's. (For a group of failures, and in a function over a flow of any
 * failures, see `catchFailure`.)
 *
 * @param handlers a handler under each tag; it gets the failure, and returns what to go on with.
 *
 * @example
 * ```ts
 * import { catchFailures, ConnectionReset, type Flow, type IdleTimeout } from 'rxjs-net';
 * import { defer, EMPTY, of } from 'rxjs-net/rx';
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
export function catchFailures<A, E, H extends Handlers<E> = {}>(
  // Where a key is no tag of the flow's, it is compared with the handlers that there may be: so the
  // compiler names the key.
  handlers: Handlers<E> & (keyof H extends TagOf<E> ? H : Handlers<E>),
): (
  source: FlowSource<A, E>,
) => Observable<A | Next<H>> & Outcome<FailureOf<ReturnOf<H[keyof H]>>, WithTagsWithin<E, keyof H>> {
  for (const [tag, handler] of Object.entries<unknown>(handlers)) {
    if (handler !== undefined && typeof handler !== 'function') return refuse(tag, handler, 'a function');
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under a tag stands the handler of its failure
  const byTag = handlers as Readonly<Record<string, ((failure: unknown) => ObservableInput<unknown>) | undefined>>;
  return catchError((error: unknown) => {
    const tag = catchableTag(error);
    const handler = tag !== undefined && Object.hasOwn(byTag, tag) ? byTag[tag] : undefined;
    if (handler === undefined) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what that handler returned
    return toObservable(severalOf(handler(error), 'a handler of catchFailures')) as Observable<Next<H>>;
  });
}
