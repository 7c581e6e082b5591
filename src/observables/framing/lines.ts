import { Observable } from 'rxjs';

import type { FrameTooLarge, FrameTruncated } from '../../core/failures/index.ts';
import { checkBoolean, checkSize, refuseUnknown } from '../../core/options/index.ts';
import type { Op } from '../flow.ts';
import { LinesRun } from './lines-run.ts';

/** Options of `lines`. */
export interface LinesOptions {
  /**
   * The longest line, in bytes, its terminator not counted. A longer one fails with `FrameTooLarge`, as soon as it is seen to be longer.
   *
   * @defaultValue 65,536 bytes
   */
  readonly maxLength?: number | undefined;
  /**
   * Fails with `FrameTruncated` when the stream ends in a line without its terminator, instead of emitting that line.
   *
   * @defaultValue `false`
   */
  readonly requireTerminator?: boolean | undefined;
}

const DEFAULT_MAX_LENGTH = 65_536;

/**
 * Bytes to lines of UTF-8 text. A line ends with LF or CR LF, which are not part of it; a last line without its terminator is
 * emitted when the source completes. (Not when our own side ended the source early, as a shutdown does: that line is not
 * over, and its beginning is given back to the connection.)
 *
 * However the bytes are cut into chunks, the lines are the same: a character that is split over two chunks arrives whole. Bytes that
 * are no UTF-8 become U+FFFD. Held, it stops after the line on which it was held and holds its source. Unsubscribing gives
 * the bytes that it took and did not use back to the connection. It adds `FrameTooLarge`, and `FrameTruncated` with `requireTerminator`. A
 * line of 13 characters or more keeps the chunk alive that it came in, as any slice of a string does.
 *
 * @example
 * ```ts
 * import { of, toArray } from 'rxjs';
 * import { lines } from 'rxjs-net';
 *
 * of(Buffer.from('one\r\ntw'), Buffer.from('o\nthree'))
 *   .pipe(lines())
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 'one', 'two', 'three' ]
 * ```
 */
export function lines(
  options: LinesOptions & { readonly requireTerminator: true },
): Op<Uint8Array, string, FrameTooLarge | FrameTruncated>;
export function lines(options?: LinesOptions): Op<Uint8Array, string, FrameTooLarge>;
export function lines(options: LinesOptions = {}): Op<Uint8Array, string, FrameTooLarge | FrameTruncated> {
  return (source) =>
    new Observable<string>((subscriber) => {
      let run: LinesRun;
      try {
        refuseUnknown(options, ['maxLength', 'requireTerminator']);
        const { maxLength = DEFAULT_MAX_LENGTH, requireTerminator = false } = options;
        checkSize('maxLength', maxLength);
        checkBoolean('requireTerminator', requireTerminator);
        run = new LinesRun(subscriber, maxLength, requireTerminator);
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => run.stop());
      run.start(source);
    });
}
