import { constants } from 'node:buffer';

import type { FrameTruncated } from '../../core/failures/index.ts';
import { checkInteger, refuse } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkMessage } from './check-message.ts';
import type { Decoder, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/**
 * Messages of bytes that all have the same length.
 *
 * A message is a view of the chunk it came in, and is copied only when it came in several; it
 * belongs to who receives it. It adds `FrameTruncated`, when the stream ends in a message. `encode`
 * refuses a message of another length.
 *
 * @param length - how many bytes each message has, 1 or more.
 *
 * @example
 * ```ts
 * import { fixedLength } from 'rxjs-net';
 * import { from, map } from 'rxjs-net/rx';
 *
 * from([Buffer.from('abc'), Buffer.from('defg'), Buffer.from('hi')])
 *   .pipe(fixedLength(3), map(String))
 *   .subscribe((message) => console.log(message));
 * // => abc
 * // => def
 * // => ghi
 * ```
 */
export function fixedLength(length: number): Framing<Buffer, Chunk, FrameTruncated> {
  return makeFraming(() => {
    checkInteger('length', length, 1, constants.MAX_LENGTH);
    return {
      maxLength: length,
      decoder: () => new FixedLengthDecoder(length),
      encode(message) {
        const size = checkMessage(message, Number.POSITIVE_INFINITY);
        return size === length ? message : refuse('message', message, `exactly ${length} bytes long, not ${size}`);
      },
    };
  });
}

class FixedLengthDecoder implements Decoder<Buffer> {
  private readonly messageLength: number;

  constructor(messageLength: number) {
    this.messageLength = messageLength;
  }

  decode(window: Window): Buffer | Incomplete {
    const { bytes, start } = window;
    const end = start + this.messageLength;
    if (end > bytes.length) {
      window.wanted = this.messageLength;
      return incomplete;
    }
    window.start = end;
    return bytes.subarray(start, end);
  }
}
