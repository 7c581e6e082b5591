import type { BufferOptions, BufferStrategy, Overflow } from './strategy.ts';

/**
 * A strategy of `paced`: keeps values in their order, up to a limit.
 *
 * A full buffer pauses its source, where the source can be paused. `'fail'` pauses it for as long
 * as it takes. `'drop-oldest'` and `'drop-newest'` pause it for at most `pauseTimeout`: a consumer
 * that keeps reading loses nothing, and one that has stalled stops nobody for longer.
 *
 * A value for which there is still no room is handled as `overflow` says. `'fail'` ends the flow
 * with `BufferOverflow`, `'drop-oldest'` drops the value that has waited longest, `'drop-newest'`
 * drops the new value.
 *
 * Wrong options fail with `InvalidOptions` when the flow is subscribed to.
 *
 * @param options - `limit` (values), `limitBytes` or both, and `overflow`; for those that drop also `pauseTimeout` and `clock`.
 *
 * @example
 * ```ts
 * import { mapAsync, paced } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
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
