import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { refuse } from '../core/options/index.ts';
import type { Exit } from './exit.ts';
import { signalOf } from './net-env.ts';
import type { Program } from './net.ts';
import { decided, Scope } from './scope.ts';

/**
 * Runs both, and ends as the one does that ends first, with a success or a failure. The other one
 * is interrupted, and the race is over when that has released what it had.
 *
 * A value that the other one had already is dropped. A defect of it, or a release that fails while
 * it is given up, is a defect of the race.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { as, race, sleep, toPromise } from 'rxjs-net/effects';
 *
 * const fastest = pipe(sleep(60_000), as('the slow one'), race(pipe(sleep(1), as('the fast one'))));
 *
 * console.log(await toPromise(fastest)); // => { _tag: 'Right', right: 'the fast one' }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function race<R2, E2, B>(
  that: ReaderTaskEither<R2, E2, B>,
): <R1, E1, A>(net: ReaderTaskEither<R1, E1, A>) => Program<A | B, E1 | E2, R1 & R2> {
  return <R1, E1, A>(net: ReaderTaskEither<R1, E1, A>) =>
    (env: R1 & R2) =>
    () =>
      raced<R1 & R2, E1 | E2, A | B>([net, that], env);
}

/**
 * Runs all of them, and ends as the one does that ends first: `race` of any number. Of none, it is
 * a defect.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { as, raceAll, sleep, toPromise } from 'rxjs-net/effects';
 *
 * const mirrors = [30_000, 1, 20_000].map((ms) => pipe(sleep(ms), as(`answered after ${ms} ms`)));
 *
 * console.log(await toPromise(raceAll(mirrors))); // => { _tag: 'Right', right: 'answered after 1 ms' }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function raceAll<R, E, A>(nets: readonly ReaderTaskEither<R, E, A>[]): Program<A, E, R> {
  return (env) => () => raced(nets, env);
}

async function raced<R, E, A>(nets: readonly ReaderTaskEither<R, E, A>[], env: R): Promise<Either<E, A>> {
  if (nets.length === 0) return refuse('nets', nets, 'at least one effect');
  const signal = signalOf(env);
  const scope = new Scope(signal);
  const inner = scope.env(env);
  const exits: Exit<E, A>[] = [];
  await Promise.all(
    nets.map(async (net) => {
      exits.push(await scope.exitOf(net, inner));
      scope.abort('another one was first');
    }),
  );
  await scope.end();
  const [first, ...others] = exits;
  return first === undefined ? refuse('nets', nets, 'at least one effect') : decided(first, others, signal);
}
