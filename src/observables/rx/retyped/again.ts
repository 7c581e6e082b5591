import * as rxjs from 'rxjs';

import type { FailureOf, Flow, Op } from '../../flow.ts';
import type { Healing, Inert, Input, KnownFailureOf } from './inert.ts';

/** RxJS's `RepeatConfig`, whose delay is `I`. */
interface Repeating<I> {
  count?: number;
  delay?: number | ((count: number) => I);
}

/** RxJS's `RetryConfig`, whose delay is `I`. */
interface Retrying<I> {
  count?: number;
  delay?: number | ((error: any, retryCount: number) => I);
  resetOnSuccess?: boolean;
}

/** RxJS's `RetryConfig` without a count: it never gives up. */
interface RetryingForEver {
  count?: undefined;
  delay?: number;
  resetOnSuccess?: boolean;
}

/** RxJS's `repeat`, with the failures of the delay in the type. */
export const repeat: <A, I extends Input = Inert>(countOrConfig?: number | Repeating<I>) => Op<A, A, FailureOf<I>> =
  rxjs.repeat;

/**
 * RxJS's `repeatWhen`, with the failures of the notifier in the type. Deprecated there: take
 * `repeat({ delay })`.
 */
export const repeatWhen: <A, I extends Input = Inert>(
  notifier: (notifications: Flow<void>) => I,
) => Op<A, A, FailureOf<I>> = rxjs.repeatWhen;

/**
 * RxJS's `retry`, which without a count leaves no failure of its source, for it never gives up.
 * With a count, or with a function as `delay`, all are left, and those that the function's flow
 * fails with are added.
 */
export const retry: {
  <A>(): Healing<A, A>;
  <A>(count: number | undefined): rxjs.MonoTypeOperatorFunction<A>;
  <A>(config: RetryingForEver): Healing<A, A>;
  <A, I extends Input = Inert>(config: Retrying<I>): Op<A, A, KnownFailureOf<I>>;
} = rxjs.retry as never;

/**
 * RxJS's `retryWhen`, with the failures of the notifier in the type. Those of the source stay, for
 * a notifier may pass them on. Deprecated there: take `retry({ delay })`.
 */
export const retryWhen: <A, I extends Input = Inert>(
  notifier: (errors: Flow<any>) => I,
) => Op<A, A, KnownFailureOf<I>> = rxjs.retryWhen;
