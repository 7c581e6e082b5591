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
function groups(part: string, last: boolean): number {
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
  if (tail === undefined) return groups(head, true) === 8;
  // "::" stands for one group at least.
  return groups(head, false) + groups(tail, true) <= 7;
}

/** 4 or 6 for an IP address of that version, else 0. The core may not ask `node:net` outside its provider. */
export function isIP(text: string): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}
