import * as rxjs from 'rxjs';

import type { Flow } from '../flow.ts';

/** RxJS's `EMPTY`. */
export const EMPTY: Flow<never> = rxjs.EMPTY;

/** RxJS's `NEVER`. */
export const NEVER: Flow<never> = rxjs.NEVER;

/** RxJS's `of`. */
export const of: <A extends readonly unknown[]>(...values: A) => Flow<A[number]> = rxjs.of;

/** RxJS's `timer`. */
export const timer: (
  due: number | Date,
  ...intervalOrScheduler: readonly (number | rxjs.SchedulerLike)[]
) => Flow<number> = rxjs.timer as never;

/** RxJS's `interval`. */
export const interval: (period?: number, scheduler?: rxjs.SchedulerLike) => Flow<number> = rxjs.interval;

/** RxJS's `range`. */
export const range: (start: number, count?: number, scheduler?: rxjs.SchedulerLike) => Flow<number> =
  rxjs.range as never;
