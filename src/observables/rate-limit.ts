import { Observable } from 'rxjs';

import type { BufferOverflow } from '../core/failures/index.ts';
import { checkCount, checkRate, checkSize, refuse, refuseUnknown } from '../core/options/index.ts';
import type { Chunk } from '../core/transport.ts';
import type { Op } from './flow.ts';
import { clockOf, type TimeSource } from './internal/source-clock.ts';
import { type Limits, QUEUE_NAMES, type QueueOptions, readQueueLimits } from './pacing/limits.ts';
import { ByteRateRun, MessageRateRun, type Rate } from './pacing/rate-run.ts';
import type { Relay } from './pacing/relay.ts';

/** What both rates have. */
interface RateOptions extends QueueOptions {
  /**
   * How much may pass at once, after a pause: bytes or messages, 1 or more. Timers count in
   * milliseconds: with less than what passes in some 10 ms, the rate is not reached.
   *
   * @defaultValue a tenth of what passes in a second, and at least 1
   */
  readonly burst?: number | undefined;
}

/** A rate in bytes per second. */
export interface ByteRateOptions extends RateOptions {
  /** More than 0. */
  readonly bytesPerSecond: number;
  readonly messagesPerSecond?: undefined;
}

/** A rate in messages per second. */
export interface MessageRateOptions extends RateOptions {
  /** More than 0; 0.1 is one in ten seconds. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond?: undefined;
}

/** Options of `rateLimit`. */
export type RateLimitOptions = ByteRateOptions | MessageRateOptions;

/** What comes of a chunk: text leaves as bytes, since only bytes can be cut. */
type BytesOf<C> = C extends string ? Buffer : C;

/**
 * Lets through so many bytes, or messages, per second, and makes its source wait meanwhile. Nothing
 * is dropped.
 *
 * In any window of t seconds at most `burst + t * rate` pass. Bytes flow smoothly: a chunk that is
 * too large for the moment is cut (without copying), and its pieces leave as their time comes. So a
 * peer that sends more is held by its own TCP window; and before a `sendTo`, the peer is sent no
 * more. Text becomes bytes (UTF-8) with `bytesPerSecond`.
 *
 * It adds `BufferOverflow`: what can't be made to wait is queued, up to `maxBuffered` and
 * `maxBufferedBytes`. Wrong options fail with `InvalidOptions` on subscription. Unsubscribing gives
 * bytes that have not passed back to their connection.
 *
 * @param options - `bytesPerSecond` or `messagesPerSecond`, and `burst`.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the clock of the connection that feeds it, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { rateLimit } from 'rxjs-net';
 * import { from, VirtualTimeScheduler } from 'rxjs-net/rx';
 *
 * const time = new VirtualTimeScheduler();
 * from(['a', 'b', 'c'])
 *   .pipe(rateLimit({ messagesPerSecond: 2 }, time))
 *   .subscribe((letter) => console.log(`${letter} after ${time.now()} ms`));
 * time.flush();
 * // => a after 0 ms
 * // => b after 500 ms
 * // => c after 1000 ms
 * ```
 */
export function rateLimit<A extends Chunk>(
  options: ByteRateOptions,
  clock?: TimeSource,
): Op<A, BytesOf<A>, BufferOverflow>;
export function rateLimit<A>(options: MessageRateOptions, clock?: TimeSource): Op<A, A, BufferOverflow>;
export function rateLimit(options: RateLimitOptions, clock?: TimeSource): Op<unknown, unknown, BufferOverflow> {
  return (source) =>
    new Observable((subscriber) => {
      let relay: Relay<unknown, unknown>;
      try {
        const { inBytes, rate, limits } = readOptions(options);
        const given = clock === undefined ? undefined : clockOf(clock);
        relay = new (inBytes ? ByteRateRun : MessageRateRun<unknown>)(subscriber, rate, limits, given);
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => relay.stop());
      relay.start(source);
    });
}

/** What the types keep apart, and nothing else does. */
interface Given extends RateOptions {
  readonly bytesPerSecond?: number | undefined;
  readonly messagesPerSecond?: number | undefined;
}

/** @throws InvalidOptions */
function readOptions(options: Given): { inBytes: boolean; rate: Rate; limits: Limits } {
  refuseUnknown(options, ['bytesPerSecond', 'messagesPerSecond', 'burst', ...QUEUE_NAMES]);
  const { bytesPerSecond, messagesPerSecond, burst, ...queue } = options;
  if (bytesPerSecond !== undefined && messagesPerSecond !== undefined) {
    refuse('messagesPerSecond', messagesPerSecond, 'left out when "bytesPerSecond" is given');
  }
  const inBytes = messagesPerSecond === undefined;
  const perSecond = inBytes
    ? checkRate('bytesPerSecond', bytesPerSecond)
    : checkRate('messagesPerSecond', messagesPerSecond);
  const check = inBytes ? checkSize : checkCount;
  return {
    inBytes,
    rate: { perSecond, burst: burst === undefined ? defaultBurst(perSecond) : check('burst', burst) },
    limits: readQueueLimits('rateLimit', queue),
  };
}

/** What passes in 100 ms: a timer that is late by less costs nothing of the rate. */
export function defaultBurst(perSecond: number): number {
  return Math.max(1, Math.ceil(perSecond / 10));
}
