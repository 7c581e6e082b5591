import { Failure, type FailureDetails, named } from './base.ts';

/**
 * A message is longer than the framing allows. What was read of it is discarded.
 *
 * From `lines` and every other framing.
 */
export class FrameTooLarge extends Failure {
  readonly _tag = 'FrameTooLarge' as const;
  /** The framing's `maxLength`, in bytes. */
  readonly limit: number;
  /** What the message has: as its header says, or as far as it was read, in bytes. */
  readonly size: number;
  constructor(details: FailureDetails & { readonly limit: number; readonly size: number }) {
    super(
      details,
      `a message${named(details, 'from ')} has ${details.size} bytes or more, at most ${details.limit} are allowed`,
    );
    this.limit = details.limit;
    this.size = details.size;
  }
  override get name(): 'FrameTooLarge' {
    return 'FrameTooLarge';
  }
}

/**
 * The stream ended in the middle of a message.
 *
 * From every framing whose messages have an end that was not seen.
 */
export class FrameTruncated extends Failure {
  readonly _tag = 'FrameTruncated' as const;
  /** How much of the last message had come, in bytes. */
  readonly pending: number;
  constructor(details: FailureDetails & { readonly pending: number }) {
    super(
      details,
      `the stream${named(details, 'from ')} ended in the middle of a message: ${details.pending} bytes of it had come`,
    );
    this.pending = details.pending;
  }
  override get name(): 'FrameTruncated' {
    return 'FrameTruncated';
  }
}

/**
 * A whole message came and is not what it should be: no valid JSON, a wrong header, a failed validation.
 * `cause` is what the decoder said.
 *
 * From framings with a format, and `typed`.
 */
export class DecodeFailed extends Failure {
  readonly _tag = 'DecodeFailed' as const;
  constructor(details: FailureDetails = {}) {
    const reason = details.cause instanceof Error ? `: ${details.cause.message}` : '';
    super(details, `a message${named(details, 'from ')} could not be decoded${reason}`);
  }
  override get name(): 'DecodeFailed' {
    return 'DecodeFailed';
  }
}
