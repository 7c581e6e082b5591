import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { eitherOfExit, type Exit, toDefect, withSuppressed } from './exit.ts';
import { enter } from './in-flight.ts';
import { throwIfInterrupted } from './interrupted.ts';
import { type NetEnv, signalOf, uninterrupted } from './net-env.ts';
import type { Program } from './net.ts';
import { ReleaseFailed } from './release-failed.ts';
import { exitOf, scoped } from './scope.ts';
import { start } from './start.ts';

/**
 * Something that is opened, used and closed again: a bracket that waits for its `use`.
 * `withConnection(options)` is one.
 *
 * `E` is how opening can fail, and `ER` how closing can.
 *
 * @category model
 * @since 0.1.0
 */
export interface Bracketed<R, E, A, ER = never> {
  <E2, B, R2 = NetEnv>(
    use: (resource: A) => ReaderTaskEither<R2, E2, B>,
  ): Program<B, E | UseFailure<ER, E2, B>, R & R2>;
}

/**
 * How a use and the release after it can fail: a release that can't fail adds nothing.
 *
 * @category model
 * @since 0.1.0
 */
export type UseFailure<ER, E, A> = E | ([ER] extends [never] ? never : ReleaseFailed<ER, E, A>);

/**
 * Options of `bracket`.
 *
 * @category model
 * @since 0.1.0
 */
export interface BracketOptions {
  /**
   * Whether `acquire` is interrupted like any other effect. It then has to see to it itself that
   * nothing stays open when it is. By default it runs to its end, and the interruption takes effect
   * after it.
   */
  readonly interruptible?: boolean | undefined;
}

/**
 * Opens something, uses it, and closes it whatever happens: after a success, a failure, a defect
 * and an interruption.
 *
 * `release` runs once, with how the use ended, and is not interrupted itself. When it fails, that
 * isn't lost: the effect fails with `ReleaseFailed`, which has both; a defect or an interruption of
 * the use keeps it in `suppressed`.
 *
 * @param release - its environment's signal is never aborted, so it should not wait without a bound.
 *
 * @example
 * ```ts
 * import { bracket, fromIO, left, toPromise } from 'rxjs-net/effects';
 *
 * const withFile = bracket(
 *   fromIO(() => (console.log('open'), 'notes.txt')),
 *   (file, exit) => fromIO(() => console.log(`close ${file} after ${exit._tag}`)),
 * );
 *
 * console.log(await toPromise(withFile((file) => left(`${file} is empty`))));
 * // => open
 * // => close notes.txt after Failure
 * // => { _tag: 'Left', left: 'notes.txt is empty' }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function bracket<R, E, A, ER, R3 = NetEnv>(
  acquire: ReaderTaskEither<R, E, A>,
  release: (resource: A, exit: Exit<unknown, unknown>) => ReaderTaskEither<R3, ER, unknown>,
  options: BracketOptions = {},
): Bracketed<R & R3, E, A, ER> {
  return <E2, B, R2 = NetEnv>(use: (resource: A) => ReaderTaskEither<R2, E2, B>) =>
    (env: R & R2 & R3) =>
    async (): Promise<Either<E | UseFailure<ER, E2, B>, B>> => {
      const signal = signalOf(env);
      throwIfInterrupted(signal);
      const leave = enter(signal);
      try {
        const acquired = await start<R, E, A>(acquire, options.interruptible === true ? env : uninterrupted<R>(env));
        if (isLeft(acquired)) return acquired;
        const resource = acquired.right;
        const used = await exitOf(() => scoped<R2, E2, B>((inner) => use(resource)(inner), env));
        const released = await exitOf(() =>
          start<R3, ER, unknown>((inner) => release(resource, used)(inner), uninterrupted<R3>(env)),
        );
        return eitherOfExit<E | UseFailure<ER, E2, B>, B>(combined(used, released));
      } finally {
        leave();
      }
    };
}

/**
 * How it ended as a whole. A release that can't fail adds nothing to the type, which nothing but an
 * overload can say.
 */
function combined<ER, E, A>(used: Exit<E, A>, released: Exit<ER, unknown>): Exit<UseFailure<ER, E, A>, A>;
function combined<A>(used: Exit<unknown, A>, released: Exit<unknown, unknown>): Exit<unknown, A> {
  if (released._tag === 'Success') return used;
  if (used._tag === 'Defect' || used._tag === 'Interrupted') return withSuppressed(used, [released]);
  if (released._tag === 'Failure') return { _tag: 'Failure', failure: new ReleaseFailed(released.failure, used) };
  return withSuppressed(toDefect(released), used._tag === 'Failure' ? [used] : []);
}
