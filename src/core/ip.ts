const V4_SEGMENT = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)';
const V4 = `(?:${V4_SEGMENT}\\.){3}${V4_SEGMENT}`;
const IPV4 = new RegExp(`^${V4}$`);

const V6_SEGMENT = '[0-9a-fA-F]{1,4}';
/** A zone index: the name or number of a network interface, as in `fe80::1%eth0`. */
const ZONE = '(?:%[0-9a-zA-Z\\-.:]+)?';

/** The longest IPv6 address with an IPv4 tail has 45 characters; the rest is for the zone. */
const LONGEST_V6 = 300;
const SEGMENT = new RegExp(`^${V6_SEGMENT}$`);
const WITH_ZONE = new RegExp(`^([^%]*)${ZONE}$`);

/** How many 16-bit groups a part of an IPv6 address has, or NaN when it is malformed. */
function countGroups(part: string, last: boolean): number {
  if (part === '') return 0;
  const segments = part.split(':');
  let count = 0;
  for (const [index, segment] of segments.entries()) {
    if (SEGMENT.test(segment)) count += 1;
    else if (last && index === segments.length - 1 && IPV4.test(segment)) count += 2;
    else return Number.NaN;
  }
  return count;
}

/** Whether the text is an IPv4 address in dotted decimal form, without leading zeros. */
export function isIPv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether the text is an IPv6 address; a zone index (`%eth0`) is allowed. */
export function isIPv6(text: string): boolean {
  if (text.length > LONGEST_V6) return false;
  const address = WITH_ZONE.exec(text)?.[1];
  if (address === undefined) return false;
  const [head, tail, ...more] = address.split('::');
  if (head === undefined || more.length > 0) return false;
  if (tail === undefined) return countGroups(head, true) === 8;
  // "::" stands for one group at least.
  return countGroups(head, false) + countGroups(tail, true) <= 7;
}

/** 4 or 6 for an IP address of that version, else 0. The core may not ask `node:net` outside its provider. */
export function isIP(text: string): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

const GROUPS = 8;

/** The groups that a part of a checked IPv6 address stands for. */
function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((segment) => {
    if (!segment.includes('.')) return [Number.parseInt(segment, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = segment.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/**
 * Where the longest run of zero groups begins, the first of equals; a run of one group is none (RFC
 * 5952).
 */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best.length > 1 ? best : { start: 0, length: 0 };
}

function formatGroups(groups: readonly number[]): string {
  const hex = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  const { start, length } = longestZeros(groups);
  if (length === 0) return hex(groups);
  const isMapped = start === 0 && length === 5 && groups[5] === 0xff_ff;
  // The deprecated form `::1.2.3.4` (RFC 4291, section 2.5.5.1), which the system still prints.
  const isCompatible = start === 0 && length === 6;
  if (!isMapped && !isCompatible) return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 255]);
  return `${isMapped ? MAPPED : '::'}${bytes.join('.')}`;
}

/**
 * The beginning of an IPv6 address that stands for one of IPv4 (RFC 4291, section 2.5.5.2), as
 * `canonicalIP` spells it.
 */
const MAPPED = '::ffff:';

/**
 * The address as the system spells it (RFC 5952), without its zone: equal texts are equal
 * addresses. `undefined` for what is none. An IPv4-mapped address stays one of IPv6,
 * `::ffff:127.0.0.1`; see `unmappedIP`.
 */
export function canonicalIP(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const [address = ''] = text.split('%');
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => 0);
  return formatGroups([...before, ...zeros, ...after]);
}

/** Whether a canonical address is IPv4-mapped. */
export function isMappedIP(canonical: string): boolean {
  return canonical.startsWith(MAPPED) && canonical.includes('.');
}

/** The IPv4 address that a mapped one stands for; any other as it is. Takes canonical addresses. */
export function unmappedIP(canonical: string): string {
  return isMappedIP(canonical) ? canonical.slice(MAPPED.length) : canonical;
}

/** The IPv4-mapped form of an IPv4 address; one of IPv6 as it is. Takes canonical addresses. */
export function mappedIP(canonical: string): string {
  return canonical.includes(':') ? canonical : MAPPED + canonical;
}
