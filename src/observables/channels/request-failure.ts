import { ConnectionClosed, isNetFailure } from '../../core/failures/index.ts';
import { asWriteFailure } from '../internal/failure-views.ts';
import type { RequestFailure } from './rpc-types.ts';

/** The failure of a request that never left: the reason as it is, where the type of requests names it. */
export function asRequestFailure(
  error: unknown,
  details: ConstructorParameters<typeof ConnectionClosed>[0] = {},
): RequestFailure {
  if (!isNetFailure(error)) return new ConnectionClosed({ ...details, cause: error });
  return error._tag === 'AlreadySubscribed' ? error : asWriteFailure(error, details);
}
