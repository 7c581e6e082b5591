import type * as t from 'io-ts';

import { isIP } from '../../core/ip.ts';
import { refuse } from '../../core/options/index.ts';
import { checked } from './checked.ts';

/** @since 0.1.0 */
export interface HostBrand {
  readonly Host: unique symbol;
}

/**
 * A host name in ASCII or an IP address, that was checked.
 *
 * @category model
 * @since 0.1.0
 */
export type Host = t.Branded<string, HostBrand>;

/** Longest name that DNS can carry, as text without a dot at its end (RFC 1035, section 2.3.4). */
const LONGEST = 253;

/** The underscore isn't in RFC 1123, but in the names of services and containers. */
const LABEL = /^(?!-)[\da-z_-]{1,63}(?<!-)$/i;

/** Names that end so are old ways to write an IPv4 address (`0x7f.1`, `2130706433`): what a filter of names would not see. */
const NUMERIC = /^(?:\d+|0x[\da-f]*)$/i;

const LETTERS = /^[\p{L}\p{M}\p{N}.-]+$/u;

function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > LONGEST) return false;
  const labels = name.split('.');
  return labels.every((label) => LABEL.test(label)) && !NUMERIC.test(labels.at(-1) ?? '');
}

const isHost = (value: unknown): value is Host => typeof value === 'string' && (isIP(value) !== 0 || isHostName(value));

/** What a name with letters of all languages is on the wire; undefined when it is no name even so. */
function inAscii(text: string): string | undefined {
  if (text.length > LONGEST || !LETTERS.test(text)) return undefined;
  try {
    const { hostname } = new URL(`http://${text}`);
    return isHostName(hostname) ? hostname : undefined;
  } catch {
    return undefined;
  }
}

function refuseHost(value: unknown): never {
  const ascii = typeof value === 'string' ? inAscii(value) : undefined;
  const advice = ascii === undefined || ascii === value ? '' : ` (it may be ${ascii} that is meant)`;
  return refuse('host', value, `a host name in ASCII or an IP address${advice}`);
}

/**
 * A host: a name of letters, digits, hyphens and underscores, or an IP address, IPv6 without brackets. Names in other letters are
 * refused with their form in ASCII, since letters of different alphabets look alike; so are the old ways to write an IPv4 address
 * (`127.1`, `0x7f000001`).
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { Host, problemsOf } from 'rxjs-net/effects';
 *
 * console.log(Host.decode('db-1.internal')._tag, Host.decode('::1')._tag); // => Right Right
 *
 * const wrong = Host.decode('bücher.example');
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left)[0]);
 * // => expected a host name in ASCII or an IP address (it may be xn--bcher-kva.example that is meant), got "bücher.example"
 * ```
 */
export const Host: t.Type<Host, string> = checked<Host, string>(
  'Host',
  (value) => (isHost(value) ? value : refuseHost(value)),
  (host) => host,
);
