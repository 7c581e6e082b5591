import { type Observable, throwError } from 'rxjs';

import { InvalidOptions } from '../../core/failures/index.ts';

/**
 * An operator that fails on subscription, in place of one that was given something else than is
 * allowed.
 */
export function refuse(option: string, value: unknown, allowed: string): () => Observable<never> {
  return () => throwError(() => new InvalidOptions({ option, value, allowed }));
}
