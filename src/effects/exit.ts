import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';

import { messageOf } from '../core/failures/message-of.ts';
import { Defect } from '../observables/failures/defect.ts';
import { Interrupted, isInterrupted } from './interrupted.ts';

/**
 * It succeeded.
 *
 * @category model
 * @since 0.1.0
 */
export interface Success<A> {
  readonly _tag: 'Success';
  readonly value: A;
}

/**
 * It failed in a way that its type names.
 *
 * @category model
 * @since 0.1.0
 */
export interface Failure<E> {
  readonly _tag: 'Failure';
  readonly failure: E;
}

/**
 * How an effect ended: with a value, a failure, a defect (a function threw or a Promise was
 * rejected; `cause` has it), or because it was interrupted.
 *
 * @category model
 * @since 0.1.0
 */
export type Exit<E, A> = Success<A> | Failure<E> | Defect | Interrupted;

/**
 * An `Exit` that is no success.
 *
 * @category model
 * @since 0.1.0
 */
export type Unsuccessful = Failure<unknown> | Defect | Interrupted;

/**
 * Takes an `Exit` apart. Every case has to be there.
 *
 * @example
 * ```ts
 * import { left, matchExit, toExit } from 'rxjs-net/effects';
 *
 * const describe = matchExit({
 *   Success: (value: number) => `got ${value}`,
 *   Failure: (failure: string) => `failed: ${failure}`,
 *   Defect: (defect) => `a fault of the program: ${defect.message}`,
 *   Interrupted: ({ reason }) => `given up: ${String(reason)}`,
 * });
 *
 * console.log(describe(await toExit(left('too late')))); // => failed: too late
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function matchExit<E, A, B, C = B, D = B, F = B>(cases: {
  readonly Success: (value: A) => B;
  readonly Failure: (failure: E) => C;
  readonly Defect: (defect: Defect) => D;
  readonly Interrupted: (interrupted: Interrupted) => F;
}): (exit: Exit<E, A>) => B | C | D | F {
  return (exit) => {
    if (exit._tag === 'Success') return cases.Success(exit.value);
    if (exit._tag === 'Failure') return cases.Failure(exit.failure);
    return exit._tag === 'Defect' ? cases.Defect(exit) : cases.Interrupted(exit);
  };
}

/**
 * Returns what an effect's promise was fulfilled with.
 *
 * @throws TypeError for anything but an `Either`: a function that the compiler did not see may return it.
 */
export function checkEither<E, A>(either: Either<E, A>): Either<E, A> {
  const given: unknown = either;
  const tag: unknown = typeof given === 'object' && given !== null && '_tag' in given ? given._tag : undefined;
  if (tag === 'Left' || tag === 'Right') return either;
  throw new TypeError(`an effect must end with an Either, got ${messageOf(given, 'a value that can not be shown')}`);
}

/** The end of an effect whose promise was fulfilled. */
export function exitOfEither<E, A>(given: Either<E, A>): Success<A> | Failure<E> {
  const either = checkEither(given);
  return isLeft(either) ? { _tag: 'Failure', failure: either.left } : { _tag: 'Success', value: either.right };
}

/** What an effect's promise was rejected with. */
export function exitOfRejection(error: unknown): Defect | Interrupted {
  return isInterrupted(error) ? error : toDefect(error);
}

/** What an effect's promise has to become. */
export function eitherOfExit<E, A>(exit: Exit<E, A>): Either<E, A> {
  if (exit._tag === 'Success') return right(exit.value);
  if (exit._tag === 'Failure') return left(exit.failure);
  throw exit;
}

/** The same end, and what else went wrong. */
export function withSuppressed(exit: Defect, more: readonly Unsuccessful[]): Defect;
export function withSuppressed(exit: Defect | Interrupted, more: readonly Unsuccessful[]): Defect | Interrupted;
export function withSuppressed(exit: Defect | Interrupted, more: readonly Unsuccessful[]): Defect | Interrupted {
  if (more.length === 0) return exit;
  if (exit._tag === 'Interrupted') return new Interrupted(exit.reason, [...(exit.suppressed ?? []), ...more]);
  return new Defect(exit.cause, DIED, [...(exit.suppressed ?? []), ...more]);
}

/** As `orDie` makes it, unless it is one already. */
export function toDefect(error: unknown): Defect {
  return isDefect(error) ? error : new Defect(error, DIED);
}

const DIED = 'the effect died';

/** Told by the tag: another copy of the package has another class. */
function isDefect(error: unknown): error is Defect {
  return error instanceof Error && '_tag' in error && error._tag === 'Defect';
}
