import { left, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { take, toArray } from 'rxjs';

import { BufferOverflow, type InvalidOptions } from '../core/index.ts';
import { checkCount, checkFunction, refuseUnknown } from '../core/options/index.ts';
import type { Flow } from '../observables/flow.ts';
import { read } from '../observables/internal/read-options.ts';
import { type PacedOptions, readLimits } from '../observables/pacing/limits.ts';
import { settleError } from './either-of.ts';
import { ForEachRun } from './for-each-run.ts';
import { fromRefusing } from './from-refusing.ts';
import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';

/** How many values `runCollect` takes where nothing else is said. */
const DEFAULT_LIMIT = 16_384;

/**
 * Collects what a flow emits, up to a limit: beyond it the flow is unsubscribed, and it fails with
 * `BufferOverflow`.
 *
 * @param options - `limit`: how many values it may be; by default 16,384. A wrong one fails with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { range } from 'rxjs-net/rx';
 * import { runCollect, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(range(1, 3), runCollect({ limit: 10 })))); // => { _tag: 'Right', right: [ 1, 2, 3 ] }
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function runCollect(
  options: { readonly limit?: number | undefined } = {},
): <A, E>(flow: Flow<A, E>) => Net<E | BufferOverflow | InvalidOptions, readonly A[]> {
  return <A, E>(flow: Flow<A, E>) =>
    fromRefusing<E | BufferOverflow | InvalidOptions, readonly A[]>((settling) => {
      refuseUnknown(options, ['limit']);
      const limit = read(options, 'limit', checkCount) ?? DEFAULT_LIMIT;
      const subscription = flow.pipe(take(limit + 1), toArray()).subscribe({
        next: (all) => settling.resolve(all.length > limit ? left(tooMany(limit)) : right(all)),
        error: (error: unknown) => settleError(settling, error),
      });
      return () => subscription.unsubscribe();
    });
}

function tooMany(limit: number): BufferOverflow {
  const message = `a flow had more than ${limit} values to collect: raise the limit, or use runForEach`;
  return new BufferOverflow({ limit, queued: limit + 1, unit: 'items', message });
}

/**
 * Runs an effect for each value of a flow. The flow is held while as many run as may: the socket
 * behind it is not read then.
 *
 * The first failure, of one of them or of the flow, ends it: the flow is unsubscribed, the others
 * are interrupted and waited for. What can't be held (a timer, a `Subject`) is queued up to a
 * bound, and then fails with `BufferOverflow`.
 *
 * @param f - what is run; in the order of the flow, and one after the other unless `concurrency` says otherwise.
 * @param options - `concurrency`: how many may run at a time, by default 1; `highWaterMark`, `maxBuffered`, `maxBufferedBytes`: how much is queued of
 *   what can't be held. Wrong ones fail with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of } from 'rxjs-net/rx';
 * import { flatMap, fromIO, runForEach, sleep, toPromise } from 'rxjs-net/effects';
 *
 * const waits = runForEach(
 *   (ms: number) => pipe(sleep(ms), flatMap(() => fromIO(() => console.log(`waited ${ms}`)))),
 *   { concurrency: 2 },
 * );
 *
 * await toPromise(pipe(of(60, 10), waits));
 * // => waited 10
 * // => waited 60
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function runForEach<A, E2, R = NetEnv>(
  f: (value: A) => ReaderTaskEither<R, E2, unknown>,
  options?: PacedOptions,
): <E>(flow: Flow<A, E>) => Program<void, E | E2 | BufferOverflow | InvalidOptions, R> {
  return <E>(flow: Flow<A, E>) =>
    fromRefusing<E | E2 | BufferOverflow | InvalidOptions, void, R>((settling, env) => {
      checkFunction('f', f);
      const limits = readLimits('runForEach', options, 1);
      const run = new ForEachRun<R, A, E | E2 | BufferOverflow>(f, env, limits, settling);
      run.start(flow);
      return () => run.cancel();
    });
}
