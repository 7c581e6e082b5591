import type { BufferOptions, BufferStrategy, Overflow } from './strategy.ts';

/**
 * A strategy of `paced`: keeps values in their order, up to a limit.
 *
 * Where there is no room for one more, `overflow` decides: `'fail'` ends the flow with `BufferOverflow`, `'drop-oldest'` makes room by
 * dropping what has waited longest, `'drop-newest'` drops the one that came. With `'fail'`, which loses nothing, a source that
 * can be made to wait is made to wait instead.
 *
 * Wrong options fail with `InvalidOptions` when the flow is subscribed to.
 *
 * @param options - `limit` (values), `limitBytes` or both, and `overflow`.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { mapAsync, paced } from 'rxjs-net';
 * import { buffer } from 'rxjs-net/strategies';
 *
 * of('a', 'b', 'c', 'd', 'e')
 *   .pipe(
 *     paced(buffer({ limit: 2, overflow: 'drop-oldest' })),
 *     mapAsync(async (text) => text),
 *   )
 *   .subscribe((text) => console.log(text));
 * // => a
 * // => d
 * // => e
 * ```
 */
export function buffer<const O extends Overflow>(options: BufferOptions<O>): BufferStrategy<O> {
  return { ...options, strategy: 'buffer' };
}
