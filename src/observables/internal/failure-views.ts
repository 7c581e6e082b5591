import {
  ConnectionClosed,
  type FailureDetails,
  type LimitFailure,
  type NetFailure,
  type ReadFailure,
  type WriteFailure,
} from '../../core/failures/index.ts';
import type { HalfEnd } from '../connection.ts';

const readTags: ReadonlySet<string> = new Set([
  'AlreadySubscribed',
  'BrokenPipe',
  'BufferOverflow',
  'ConnectionAborted',
  'ConnectionClosed',
  'ConnectionReset',
  'ConnectionTimedOut',
  'HostUnreachable',
  'NetworkUnreachable',
  'SystemFailure',
] satisfies ReadFailure['_tag'][]);

const writeTags: ReadonlySet<string> = new Set([
  'BrokenPipe',
  'BufferOverflow',
  'ConnectionAborted',
  'ConnectionClosed',
  'ConnectionReset',
  'ConnectionTimedOut',
  'HostUnreachable',
  'InvalidOptions',
  'NetworkUnreachable',
  'SystemFailure',
] satisfies WriteFailure['_tag'][]);

function isReadFailure(failure: NetFailure): failure is ReadFailure {
  return readTags.has(failure._tag);
}

function isWriteFailure(failure: NetFailure): failure is WriteFailure {
  return writeTags.has(failure._tag);
}

/**
 * What a reader is told when the connection ends for `cause`. Reasons that its type doesn't name, such as a
 * time limit that somebody else set, come as the cause of a `ConnectionClosed`.
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

const limitTags: ReadonlySet<string> = new Set([
  'ConsumerStalled',
  'DeadlineExceeded',
  'FirstByteTimeout',
  'IdleTimeout',
  'MessageTimeout',
  'ReadTimeout',
  'WriteTimeout',
] satisfies LimitFailure['_tag'][]);

export function isLimitFailure(failure: NetFailure): failure is LimitFailure {
  return limitTags.has(failure._tag);
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
