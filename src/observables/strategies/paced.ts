import { Observable, type Subscriber } from 'rxjs';

import type { BufferOverflow } from '../../core/failures/index.ts';
import {
  checkCount,
  checkDuration,
  checkFunction,
  checkOneOf,
  checkSize,
  refuse,
  refuseUnknown,
} from '../../core/options/index.ts';
import type { Op } from '../flow.ts';
import { clockOf } from '../internal/source-clock.ts';
import { DEFAULT_BYTES, DEFAULT_ITEMS, type Limits } from '../pacing/limits.ts';
import type { Relay } from '../pacing/relay.ts';
import { weigh } from '../pacing/weight.ts';
import { DroppingBuffer } from './dropping-buffer.ts';
import { Dropping, FailingBuffer, KeepingLatest, type OnDropped, Sampling } from './keeping.ts';
import type { BufferStrategy, LosslessStrategy, LossyStrategy, SampleStrategy, Strategy } from './strategy.ts';

declare const refused: unique symbol;

/** Stands where a strategy that drops values was given for bytes. */
export interface BytesCanNotBeDropped {
  readonly [refused]: 'decode the bytes into messages first, or take buffer({ …, overflow: "fail" })';
}

/** What a strategy that drops values needs of them: that they are no bytes. */
interface Droppable<A> {
  readonly check: 0 extends 1 & A
    ? unknown
    : [Extract<A, ArrayBufferView | ArrayBuffer | SharedArrayBuffer>] extends [never]
      ? unknown
      : BytesCanNotBeDropped;
}

/** Options of `paced`, with a strategy that drops values. */
export interface DropReport<A> {
  /**
   * Called for each value that is dropped, with how many that makes since the subscription. What it
   * throws is a defect, and ends the flow.
   */
  readonly onDropped?: OnDropped<A> | undefined;
}

/**
 * Gives a source that can't be made to wait (a timer, a Subject, a feed) a bound, by a strategy of
 * `rxjs-net/strategies`:
 *
 * - `buffer({ limit, overflow })` keeps values in order; beyond the limit it fails with `BufferOverflow`, or drops.
 * - `latest()` keeps the newest, `drop()` none, `sample(ms)` lets the newest through once in a while.
 *
 * A consumer that can't keep up pauses it as it would pause a connection. While it is paused, the
 * strategy decides. `latest`, `drop` and `sample` never pause their source. A full `buffer` does,
 * where the source can be paused: with `overflow: 'fail'` until there is room, with the others for
 * `pauseTimeout` at most. Strategies that drop do not compile on bytes, which would break every
 * message after them, and fail with `InvalidOptions` where the types were lost.
 *
 * It adds `BufferOverflow`, with `overflow: 'fail'` only. Wrong options fail with `InvalidOptions`
 * on subscription. It completes, or fails as its source does, when what it has kept is out.
 * Unsubscribing gives bytes that it has kept back to their connection.
 *
 * @example
 * ```ts
 * import { mapAsync, paced } from 'rxjs-net';
 * import { interval, take } from 'rxjs-net/rx';
 * import { latest } from 'rxjs-net/strategies';
 *
 * const show = (price: number) => new Promise((resolve) => setTimeout(() => resolve(price), 200));
 *
 * // A price every 10 ms, and a display that takes 200 ms for one: it skips those in between.
 * interval(10)
 *   .pipe(take(50), paced(latest()), mapAsync(show))
 *   .subscribe({ complete: () => console.log('the last one was shown') }); // => the last one was shown
 * ```
 */
export function paced<A>(strategy: LosslessStrategy): Op<A, A, BufferOverflow>;
export function paced<A>(strategy: LossyStrategy & Droppable<A>['check'], options?: DropReport<A>): Op<A, A>;
export function paced<A>(strategy: Strategy & Droppable<A>['check']): Op<A, A, BufferOverflow>;
export function paced<A>(strategy: Strategy, options: DropReport<A> = {}): Op<A, A, BufferOverflow> {
  return (source) =>
    new Observable<A>((subscriber) => {
      let relay: Relay<A>;
      try {
        relay = makeRelay(subscriber, strategy, options);
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => relay.stop());
      relay.start(source);
    });
}

/** @throws InvalidOptions */
function makeRelay<A>(subscriber: Subscriber<A>, strategy: Strategy, options: DropReport<A>): Relay<A> {
  // RxJS has operators named `buffer` and `sample`, which are easily taken for these.
  if (!isStrategy(strategy)) refuse('strategy', strategy, 'one of rxjs-net/strategies: buffer, latest, drop or sample');
  const losesNothing = strategy.strategy === 'buffer' && strategy.overflow === 'fail';
  refuseUnknown(options, losesNothing ? [] : ['onDropped']);
  const { onDropped } = options;
  if (onDropped !== undefined) checkFunction('onDropped', onDropped);
  if (strategy.strategy === 'latest') return new KeepingLatest(subscriber, ONE, onDropped);
  if (strategy.strategy === 'drop') return new Dropping(subscriber, ONE, onDropped);
  if (strategy.strategy === 'sample') return makeSampling(subscriber, strategy, onDropped);
  const limits = readLimits(strategy);
  const overflow = checkOneOf('overflow', strategy.overflow, ['fail', 'drop-oldest', 'drop-newest']);
  if (overflow === 'fail') return new FailingBuffer(subscriber, limits, undefined);
  const { pauseTimeout = DEFAULT_PAUSE, clock } = strategy;
  checkDuration('pauseTimeout', pauseTimeout, { zero: true });
  return new DroppingBuffer(subscriber, limits, onDropped, {
    overflow,
    pauseTimeout,
    clock: clock === undefined ? undefined : clockOf(clock),
  });
}

/** Longer than a process that reads is kept from it by others on a busy machine. */
const DEFAULT_PAUSE = 1_000;

const NAMES: readonly unknown[] = ['buffer', 'latest', 'drop', 'sample'];

function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'object' && value !== null && NAMES.includes(Reflect.get(value, 'strategy'));
}

/** @throws InvalidOptions */
function makeSampling<A>(
  subscriber: Subscriber<A>,
  { period, clock }: SampleStrategy,
  onDropped: OnDropped<A> | undefined,
): Relay<A> {
  checkDuration('ms', period);
  return new Sampling(subscriber, ONE, onDropped, clock === undefined ? undefined : clockOf(clock), period);
}

const ONE: Limits = {
  operator: 'paced',
  concurrency: 1,
  highWaterMark: 1,
  items: 1,
  bytes: Number.POSITIVE_INFINITY,
  sizeOf: weigh,
};

/** @throws InvalidOptions */
function readLimits(strategy: BufferStrategy): Limits {
  const pausing = strategy.overflow === 'fail' ? [] : ['pauseTimeout', 'clock'];
  refuseUnknown(strategy, ['strategy', 'limit', 'limitBytes', 'overflow', ...pausing]);
  const { limit, limitBytes } = strategy;
  if (limit === undefined && limitBytes === undefined) {
    refuse('limit', limit, 'given, unless "limitBytes" is');
  }
  const items = limit === undefined ? DEFAULT_ITEMS : checkCount('limit', limit);
  return {
    operator: 'paced',
    concurrency: 1,
    highWaterMark: items,
    items,
    sizeOf: weigh,
    bytes: limitBytes === undefined ? DEFAULT_BYTES : checkSize('limitBytes', limitBytes),
    names: { items: 'limit', bytes: 'limitBytes' },
  };
}
