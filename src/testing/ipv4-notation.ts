/** Four bytes at most, in one to four parts: decimal, octal or hexadecimal. */
const NOTATION = /^(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}$/i;

/**
 * The address that `getaddrinfo` reads out of the old notations of `inet_aton`: `127.1`, `0x7f.1`,
 * `2130706433`. The last part stands for all bytes that are left.
 */
export function parseIPv4Notation(text: string): string | undefined {
  if (text.length > 60 || !NOTATION.test(text)) return undefined;
  const parts = text.split('.').map(parsePart);
  const last = parts.pop() ?? Number.NaN;
  const left = 4 - parts.length;
  if (parts.some((part) => !(part <= 255)) || !(last < 256 ** left)) return undefined;
  const rest = Array.from({ length: left }, (_, index) => Math.floor(last / 256 ** (left - 1 - index)) % 256);
  return [...parts, ...rest].join('.');
}

function parsePart(part: string): number {
  if (/^0x/i.test(part)) return Number.parseInt(part, 16);
  if (!/^0[0-9]/.test(part)) return Number(part);
  return /^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number.NaN;
}
