import { catchError } from 'rxjs';

import type { Everything, Op } from '../flow.ts';
import { isTagged } from '../internal/tagged.ts';
import { Defect } from './defect.ts';

/**
 * Declares that the failures that are left are not expected: removes all of them from the type, and
 * turns one that comes all the same into a {@link Defect}, which nothing further down catches by a
 * tag. An error that is a defect already, such as an exception out of a function of yours, passes
 * as it is.
 *
 * Adds no failures. Completes when the flow does.
 *
 * @example
 * ```ts
 * import { ConnectionReset, type Flow, orDie, runFlow } from 'rxjs-net';
 * import { defer } from 'rxjs-net/rx';
 *
 * const flow: Flow<string, ConnectionReset> = defer(() => {
 *   throw new ConnectionReset();
 * });
 *
 * runFlow(flow.pipe(orDie())).catch((defect) => console.log(defect.cause._tag)); // => ConnectionReset
 * ```
 */
export function orDie<A>(): Op<A, A, never, Everything> {
  return catchError((error: unknown) => {
    throw isTagged(error) && error._tag !== 'Defect' ? new Defect(error) : error;
  });
}
