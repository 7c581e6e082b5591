import { Failure, type FailureDetails, named } from './base.ts';
import { oneLine, optionalLine } from './one-line.ts';

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
 * What came is not what it should be: no valid JSON, a wrong header, a failed validation; or a message that is to be sent fails
 * its validation. `where` and the sentence say in one line where in the message and why; `cause` is what the decoder said.
 *
 * From framings with a format, and `typed`.
 */
export class DecodeFailed extends Failure {
  readonly _tag = 'DecodeFailed' as const;
  /** Where in the message, such as `user.age` or `position 17`; undefined when that isn't known, or it is the message as a whole. */
  readonly where: string | undefined;
  constructor(
    details: FailureDetails & {
      readonly where?: string | undefined;
      /** Why, in words that follow a colon. Without it, what `cause` says. */
      readonly reason?: string | undefined;
    } = {},
  ) {
    const { where, cause, reason = cause instanceof Error ? cause.message : undefined } = details;
    const at = where === undefined ? '' : ` at ${oneLine(where)}`;
    const why = reason === undefined ? '' : `: ${oneLine(reason)}`;
    super(details, `a message${named(details, 'from ')} could not be decoded${at}${why}`);
    this.where = optionalLine(where);
  }
  override get name(): 'DecodeFailed' {
    return 'DecodeFailed';
  }
}
