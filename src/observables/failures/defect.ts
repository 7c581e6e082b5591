/**
 * What `orDie()` makes of a failure that nobody handled: a fault of the program, no failure of the network.
 * It is no `NetFailure`, and nothing catches it by a tag; `cause` is the failure.
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
  constructor(cause: unknown) {
    super(`nobody handled this failure: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  override get name(): 'Defect' {
    return 'Defect';
  }
}
