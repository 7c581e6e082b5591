import { type Either, left } from 'fp-ts/lib/Either.js';

import { isTagged } from '../observables/internal/tagged.ts';

/** Who is told how an effect ends. */
export interface Settling<E, A> {
  readonly resolve: (either: Either<E, A>) => void;
  readonly reject: (defect: unknown) => void;
}

/**
 * What came by the error channel of a flow, or out of a framing: a failure that its type names, or a defect. Tagged errors are
 * the `E` of a flow, which is its own promise.
 */
export function settleError<E, A>({ resolve, reject }: Settling<E, A>, error: unknown): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Flow's promise
  if (isTagged(error) && error._tag !== 'Defect') resolve(left(error as E));
  else reject(error);
}
