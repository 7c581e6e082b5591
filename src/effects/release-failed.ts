import { messageOf } from '../core/failures/message-of.ts';
import type { Exit } from './exit.ts';

/**
 * What was opened could not be closed properly. `release` is why, `exit` how the use had ended.
 *
 * @example
 * ```ts
 * import { bracket, left, of, toPromise } from 'rxjs-net/effects';
 *
 * const withDisk = bracket(of('disk'), () => left('not flushed'));
 * const ended = await toPromise(withDisk(() => of(42)));
 *
 * if (ended._tag === 'Left') console.log(ended.left.release, ended.left.exit);
 * // => not flushed { _tag: 'Success', value: 42 }
 * ```
 *
 * @category model
 * @since 0.1.0
 */
export class ReleaseFailed<ER, E, A> extends Error {
  readonly _tag = 'ReleaseFailed' as const;
  /** How the release failed. */
  readonly release: ER;
  /** How the use had ended: with a value, which is not lost, or with a failure of its own. */
  readonly exit: Exit<E, A>;
  constructor(release: ER, exit: Exit<E, A>) {
    super(`a release failed: ${messageOf(release)}`, { cause: release });
    this.release = release;
    this.exit = exit;
  }
  override get name(): 'ReleaseFailed' {
    return 'ReleaseFailed';
  }
}
