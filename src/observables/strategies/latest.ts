import type { LatestStrategy } from './strategy.ts';

/**
 * A strategy of `paced`: while the consumer is busy, keeps the newest value only.
 *
 * For values that stand for a state, such as a price or a progress: what the consumer gets next is
 * always what is true now.
 *
 * @example
 * ```ts
 * import { mapAsync, paced } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
 * import { latest } from 'rxjs-net/strategies';
 *
 * of('1 %', '2 %', '3 %')
 *   .pipe(
 *     paced(latest()),
 *     mapAsync(async (progress) => progress),
 *   )
 *   .subscribe((progress) => console.log(progress));
 * // => 1 %
 * // => 3 %
 * ```
 */
export function latest(): LatestStrategy {
  return { strategy: 'latest' };
}
