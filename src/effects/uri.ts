import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

/**
 * The name of `Net` among fp-ts's higher-kinded types.
 *
 * @category type lambdas
 * @since 0.1.0
 */
export const URI = 'rxjs-net/Net';

/**
 * The name of `Net` among fp-ts's higher-kinded types.
 *
 * @category type lambdas
 * @since 0.1.0
 */
export type URI = typeof URI;

declare module 'fp-ts/HKT' {
  interface URItoKind3<R, E, A> {
    readonly [URI]: ReaderTaskEither<R, E, A>;
  }
}
