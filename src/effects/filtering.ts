import { fromOption as eitherOfOption, fromPredicate as eitherOfPredicate } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Predicate } from 'fp-ts/lib/Predicate.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Refinement } from 'fp-ts/lib/Refinement.js';

import type { Net, Program } from './net.ts';
import { flatMapEither } from './sequencing.ts';

/**
 * A value as an effect; `onFalse` says what one means that does not pass. A refinement narrows the
 * type.
 *
 * @example
 * ```ts
 * import { fromPredicate, toPromise } from 'rxjs-net/effects';
 *
 * const small = fromPredicate(
 *   (n: number) => n < 10,
 *   (n) => `${n} is too much`,
 * );
 *
 * console.log(await toPromise(small(42))); // => { _tag: 'Left', left: '42 is too much' }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromPredicate<A, B extends A, E>(
  refinement: Refinement<A, B>,
  onFalse: (value: A) => E,
): (value: A) => Net<E, B>;
export function fromPredicate<A, E>(predicate: Predicate<A>, onFalse: (value: A) => E): (value: A) => Net<E, A>;
export function fromPredicate<A, E>(predicate: Predicate<A>, onFalse: (value: A) => E): (value: A) => Net<E, A> {
  const checked = eitherOfPredicate(predicate, onFalse);
  return (value) => () => async () => checked(value);
}

/**
 * Fails where its value does not pass; `onFalse` says with what. A refinement narrows the type. It
 * widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { filterOrElse, of, toPromise } from 'rxjs-net/effects';
 *
 * const greeted = pipe(
 *   of('HTTP/1.1 400'),
 *   filterOrElse(
 *     (line) => line.startsWith('220 '),
 *     (line) => ({ _tag: 'NoGreeting' as const, line }),
 *   ),
 * );
 *
 * console.log(await toPromise(greeted)); // => { _tag: 'Left', left: { _tag: 'NoGreeting', line: 'HTTP/1.1 400' } }
 * ```
 *
 * @category filtering
 * @since 0.1.0
 */
export function filterOrElse<A, B extends A, E2>(
  refinement: Refinement<A, B>,
  onFalse: (value: A) => E2,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<B, E1 | E2, R>;
export function filterOrElse<A, E2>(
  predicate: Predicate<A>,
  onFalse: (value: A) => E2,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<A, E1 | E2, R>;
export function filterOrElse<A, E2>(
  predicate: Predicate<A>,
  onFalse: (value: A) => E2,
): <R, E1>(net: ReaderTaskEither<R, E1, A>) => Program<A, E1 | E2, R> {
  return flatMapEither(eitherOfPredicate(predicate, onFalse));
}

/**
 * Takes the value out of an `Option`; `onNone` says what a missing one means: the end of the
 * stream, after `read` and the like. It widens.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { none } from 'fp-ts/lib/Option.js';
 * import { of, someOrElse, toPromise } from 'rxjs-net/effects';
 *
 * const line = pipe(
 *   of(none),
 *   someOrElse(() => 'the peer has hung up'),
 * );
 *
 * console.log(await toPromise(line)); // => { _tag: 'Left', left: 'the peer has hung up' }
 * ```
 *
 * @category filtering
 * @since 0.1.0
 */
export function someOrElse<E2>(
  onNone: () => E2,
): <R, E1, A>(net: ReaderTaskEither<R, E1, Option<A>>) => Program<A, E1 | E2, R> {
  return <R, E1, A>(net: ReaderTaskEither<R, E1, Option<A>>) =>
    flatMapEither<Option<A>, E2, A>(eitherOfOption(onNone))(net);
}

/**
 * `filterOrElse` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { filterOrElseW, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(pipe(of(1), filterOrElseW((n) => n > 1, () => 'small')))); // => { _tag: 'Left', left: 'small' }
 * ```
 *
 * @category filtering
 * @since 0.1.0
 */
export const filterOrElseW: typeof filterOrElse = filterOrElse;
