import type { TimeSource } from '../internal/source-clock.ts';

/** What becomes of a value for which a buffer has no room. */
export type Overflow = 'fail' | 'drop-oldest' | 'drop-newest';

/** How much a buffer keeps; at least one of the two. */
interface BufferLimits {
  /** How many values: a whole number from 1. Default, where `limitBytes` is given: 16,384. */
  readonly limit?: number | undefined;
  /**
   * How many bytes, where the values are bytes or text (text counts its length): a whole number from 1. A single value that
   * is larger is kept all the same when nothing waits beside it. Default, where `limit` is given: 16 MiB.
   */
  readonly limitBytes?: number | undefined;
}

/** How long a buffer waits for its consumer before it drops values. */
export interface PauseOptions {
  /**
   * How long a full buffer may pause its source before it drops, in ms; 0 drops at once. Time in
   * which the source is not paused is regained, up to this value. Sources that can't be paused (a
   * timer, a plain Subject) are not affected.
   *
   * @defaultValue 1,000 ms
   */
  readonly pauseTimeout?: number | undefined;
  /**
   * A `Clock` or an RxJS scheduler. Default: the clock of the connection that is the source, else
   * RxJS's `asyncScheduler`.
   */
  readonly clock?: TimeSource | undefined;
}

/** Options of `buffer`. */
export type BufferOptions<O extends Overflow = Overflow> = { readonly overflow: O } & (
  (BufferLimits & { readonly limit: number }) | (BufferLimits & { readonly limitBytes: number })
) &
  ([O] extends ['fail'] ? unknown : PauseOptions);

/** Keeps values in order, up to a limit. */
export interface BufferStrategy<O extends Overflow = Overflow> extends BufferLimits, PauseOptions {
  readonly strategy: 'buffer';
  readonly overflow: O;
}

/** Keeps the newest value only. */
export interface LatestStrategy {
  readonly strategy: 'latest';
}

/** Keeps nothing. */
export interface DropStrategy {
  readonly strategy: 'drop';
}

/** Lets the newest value through, once in a while. */
export interface SampleStrategy {
  readonly strategy: 'sample';
  readonly period: number;
  readonly clock: TimeSource | undefined;
}

/** A strategy that loses nothing: it fails where it can keep no more. */
export type LosslessStrategy = BufferStrategy<'fail'>;

/** A strategy that drops values. */
export type LossyStrategy =
  BufferStrategy<'drop-oldest' | 'drop-newest'> | LatestStrategy | DropStrategy | SampleStrategy;

/** What `paced` does with values that its consumer can't take yet. */
export type Strategy = LosslessStrategy | LossyStrategy;
