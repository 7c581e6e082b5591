import { constants } from 'node:buffer';

import { refuse } from '../../core/options/index.ts';
import type { Framing } from './framing.ts';

/** The longest message where nothing else is said, in bytes. */
export const DEFAULT_MAX_LENGTH = 1_048_576;

/** A limit for messages: a whole number of bytes, 1 or more, and no more than `most`, beyond which no message can be. */
export function checkMaxLength(value: unknown, most: number = constants.MAX_LENGTH): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  return refuse('maxLength', value, `a whole number of bytes from 1 to ${most}`);
}

/** The limit in options that have one. */
export function readMaxLength({ maxLength = DEFAULT_MAX_LENGTH }: { readonly maxLength?: number | undefined }): number {
  return checkMaxLength(maxLength);
}

/** A framing by its shape: those of another copy of the package are as good. */
export function checkFraming(name: string, value: unknown): void {
  if (!isFraming(value)) refuse(name, value, 'a framing, such as lines()');
}

function isFraming(value: unknown): value is Framing<unknown, never, unknown> {
  return (
    typeof value === 'function' &&
    'decoder' in value &&
    typeof value.decoder === 'function' &&
    'encode' in value &&
    typeof value.encode === 'function'
  );
}
