import { messageOf } from './failures/message-of.ts';
import { wholeMessage } from './failures/one-line.ts';

/**
 * A fault of the program, no failure of the network: what `orDie()` makes of a failure that nobody
 * handled, what `runFlow` makes of one that a type had forgotten, and what `serve` reports when a
 * handler throws. It is no `NetFailure`, and nothing catches it by a tag; `cause` is what was
 * thrown.
 *
 * @example
 * ```ts
 * import { Defect, isNetFailure } from 'rxjs-net';
 *
 * const defect = new Defect(new Error('disk full'));
 *
 * console.log(defect.message); // => nobody handled this failure: disk full
 * console.log(isNetFailure(defect)); // => false
 * ```
 */
export class Defect extends Error {
  readonly _tag = 'Defect' as const;
  /**
   * What else went wrong on the way out: how releases ended that did not succeed. Left out when
   * there is none.
   */
  declare readonly suppressed?: readonly unknown[];
  constructor(cause: unknown, what = 'nobody handled this failure', suppressed: readonly unknown[] = []) {
    super(wholeMessage(`${what}: ${messageOf(cause)}`), { cause });
    if (suppressed.length > 0) this.suppressed = suppressed;
    // Where the cause came from is in its own stack; the frames from there to here are the
    // library's.
    if (cause instanceof Error) this.stack = `Defect: ${this.message}`;
  }
  override get name(): 'Defect' {
    return 'Defect';
  }
}
