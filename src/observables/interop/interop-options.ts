import { checkSignal, refuse, refuseUnknown } from '../../core/options/index.ts';
import { read } from '../internal/read-options.ts';
import { type BufferLimits, type Limits, readQueueLimits } from '../pacing/limits.ts';

/** Options of what takes a flow out of the library. The queue is for sources that can't be made to wait. */
export interface TakeOptions<A = never> extends BufferLimits<A> {
  /** Ends it: unsubscribes from the flow, and fails who takes with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The options, checked. */
export interface TakePlan {
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

/** Their names. */
export const TAKE_NAMES = ['signal', 'maxBuffered', 'maxBufferedBytes', 'sizeOf'] as const;

/** @throws InvalidOptions */
export function planTaking(
  operator: string,
  flow: unknown,
  options: TakeOptions,
  moreNames: readonly string[] = [],
): TakePlan {
  if (!isSubscribable(flow)) refuse('flow', flow, 'a flow, or another Observable');
  refuseUnknown(options, [...TAKE_NAMES, ...moreNames]);
  const { maxBuffered, maxBufferedBytes, sizeOf } = options;
  return {
    limits: readQueueLimits(operator, { maxBuffered, maxBufferedBytes, sizeOf }),
    signal: read(options, 'signal', checkSignal),
  };
}

const isSubscribable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'subscribe' in value && typeof value.subscribe === 'function';
