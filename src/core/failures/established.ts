import { Failure, type FailureDetails, named } from './base.ts';

/**
 * The peer reset the connection (`ECONNRESET`): it crashed, or closed with data of ours unread.
 *
 * From reading and writing; from `connect` when the reset came at once.
 */
export class ConnectionReset extends Failure {
  readonly _tag = 'ConnectionReset' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the connection${named(details, 'to ')} was reset by the peer`);
  }
  override get name(): 'ConnectionReset' {
    return 'ConnectionReset';
  }
}

/**
 * The connection was given up on this side: by an `AbortSignal` or by the system (`ECONNABORTED`).
 *
 * From `connect`, reading and writing.
 */
export class ConnectionAborted extends Failure {
  readonly _tag = 'ConnectionAborted' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the connection${named(details, 'to ')} was aborted`);
  }
  override get name(): 'ConnectionAborted' {
    return 'ConnectionAborted';
  }
}

/**
 * The system gave up on the peer of an established connection: what was sent, or a keep-alive
 * probe, was not acknowledged for too long (`ETIMEDOUT`), or the route was lost (`EHOSTUNREACH`,
 * `ENETUNREACH` …); `code` says which. While dialling these are `ConnectTimeout`, `HostUnreachable`
 * and `NetworkUnreachable`.
 *
 * From reading and writing.
 */
export class ConnectionTimedOut extends Failure {
  readonly _tag = 'ConnectionTimedOut' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the peer${named(details, '')} no longer answers: the system gave up on the connection`);
  }
  override get name(): 'ConnectionTimedOut' {
    return 'ConnectionTimedOut';
  }
}

/**
 * Something was written after the peer had closed (`EPIPE`, `ESHUTDOWN`).
 *
 * From writing; from reading too, when the write's failure ended the connection.
 */
export class BrokenPipe extends Failure {
  readonly _tag = 'BrokenPipe' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the peer${named(details, '')} no longer takes data`);
  }
  override get name(): 'BrokenPipe' {
    return 'BrokenPipe';
  }
}

/**
 * The connection is closed already, by either side, and no other failure says why: a write after
 * `end` or `destroy`, or bytes that were cut off by a `destroy`.
 *
 * From reading and writing.
 */
export class ConnectionClosed extends Failure {
  readonly _tag = 'ConnectionClosed' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the connection${named(details, 'to ')} is closed`);
  }
  override get name(): 'ConnectionClosed' {
    return 'ConnectionClosed';
  }
}

/**
 * `incoming` has a subscriber, and takes one at a time. Use `share()` to give the same bytes to
 * several.
 *
 * From subscribing to `incoming`.
 */
export class AlreadySubscribed extends Failure {
  readonly _tag = 'AlreadySubscribed' as const;
  constructor(details: FailureDetails = {}) {
    super(
      details,
      `the bytes of the connection${named(details, 'to ')} have a subscriber already; use share() to give them to several`,
    );
  }
  override get name(): 'AlreadySubscribed' {
    return 'AlreadySubscribed';
  }
}

/** What a bounded queue counts. */
export type QueueUnit = 'bytes' | 'items';

const overflowAdvice: Readonly<Record<QueueUnit, string>> = {
  bytes:
    'wait for "drain" when write() returns false; give sendTo() what can be paused (a connection, an iterable) ' +
    'instead of a timer or a Subject; or raise maxQueued',
  items:
    'the source can not be paused: take it from what can be (a connection, from() of an iterable), ' +
    'thin it out before (sampleTime, throttleTime), or raise highWaterMark',
};

/**
 * A queue reached its bound, and what fills it can not be paused: `write()` without regard for its
 * result, or a source such as a timer in front of a slow consumer.
 *
 * From `write()` above `maxQueued`, `sendTo`, and the paced operators.
 */
export class BufferOverflow extends Failure {
  readonly _tag = 'BufferOverflow' as const;
  /** The bound. */
  readonly limit: number;
  /** What would have been queued. */
  readonly queued: number;
  /** What `limit` and `queued` count. */
  readonly unit: QueueUnit;
  constructor(
    details: FailureDetails & {
      readonly limit: number;
      readonly queued: number;
      /** @defaultValue `'bytes'` */
      readonly unit?: QueueUnit | undefined;
    },
  ) {
    const { limit, queued, unit = 'bytes' } = details;
    super(
      details,
      `${queued} ${unit} were queued${named(details, 'for ')}, the limit is ${limit}: ${overflowAdvice[unit]}`,
    );
    this.limit = limit;
    this.queued = queued;
    this.unit = unit;
  }
  override get name(): 'BufferOverflow' {
    return 'BufferOverflow';
  }
}

/**
 * A request was on its way when the connection ended: the peer may have acted on it or not. `cause`
 * says how the connection ended. Only the caller knows whether asking again is safe.
 *
 * From requests over a connection that is made anew (`reconnecting`, `rpc`).
 */
export class PossiblyDelivered extends Failure {
  readonly _tag = 'PossiblyDelivered' as const;
  constructor(details: FailureDetails = {}) {
    super(
      details,
      `the connection${named(details, 'to ')} ended before the answer came: the request may have been delivered`,
    );
  }
  override get name(): 'PossiblyDelivered' {
    return 'PossiblyDelivered';
  }
}
