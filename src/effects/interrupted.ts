import { messageOf } from '../core/failures/message-of.ts';
import type { Unsuccessful } from './exit.ts';

/**
 * The effect was given up: its signal was aborted, and what it had opened is released. It is neither a failure nor a
 * defect, and no combinator catches it.
 *
 * @example
 * ```ts
 * import { sleep, toPromise } from 'rxjs-net/effects';
 *
 * const ended = toPromise(sleep(60_000), { signal: AbortSignal.abort('no longer needed') });
 *
 * await ended.catch((error) => console.log(error._tag, error.reason)); // => Interrupted no longer needed
 * ```
 *
 * @category model
 * @since 0.1.0
 */
export class Interrupted extends Error {
  readonly _tag = 'Interrupted' as const;
  /** The reason of the abort. */
  readonly reason: unknown;
  /** Releases that did not succeed meanwhile; left out when all did. */
  declare readonly suppressed?: readonly Unsuccessful[];
  constructor(reason: unknown, suppressed: readonly Unsuccessful[] = []) {
    super(`interrupted: ${messageOf(reason, 'for a reason that can not be shown')}`, { cause: reason });
    this.reason = reason;
    if (suppressed.length > 0) this.suppressed = suppressed;
  }
  override get name(): 'Interrupted' {
    return 'Interrupted';
  }
}

/** Told by the tag: another copy of the package has another class. */
export function isInterrupted(error: unknown): error is Interrupted {
  return error instanceof Error && '_tag' in error && error._tag === 'Interrupted';
}

/** To be called where a program goes on: it doesn't when it was interrupted meanwhile. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted(signal.reason);
}
