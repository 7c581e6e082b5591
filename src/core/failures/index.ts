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
export type { FailureGroup } from './failure-group.ts';
export { DecodeFailed, FrameTooLarge, FrameTruncated } from './framing.ts';
export { type FailureContext, toNetFailure } from './from-system-error.ts';
export { InvalidOptions } from './invalid-options.ts';
export { isStall } from './is-stall.ts';
export { isNetFailure } from './is-net-failure.ts';
export type { FailureByPhase, Phase } from './phases.ts';
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
  FailureByTag,
  FailureTag,
  LimitFailure,
  ListenFailure,
  NetFailure,
  ReadFailure,
  WriteFailure,
} from './unions.ts';
