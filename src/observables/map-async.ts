import { Observable } from 'rxjs';

import { refuseUnknown } from '../core/options/index.ts';
import type { Op } from './flow.ts';
import { checkFunction, type PacedOptions, readLimits } from './pacing/limits.ts';
import { type AsyncWork, Mapping } from './pacing/mapping.ts';
import type { Paced } from './pacing/overflow.ts';

/**
 * What a result stands for: what an Observable emits, what a promise resolves to, else the value
 * itself.
 */
interface Result<R> {
  readonly value: R extends Observable<infer B> ? B : Awaited<R>;
}

/**
 * `map` for a function that takes its time: each value is given to `work`, and what comes of it is
 * emitted in the order of the source, whatever is finished first.
 *
 * `work` may return a promise, an Observable, or a value: a value that is neither is emitted as it
 * is, at once (arrays and strings are not iterated). At most `concurrency` values are in work or
 * finished and not yet emitted; the default is 1. While that many are, further values wait, and the
 * source is paused once `highWaterMark` of them do: the socket is not read. What can't be paused is
 * queued, up to `maxBuffered`. A source that the work itself needs is not paused either.
 *
 * Unsubscribing unsubscribes the Observables and aborts the signal that `work` gets if it declares
 * a second parameter. A rejection, or an exception, is a defect: it travels the error channel as it
 * is, after the results before it.
 *
 * Adds the failures of Flows that `work` returns, and `BufferOverflow`. Completes when the source
 * has and all results are out.
 *
 * @example
 * ```ts
 * import { mapAsync } from 'rxjs-net';
 * import { of, toArray } from 'rxjs-net/rx';
 *
 * const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
 *
 * of(30, 10, 20)
 *   .pipe(
 *     mapAsync(
 *       async (ms) => {
 *         await wait(ms);
 *         return `waited ${ms}`;
 *       },
 *       { concurrency: 3 },
 *     ),
 *     toArray(),
 *   )
 *   .subscribe((all) => console.log(all)); // => [ 'waited 30', 'waited 10', 'waited 20' ]
 * ```
 */
export function mapAsync<A, R>(
  work: (value: A, signal: AbortSignal) => R,
  options?: PacedOptions<A>,
): Op<A, Result<R>['value'], Paced<R>['failures']>;
export function mapAsync<A>(work: AsyncWork<A>, options?: PacedOptions): Op<A, unknown, unknown> {
  return (source) =>
    new Observable((subscriber) => {
      checkFunction('work', work);
      // A bare number, as mergeMap takes it, is none here.
      if (typeof options === 'number') refuseUnknown(options, []);
      const limits = readLimits('mapAsync', options, 1);
      new Mapping(subscriber, work, limits).subscribeTo(source);
    });
}
