import type { DropStrategy } from './strategy.ts';

/**
 * A strategy of `paced`: drops what comes while the consumer is busy.
 *
 * @example
 * ```ts
 * import { mapAsync, paced } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
 * import { drop } from 'rxjs-net/strategies';
 *
 * of('first', 'second', 'third')
 *   .pipe(
 *     paced(drop(), { onDropped: (text, count) => console.log(`${text} is dropped, ${count} in all`) }),
 *     mapAsync(async (text) => text),
 *   )
 *   .subscribe((text) => console.log(text));
 * // => second is dropped, 1 in all
 * // => third is dropped, 2 in all
 * // => first
 * ```
 */
export function drop(): DropStrategy {
  return { strategy: 'drop' };
}
