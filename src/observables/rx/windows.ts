import {
  groupBy as rxGroupBy,
  type OperatorFunction,
  type Observable,
  window as rxWindow,
  windowCount as rxWindowCount,
  windowTime as rxWindowTime,
  windowToggle as rxWindowToggle,
  windowWhen as rxWindowWhen,
} from 'rxjs';

import { fedBySource } from '../pacing/windows.ts';

type Windows = (...given: never[]) => OperatorFunction<never, Observable<unknown>>;

/** The same function, whose windows or groups tell a paced operator that they need their source. */
function announced<F extends Windows>(make: F): F {
  const windows: Windows = (...given) => fedBySource(make(...given));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- takes and gives what all of its overloads do
  return windows as F;
}

/**
 * RxJS's `groupBy`, whose groups tell a paced operator that they need their source: `mergeMap(work,
 * 4)` over them buffers further groups, and does not pause the source that feeds the four.
 */
export const groupBy: typeof rxGroupBy = announced(rxGroupBy);
/** RxJS's `window`, whose windows tell a paced operator that they need their source. */
export const window: typeof rxWindow = announced(rxWindow);
/**
 * RxJS's `windowCount`, whose windows tell a paced operator that they need their source.
 *
 * @example
 * ```ts
 * import { toArray } from 'rxjs';
 * import { concatMap, from, windowCount } from 'rxjs-net/rx';
 *
 * from([1, 2, 3])
 *   .pipe(
 *     windowCount(2),
 *     concatMap((two) => two.pipe(toArray())),
 *   )
 *   .subscribe((numbers) => console.log(numbers));
 * // => [ 1, 2 ]
 * // => [ 3 ]
 * ```
 */
export const windowCount: typeof rxWindowCount = announced(rxWindowCount);
/** RxJS's `windowTime`, whose windows tell a paced operator that they need their source. */
export const windowTime: typeof rxWindowTime = announced(rxWindowTime);
/** RxJS's `windowToggle`, whose windows tell a paced operator that they need their source. */
export const windowToggle: typeof rxWindowToggle = announced(rxWindowToggle);
/** RxJS's `windowWhen`, whose windows tell a paced operator that they need their source. */
export const windowWhen: typeof rxWindowWhen = announced(rxWindowWhen);
