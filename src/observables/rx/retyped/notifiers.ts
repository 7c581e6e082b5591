import * as rxjs from 'rxjs';

import type { FailureOf, Flow, Op } from '../../flow.ts';
import type { Inert, Input } from './inert.ts';

/** RxJS's `takeUntil`, with the failures of the notifier in the type. */
export const takeUntil: <A, I extends Input = Inert>(notifier: I) => Op<A, A, FailureOf<I>> = rxjs.takeUntil;

/** RxJS's `skipUntil`, with the failures of the notifier in the type. */
export const skipUntil: <A, I extends Input = Inert>(notifier: I) => Op<A, A, FailureOf<I>> = rxjs.skipUntil;

/** RxJS's `buffer`, with the failures of the notifier in the type. */
export const buffer: <A, I extends Input = Inert>(closingNotifier: I) => Op<A, A[], FailureOf<I>> = rxjs.buffer;

/** RxJS's `bufferToggle`, with the failures of all notifiers in the type. */
export const bufferToggle: <A, O, I extends Input = Inert<O>, C extends Input = Inert>(
  openings: I & rxjs.ObservableInput<O>,
  closingSelector: (value: O) => C,
) => Op<A, A[], FailureOf<I> | FailureOf<C>> = rxjs.bufferToggle;

/** RxJS's `bufferWhen`, with the failures of the notifiers in the type. */
export const bufferWhen: <A, I extends Input = Inert>(closingSelector: () => I) => Op<A, A[], FailureOf<I>> =
  rxjs.bufferWhen;

/** RxJS's `audit`, with the failures of the notifiers in the type. */
export const audit: <A, I extends Input = Inert>(durationSelector: (value: A) => I) => Op<A, A, FailureOf<I>> =
  rxjs.audit;

/** RxJS's `debounce`, with the failures of the notifiers in the type. */
export const debounce: <A, I extends Input = Inert>(durationSelector: (value: A) => I) => Op<A, A, FailureOf<I>> =
  rxjs.debounce;

/** RxJS's `sample`, with the failures of the notifier in the type. */
export const sample: <A, I extends Input = Inert>(notifier: I) => Op<A, A, FailureOf<I>> = rxjs.sample;

/** RxJS's `throttle`, with the failures of the notifiers in the type. */
export const throttle: <A, I extends Input = Inert>(
  durationSelector: (value: A) => I,
  config?: rxjs.ThrottleConfig,
) => Op<A, A, FailureOf<I>> = rxjs.throttle;

/** RxJS's `delayWhen`, with the failures of the notifiers in the type. */
export const delayWhen: {
  /** Deprecated in RxJS: delay the subscription by `concat`. */
  <A, I extends Input = Inert, S extends rxjs.Observable<unknown> = Flow<unknown>>(
    delayDurationSelector: (value: A, index: number) => I,
    subscriptionDelay: S,
  ): Op<A, A, FailureOf<I> | FailureOf<S>>;
  <A, I extends Input = Inert>(delayDurationSelector: (value: A, index: number) => I): Op<A, A, FailureOf<I>>;
} = rxjs.delayWhen;

/** RxJS's `distinct`, with the failures of `flushes` in the type. */
export const distinct: <A, K, I extends Input = Inert>(
  keySelector?: (value: A) => K,
  flushes?: I,
) => Op<A, A, FailureOf<I>> = rxjs.distinct;
