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

/** Options of `buffer`. */
export type BufferOptions<O extends Overflow = Overflow> = { readonly overflow: O } & (
  (BufferLimits & { readonly limit: number }) | (BufferLimits & { readonly limitBytes: number })
);

/** Keeps values in order, up to a limit. */
export interface BufferStrategy<O extends Overflow = Overflow> extends BufferLimits {
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
