import { canonicalIP, isIPv4, isIPv6, mappedIP, unmappedIP } from '../core/ip.ts';

/** The wildcard of each family: every address of the machine. */
export const ANY_IPV4 = '0.0.0.0';
export const ANY_IPV6 = '::';

/**
 * The address that a socket is bound to, as a value: two spellings of one address are equal, and a
 * mapped one is one of IPv4.
 */
export interface BoundAddress {
  /** As `address()` shows it. */
  readonly shown: string;
  /** An IPv4-mapped address is its IPv4 address here. */
  readonly value: string;
  /** The socket's family, by which it shows its peers. */
  readonly family: 4 | 6;
  readonly isWildcard: boolean;
  /** The families whose packets reach it: `::` has both, unless it is for IPv6 only. */
  readonly reachesIPv4: boolean;
  readonly reachesIPv6: boolean;
}

/** Binds a socket to an address, which `text` must be. */
export function boundTo(text: string, ipv6Only = false): BoundAddress {
  const shown = canonicalIP(text) ?? text;
  const value = unmappedIP(shown);
  const isDual = shown === ANY_IPV6 && !ipv6Only;
  return {
    shown,
    value,
    family: isIPv6(shown) ? 6 : 4,
    isWildcard: shown === ANY_IPV6 || value === ANY_IPV4,
    reachesIPv4: isDual || isIPv4(value),
    reachesIPv6: isIPv6(value),
  };
}

/** Whether some packet could be for both. */
export function overlap(one: BoundAddress, other: BoundAddress): boolean {
  const meet = (one.reachesIPv4 && other.reachesIPv4) || (one.reachesIPv6 && other.reachesIPv6);
  return meet && (one.isWildcard || other.isWildcard || one.value === other.value);
}

/**
 * How well a listener there suits a packet for `value`: 0 not at all; an exact address comes before
 * a wildcard, and its own family before both.
 */
export function suits(bound: BoundAddress, value: string): number {
  const isSix = isIPv6(value);
  if (!(isSix ? bound.reachesIPv6 : bound.reachesIPv4)) return 0;
  if (bound.isWildcard) return !isSix && bound.family === 4 ? 2 : 1;
  return bound.value !== value ? 0 : !isSix && bound.family === 4 ? 4 : 3;
}

/**
 * How a socket of a family shows an address: one of IPv6 shows IPv4 peers as mapped (RFC 4291,
 * section 2.5.5.2).
 */
export function shownBy(family: 4 | 6, value: string): string {
  return family === 6 ? mappedIP(value) : value;
}

export function isLoopback(value: string): boolean {
  return value.startsWith('127.') || value === '::1';
}

/** Addresses of no single machine: multicast, and the broadcast of IPv4. */
export function isForMany(value: string): boolean {
  const first = Number.parseInt(value, 10);
  return isIPv4(value) ? (first >= 224 && first < 240) || value === '255.255.255.255' : /^ff[0-9a-f]{2}:/.test(value);
}

/** Addresses that mean something only with a zone, `%eth0`: those of one link. */
export function isOfLink(value: string): boolean {
  return /^(?:fe[89ab][0-9a-f]|ff[0-9a-f]2):/.test(value);
}
