import { checkDuration } from './check-numbers.ts';
import { checkBoolean, checkSignal } from './check-values.ts';
import type { OptionBag } from './option-bag.ts';

/** The names of the options that dialled and accepted sockets share. */
export const TUNING_NAMES = ['noDelay', 'keepAlive', 'keepAliveInitialDelay', 'signal'] as const;

/** These options, checked. */
export interface Tuning {
  readonly noDelay: boolean | undefined;
  readonly keepAlive: boolean | undefined;
  readonly keepAliveInitialDelay: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Checks the options that dialled and accepted sockets share. */
export function readTuning(bag: OptionBag): Tuning {
  return {
    noDelay: bag.read('noDelay', checkBoolean),
    keepAlive: bag.read('keepAlive', checkBoolean),
    keepAliveInitialDelay: bag.read('keepAliveInitialDelay', (name, value) =>
      checkDuration(name, value, { zero: true }),
    ),
    signal: bag.read('signal', checkSignal),
  };
}
