import { checkDuration, refuse, refuseUnknown } from '../../core/options/index.ts';
import { read } from '../internal/read-options.ts';

/** Waits that grow: the n-th in a row takes `initial * factor ** (n - 1)` ms, and at most `max`. */
export interface ExponentialBackoff {
  /**
   * The first wait, in ms.
   *
   * @defaultValue 100 ms
   */
  readonly initial?: number | undefined;
  /**
   * What each wait is longer by, from 1.
   *
   * @defaultValue 2
   */
  readonly factor?: number | undefined;
  /**
   * The longest wait, in ms; at least `initial`.
   *
   * @defaultValue 30,000 ms, or `initial` where that is more
   */
  readonly max?: number | undefined;
}

const NAMES = ['initial', 'factor', 'max'] as const;

/**
 * The length of the n-th wait, from 1, in ms.
 *
 * @param within - the name of the option that these are options of
 * @throws InvalidOptions
 */
export function readExponential(backoff: ExponentialBackoff, within?: string): (wait: number) => number {
  refuseUnknown(backoff, NAMES, within);
  const full = (name: (typeof NAMES)[number]): string => (within === undefined ? name : `${within}.${name}`);
  const readAs = (name: (typeof NAMES)[number], check: (name: string, value: unknown) => number): number | undefined =>
    read(backoff, name, (_, value) => check(full(name), value));
  const initial = readAs('initial', checkDuration) ?? 100;
  const factor = readAs('factor', checkFactor) ?? 2;
  const max = readAs('max', checkDuration) ?? Math.max(30_000, initial);
  if (max < initial) refuse(full('max'), max, `at least "${full('initial')}", which is ${initial}`);
  return (wait) => Math.min(max, initial * factor ** (wait - 1));
}

function checkFactor(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && value < Number.POSITIVE_INFINITY) return value;
  return refuse(name, value, 'a number from 1');
}

/** @throws InvalidOptions */
export function checkChance(chance: unknown): number {
  if (typeof chance === 'number' && chance >= 0 && chance <= 1) return chance;
  return refuse('random', chance, 'a function that returns a number from 0 to 1');
}

/** Anything from 0 to the whole delay: "full jitter". */
export function jittered(delay: number, chance: number): number {
  return chance * delay;
}
