import { BufferOverflow, ConnectionClosed, DecodeFailed, isNetFailure } from '../../core/failures/index.ts';
import { asWriteFailure } from '../internal/failure-views.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import type { RequestFailure } from './rpc-types.ts';

/** The failure of a request that never left: the reason as it is, where the type of requests names it. */
export function asRequestFailure(
  error: unknown,
  details: ConstructorParameters<typeof ConnectionClosed>[0] = {},
): RequestFailure {
  if (!isNetFailure(error)) return new ConnectionClosed({ ...details, cause: error });
  return error._tag === 'AlreadySubscribed' ? error : asWriteFailure(error, details);
}

/** The failure of a message that answers no request, where the program takes none of these. */
export function answersNothing(connection: LiveConnection): DecodeFailed {
  const message = 'a message came that answers no request: the option "unmatched" takes such messages';
  return new DecodeFailed({ ...connection.failureDetails(), message });
}

/** The failure of a request for which there is no room: `queued` items would wait. */
export function overflowOf(connection: LiveConnection, limit: number, queued: number, message: string): BufferOverflow {
  return new BufferOverflow({ ...connection.failureDetails(), limit, queued, unit: 'items', message });
}
