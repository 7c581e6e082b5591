import type { Reader } from 'fp-ts/lib/Reader.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { asks } from './constructors.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { flatMap } from './sequencing.ts';
import { start } from './start.ts';

/**
 * Gives an effect what it needs, made of what there is: its dependencies leave the type one after
 * the other.
 *
 * @param f - makes its environment. Spread what there is: `(env) => ({ ...env, db })`. What it throws is a defect.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { asks, local, type NetEnv, toPromise } from 'rxjs-net/effects';
 *
 * const greet = asks((env: NetEnv & { readonly name: string }) => `hello ${env.name}`);
 * const program = pipe(greet, local((env: NetEnv) => ({ ...env, name: 'Ada' })));
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: 'hello Ada' }
 * ```
 *
 * @category environment
 * @since 0.1.0
 */
export function local<R1, R2 = NetEnv>(
  f: (env: R2) => R1,
): <E, A>(net: ReaderTaskEither<R1, E, A>) => Program<A, E, R2> {
  return (net) => (env) => async () => start(net, f(env));
}

/**
 * Goes on with what a function makes of the value and the environment.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { flatMapReader, type NetEnv, of, toPromise } from 'rxjs-net/effects';
 *
 * const inEnv = (n: number) => (env: NetEnv) => `${n}, aborted: ${env.signal.aborted}`;
 *
 * console.log(await toPromise(pipe(of(1), flatMapReader(inEnv)))); // => { _tag: 'Right', right: '1, aborted: false' }
 * ```
 *
 * @category sequencing
 * @since 0.1.0
 */
export function flatMapReader<A, B, R2 = NetEnv>(
  f: (value: A) => Reader<R2, B>,
): <R1, E>(net: ReaderTaskEither<R1, E, A>) => Program<B, E, R1 & R2> {
  return <R1, E>(net: ReaderTaskEither<R1, E, A>) => flatMap((value: A) => asks<B, R2>((env) => f(value)(env)))(net);
}

/**
 * Runs an effect that is computed from the environment.
 *
 * @example
 * ```ts
 * import { asksReaderTaskEither, of, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const program = asksReaderTaskEither((env: NetEnv) => of(env.signal.aborted));
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: false }
 * ```
 *
 * @category environment
 * @since 0.1.0
 */
export function asksReaderTaskEither<R1, E, A, R2 = NetEnv>(
  f: (env: R2) => ReaderTaskEither<R1, E, A>,
): Program<A, E, R1 & R2> {
  return (env) => async () => start(f(env), env);
}

/**
 * `asksReaderTaskEither` under its wider name: both widen.
 *
 * @example
 * ```ts
 * import { asksReaderTaskEitherW, of, toPromise, type NetEnv } from 'rxjs-net/effects';
 *
 * const program = asksReaderTaskEitherW((env: NetEnv) => of(env.signal.aborted));
 *
 * console.log(await toPromise(program)); // => { _tag: 'Right', right: false }
 * ```
 *
 * @category environment
 * @since 0.1.0
 */
export const asksReaderTaskEitherW: typeof asksReaderTaskEither = asksReaderTaskEither;
