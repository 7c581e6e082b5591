import { isLeft } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { isNetFailure } from '../core/failures/index.ts';
import { checkFunction, refuse, refuseUnknown } from '../core/options/index.ts';
import { isWorthRetrying } from '../observables/reconnecting/worth-retrying.ts';
import type { NetEnv } from './net-env.ts';
import { of } from './constructors.ts';
import type { Program } from './net.ts';
import type { RetryPolicy } from './schedule.ts';
import { runScheduled } from './scheduled.ts';

/**
 * What `onRetry` is told.
 *
 * @category model
 * @since 0.1.0
 */
export interface Retry<E> {
  /** Why it is tried again. */
  readonly failure: E;
  /**
   * How many times it will have been tried again then, since the beginning or a run that was
   * stable: 1 for the first.
   */
  readonly retries: number;
  /** After so many ms. */
  readonly delay: number;
}

/**
 * How `retrying` goes about it, besides the policy.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryOptions<E, R = NetEnv> {
  /**
   * Which failures are worth another attempt; a predicate or a refinement.
   *
   * @defaultValue of the failures of the network those that `isWorthRetrying` says; none of your own
   */
  readonly retryOn?: ((failure: E) => boolean) | undefined;
  /** An effect that runs before each wait: to log, to count. */
  readonly onRetry?: ((retry: Retry<E>) => ReaderTaskEither<R, never, unknown>) | undefined;
}

/**
 * Runs an effect again after a failure, as long as its policy allows, and fails with the last
 * failure. Each attempt is a run of its own: what it opened is released before the next one begins.
 *
 * Which failures are worth it, `retryOn` says; the others come through at once, and so do defects
 * and an interruption, which ends a wait, too. Wrong options, and what `retryOn` or the policy
 * throw, are defects. Waits go by the environment's clock, and jitter by its `random`. A wait of 0
 * ms gives the event loop its turn.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { ConnectionRefused } from 'rxjs-net';
 * import { allOf, exponentialBackoff, flatMap, fromIO, left, limitTo, of, retrying, toPromise } from 'rxjs-net/effects';
 *
 * let attempts = 0;
 * const dial = pipe(
 *   fromIO(() => (attempts += 1)),
 *   flatMap((attempt) => (attempt < 3 ? left(new ConnectionRefused()) : of(`connected with attempt ${attempt}`))),
 * );
 * const policy = allOf(exponentialBackoff({ initial: 5 }), limitTo(5));
 *
 * console.log(await toPromise(pipe(dial, retrying(policy))));
 * // => { _tag: 'Right', right: 'connected with attempt 3' }
 * ```
 *
 * @category retrying
 * @since 0.1.0
 */
export function retrying(policy: RetryPolicy): <R, E, A>(net: ReaderTaskEither<R, E, A>) => Program<A, E, R & NetEnv>;
export function retrying<F, R1 = unknown>(
  policy: RetryPolicy,
  options: RetryOptions<F, R1>,
): <R2, E extends F, A>(net: ReaderTaskEither<R2, E, A>) => Program<A, E, NetEnv & R1 & R2>;
export function retrying<F, R1>(
  policy: RetryPolicy,
  options: RetryOptions<F, R1> = {},
): <R2, E extends F, A>(net: ReaderTaskEither<R2, E, A>) => Program<A, E, NetEnv & R1 & R2> {
  return <R2, E extends F, A>(net: ReaderTaskEither<R2, E, A>) =>
    (env: NetEnv & R1 & R2) =>
    async () => {
      refuseUnknown(options, ['retryOn', 'onRetry']);
      const { retryOn = isWorthIt, onRetry } = options;
      checkFunction('retryOn', retryOn);
      if (onRetry !== undefined) checkFunction('onRetry', onRetry);
      return runScheduled<NetEnv & R1 & R2, E, A>(policy, net, env, {
        goesOn: (either) => isLeft(either) && answerOf(retryOn(either.left)),
        before:
          onRetry === undefined
            ? undefined
            : (either, retries, delay) =>
                isLeft(either) ? onRetry({ failure: either.left, retries, delay }) : of(undefined),
      });
    };
}

const isWorthIt = (failure: unknown): boolean => isNetFailure(failure) && isWorthRetrying(failure);

/** A promise, which is truthy whatever it comes to, is the usual mistake. */
function answerOf(answer: unknown): boolean {
  return typeof answer === 'boolean' ? answer : refuse('retryOn', answer, 'a function that returns true or false');
}
