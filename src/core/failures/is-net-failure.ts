import type { FailureTag, NetFailure } from './unions.ts';

/** A record rather than a list, so that the compiler sees when a tag is missing. */
const tags: Readonly<Record<FailureTag, true>> = {
  AddressInUse: true,
  AddressNotAvailable: true,
  AlreadySubscribed: true,
  BrokenPipe: true,
  BufferOverflow: true,
  ConnectTimeout: true,
  ConnectionAborted: true,
  ConnectionClosed: true,
  ConnectionRefused: true,
  ConnectionReset: true,
  ConnectionTimedOut: true,
  ConsumerStalled: true,
  DeadlineExceeded: true,
  DecodeFailed: true,
  FirstByteTimeout: true,
  FrameTooLarge: true,
  FrameTruncated: true,
  HostNotFound: true,
  HostUnreachable: true,
  IdleTimeout: true,
  InvalidOptions: true,
  MessageTimeout: true,
  NetworkUnreachable: true,
  PathNotFound: true,
  PermissionDenied: true,
  PoolExhausted: true,
  PossiblyDelivered: true,
  ReadTimeout: true,
  SystemFailure: true,
  TooManyFiles: true,
  WriteTimeout: true,
};

/** Whether a value is the tag of a failure. */
export function isFailureTag(value: unknown): value is FailureTag {
  return typeof value === 'string' && Object.hasOwn(tags, value);
}

/**
 * Whether an error is one of the library's failures; anything else in an error channel is a defect
 * (an exception of the caller's own code). It looks at the tag and the shape, so it is right for
 * failures of another copy of the package, too.
 */
export function isNetFailure(value: unknown): value is NetFailure {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return (
      '_tag' in value &&
      isFailureTag(value._tag) &&
      'name' in value &&
      value.name === value._tag &&
      'message' in value &&
      typeof value.message === 'string' &&
      'code' in value &&
      'syscall' in value &&
      'address' in value &&
      'port' in value
    );
  } catch {
    // A proxy or a getter that throws is none of ours.
    return false;
  }
}
