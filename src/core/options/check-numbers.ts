import { LONGEST_DELAY } from '../clock.ts';
import { refuse } from './refuse.ts';

/** What a number may be besides the usual. */
export interface NumberAllowance {
  /** Allows 0, where it means "none" or "off". */
  readonly zero?: boolean;
  /** Allows `Infinity`, where it means "no limit". */
  readonly infinity?: boolean;
}

const orInfinity = (allow: NumberAllowance): string => (allow.infinity === true ? ', or Infinity' : '');

/** An integer from `min` to `max`, both included. */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value + 0;
  return refuse(name, value, `an integer from ${min} to ${max}`);
}

/**
 * A duration in ms: more than 0, not necessarily whole, and no longer than a timer of the platform can hold
 * (about 24.8 days), since a longer one would end early.
 */
export function checkDuration(name: string, value: unknown, allow: NumberAllowance = {}): number {
  if (typeof value === 'number') {
    if (value > 0 && value <= LONGEST_DELAY) return value;
    if (value === 0 && allow.zero === true) return 0;
    if (value === Number.POSITIVE_INFINITY && allow.infinity === true) return value;
  }
  const least = allow.zero === true ? 'from 0' : 'greater than 0, at most';
  return refuse(
    name,
    value,
    `a number of milliseconds ${allow.zero === true ? `${least} to` : least} ${LONGEST_DELAY}${orInfinity(allow)}`,
  );
}

function checkWhole(name: string, value: unknown, allow: NumberAllowance, what: string): number {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && (value > 0 || (value === 0 && allow.zero === true))) return value + 0;
    if (value === Number.POSITIVE_INFINITY && allow.infinity === true) return value;
  }
  return refuse(name, value, `${what}, ${allow.zero === true ? 0 : 1} or more${orInfinity(allow)}`);
}

/** A number of things: whole, 1 or more. */
export function checkCount(name: string, value: unknown, allow: NumberAllowance = {}): number {
  return checkWhole(name, value, allow, 'an integer');
}

/** A number of bytes: whole, 1 or more. */
export function checkSize(name: string, value: unknown, allow: NumberAllowance = {}): number {
  return checkWhole(name, value, allow, 'a whole number of bytes');
}

/** So many per second: more than 0, not necessarily whole. */
export function checkRate(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  return refuse(name, value, 'a number greater than 0');
}

/**
 * A port, as a number or as a numeric string (`'8124'`, `'0x1fbc'`), which is what the spec's `connect` and
 * `listen` take.
 *
 * @param allow - `zero`: 0 stands for any free port; only for listening.
 */
export function checkPort(name: string, value: unknown, allow: Pick<NumberAllowance, 'zero'> = {}): number {
  const min = allow.zero === true ? 0 : 1;
  // `Number` alone takes an empty or blank string for 0.
  const port = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port) && port >= min && port <= 65_535) return port + 0;
  return refuse(name, value, `an integer from ${min} to 65535`);
}
