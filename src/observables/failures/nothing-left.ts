import type { Observable } from 'rxjs';

import type { Flow } from '../flow.ts';

/**
 * A flow with no failure left to handle: what can be run, or awaited. In place of one that has some
 * left it is {@link Unhandled}, so that the compiler names all that is left and says what to do.
 */
export type NothingLeft<A, E> = [E] extends [never] ? Flow<A, E> : Unhandled<E>;

/** What no flow is. The name of its property is what the compiler says. */
export interface Unhandled<E> extends Observable<unknown> {
  readonly 'failures are left: handle them with catchFailure, catchFailures or catchAll, or add orDie()': E;
}
