import { catchError, type Observable } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { Everything, FailureOf, Outcome, FlowSource } from '../flow.ts';
import { type ObservableOrList, severalOf } from '../one-chunk.ts';
import { toObservable } from '../rx/from.ts';
import { catchableTag } from './has-tag.ts';
import { refuse } from './refuse.ts';
import type { AnyCaught } from './tags.ts';

/**
 * Handles every failure that is left, of the network or of your own: goes on with the flow that
 * `handler` returns, and removes all of them from the type. Defects pass as they are: an exception
 * out of a function of yours, and what `orDie` made.
 *
 * The handler gets exactly what the flow can fail with: a `switch` over the `_tag` is complete when
 * its `default` is `never`.
 *
 * Adds the failures of the handler's flow; what the handler throws is a defect. Completes when the
 * flow has, or the handler's.
 *
 * @param handler gets the failure; returns what to go on with.
 *
 * @example
 * ```ts
 * import { catchAll, ConnectionReset, type Flow, type IdleTimeout } from 'rxjs-net';
 * import { defer, of } from 'rxjs-net/rx';
 *
 * const text: Flow<string, ConnectionReset | IdleTimeout> = defer(() => {
 *   throw new ConnectionReset({ address: '127.0.0.1', port: 9 });
 * });
 *
 * text
 *   .pipe(
 *     catchAll((failure) => {
 *       switch (failure._tag) {
 *         case 'IdleTimeout':
 *           return of(`silent for ${failure.limit} ms`);
 *         case 'ConnectionReset':
 *           return of(`port ${failure.port} hung up`);
 *       }
 *     }),
 *   )
 *   .subscribe((line) => console.log(line)); // => port 9 hung up
 * ```
 */
export function catchAll<A, E, I extends ObservableOrList>(
  handler: (failure: AnyCaught<E>) => I,
): (source: FlowSource<A, E>) => Observable<A | EmittedBy<I>> & Outcome<FailureOf<I>, Everything> {
  if (typeof handler !== 'function') return refuse('handler', handler, 'a function');
  return catchError((error: unknown) => {
    if (catchableTag(error) === undefined) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has a tag
    return toObservable(severalOf(handler(error as AnyCaught<E>), 'a handler of catchAll')) as Observable<EmittedBy<I>>;
  });
}
