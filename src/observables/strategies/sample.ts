import type { TimeSource } from '../internal/source-clock.ts';
import type { SampleStrategy } from './strategy.ts';

/**
 * A strategy of `paced`: once every `ms` lets the newest value through, if there is a new one.
 *
 * The beat begins with the subscription. A consumer that is busy on the beat gets the newest value
 * as soon as it is free. What is left when the source completes is emitted then. As RxJS's
 * `sampleTime`, but for a consumer that can hold, and it loses no last value.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the clock of the connection that feeds it, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { paced } from 'rxjs-net';
 * import { take, timer } from 'rxjs-net/rx';
 * import { sample } from 'rxjs-net/strategies';
 *
 * timer(0, 10)
 *   .pipe(take(20), paced(sample(10_000)))
 *   .subscribe((count) => console.log(count)); // => 19
 * ```
 */
export function sample(ms: number, clock?: TimeSource): SampleStrategy {
  return { strategy: 'sample', period: ms, clock };
}
