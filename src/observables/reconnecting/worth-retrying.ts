import type { FailureTag, NetFailure } from '../../core/failures/index.ts';

/** What trying again doesn't mend, or must not be tried again without the caller's word. */
const final: ReadonlySet<FailureTag> = new Set<FailureTag>([
  // The program says so each time.
  'AlreadySubscribed',
  'InvalidOptions',
  // Somebody else has to change something.
  'PermissionDenied',
  // The two ends don't speak the same protocol.
  'DecodeFailed',
  'FrameTooLarge',
  // The peer may have acted on it: a second time is the caller's decision.
  'PossiblyDelivered',
]);

/**
 * Whether another attempt may end otherwise: what `reconnecting` goes by unless it is told.
 *
 * False for what the program or somebody's rights have to change (`InvalidOptions`, `AlreadySubscribed`, `PermissionDenied`), for a peer that
 * speaks another protocol (`DecodeFailed`, `FrameTooLarge`), for `PossiblyDelivered`, and for what was aborted on this side.
 *
 * @example
 * ```ts
 * import { ConnectionRefused, isWorthRetrying, PermissionDenied } from 'rxjs-net';
 *
 * console.log(isWorthRetrying(new ConnectionRefused())); // => true
 * console.log(isWorthRetrying(new PermissionDenied())); // => false
 * ```
 */
export function isWorthRetrying(failure: NetFailure): boolean {
  // The system aborts connections too; without its code it was an AbortSignal, or we ourselves.
  if (failure._tag === 'ConnectionAborted') return failure.code === 'ECONNABORTED';
  return !final.has(failure._tag);
}
