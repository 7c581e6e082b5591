import { isIPv6, isMappedIP } from '../core/ip.ts';
import { ANY_IPV4, type BoundAddress, isForMany, isOfLink } from './bound-address.ts';

const LOOPBACK_IPV4 = '127.0.0.1';
const LOOPBACK_IPV6 = '::1';

/**
 * The error's code with which Linux refuses to connect a socket that is bound to `source` before it
 * looks for a route.
 */
function refusesFamily(source: BoundAddress, target: BoundAddress): string | undefined {
  const isToIPv4 = isMappedIP(target.shown);
  if (isToIPv4 && source.family === 6 && !source.isWildcard && isIPv6(source.value)) return 'ENETUNREACH';
  const isFromIPv4 = isMappedIP(source.shown);
  // A wildcard target takes the family of the source.
  return target.family === 6 && !isToIPv4 && !target.isWildcard && isFromIPv4 ? 'EAFNOSUPPORT' : undefined;
}

/**
 * The address that a dial means, not mapped: a wildcard is this machine, by the socket's own
 * address or the loopback's.
 */
function meant(source: BoundAddress, { value, isWildcard }: BoundAddress): string {
  if (!isWildcard) return value;
  if (value === ANY_IPV4) return source.isWildcard || isForMany(source.value) ? LOOPBACK_IPV4 : source.value;
  return isMappedIP(source.shown) ? LOOPBACK_IPV4 : LOOPBACK_IPV6;
}

/** Where a dial goes, as Linux sees it; the addresses are not mapped. */
export interface RouteTo {
  readonly value: string;
  /** The address that the socket is bound to, unless that is none of one machine. */
  readonly own: string | undefined;
  /** The error's code where nothing goes there, whatever hosts there are. */
  readonly code: string | undefined;
}

/**
 * Finds where a socket that is bound to `source` goes when it dials `text`, which `target` is the
 * value of.
 */
export function routeTo(source: BoundAddress, target: BoundAddress, text: string): RouteTo {
  const value = meant(source, target);
  // What is bound to the address of many sends from one of its own.
  const own = source.isWildcard || isForMany(source.value) ? undefined : source.value;
  return { value, own, code: refusesTarget(value, text) ?? refusesFamily(source, target) };
}

function refusesTarget(value: string, text: string): string | undefined {
  if (isForMany(value)) return 'ENETUNREACH';
  if (!isOfLink(value)) return undefined;
  return text.includes('%') ? 'ENETUNREACH' : 'EINVAL';
}
