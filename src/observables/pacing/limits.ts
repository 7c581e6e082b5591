import { InvalidOptions, type QueueUnit } from '../../core/failures/index.ts';
import { refuseUnknown } from '../../core/options/index.ts';
import { weigh } from './weight.ts';

/** How much is buffered of what can't be paused. */
export interface BufferLimits<A = never> {
  /**
   * How many items may wait before it fails with `BufferOverflow`, where the source can't be
   * paused.
   *
   * @defaultValue 16,384
   */
  readonly maxBuffered?: number | undefined;
  /**
   * How many bytes may wait before it fails with `BufferOverflow`. Bytes and text count (text by
   * its length), also in arrays and plain objects, two levels deep.
   *
   * @defaultValue 16 MiB
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * Returns how many bytes an item of the source counts, for items of another shape. Default: the
   * bytes and text in it.
   */
  readonly sizeOf?: ((item: A) => number) | undefined;
}

/** How much an operator buffers, and when it pauses its source. */
export interface QueueOptions<A = never> extends BufferLimits<A> {
  /**
   * How many items may wait before the source is paused, where it can be. It is paused as well when
   * 65,536 bytes wait, of items that are bytes or text.
   *
   * @defaultValue 16
   */
  readonly highWaterMark?: number | undefined;
}

/** How much a paced operator does at a time, and how much it buffers. */
export interface PacedOptions<A = never> extends QueueOptions<A> {
  /** How many inners may be active at a time: a whole number from 1, or `Infinity`. */
  readonly concurrency?: number | undefined;
}

/** The options of a paced operator, checked. */
export interface Limits {
  /** The operator, as a message names it. */
  readonly operator: string;
  readonly concurrency: number;
  /** The soft mark, in items. */
  readonly highWaterMark: number;
  /** The hard bound, in items. */
  readonly items: number;
  /** The hard bound, in bytes. */
  readonly bytes: number;
  readonly sizeOf: (item: unknown) => number;
  /** The options that raise the hard bounds, as a message names them. */
  readonly names?: Readonly<Record<QueueUnit, string>>;
}

/** The options of a queue. */
export const QUEUE_NAMES = ['highWaterMark', 'maxBuffered', 'maxBufferedBytes', 'sizeOf'] as const;

const NAMES = ['concurrency', ...QUEUE_NAMES] as const;

export const DEFAULT_MARK = 16;
export const DEFAULT_ITEMS = 16_384;
export const DEFAULT_BYTES = 16 * 1024 * 1024;
/** The soft mark in bytes, where the items are bytes or text: what a connection reads at a time. */
export const MARK_BYTES = 65_536;

/** Throws `InvalidOptions`; call it inside the subscription. */
export function readLimits(operator: string, options: unknown, defaultConcurrency: number): Limits {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is checked here
  const given = (
    typeof options === 'number' ? { concurrency: options } : options === undefined ? {} : options
  ) as PacedOptions;
  refuseUnknown(given, NAMES);
  const { concurrency = defaultConcurrency, highWaterMark, maxBuffered, maxBufferedBytes = DEFAULT_BYTES } = given;
  if (concurrency !== Infinity) checkCount('concurrency', concurrency, ', or Infinity');
  if (highWaterMark !== undefined) checkCount('highWaterMark', highWaterMark, '');
  if (maxBuffered !== undefined) checkCount('maxBuffered', maxBuffered, '');
  checkCount('maxBufferedBytes', maxBufferedBytes, '');
  if (given.sizeOf !== undefined) checkFunction('sizeOf', given.sizeOf);
  const items = maxBuffered ?? Math.max(DEFAULT_ITEMS, highWaterMark ?? 0);
  if (highWaterMark !== undefined && highWaterMark > items) {
    const allowed = `a whole number from 1 to maxBuffered, which is ${items}`;
    throw new InvalidOptions({ option: 'highWaterMark', value: highWaterMark, allowed });
  }
  return {
    operator,
    concurrency,
    highWaterMark: highWaterMark ?? Math.min(DEFAULT_MARK, items),
    items,
    bytes: maxBufferedBytes,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its parameter is whatever the items are
    sizeOf: (given.sizeOf as ((item: unknown) => number) | undefined) ?? weigh,
  };
}

/** As `readLimits`, for an operator whose concurrency is not up to the caller. */
export function readQueueLimits(operator: string, options: unknown): Limits {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is checked here
  const given = (options === undefined ? {} : options) as object;
  refuseUnknown(given, QUEUE_NAMES);
  return readLimits(operator, { ...given, concurrency: 1 }, 1);
}

/** Throws `InvalidOptions` for what is no function; call it inside the subscription. */
export function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidOptions({ option, value, allowed: 'a function' });
}

function checkCount(option: string, value: unknown, orElse: string): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidOptions({ option, value, allowed: `a whole number from 1${orElse}` });
}
