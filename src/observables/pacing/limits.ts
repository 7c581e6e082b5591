import { InvalidOptions, type QueueUnit } from '../../core/failures/index.ts';
import { refuseUnknown } from '../../core/options/index.ts';

/** How much an operator queues where its source can't be made to wait. */
export interface QueueOptions {
  /**
   * How many items may be queued before it fails with `BufferOverflow`.
   *
   * @defaultValue 16,384
   */
  readonly highWaterMark?: number | undefined;
  /**
   * How many bytes may be queued, where the items are bytes or strings (a string counts its length).
   *
   * @defaultValue 16 MiB
   */
  readonly highWaterMarkBytes?: number | undefined;
}

/** How much a paced operator does at a time, and how much it queues where its source can't be made to wait. */
export interface PacedOptions extends QueueOptions {
  /** How many inners may be active at a time: a whole number from 1, or `Infinity`. */
  readonly concurrency?: number | undefined;
}

/** The options of a paced operator, checked. */
export interface Limits {
  /** The operator, as a message names it. */
  readonly operator: string;
  readonly concurrency: number;
  readonly items: number;
  readonly bytes: number;
  /** The options that raise them, as a message names them. */
  readonly names?: Readonly<Record<QueueUnit, string>>;
}

const NAMES = ['concurrency', 'highWaterMark', 'highWaterMarkBytes'] as const;

const QUEUE_NAMES = ['highWaterMark', 'highWaterMarkBytes'] as const;

export const DEFAULT_ITEMS = 16_384;
export const DEFAULT_BYTES = 16 * 1024 * 1024;

/** Throws `InvalidOptions`; call it inside the subscription. */
export function readLimits(
  operator: string,
  options: number | PacedOptions | undefined,
  defaultConcurrency: number,
): Limits {
  const given: PacedOptions =
    typeof options === 'number' ? { concurrency: options } : options === undefined ? {} : options;
  refuseUnknown(given, NAMES);
  const { concurrency = defaultConcurrency, highWaterMark = DEFAULT_ITEMS, highWaterMarkBytes = DEFAULT_BYTES } = given;
  if (concurrency !== Infinity) checkCount('concurrency', concurrency, ', or Infinity');
  checkCount('highWaterMark', highWaterMark, '');
  checkCount('highWaterMarkBytes', highWaterMarkBytes, '');
  return { operator, concurrency, items: highWaterMark, bytes: highWaterMarkBytes };
}

/** As `readLimits`, for an operator whose concurrency is not up to the caller. */
export function readQueueLimits(operator: string, options: object | undefined): Limits {
  const given = options === undefined ? {} : options;
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
