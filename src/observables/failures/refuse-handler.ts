import { type MonoTypeOperatorFunction, throwError } from 'rxjs';

import { InvalidOptions } from '../../core/failures/index.ts';

/** An operator that fails on subscription, in place of one whose handler is no function. */
export function refuseHandler<A>(option: string, value: unknown): MonoTypeOperatorFunction<A> {
  return () => throwError(() => new InvalidOptions({ option, value, allowed: 'a function' }));
}
