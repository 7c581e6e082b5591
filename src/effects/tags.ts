import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { throwIfOver } from './in-flight.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { start } from './start.ts';

/**
 * The tags of those failures that have one.
 *
 * @category model
 * @since 0.1.0
 */
export type TagsOf<E> = E extends { readonly _tag: infer T extends string } ? T : never;

/**
 * The failure with that tag.
 *
 * @category model
 * @since 0.1.0
 */
export type WithTag<E, T> = Extract<E, { readonly _tag: T }>;

/**
 * What a handler of `catchTags` may return: an effect, whatever it needs and can end with. (Nothing
 * is inferred from a type as loose as this.)
 *
 * @category model
 * @since 0.1.0
 */
export type AnyNet = (env: never) => () => Promise<unknown>;

type Cases<E> = { readonly [T in TagsOf<E>]?: (failure: WithTag<E, T>) => AnyNet };
type NetsOf<H> = H[keyof H] extends infer F ? (F extends (failure: never) => infer N ? N : never) : never;
type FailuresOf<N> = N extends ReaderTaskEither<never, infer E, unknown> ? E : never;
type ValuesOf<N> = N extends ReaderTaskEither<never, unknown, infer A> ? A : never;
/** Inferred from where parameters stand, so that all that is needed comes together. */
type NeedsOf<N> = (N extends ReaderTaskEither<infer R, unknown, unknown> ? (needs: R) => void : never) extends (
  needs: infer R,
) => void
  ? R
  : never;

/**
 * Handles one failure, told by its `_tag`, and removes it from the type. Anything else passes,
 * defects and interruptions included. A tag that it can't fail with does not compile.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { catchTag, of, sleep, timeout, toPromise } from 'rxjs-net/effects';
 *
 * const patient = pipe(
 *   sleep(60_000),
 *   timeout(5),
 *   catchTag('DeadlineExceeded', (failure) => of(`nothing within ${failure.limit} ms`)),
 * );
 *
 * console.log(await toPromise(patient)); // => { _tag: 'Right', right: 'nothing within 5 ms' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function catchTag<E, const T extends TagsOf<E>, E2, B, R2 = NetEnv>(
  tag: T,
  handler: (failure: WithTag<E, T>) => ReaderTaskEither<R2, E2, B>,
): <R1, A>(net: ReaderTaskEither<R1, E, A>) => Program<A | B, Exclude<E, { readonly _tag: T }> | E2, R1 & R2>;
export function catchTag(
  tag: string,
  handler: (failure: unknown) => ReaderTaskEither<NetEnv, unknown, unknown>,
): (net: ReaderTaskEither<NetEnv, unknown, unknown>) => Program<unknown, unknown> {
  return handled((found) => (found === tag ? handler : undefined));
}

/**
 * Handles several failures, each by its `_tag`, and removes them from the type. Anything else
 * passes, defects and interruptions included. A tag that it can't fail with does not compile.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { catchTags, left, of, toPromise } from 'rxjs-net/effects';
 *
 * type Failure = { readonly _tag: 'Refused'; readonly port: number } | { readonly _tag: 'Reset' };
 *
 * const answer = pipe(
 *   left<Failure, string>({ _tag: 'Refused', port: 80 }),
 *   catchTags({
 *     Refused: ({ port }) => of(`nobody on port ${port}`),
 *     Reset: () => of('hung up'),
 *   }),
 * );
 *
 * console.log(await toPromise(answer)); // => { _tag: 'Right', right: 'nobody on port 80' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function catchTags<E, H extends Cases<E> & { readonly [T in Exclude<keyof H, TagsOf<E>>]: never }>(
  handlers: H,
): <R, A>(
  net: ReaderTaskEither<R, E, A>,
) => Program<
  A | ValuesOf<NetsOf<H>>,
  Exclude<E, { readonly _tag: keyof H }> | FailuresOf<NetsOf<H>>,
  R & NeedsOf<NetsOf<H>>
>;
export function catchTags(
  handlers: Readonly<Record<string, (failure: unknown) => ReaderTaskEither<NetEnv, unknown, unknown>>>,
): (net: ReaderTaskEither<NetEnv, unknown, unknown>) => Program<unknown, unknown> {
  return handled((tag) => (Object.hasOwn(handlers, tag) ? handlers[tag] : undefined));
}

/**
 * Makes a value of everything it can end with: one case for each `_tag`, and one for what it
 * succeeds with. A missing case, or one too many, does not compile. Nothing is left that it can
 * fail with.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { left, matchTags, toPromise } from 'rxjs-net/effects';
 *
 * type Failure = { readonly _tag: 'Refused'; readonly port: number } | { readonly _tag: 'Reset' };
 *
 * const line = pipe(
 *   left<Failure, string>({ _tag: 'Reset' }),
 *   matchTags(
 *     {
 *       Refused: ({ port }) => `nobody on port ${port}`,
 *       Reset: () => 'hung up',
 *     },
 *     (answer) => `answered ${answer}`,
 *   ),
 * );
 *
 * console.log(await toPromise(line)); // => { _tag: 'Right', right: 'hung up' }
 * ```
 *
 * @category error handling
 * @since 0.1.0
 */
export function matchTags<
  E extends { readonly _tag: string },
  A,
  H extends { readonly [T in TagsOf<E>]: (failure: WithTag<E, T>) => unknown } & {
    readonly [T in Exclude<keyof H, TagsOf<E>>]: never;
  },
  B,
>(onFailure: H, onSuccess: (value: A) => B): <R>(net: ReaderTaskEither<R, E, A>) => Program<B | NetsOf<H>, never, R>;
export function matchTags(
  onFailure: Readonly<Record<string, (failure: unknown) => unknown>>,
  onSuccess: (value: unknown) => unknown,
): (net: ReaderTaskEither<NetEnv, unknown, unknown>) => Program<unknown, unknown> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    if (!isLeft(either)) return right(onSuccess(either.right));
    const tag = tagOf(either.left);
    const handler = tag !== undefined && Object.hasOwn(onFailure, tag) ? onFailure[tag] : undefined;
    // Only what the types don't tell comes here. It is no failure that anybody expects.
    if (handler === undefined) throw either.left;
    return right(handler(either.left));
  };
}

type Handler = (failure: unknown) => Program<unknown, unknown>;

function handled(
  handlerOf: (tag: string) => Handler | undefined,
): (net: ReaderTaskEither<NetEnv, unknown, unknown>) => Program<unknown, unknown> {
  return (net) => (env) => async () => {
    const either = await start(net, env);
    if (!isLeft(either)) return either;
    const tag = tagOf(either.left);
    const handler = tag === undefined ? undefined : handlerOf(tag);
    if (handler === undefined) return either;
    throwIfOver(env);
    return start(handler(either.left), env);
  };
}

function tagOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null || !('_tag' in failure)) return undefined;
  return typeof failure._tag === 'string' ? failure._tag : undefined;
}
