import type {
  AddressInUse,
  AddressNotAvailable,
  ConnectionRefused,
  HostNotFound,
  HostUnreachable,
  NetworkUnreachable,
  PathNotFound,
  PermissionDenied,
  TooManyFiles,
} from './connecting.ts';
import type {
  AlreadySubscribed,
  BrokenPipe,
  BufferOverflow,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionReset,
  ConnectionTimedOut,
  PossiblyDelivered,
} from './established.ts';
import type { DecodeFailed, FrameTooLarge, FrameTruncated } from './framing.ts';
import type { InvalidOptions } from './invalid-options.ts';
import type { PoolExhausted } from './pool.ts';
import type { SystemFailure } from './system-failure.ts';
import type {
  ConnectTimeout,
  ConsumerStalled,
  DeadlineExceeded,
  FirstByteTimeout,
  IdleTimeout,
  MessageTimeout,
  ReadTimeout,
  WriteTimeout,
} from './timeouts.ts';

/** Everything that can fail, told apart by `_tag`. */
export type NetFailure =
  | AddressInUse
  | AddressNotAvailable
  | AlreadySubscribed
  | BrokenPipe
  | BufferOverflow
  | ConnectTimeout
  | ConnectionAborted
  | ConnectionClosed
  | ConnectionRefused
  | ConnectionReset
  | ConnectionTimedOut
  | ConsumerStalled
  | DeadlineExceeded
  | DecodeFailed
  | FirstByteTimeout
  | FrameTooLarge
  | FrameTruncated
  | HostNotFound
  | HostUnreachable
  | IdleTimeout
  | InvalidOptions
  | MessageTimeout
  | NetworkUnreachable
  | PathNotFound
  | PermissionDenied
  | PoolExhausted
  | PossiblyDelivered
  | ReadTimeout
  | SystemFailure
  | TooManyFiles
  | WriteTimeout;

/** The class of failure that a tag stands for: `FailureByTag['IdleTimeout']` is `IdleTimeout`. */
export type FailureByTag = { readonly [F in NetFailure as F['_tag']]: F };

/** The tags of all failures. */
export type FailureTag = NetFailure['_tag'];

/** What dialling can fail with. */
export type ConnectFailure =
  | AddressInUse
  | AddressNotAvailable
  | ConnectTimeout
  | ConnectionAborted
  | ConnectionRefused
  | ConnectionReset
  | HostNotFound
  | HostUnreachable
  | InvalidOptions
  | NetworkUnreachable
  | PathNotFound
  | PermissionDenied
  | SystemFailure
  | TooManyFiles;

/** What listening can fail with. */
export type ListenFailure =
  | AddressInUse
  | AddressNotAvailable
  | HostNotFound
  | InvalidOptions
  | PathNotFound
  | PermissionDenied
  | SystemFailure
  | TooManyFiles;

/** What accepting one connection can fail with; the listener itself goes on. */
export type AcceptFailure =
  | ConnectionAborted
  | ConnectionReset
  | ConnectionTimedOut
  | HostUnreachable
  | NetworkUnreachable
  | PermissionDenied
  | SystemFailure
  | TooManyFiles;

/** What a time limit over a connection fails with. */
export type LimitFailure =
  ConsumerStalled | DeadlineExceeded | FirstByteTimeout | IdleTimeout | MessageTimeout | ReadTimeout | WriteTimeout;

/** What reading from a connection can fail with, before any operator adds its own. */
export type ReadFailure =
  | AlreadySubscribed
  | BrokenPipe
  | BufferOverflow
  | ConnectionAborted
  | ConnectionClosed
  | ConnectionReset
  | ConnectionTimedOut
  | HostUnreachable
  | NetworkUnreachable
  | SystemFailure;

/** What writing to a connection can fail with. */
export type WriteFailure =
  | BrokenPipe
  | BufferOverflow
  | ConnectionAborted
  | ConnectionClosed
  | ConnectionReset
  | ConnectionTimedOut
  | HostUnreachable
  | InvalidOptions
  | NetworkUnreachable
  | SystemFailure;
