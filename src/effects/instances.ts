import type { Alt3 } from 'fp-ts/lib/Alt.js';
import type { Applicative3 } from 'fp-ts/lib/Applicative.js';
import type { Apply3 } from 'fp-ts/lib/Apply.js';
import type { Bifunctor3 } from 'fp-ts/lib/Bifunctor.js';
import type { Chain3 } from 'fp-ts/lib/Chain.js';
import type { FromEither3 } from 'fp-ts/lib/FromEither.js';
import type { FromIO3 } from 'fp-ts/lib/FromIO.js';
import type { FromReader3 } from 'fp-ts/lib/FromReader.js';
import type { FromTask3 } from 'fp-ts/lib/FromTask.js';
import type { Functor3 } from 'fp-ts/lib/Functor.js';
import type { Monad3 } from 'fp-ts/lib/Monad.js';
import type { MonadIO3 } from 'fp-ts/lib/MonadIO.js';
import type { MonadTask3 } from 'fp-ts/lib/MonadTask.js';
import type { MonadThrow3 } from 'fp-ts/lib/MonadThrow.js';
import type { Pointed3 } from 'fp-ts/lib/Pointed.js';

import { left, right } from 'fp-ts/lib/Either.js';

import { alt as altOf } from './alternatives.ts';
import { asks } from './constructors.ts';
import { lifted } from './conversions.ts';
import { throwIfEnded } from './in-flight.ts';
import { signalOf } from './net-env.ts';
import { ap } from './parallel.ts';
import { bimap as bimapped, mapLeft as mappedLeft } from './recovering.ts';
import { chain as chained, map as mapped } from './sequencing.ts';
import { URI } from './uri.ts';

const map: Functor3<URI>['map'] = (net, f) => mapped(f)(net);
const apPar: Apply3<URI>['ap'] = (f, value) => ap(value)(f);
const chain: Chain3<URI>['chain'] = (net, f) => chained(f)(net);
const apSeq: Apply3<URI>['ap'] = (f, value) => chain(f, (g) => map(value, g));
const mapLeft: Bifunctor3<URI>['mapLeft'] = (net, f) => mappedLeft(f)(net);
const bimap: Bifunctor3<URI>['bimap'] = (net, f, g) => bimapped(f, g)(net);
const alt: Alt3<URI>['alt'] = (net, that) => altOf(that)(net);
// A lifted value needs nothing, whatever the environment of the program that it becomes a part of.
const of: Pointed3<URI>['of'] = (value) => () => () => Promise.resolve(right(value));
const throwError: MonadThrow3<URI>['throwError'] = (failure) => () => () => Promise.resolve(left(failure));
const fromEither: FromEither3<URI>['fromEither'] = (either) => () => () => Promise.resolve(either);
const fromIO: FromIO3<URI>['fromIO'] = (io) => (env) => async () => {
  throwIfEnded(signalOf(env));
  return right(io());
};
const fromTask: FromTask3<URI>['fromTask'] = (task) => lifted(async () => right(await task()));
const fromReader: FromReader3<URI>['fromReader'] = asks;

/**
 * `map`, for what is written for any functor.
 *
 * @example
 * ```ts
 * import { Functor, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Functor.map(of(1), (n) => n + 1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Functor: Functor3<URI> = { URI, map };

/**
 * `bimap` and `mapLeft`, for what is written for any bifunctor.
 *
 * @example
 * ```ts
 * import { Bifunctor, left, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Bifunctor.mapLeft(left('no'), (why) => why.length))); // => { _tag: 'Left', left: 2 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Bifunctor: Bifunctor3<URI> = { URI, bimap, mapLeft };

/**
 * `alt`, for what is written for anything with an alternative.
 *
 * @example
 * ```ts
 * import { Alt, left, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Alt.alt(left('down'), () => of('up')))); // => { _tag: 'Right', right: 'up' }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Alt: Alt3<URI> = { URI, map, alt };

/**
 * `of`, for what is written for any pointed functor.
 *
 * @example
 * ```ts
 * import { Pointed, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Pointed.of(1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Pointed: Pointed3<URI> = { URI, of };

/**
 * Runs what it combines at once. When one fails the others are interrupted and waited for.
 *
 * @example
 * ```ts
 * import { sequenceS } from 'fp-ts/lib/Apply.js';
 * import { ApplyPar, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(sequenceS(ApplyPar)({ a: of(1), b: of('two') }))); // => { _tag: 'Right', right: { a: 1, b: 'two' } }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const ApplyPar: Apply3<URI> = { URI, map, ap: apPar };

/**
 * Runs what it combines in turn: after a failure nothing more is begun.
 *
 * @example
 * ```ts
 * import { sequenceT } from 'fp-ts/lib/Apply.js';
 * import { ApplySeq, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(sequenceT(ApplySeq)(of(1), of(2)))); // => { _tag: 'Right', right: [ 1, 2 ] }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const ApplySeq: Apply3<URI> = { URI, map, ap: apSeq };

/**
 * Runs what it combines at once, all of it: `traverseArray` has a bound. When one fails the others
 * are interrupted and waited for.
 *
 * @example
 * ```ts
 * import * as RA from 'fp-ts/lib/ReadonlyArray.js';
 * import { ApplicativePar, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(RA.sequence(ApplicativePar)([of(1), of(2)]))); // => { _tag: 'Right', right: [ 1, 2 ] }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const ApplicativePar: Applicative3<URI> = { URI, map, ap: apPar, of };

/**
 * Runs what it combines in turn: after a failure nothing more is begun.
 *
 * @example
 * ```ts
 * import * as RA from 'fp-ts/lib/ReadonlyArray.js';
 * import { ApplicativeSeq, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(RA.sequence(ApplicativeSeq)([of(1), of(2)]))); // => { _tag: 'Right', right: [ 1, 2 ] }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const ApplicativeSeq: Applicative3<URI> = { URI, map, ap: apSeq, of };

/**
 * `chain`, for what is written for any chain.
 *
 * @example
 * ```ts
 * import { Chain, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Chain.chain(of(1), (n) => of(n + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Chain: Chain3<URI> = { URI, map, ap: apPar, chain };

/**
 * `of` and `chain`, for what is written for any monad.
 *
 * @example
 * ```ts
 * import { Monad, of, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(Monad.chain(of(1), (n) => Monad.of(n + 1)))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Monad: Monad3<URI> = { URI, map, ap: apPar, of, chain };

/**
 * A monad that calls functions.
 *
 * @example
 * ```ts
 * import { MonadIO, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(MonadIO.fromIO(() => 1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const MonadIO: MonadIO3<URI> = { URI, map, ap: apPar, of, chain, fromIO };

/**
 * A monad that runs tasks.
 *
 * @example
 * ```ts
 * import { MonadTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(MonadTask.fromTask(async () => 1))); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const MonadTask: MonadTask3<URI> = { URI, map, ap: apPar, of, chain, fromIO, fromTask };

/**
 * A monad that fails: `throwError` is `left`.
 *
 * @example
 * ```ts
 * import { MonadThrow, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(MonadThrow.throwError('no'))); // => { _tag: 'Left', left: 'no' }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const MonadThrow: MonadThrow3<URI> = { URI, map, ap: apPar, of, chain, throwError };

/**
 * What fp-ts makes functions of that take an `Either`.
 *
 * @example
 * ```ts
 * import { fromOption } from 'fp-ts/lib/FromEither.js';
 * import { none } from 'fp-ts/lib/Option.js';
 * import { FromEither, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromOption(FromEither)(() => 'nothing')(none))); // => { _tag: 'Left', left: 'nothing' }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const FromEither: FromEither3<URI> = { URI, fromEither };

/**
 * What fp-ts makes functions of that take an `IO`.
 *
 * @example
 * ```ts
 * import { log } from 'fp-ts/lib/Console.js';
 * import { fromIOK } from 'fp-ts/lib/FromIO.js';
 * import { FromIO, toPromise } from 'rxjs-net/effects';
 *
 * await toPromise(fromIOK(FromIO)(log)('hello')); // => hello
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const FromIO: FromIO3<URI> = { URI, fromIO };

/**
 * What fp-ts makes functions of that take a `Task`.
 *
 * @example
 * ```ts
 * import { fromTaskK } from 'fp-ts/lib/FromTask.js';
 * import { FromTask, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromTaskK(FromTask)((n: number) => async () => n + 1)(1))); // => { _tag: 'Right', right: 2 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const FromTask: FromTask3<URI> = { URI, fromIO, fromTask };

/**
 * What fp-ts makes functions of that take a `Reader`.
 *
 * @example
 * ```ts
 * import { asks } from 'fp-ts/lib/FromReader.js';
 * import { FromReader, type NetEnv, toPromise } from 'rxjs-net/effects';
 *
 * const chance = asks(FromReader)((env: NetEnv) => env.random());
 *
 * console.log(await toPromise(chance, { random: () => 0.5 })); // => { _tag: 'Right', right: 0.5 }
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const FromReader: FromReader3<URI> = { URI, fromReader };
