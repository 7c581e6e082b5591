import { DecodeFailed, FrameTooLarge } from '../../core/failures/index.ts';
import { refuseUnknown } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkMessage } from './check-message.ts';
import { readMaxLength } from './check-options.ts';
import { surround } from './frame-parts.ts';
import type { Decoder, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/** Options of `netstring`. */
export interface NetstringOptions {
  /**
   * The longest message, in bytes. A longer one fails with `FrameTooLarge` as soon as its length
   * says so.
   *
   * @defaultValue 1,048,576 bytes
   */
  readonly maxLength?: number | undefined;
}

const COLON = 0x3a;
const COMMA = Buffer.from(',');
const ZERO = 0x30;
const TEN = 10;

/**
 * Netstrings: `5:hello,`. The length is decimal, without leading zeros; anything else in its place,
 * and anything but a comma at the end, fails with `DecodeFailed`.
 *
 * A message is a view of the chunk it came in, and is copied only when it came in several; it
 * belongs to who receives it. It adds `FrameTooLarge`, `DecodeFailed`, and `FrameTruncated` when
 * the stream ends in a message.
 *
 * @example
 * ```ts
 * import { netstring } from 'rxjs-net';
 * import { from, map } from 'rxjs-net/rx';
 *
 * console.log(String(netstring().encode('hello'))); // => 5:hello,
 *
 * from([Buffer.from('5:he'), Buffer.from('llo,0:,05:')])
 *   .pipe(netstring(), map(String))
 *   .subscribe({
 *     next: (message) => console.log([message]),
 *     error: (failure) => console.log(failure.message),
 *   });
 * // => [ 'hello' ]
 * // => [ '' ]
 * // => a message could not be decoded: its length has a leading zero
 * ```
 */
export function netstring(options: NetstringOptions = {}): Framing<Buffer, Chunk> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength']);
    const maxLength = readMaxLength(options);
    return {
      maxLength,
      decoder: () => new NetstringDecoder(maxLength),
      encode(message) {
        const size = checkMessage(message, maxLength);
        return surround(Buffer.from(`${size}:`, 'latin1'), message, size, COMMA);
      },
    };
  });
}

class NetstringDecoder implements Decoder<Buffer> {
  private readonly maxLength: number;

  constructor(maxLength: number) {
    this.maxLength = maxLength;
  }

  decode(window: Window): Buffer | Incomplete {
    const { bytes, start } = window;
    const colon = this.findColon(bytes, start);
    if (colon < 0) return incomplete;
    const body = colon + 1;
    const end = body + numberIn(bytes, start, colon);
    if (end >= bytes.length) {
      window.wanted = end + 1 - start;
      return incomplete;
    }
    if (bytes[end] !== COMMA[0]) throw new DecodeFailed({ reason: 'there is no comma behind it' });
    window.start = end + 1;
    return bytes.subarray(body, end);
  }

  /**
   * Where the length ends; -1 while it may go on. As soon as it is wrong or too large, it fails: it
   * is read over again only while it is short.
   */
  private findColon(bytes: Buffer, start: number): number {
    let value = 0;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COLON && at > start) return at;
      const digit = byte - ZERO;
      if (digit < 0 || digit >= TEN) throw new DecodeFailed({ reason: 'its length is no decimal number and a colon' });
      if (at > start && value === 0) throw new DecodeFailed({ reason: 'its length has a leading zero' });
      value = value * TEN + digit;
      if (value > this.maxLength) throw new FrameTooLarge({ limit: this.maxLength, size: value });
    }
    return -1;
  }
}

function numberIn(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * TEN + (bytes[at] ?? ZERO) - ZERO;
  return value;
}
