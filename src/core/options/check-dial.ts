import { isIP } from '../ip.ts';
import { refuse } from './refuse.ts';

/** An IP address, no name. */
export function checkIP(name: string, value: unknown): string {
  return typeof value === 'string' && isIP(value) !== 0 ? value : refuse(name, value, 'an IP address');
}

/** `ADDRCONFIG | V4MAPPED | ALL`; the values of these flags are the platform's. */
const HINTS: Readonly<Partial<Record<NodeJS.Platform, number>>> = {
  linux: 0x38,
  darwin: 0xd00,
  freebsd: 0xd00,
  win32: 0xd00,
};

/**
 * Flags for a lookup. They are listed here since `node:dns` is for the provider alone; on a platform that
 * isn't listed the system judges.
 *
 * @param platform - for tests; by default the platform of the process.
 */
export function checkHints(name: string, value: unknown, platform: NodeJS.Platform = process.platform): number {
  const mask = HINTS[platform] ?? 0x7fff_ffff;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mask && (value & ~mask) === 0) {
    return value + 0;
  }
  return refuse(name, value, 'a combination of the flags ADDRCONFIG, V4MAPPED and ALL of node:dns');
}
