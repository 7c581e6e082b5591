import { FrameTooLarge, type FrameTruncated } from '../../core/failures/index.ts';
import { refuse, refuseUnknown } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkMessage } from './check-message.ts';
import { readMaxLength } from './check-options.ts';
import { toBuffer, withSuffix } from './frame-parts.ts';
import type { Decoder, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/** Options of `delimited`. */
export interface DelimitedOptions {
  /**
   * The longest message, in bytes, its delimiter not counted. A longer one fails with
   * `FrameTooLarge`, at the latest when a delimiter behind the longest message would be over.
   *
   * @defaultValue 1,048,576 bytes
   */
  readonly maxLength?: number | undefined;
}

/**
 * Messages of bytes, each followed by a delimiter, which is not part of it. The first place where
 * the delimiter is found ends a message, also when the delimiter came in several chunks.
 *
 * A message is a view of the chunk it came in, and is copied only when it came in several; it
 * belongs to who receives it. It adds `FrameTooLarge`, and `FrameTruncated` when the stream ends in
 * a message without its delimiter. `encode` refuses with `InvalidOptions` a message which, with the
 * delimiter behind it, would not arrive as that message: one in which the delimiter is found
 * earlier.
 *
 * @param delimiter - one byte or more, or text that is taken as UTF-8. It is copied.
 *
 * @example
 * ```ts
 * import { delimited } from 'rxjs-net';
 * import { from, map } from 'rxjs-net/rx';
 *
 * from([Buffer.from('GET / HTTP/1.1\r\nHost: a\r'), Buffer.from('\n\r\nbody')])
 *   .pipe(delimited('\r\n\r\n'), map(String))
 *   .subscribe({
 *     next: (header) => console.log(header.split('\r\n')), // => [ 'GET / HTTP/1.1', 'Host: a' ]
 *     error: (failure) => console.log(failure._tag), // => FrameTruncated
 *   });
 * ```
 */
export function delimited(
  delimiter: Chunk,
  options: DelimitedOptions = {},
): Framing<Buffer, Chunk, FrameTooLarge | FrameTruncated> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength']);
    const bytes = readDelimiter(delimiter);
    const maxLength = readMaxLength(options);
    const overlaps = hasBorder(bytes);
    return {
      maxLength,
      decoder: () => new DelimitedDecoder(bytes, maxLength),
      encode(message) {
        const size = checkMessage(message, maxLength);
        const content = toBuffer(message);
        if (endOf(content, bytes, overlaps) !== size) {
          refuse('message', message, 'a message in which the delimiter is not found before its end');
        }
        return withSuffix(content, size, bytes);
      },
    };
  });
}

function readDelimiter(delimiter: Chunk): Buffer {
  const isBytes = typeof delimiter === 'string' || (delimiter as unknown) instanceof Uint8Array;
  if (!isBytes || delimiter.length === 0) {
    return refuse('delimiter', delimiter, 'bytes (a Uint8Array) or a string, and not empty');
  }
  return Buffer.from(toBuffer(delimiter));
}

/**
 * Whether its end is its beginning, too, as in `aba`: then it may be found across the end of a
 * message.
 */
function hasBorder(delimiter: Buffer): boolean {
  for (let length = 1; length < delimiter.length; length++) {
    if (delimiter.subarray(0, length).equals(delimiter.subarray(delimiter.length - length))) return true;
  }
  return false;
}

/** Where a message would be taken to end. */
function endOf(message: Buffer, delimiter: Buffer, overlaps: boolean): number {
  const within = message.indexOf(delimiter);
  if (within >= 0 || !overlaps) return within < 0 ? message.length : within;
  const start = Math.max(0, message.length - delimiter.length);
  return start + Buffer.concat([message.subarray(start), delimiter]).indexOf(delimiter);
}

class DelimitedDecoder implements Decoder<Buffer> {
  private readonly delimiter: Buffer;
  /** A single byte is found faster as a number. */
  private readonly wanted: Buffer | number;
  private readonly maxLength: number;
  /** No delimiter begins in so many bytes of the window. */
  private searched = 0;

  constructor(delimiter: Buffer, maxLength: number) {
    this.delimiter = delimiter;
    this.wanted = delimiter.length === 1 ? delimiter.readUInt8(0) : delimiter;
    this.maxLength = maxLength;
  }

  decode(window: Window): Buffer | Incomplete {
    const { delimiter, maxLength } = this;
    const { bytes, start } = window;
    const found = bytes.indexOf(this.wanted, start + this.searched);
    if (found < 0) {
      const length = bytes.length - start;
      if (length >= maxLength + delimiter.length) throw new FrameTooLarge({ limit: maxLength, size: maxLength + 1 });
      this.searched = Math.max(0, length - delimiter.length + 1);
      return incomplete;
    }
    this.searched = 0;
    const size = found - start;
    if (size > maxLength) throw new FrameTooLarge({ limit: maxLength, size });
    window.start = found + delimiter.length;
    return bytes.subarray(start, found);
  }
}
