import {
  BufferOverflow,
  ConnectionClosed,
  type FailureDetails,
  InvalidOptions,
  type NetFailure,
} from '../../core/failures/index.ts';
import type { Chunk } from '../../core/transport.ts';
import type { Budget } from '../byte-budget.ts';

/** A connection, as far as its failures name it. */
interface Named {
  failureDetails(): FailureDetails;
}

/** More waits on the connection than its options allow. */
export function overflow(connection: Named, outbox: { readonly bytes: number }, limit: number): BufferOverflow {
  return new BufferOverflow({ ...connection.failureDetails(), limit, queued: outbox.bytes });
}

/** What connections share is used up, and this one has more than its part of it. */
export function budgetOverflow(connection: Named, budget: Budget | undefined): BufferOverflow {
  const { limit = 0, queued = 0, connections = 0 } = budget ?? {};
  return new BufferOverflow({
    ...connection.failureDetails(),
    limit,
    queued,
    message:
      `${queued} bytes are queued on ${connections} connections, which share a budget of ${limit}, and this one has more than its ` +
      'part: wait for "drain" when write() returns false; give sendTo() what can be paused; or give them more',
  });
}

export function writtenAfterEnd(connection: Named): ConnectionClosed {
  return new ConnectionClosed({ ...connection.failureDetails(), message: 'a chunk was written after end()' });
}

/** Whether it can be written. */
export function isChunk(value: unknown): value is Chunk {
  return typeof value === 'string' || value instanceof Uint8Array;
}

export function badChunk(chunk: unknown): InvalidOptions {
  return new InvalidOptions({
    option: 'chunk',
    value: chunk,
    allowed: 'bytes (a Uint8Array) or a string',
  });
}

/** The peer takes nothing: waiting for what is queued to leave is of no use. */
export function isStalled(failure: NetFailure): boolean {
  return failure._tag === 'BufferOverflow' || failure._tag === 'WriteTimeout';
}
