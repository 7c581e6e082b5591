export { Failure, type FailureDetails } from './base.ts';
export {
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
export {
  AlreadySubscribed,
  BrokenPipe,
  BufferOverflow,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionReset,
  ConnectionTimedOut,
  PossiblyDelivered,
  type QueueUnit,
} from './established.ts';
export { DecodeFailed, FrameTooLarge, FrameTruncated } from './framing.ts';
export { type FailureContext, toNetFailure } from './from-system-error.ts';
export {
  type ConnectionLost,
  connectionLost,
  type FailureGroup,
  type GroupOf,
  type LocalFailure,
  localFailure,
  type Overload,
  overload,
  type ProtocolFailure,
  protocolFailure,
  type TimeLimit,
  timeLimit,
  type Unanswered,
  unanswered,
  type Unreachable,
  unreachable,
} from './groups.ts';
export { InvalidOptions } from './invalid-options.ts';
export { isStall } from './is-stall.ts';
export { isNetFailure } from './is-net-failure.ts';
export { PoolExhausted } from './pool.ts';
export { renderValue } from './render-value.ts';
export { SystemFailure } from './system-failure.ts';
export {
  ConnectTimeout,
  ConsumerStalled,
  DeadlineExceeded,
  FirstByteTimeout,
  IdleTimeout,
  MessageTimeout,
  ReadTimeout,
  type TimeoutDetails,
  WriteTimeout,
} from './timeouts.ts';
export type {
  AcceptFailure,
  ConnectFailure,
  FailureByPhase,
  FailureByTag,
  FailureTag,
  LimitFailure,
  ListenFailure,
  NetFailure,
  Phase,
  ReadFailure,
  WriteFailure,
} from './unions.ts';
