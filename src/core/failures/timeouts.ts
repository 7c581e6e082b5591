import { Failure, type FailureDetails, named } from './base.ts';

/** The details of a failure that a time limit caused. */
export interface TimeoutDetails extends FailureDetails {
  /** The limit that was passed, in ms. */
  readonly limit: number;
}

/**
 * The connection did not stand within `connectTimeout`, or the system gave up first (`ETIMEDOUT` while
 * dialling; `limit` is then unknown).
 *
 * From `connect`.
 */
export class ConnectTimeout extends Failure {
  readonly _tag = 'ConnectTimeout' as const;
  /** The limit that was passed, in ms; undefined when it was the system's own. */
  readonly limit: number | undefined;
  constructor(details: FailureDetails & { readonly limit?: number | undefined } = {}) {
    const { limit } = details;
    super(
      details,
      `the connection${named(details, 'to ')} was not established ${limit === undefined ? 'in time' : `within ${limit} ms`}`,
    );
    this.limit = limit;
  }
  override get name(): 'ConnectTimeout' {
    return 'ConnectTimeout';
  }
}

/**
 * No byte went either way for that long.
 *
 * From `idleTimeout`.
 */
export class IdleTimeout extends Failure {
  readonly _tag = 'IdleTimeout' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(details, `no byte went either way on the connection${named(details, 'to ')} for ${details.limit} ms`);
    this.limit = details.limit;
  }
  override get name(): 'IdleTimeout' {
    return 'IdleTimeout';
  }
}

/**
 * Data was wanted for that long, and none came. Time in which the consumer held the source is not counted.
 *
 * From `readTimeout`.
 */
export class ReadTimeout extends Failure {
  readonly _tag = 'ReadTimeout' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(details, `no data came${named(details, 'from ')} for ${details.limit} ms`);
    this.limit = details.limit;
  }
  override get name(): 'ReadTimeout' {
    return 'ReadTimeout';
  }
}

/**
 * The peer connected and sent nothing for that long.
 *
 * From `firstByteTimeout`.
 */
export class FirstByteTimeout extends Failure {
  readonly _tag = 'FirstByteTimeout' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(details, `the first byte did not come${named(details, 'from ')} within ${details.limit} ms`);
    this.limit = details.limit;
  }
  override get name(): 'FirstByteTimeout' {
    return 'FirstByteTimeout';
  }
}

/**
 * Bytes were queued for that long, and none of them could be handed to the system: the peer doesn't read.
 *
 * From `writeTimeout`.
 */
export class WriteTimeout extends Failure {
  readonly _tag = 'WriteTimeout' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(details, `no queued byte could be sent${named(details, 'to ')} for ${details.limit} ms`);
    this.limit = details.limit;
  }
  override get name(): 'WriteTimeout' {
    return 'WriteTimeout';
  }
}

/**
 * A message had begun to come, and was not there in full after that long.
 *
 * From `messageTimeout`.
 */
export class MessageTimeout extends Failure {
  readonly _tag = 'MessageTimeout' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(
      details,
      `a message that had begun did not come${named(details, 'from ')} in full within ${details.limit} ms`,
    );
    this.limit = details.limit;
  }
  override get name(): 'MessageTimeout' {
    return 'MessageTimeout';
  }
}

/**
 * The whole took longer than allowed, however lively it was.
 *
 * From `deadline`.
 */
export class DeadlineExceeded extends Failure {
  readonly _tag = 'DeadlineExceeded' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  constructor(details: TimeoutDetails) {
    super(details, `the connection${named(details, 'to ')} did not finish within ${details.limit} ms`);
    this.limit = details.limit;
  }
  override get name(): 'DeadlineExceeded' {
    return 'DeadlineExceeded';
  }
}

/**
 * A consumer has paused the connection for that long, and its work neither emitted nor completed
 * meanwhile. Work that waits for what this connection would bring waits for itself.
 *
 * From `stallTimeout`.
 */
export class ConsumerStalled extends Failure {
  readonly _tag = 'ConsumerStalled' as const;
  /** The limit that was passed, in ms. */
  readonly limit: number;
  /** The operator whose work did not move, such as `concatMap`. */
  readonly operator: string;
  constructor(details: TimeoutDetails & { readonly operator?: string | undefined }) {
    const { limit, operator = 'a consumer' } = details;
    super(
      details,
      `${operator} has paused the connection${named(details, 'to ')} for ${limit} ms, and its work neither emitted nor completed: ` +
        'work that waits for what this connection brings must not pause it',
    );
    this.limit = limit;
    this.operator = operator;
  }
  override get name(): 'ConsumerStalled' {
    return 'ConsumerStalled';
  }
}
