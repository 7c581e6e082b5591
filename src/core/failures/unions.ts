import type {
  HostNotFound,
  HostUnreachable,
  NetworkUnreachable,
  PathNotFound,
  PermissionDenied,
  TooManyFiles,
} from './connecting.ts';
import type { BufferOverflow, ConnectionAborted, ConnectionReset, ConnectionTimedOut } from './established.ts';
import type {
  ConnectionLost,
  LocalFailure,
  Overload,
  ProtocolFailure,
  TimeLimit,
  Unanswered,
  Unreachable,
} from './groups.ts';
import type { InvalidOptions } from './invalid-options.ts';
import type { SystemFailure } from './system-failure.ts';

/** Everything that can fail, told apart by `_tag`. */
export type NetFailure =
  ConnectionLost | LocalFailure | Overload | ProtocolFailure | TimeLimit | Unanswered | Unreachable;

/** The class of failure that a tag stands for: `FailureByTag['IdleTimeout']` is `IdleTimeout`. */
export type FailureByTag = { readonly [F in NetFailure as F['_tag']]: F };

/** The tags of all failures. */
export type FailureTag = NetFailure['_tag'];

/**
 * What can fail in each phase. A lookup happens before dialling as well as before listening.
 *
 * An interface, so that these unions have no name of their own: unions that overlap, such as those
 * of dialling and reading, would lose all their names where they are joined.
 */
export interface FailureByPhase {
  readonly lookup: HostNotFound | LocalFailure | PathNotFound;
  readonly connect: ConnectionAborted | ConnectionReset | LocalFailure | Unreachable;
  readonly listen: HostNotFound | LocalFailure | PathNotFound;
  readonly accept:
    | ConnectionAborted
    | ConnectionReset
    | ConnectionTimedOut
    | HostUnreachable
    | NetworkUnreachable
    | PermissionDenied
    | SystemFailure
    | TooManyFiles;
  readonly read: ConnectionLost | Overload | SystemFailure;
  readonly write: BufferOverflow | ConnectionLost | InvalidOptions | SystemFailure;
}

/** What was being done when an error came. */
export type Phase = keyof FailureByPhase;

/** What dialling can fail with. */
export type ConnectFailure = FailureByPhase['connect'];

/** What listening can fail with. */
export type ListenFailure = FailureByPhase['listen'];

/** What accepting one connection can fail with; the listener itself goes on. */
export type AcceptFailure = FailureByPhase['accept'];

/** What a time limit over a connection fails with. */
export type LimitFailure = TimeLimit;

/** What reading from a connection can fail with, before any operator adds its own. */
export type ReadFailure = FailureByPhase['read'];

/** What writing to a connection can fail with. */
export type WriteFailure = FailureByPhase['write'];
