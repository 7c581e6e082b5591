import type { FailureTag } from './unions.ts';

/**
 * Which attempt tells most when all addresses of a host were tried in vain: the one that came farthest.
 * An answer of the peer comes before an answer on the way, that before silence, and that before what never
 * left this machine, such as IPv6 without a route. Tags that are not listed come last.
 */
const byProgress: readonly FailureTag[] = [
  // The peer answered.
  'ConnectionReset',
  'ConnectionRefused',
  // Something on the way answered.
  'PermissionDenied',
  'HostUnreachable',
  // Nobody answered.
  'ConnectTimeout',
  // It never left this machine.
  'TooManyFiles',
  'AddressInUse',
  'NetworkUnreachable',
  'AddressNotAvailable',
  'HostNotFound',
  'ConnectionAborted',
];

function rank(tag: FailureTag): number {
  const place = byProgress.indexOf(tag);
  return place === -1 ? byProgress.length : place;
}

/** The attempt that tells most; of equals the first, which is the address that the resolver prefers. */
export function mostTelling<T extends { readonly _tag: FailureTag }>(attempts: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const attempt of attempts) {
    if (best === undefined || rank(attempt._tag) < rank(best._tag)) best = attempt;
  }
  return best;
}
