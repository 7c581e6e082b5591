import { checkSignal, refuseUnknown } from '../../core/options/index.ts';
import { read } from '../internal/read-options.ts';
import { type Limits, type QueueOptions, readQueueLimits } from '../pacing/limits.ts';

/** Options of what takes a flow out of the library. The queue is for sources that can't be made to wait. */
export interface TakeOptions extends QueueOptions {
  /** Ends it: unsubscribes from the flow, and fails who takes with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The options, checked. */
export interface TakePlan {
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

const NAMES = ['signal', 'highWaterMark', 'highWaterMarkBytes'] as const;

/** @throws InvalidOptions */
export function planTaking(operator: string, options: TakeOptions, moreNames: readonly string[] = []): TakePlan {
  refuseUnknown(options, [...NAMES, ...moreNames]);
  const { highWaterMark, highWaterMarkBytes } = options;
  return {
    limits: readQueueLimits(operator, { highWaterMark, highWaterMarkBytes }),
    signal: read(options, 'signal', checkSignal),
  };
}
