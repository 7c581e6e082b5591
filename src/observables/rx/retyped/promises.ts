import * as rxjs from 'rxjs';

import type { NothingLeft } from '../../failures/nothing-left.ts';

/** One signature, so that the compiler names what is left of a flow that is refused. */
interface PromiseOf {
  <A, D = never, E = never>(source: NothingLeft<A, E>, config?: { defaultValue: D }): Promise<A | D>;
}

/**
 * RxJS's `firstValueFrom`, for a flow with no failure left: a promise has no type for what it is
 * rejected with. Handle the failures before, see `catchFailure` and `orDie`.
 */
export const firstValueFrom: PromiseOf = rxjs.firstValueFrom;

/**
 * RxJS's `lastValueFrom`, for a flow with no failure left: a promise has no type for what it is
 * rejected with. Handle the failures before, see `catchFailure` and `orDie`; `runFlow` takes a flow
 * without a value, too.
 */
export const lastValueFrom: PromiseOf = rxjs.lastValueFrom;
