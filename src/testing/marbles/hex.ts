import { refuse } from '../../core/options/index.ts';

/**
 * Bytes from hexadecimal digits, with spaces between them where they read better.
 *
 * @throws InvalidOptions
 *
 * @example
 * ```ts
 * import { hex } from 'rxjs-net/testing';
 *
 * console.log(hex('00 00 00 05').readUInt32BE()); // => 5
 * ```
 */
export function hex(digits: string): Buffer {
  const packed = typeof digits === 'string' ? digits.replaceAll(/\s/g, '') : 'no text';
  if (packed.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(packed))
    refuse('digits', digits, 'pairs of hexadecimal digits, such as "0d 0a"');
  return Buffer.from(packed, 'hex');
}
