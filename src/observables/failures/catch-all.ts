import { catchError, type ObservableInput, type ObservedValueOf } from 'rxjs';

import type { NetFailure } from '../../core/failures/index.ts';
import type { Everything, FailureOf, Op } from '../flow.ts';
import type { Tagged } from './catch-failure.ts';
import { catchableTag } from './has-tag.ts';
import { refuseHandler } from './refuse-handler.ts';
import { toObservable } from '../rx/from.ts';

/**
 * Handles every failure that is left, of the network or of your own: goes on with the flow that `handler` returns, and
 * removes all of them from the type. Defects pass as they are: an exception out of a function of yours, and what `orDie` made.
 *
 * Adds the failures of the handler's flow; what the handler throws is a defect. Completes when the flow has, or the
 * handler's.
 *
 * @param handler gets a failure of the network, which is told apart by its `_tag`, or a tagged one of your own.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { catchAll, type ConnectFailure, ConnectionRefused, type Flow } from 'rxjs-net';
 * import { defer } from 'rxjs-net/rx';
 *
 * const dialled: Flow<string, ConnectFailure> = defer(() => {
 *   throw new ConnectionRefused({ address: '127.0.0.1', port: 9 });
 * });
 *
 * dialled.pipe(catchAll((failure) => of(`no luck: ${failure._tag}`))).subscribe((text) => console.log(text));
 * // => no luck: ConnectionRefused
 * ```
 */
export function catchAll<A, I extends ObservableInput<unknown>>(
  handler: (failure: NetFailure | Tagged) => I,
): Op<A, A | ObservedValueOf<I>, FailureOf<I>, Everything>;
export function catchAll<A>(
  handler: (failure: never) => ObservableInput<unknown>,
): Op<A, unknown, unknown, Everything> {
  if (typeof handler !== 'function') return refuseHandler('handler', handler);
  return catchError((error: unknown) => {
    if (catchableTag(error) === undefined) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has a tag
    return toObservable(handler(error as never));
  });
}
