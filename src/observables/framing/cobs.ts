import { DecodeFailed, FrameTooLarge } from '../../core/failures/index.ts';
import { refuseUnknown } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkMessage } from './check-message.ts';
import { readMaxLength } from './check-options.ts';
import { toBuffer } from './frame-parts.ts';
import type { Decoder, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/** Options of `cobs`. */
export interface CobsOptions {
  /**
   * The longest message, in bytes, as it was before it was encoded. A longer one fails with
   * `FrameTooLarge`.
   *
   * @defaultValue 1,048,576 bytes
   */
  readonly maxLength?: number | undefined;
}

/** The code of a block of 254 bytes with no zero behind it. */
const FULL = 0xff;
/** The bytes of a full block, without its code. */
const BLOCK = 254;

/**
 * Consistent overhead byte stuffing: any bytes, encoded so that none of them is zero, and a zero
 * behind them. Serial lines are spoken to like this, for who has lost the thread finds it again at
 * the next zero. It costs one byte for every 254, and one more.
 *
 * A message is a copy and belongs to who receives it. It adds `FrameTooLarge`, `FrameTruncated`
 * when the stream ends without a zero, and `DecodeFailed` for what is not so encoded, two zeros in
 * a row among it.
 *
 * @example
 * ```ts
 * import { cobs } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * console.log(cobs().encode(Buffer.of(1, 0, 2))); // => <Buffer 02 01 02 02 00>
 *
 * from([Buffer.of(2, 1), Buffer.of(2, 2, 0)])
 *   .pipe(cobs())
 *   .subscribe((message) => console.log(message)); // => <Buffer 01 00 02>
 * ```
 */
export function cobs(options: CobsOptions = {}): Framing<Buffer, Chunk> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength']);
    const maxLength = readMaxLength(options);
    return {
      maxLength,
      decoder: () => new CobsDecoder(maxLength),
      encode(message) {
        checkMessage(message, maxLength);
        return stuff(toBuffer(message));
      },
    };
  });
}

/** What a message of so many bytes takes at most, without its zero. */
const mostStuffed = (size: number): number => size + Math.floor(size / BLOCK) + 1;

class CobsDecoder implements Decoder<Buffer> {
  private readonly maxLength: number;
  private readonly most: number;
  /** There is no zero in so many bytes of the window. */
  private searched = 0;

  constructor(maxLength: number) {
    this.maxLength = maxLength;
    this.most = mostStuffed(maxLength);
  }

  decode(window: Window): Buffer | Incomplete {
    const { maxLength, most } = this;
    const { bytes, start } = window;
    const end = bytes.indexOf(0, start + this.searched);
    const length = (end < 0 ? bytes.length : end) - start;
    if (length > most) throw new FrameTooLarge({ limit: maxLength, size: maxLength + 1 });
    if (end < 0) {
      this.searched = length;
      return incomplete;
    }
    this.searched = 0;
    const message = unstuff(bytes, start, end);
    if (message.length > maxLength) throw new FrameTooLarge({ limit: maxLength, size: message.length });
    window.start = end + 1;
    return message;
  }
}

function unstuff(bytes: Buffer, start: number, end: number): Buffer {
  if (start === end) throw new DecodeFailed({ reason: 'there is nothing between two zeros' });
  const message = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    const code = bytes[at] ?? 0;
    const next = at + code;
    if (next > end) throw new DecodeFailed({ where: `byte ${at - start}`, reason: 'a block goes on behind the end' });
    length += bytes.copy(message, length, at + 1, next);
    if (code !== FULL && next < end) message[length++] = 0;
    at = next;
  }
  return message.subarray(0, length);
}

function stuff(message: Buffer): Buffer {
  const stuffed = Buffer.allocUnsafe(mostStuffed(message.length) + 1);
  let length = 0;
  let start = 0;
  for (;;) {
    const limit = Math.min(start + BLOCK, message.length);
    const zero = message.subarray(start, limit).indexOf(0);
    const end = zero < 0 ? limit : start + zero;
    stuffed[length++] = end - start + 1;
    length += message.copy(stuffed, length, start, end);
    if (zero < 0 && end === message.length) break;
    start = zero < 0 ? end : end + 1;
  }
  stuffed[length++] = 0;
  return stuffed.subarray(0, length);
}
