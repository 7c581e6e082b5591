import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

import { checkEither, type Exit, exitOfEither, exitOfRejection } from './exit.ts';
import { throwIfOver } from './in-flight.ts';
import { type NetEnv, netEnv, type NetEnvOptions } from './net-env.ts';
import { scoped } from './scope.ts';

/**
 * What running an effect takes: its own dependencies, and of those that every effect has the ones
 * that are not to be the default.
 *
 * @category model
 * @since 0.1.0
 */
export type EffectOptions<R> = Omit<R, keyof NetEnv> & NetEnvOptions;

/**
 * What follows an effect that is run: `EffectOptions`, which may be left out unless it has
 * dependencies of its own.
 *
 * @category model
 * @since 0.1.0
 */
export type RunArguments<R> = NetEnv extends R
  ? readonly [options?: NetEnvOptions]
  : readonly [options: EffectOptions<R>];

/**
 * Runs an effect. It is fulfilled with an `Either`, and rejected with nothing but a `Defect`, whose
 * `cause` is what was thrown, or `Interrupted`, when `signal` was aborted. By then everything that
 * the effect had opened is released: what fp-ts's parallel functions have left behind is
 * interrupted and waited for.
 *
 * A task that fp-ts lifted can't be told to stop. An abort doesn't wait for it, and drops its
 * result.
 *
 * @param options - `transport`, `clock`, `signal`, `random`, and the effect's own dependencies. What is wrong in them is a defect.
 *
 * @example
 * ```ts
 * import { map, of, toPromise } from 'rxjs-net/effects';
 * import { pipe } from 'fp-ts/lib/function.js';
 *
 * const doubled = pipe(of(21), map((n) => n * 2));
 *
 * console.log(await toPromise(doubled)); // => { _tag: 'Right', right: 42 }
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function toPromise<R, E, A>(net: ReaderTaskEither<R, E, A>, ...options: RunArguments<R>): Promise<Either<E, A>>;
export async function toPromise<E, A>(
  net: ReaderTaskEither<NetEnv, E, A>,
  options?: NetEnvOptions,
): Promise<Either<E, A>> {
  try {
    const env = netEnv(options);
    throwIfOver(env);
    return checkEither(await scoped(net, env));
  } catch (error) {
    throw exitOfRejection(error);
  }
}

/**
 * Runs an effect and tells how it ended. It is never rejected.
 *
 * @param options - as of `toPromise`.
 *
 * @example
 * ```ts
 * import { fromIO, toExit } from 'rxjs-net/effects';
 *
 * const exit = await toExit(fromIO(() => JSON.parse('{')));
 *
 * console.log(exit._tag, exit._tag === 'Defect' && exit.cause instanceof SyntaxError); // => Defect true
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function toExit<R, E, A>(net: ReaderTaskEither<R, E, A>, ...options: RunArguments<R>): Promise<Exit<E, A>>;
export function toExit<E, A>(net: ReaderTaskEither<NetEnv, E, A>, options?: NetEnvOptions): Promise<Exit<E, A>> {
  return toPromise(net, options).then<Exit<E, A>, Exit<E, A>>(exitOfEither, exitOfRejection);
}

/**
 * An effect as a `TaskEither`, for a program that knows nothing of the network. The task is
 * rejected as `toPromise` is.
 *
 * @example
 * ```ts
 * import { of, toTaskEither } from 'rxjs-net/effects';
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as TE from 'fp-ts/lib/TaskEither.js';
 *
 * const task = pipe(of('ready'), toTaskEither(), TE.map((text) => text.toUpperCase()));
 *
 * console.log(await task()); // => { _tag: 'Right', right: 'READY' }
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export function toTaskEither<R = NetEnv>(
  options: EffectOptions<R>,
): <E, A>(net: ReaderTaskEither<R, E, A>) => TaskEither<E, A>;
export function toTaskEither(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, A>) => TaskEither<E, A>;
export function toTaskEither(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, A>) => TaskEither<E, A> {
  return (net) => () => toPromise(net, options);
}
