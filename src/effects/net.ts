import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { NetEnv } from './net-env.ts';

/**
 * A program over the network, as a value: building it does nothing, and each run does it anew. It
 * succeeds with an `A` or fails with an `E`.
 *
 * It is a `ReaderTaskEither`, so every function of fp-ts's module takes it as well. What a function
 * of yours throws is no failure but a defect; and it can be interrupted: both pass `orElse` and the
 * like by. `toExit` tells all of them apart.
 *
 * @category model
 * @since 0.1.0
 */
export interface Net<E, A> extends ReaderTaskEither<NetEnv, E, A> {}

/**
 * An effect with its value first, then its failures, then its needs, as in `Flow<A, E>`: what the
 * functions here return. It is a `ReaderTaskEither<R, E, A>` in all else. An editor that cuts a
 * long type off still shows the value.
 *
 * @category model
 * @since 0.1.0
 */
export interface Program<A, E = never, R = NetEnv> extends ReaderTaskEither<R, E, A> {}
