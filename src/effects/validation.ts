import type { Alt3C } from 'fp-ts/lib/Alt.js';
import type { Applicative3C } from 'fp-ts/lib/Applicative.js';
import type { Apply1 } from 'fp-ts/lib/Apply.js';
import { type Either, getApplicativeValidation, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Semigroup } from 'fp-ts/lib/Semigroup.js';
import type * as T from 'fp-ts/lib/Task.js';

import { throwIfOver } from './in-flight.ts';
import { map as mapped } from './sequencing.ts';
import { start } from './start.ts';
import { URI } from './uri.ts';

/**
 * Returns an applicative that runs all of what it combines and keeps every failure, put together by
 * a semigroup.
 *
 * @param how - `T.ApplyPar` of fp-ts runs all at once, `T.ApplySeq` one after the other.
 *
 * @example
 * ```ts
 * import { sequenceT } from 'fp-ts/lib/Apply.js';
 * import * as RA from 'fp-ts/lib/ReadonlyArray.js';
 * import * as T from 'fp-ts/lib/Task.js';
 * import { getApplicativeReaderTaskValidation, left, toPromise } from 'rxjs-net/effects';
 *
 * const all = getApplicativeReaderTaskValidation(T.ApplyPar, RA.getSemigroup<string>());
 * const checked = sequenceT(all)(left(['no host']), left(['no port']));
 *
 * console.log(await toPromise(checked)); // => { _tag: 'Left', left: [ 'no host', 'no port' ] }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function getApplicativeReaderTaskValidation<E>(how: Apply1<T.URI>, S: Semigroup<E>): Applicative3C<URI, E> {
  const both = getApplicativeValidation(S);
  return {
    URI,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fp-ts's marker of a type, which is never read
    _E: undefined as never,
    map: (net, f) => mapped(f)(net),
    of: (value) => () => () => Promise.resolve(right(value)),
    ap:
      <R, A, B>(f: ReaderTaskEither<R, E, (value: A) => B>, value: ReaderTaskEither<R, E, A>) =>
      (env: R) =>
        how.ap(
          how.map(
            () => start(f, env),
            (either) => (other: Either<E, A>) => both.ap(either, other),
          ),
          () => start(value, env),
        ),
  };
}

/**
 * Returns an `Alt` that keeps the failures of both, put together by a semigroup.
 *
 * @example
 * ```ts
 * import * as S from 'fp-ts/lib/string.js';
 * import { getAltReaderTaskValidation, left, toPromise } from 'rxjs-net/effects';
 *
 * const either = getAltReaderTaskValidation(S.Semigroup);
 *
 * console.log(await toPromise(either.alt(left('no a, '), () => left('no b')))); // => { _tag: 'Left', left: 'no a, no b' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function getAltReaderTaskValidation<E>(S: Semigroup<E>): Alt3C<URI, E> {
  return {
    URI,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fp-ts's marker of a type, which is never read
    _E: undefined as never,
    map: (net, f) => mapped(f)(net),
    alt: (net, that) => (env) => async () => {
      const first = await start(net, env);
      if (!isLeft(first)) return first;
      throwIfOver(env);
      const second = await start((given: typeof env) => that()(given), env);
      return isLeft(second) ? left(S.concat(first.left, second.left)) : second;
    },
  };
}
