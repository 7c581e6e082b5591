import * as rxjs from 'rxjs';

import type { Flow } from '../../flow.ts';

/**
 * RxJS's `firstValueFrom`, for a flow with no failure left: a promise has no type for what it is rejected with. Handle the
 * failures before, see `catchFailure` and `orDie`.
 */
export const firstValueFrom: {
  <A, D>(source: Flow<A>, config: { defaultValue: D }): Promise<A | D>;
  <A>(source: Flow<A>): Promise<A>;
} = rxjs.firstValueFrom;

/**
 * RxJS's `lastValueFrom`, for a flow with no failure left: a promise has no type for what it is rejected with. Handle the
 * failures before, see `catchFailure` and `orDie`; `runFlow` takes a flow without a value, too.
 */
export const lastValueFrom: {
  <A, D>(source: Flow<A>, config: { defaultValue: D }): Promise<A | D>;
  <A>(source: Flow<A>): Promise<A>;
} = rxjs.lastValueFrom;
