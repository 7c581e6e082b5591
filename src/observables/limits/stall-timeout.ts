import type { ConsumerStalled } from '../../core/failures/index.ts';
import type { Op } from '../flow.ts';
import { limitKinds } from '../internal/limits-of-options.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { timeLimit } from '../internal/time-limit.ts';

/**
 * Fails with `ConsumerStalled` when a consumer has paused the connection that feeds it for `ms` and
 * its work neither emitted nor completed meanwhile, and ends that connection.
 *
 * A consumer whose work waits for what the connection would bring waits for itself, and no other
 * time limit sees it: the time of a pause does not count for `idleTimeout` and `readTimeout`. A
 * pause because a peer takes no bytes is up to `writeTimeout`. It adds `ConsumerStalled`, and
 * `InvalidOptions` when `ms` is no duration. It completes when its source does. On a source that
 * comes from no connection it has no effect.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { connect, lines, mapAsync, serve, stallTimeout } from 'rxjs-net';
 * import { mergeMap } from 'rxjs-net/rx';
 *
 * const server = serve({ port: 8124 }, () => ['hello\n'.repeat(100_000)]).subscribe();
 *
 * connect({ port: 8124 })
 *   .pipe(
 *     mergeMap(({ incoming }) =>
 *       incoming.pipe(
 *         lines(),
 *         mapAsync(() => new Promise<never>(() => {})),
 *         stallTimeout(200),
 *       ),
 *     ),
 *   )
 *   .subscribe({
 *     error: (failure) => {
 *       console.log(failure._tag, failure.operator); // => ConsumerStalled mapAsync
 *       server.unsubscribe();
 *     },
 *   });
 * ```
 */
export function stallTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, ConsumerStalled> {
  return timeLimit('stallTimeout', limitKinds.stallTimeout, 'never', ms, clock);
}
