import {
  ConnectionClosed,
  connectionLost,
  type FailureDetails,
  type LimitFailure,
  type NetFailure,
  overload,
  type ReadFailure,
  timeLimit,
  type WriteFailure,
} from '../../core/failures/index.ts';
import type { HalfEnd } from '../connection.ts';

const readTags: ReadonlySet<string> = new Set<ReadFailure['_tag']>([
  ...connectionLost.tags,
  ...overload.tags,
  'SystemFailure',
]);

const writeTags: ReadonlySet<string> = new Set<WriteFailure['_tag']>([
  ...connectionLost.tags,
  'BufferOverflow',
  'InvalidOptions',
  'SystemFailure',
]);

function isReadFailure(failure: NetFailure): failure is ReadFailure {
  return readTags.has(failure._tag);
}

function isWriteFailure(failure: NetFailure): failure is WriteFailure {
  return writeTags.has(failure._tag);
}

/**
 * What a reader is told when the connection ends for `cause`. Reasons that its type doesn't name,
 * such as a time limit that somebody else set, come as the cause of a `ConnectionClosed`.
 */
export function asReadFailure(cause: NetFailure | undefined, details: FailureDetails): ReadFailure {
  if (cause !== undefined && isReadFailure(cause)) return cause;
  return new ConnectionClosed({ ...details, cause });
}

/** The same for a writer. */
export function asWriteFailure(cause: NetFailure | undefined, details: FailureDetails): WriteFailure {
  if (cause !== undefined && isWriteFailure(cause)) return cause;
  return new ConnectionClosed({ ...details, cause });
}

export function isLimitFailure(failure: NetFailure): failure is LimitFailure {
  return timeLimit.has(failure);
}

const endByTag: Partial<Record<NetFailure['_tag'], HalfEnd>> = {
  ConnectionReset: 'reset',
  BrokenPipe: 'reset',
  ConnectionAborted: 'aborted',
  ConnectionTimedOut: 'timeout',
  ConnectTimeout: 'timeout',
  ConsumerStalled: 'timeout',
  DeadlineExceeded: 'timeout',
  FirstByteTimeout: 'timeout',
  IdleTimeout: 'timeout',
  MessageTimeout: 'timeout',
  ReadTimeout: 'timeout',
  WriteTimeout: 'timeout',
};

/** How the ledger names a half that this failure ended. */
export function halfEndOf(failure: NetFailure): HalfEnd {
  return endByTag[failure._tag] ?? 'failed';
}
