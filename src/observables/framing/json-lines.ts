import { isUtf8 } from 'node:buffer';

import { DecodeFailed, FrameTooLarge, InvalidOptions } from '../../core/failures/index.ts';
import { refuse, refuseUnknown } from '../../core/options/index.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { refuseSize } from './check-message.ts';
import { readMaxLength } from './check-options.ts';
import type { Decoder, Framing } from './framing.ts';
import { jsonErrorPosition } from './json-position.ts';
import { makeFraming } from './make-framing.ts';

/** Options of `jsonLines`. */
export interface JsonLinesOptions {
  /**
   * The longest line, in bytes, its terminator not counted. A longer one fails with
   * `FrameTooLarge`, as soon as it is seen to be longer. As many bytes of empty lines may come
   * between two messages.
   *
   * @defaultValue 1,048,576 bytes
   */
  readonly maxLength?: number | undefined;
}

/**
 * One JSON value per line (NDJSON, JSON Lines), in UTF-8. A line ends with LF or CR LF; empty lines
 * between messages are passed over.
 *
 * What comes is `unknown`: `typed` says what it is. It adds `FrameTooLarge`; `DecodeFailed`, with
 * the position in the line, for what is no JSON or no UTF-8; and `FrameTruncated` when the stream
 * ends in a line without its terminator, for half a number is a number, too.
 *
 * `encode` writes what `JSON.stringify` gives and refuses with `InvalidOptions` what JSON has no
 * word for: `undefined`, functions, cycles, a bigint. What a `toJSON` of the message throws is
 * passed on as it is.
 *
 * @example
 * ```ts
 * import { jsonLines } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * console.log([jsonLines().encode({ id: 1 })]); // => [ '{"id":1}\n' ]
 *
 * from([Buffer.from('{"id":1}\n["a",'), Buffer.from(' true]\n{"id":}\n')])
 *   .pipe(jsonLines())
 *   .subscribe({
 *     next: (message) => console.log(message),
 *     error: (failure) => console.log(failure._tag, failure.where),
 *   });
 * // => { id: 1 }
 * // => [ 'a', true ]
 * // => DecodeFailed position 6
 * ```
 */
export function jsonLines(options: JsonLinesOptions = {}): Framing<unknown> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength']);
    const maxLength = readMaxLength(options);
    return {
      maxLength,
      decoder: () => new JsonLineDecoder(maxLength),
      encode: (message) => encodeJson(message, maxLength),
    };
  });
}

const LF = 0x0a;
const CR = 0x0d;

class JsonLineDecoder implements Decoder<unknown> {
  private readonly maxLength: number;
  /** So many bytes of the window are empty lines. They stay until a message takes them along. */
  private empty = 0;
  /** There is no LF behind the empty lines in so many bytes of the window. */
  private searched = 0;

  constructor(maxLength: number) {
    this.maxLength = maxLength;
  }

  decode(window: Window): unknown {
    const { bytes, start } = window;
    for (;;) {
      const end = bytes.indexOf(LF, start + this.searched);
      if (end < 0) return this.keep(bytes, start);
      const first = start + this.empty;
      const last = lastOf(bytes, first, end);
      this.searched = end + 1 - start;
      if (last > first) {
        this.empty = 0;
        this.searched = 0;
        this.checkLength(last - first);
        const message = parse(bytes, first, last);
        window.start = end + 1;
        return message;
      }
      this.empty = end + 1 - start;
      this.checkLength(this.empty);
    }
  }

  /** The stream may end behind empty lines. */
  decodeEnd(window: Window): Incomplete {
    window.start += this.empty;
    return incomplete;
  }

  /** The beginning of a line. */
  private keep(bytes: Buffer, start: number): Incomplete {
    this.searched = bytes.length - start;
    this.checkLength(lastOf(bytes, start + this.empty, bytes.length) - start - this.empty);
    return incomplete;
  }

  private checkLength(size: number): void {
    if (size > this.maxLength) throw new FrameTooLarge({ limit: this.maxLength, size });
  }
}

/** Without a CR, which belongs to the terminator, or may. */
function lastOf(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}

/** What stands for bytes that are no UTF-8, among other things. */
const REPLACEMENT = '\uFFFD';

function parse(bytes: Buffer, start: number, end: number): unknown {
  const text = bytes.toString('utf8', start, end);
  if (text.includes(REPLACEMENT)) checkUtf8(bytes.subarray(start, end), text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = jsonErrorPosition(text);
    throw new DecodeFailed({
      cause,
      where: position === undefined ? undefined : `position ${position}`,
      reason: position === text.length ? 'the JSON is not over' : 'it is no JSON',
    });
  }
}

function checkUtf8(bytes: Buffer, text: string): void {
  if (isUtf8(bytes)) return;
  const asRead = Buffer.from(text);
  const position = bytes.findIndex((byte, index) => byte !== asRead[index]);
  throw new DecodeFailed({ where: `byte ${position}`, reason: 'it is no UTF-8' });
}

function encodeJson(message: unknown, maxLength: number): string {
  const text = toJson(message);
  if (text.length > maxLength || Buffer.byteLength(text) > maxLength) {
    refuseSize(message, Buffer.byteLength(text), maxLength);
  }
  return `${text}\n`;
}

function toJson(message: unknown): string {
  // Its type says `string`, but for what is no JSON it gives `undefined`.
  let text: unknown;
  try {
    text = JSON.stringify(message);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new InvalidOptions({ option: 'message', value: message, allowed: 'a value that JSON can express', cause });
  }
  return typeof text === 'string' ? text : refuse('message', message, 'a value that JSON can express');
}
