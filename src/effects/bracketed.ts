import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { Bracketed, UseFailure } from './bracket.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import type { ReleaseFailed } from './release-failed.ts';
import { start } from './start.ts';

/**
 * What `bracketed` takes: any bracket that waits for its use.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyBracketed = (use: (resource: unknown) => never) => (env: never) => () => Promise<unknown>;

/**
 * What several brackets open, in their order.
 *
 * @category model
 * @since 0.1.0
 */
export type ResourcesOf<T extends readonly AnyBracketed[]> = {
  readonly [K in keyof T]: T[K] extends Bracketed<infer _R, infer _E, infer A, infer _ER> ? A : never;
};

/**
 * What several brackets need, together.
 *
 * @category model
 * @since 0.1.0
 */
export type NeedsOfAll<T extends readonly AnyBracketed[]> = T extends readonly [
  infer Head,
  ...infer Rest extends readonly AnyBracketed[],
]
  ? (Head extends Bracketed<infer R, infer _E, infer _A, infer _ER> ? R : never) & NeedsOfAll<Rest>
  : T[number] extends Bracketed<infer R, infer _E, infer _A, infer _ER>
    ? R
    : NetEnv;

/**
 * How several brackets, one within the other, can fail, and the use within all of them.
 *
 * @category model
 * @since 0.1.0
 */
export type FailuresOfAll<T extends readonly AnyBracketed[], E, B> = T extends readonly []
  ? E
  : T extends readonly [infer Head, ...infer Rest extends readonly AnyBracketed[]]
    ? Head extends Bracketed<infer _R, infer EA, infer _A, infer ER>
      ? EA | UseFailure<ER, FailuresOfAll<Rest, E, B>, B>
      : never
    : T[number] extends Bracketed<infer _R, infer EA, infer _A, infer ER>
      ? E | EA | ([ER] extends [never] ? never : ReleaseFailed<ER, unknown, B>)
      : never;

/**
 * Opens several things, one after the other, uses all of them, and closes them in the reverse
 * order. When one can't be opened, those that are open are closed. They may as well be an array:
 * `bracketed(...parts)`.
 *
 * @example
 * ```ts
 * import { bracket, bracketed, fromIO, toPromise } from 'rxjs-net/effects';
 *
 * const opened = (name: string) =>
 *   bracket(
 *     fromIO(() => (console.log(`open ${name}`), name)),
 *     () => fromIO(() => console.log(`close ${name}`)),
 *   );
 *
 * const copied = bracketed(opened('source'), opened('sink'))((from, to) => fromIO(() => console.log(`${from} to ${to}`)));
 *
 * await toPromise(copied);
 * // => open source
 * // => open sink
 * // => source to sink
 * // => close sink
 * // => close source
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function bracketed<const T extends readonly AnyBracketed[]>(
  ...parts: T
): <E, B, R = NetEnv>(
  use: (...resources: ResourcesOf<T>) => ReaderTaskEither<R, E, B>,
) => Program<B, FailuresOfAll<T, E, B>, NeedsOfAll<T> & R>;
export function bracketed(
  ...parts: readonly Bracketed<NetEnv, unknown, unknown, unknown>[]
): (
  use: (...resources: readonly unknown[]) => ReaderTaskEither<NetEnv, unknown, unknown>,
) => Program<unknown, unknown> {
  return (use) => {
    const within = (resources: readonly unknown[]): Program<unknown, unknown> => {
      const part = parts[resources.length];
      return part === undefined ? use(...resources) : part((resource) => within([...resources, resource]));
    };
    return (env) => () => start((given) => within([])(given), env);
  };
}
