import { constants } from 'node:buffer';

import type { FrameTooLarge, FrameTruncated } from '../../core/failures/index.ts';
import { checkBoolean, checkOneOf, refuse, refuseUnknown } from '../../core/options/index.ts';
import { refuseSize } from './check-message.ts';
import { checkMaxLength } from './check-options.ts';
import { makeFraming } from './make-framing.ts';
import type { Framing } from './framing.ts';
import { LineDecoder } from './line-decoder.ts';
import { LinesRun } from './lines-run.ts';

/** Options of `lines`. */
export interface LinesOptions {
  /**
   * The longest line, in bytes, its terminator not counted. A longer one fails with
   * `FrameTooLarge`, as soon as it is seen to be longer.
   *
   * @defaultValue 65,536 bytes
   */
  readonly maxLength?: number | undefined;
  /**
   * Fails with `FrameTruncated` when the stream ends in a line without its terminator, instead of
   * emitting that line.
   *
   * @defaultValue `false`
   */
  readonly requireTerminator?: boolean | undefined;
  /**
   * What `encode` puts behind a line. Reading takes either.
   *
   * @defaultValue `'\n'`
   */
  readonly terminator?: '\n' | '\r\n' | undefined;
}

const DEFAULT_MAX_LENGTH = 65_536;

/**
 * Lines of UTF-8 text. A line ends with LF or CR LF, which are not part of it; a last line without
 * its terminator is emitted when the source completes. (Not when our own side ended the source
 * early, as a shutdown does: that line is not over, and its beginning is given back to the
 * connection.)
 *
 * However the bytes are cut into chunks, the lines are the same: a character that is split over two
 * chunks arrives whole. Bytes that are no UTF-8 become U+FFFD. Held, it stops after the line on
 * which it was held and holds its source. Unsubscribing gives the bytes that it took and did not
 * use back to the connection. It adds `FrameTooLarge`, and `FrameTruncated` with
 * `requireTerminator`. A line of 13 characters or more keeps the chunk alive that it came in, as
 * any slice of a string does.
 *
 * `encode` refuses with `InvalidOptions` what would not arrive as one line: text with a LF in it,
 * or with a CR at its end where the terminator is LF; and what is longer than `maxLength`.
 *
 * @example
 * ```ts
 * import { lines } from 'rxjs-net';
 * import { of, toArray } from 'rxjs-net/rx';
 *
 * of(Buffer.from('one\r\ntw'), Buffer.from('o\nthree'))
 *   .pipe(lines())
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 'one', 'two', 'three' ]
 *
 * console.log([lines({ terminator: '\r\n' }).encode('QUIT')]); // => [ 'QUIT\r\n' ]
 * ```
 */
export function lines(
  options: LinesOptions & { readonly requireTerminator: true },
): Framing<string, string, FrameTooLarge | FrameTruncated>;
export function lines(options?: LinesOptions): Framing<string, string, FrameTooLarge>;
export function lines(options: LinesOptions = {}): Framing<string, string, FrameTooLarge | FrameTruncated> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength', 'requireTerminator', 'terminator']);
    const { maxLength = DEFAULT_MAX_LENGTH, requireTerminator = false, terminator = '\n' } = options;
    checkMaxLength(maxLength, constants.MAX_STRING_LENGTH);
    checkBoolean('requireTerminator', requireTerminator);
    checkOneOf('terminator', terminator, ['\n', '\r\n']);
    return {
      maxLength,
      decoder: () => new LineDecoder(maxLength, requireTerminator),
      encode: (line) => encodeLine(line, maxLength, terminator),
      run: (subscriber) => new LinesRun(subscriber, maxLength, requireTerminator),
    };
  });
}

/** What a character takes at most, in bytes: the two units of one beyond U+FFFF take four. */
const MOST_BYTES = 3;

function encodeLine(line: string, maxLength: number, terminator: '\n' | '\r\n'): string {
  if (typeof line !== 'string') refuse('message', line, 'a string');
  if (line.includes('\n')) refuse('message', line, 'one line, without a LF in it');
  if (terminator === '\n' && line.endsWith('\r')) {
    refuse('message', line, 'a line that does not end with a CR, which would be taken for a part of its terminator');
  }
  if (line.length * MOST_BYTES > maxLength) {
    const size = Buffer.byteLength(line);
    if (size > maxLength) refuseSize(line, size, maxLength);
  }
  return line + terminator;
}
