import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { checkCount, refuseUnknown } from '../core/options/index.ts';
import type { Exit } from './exit.ts';
import { throwIfOver } from './in-flight.ts';
import { type NetEnv, signalOf } from './net-env.ts';
import type { Program } from './net.ts';
import { decided, Scope } from './scope.ts';
import { start } from './start.ts';

/**
 * Options of `traverseArray` and the like.
 *
 * @category model
 * @since 0.1.0
 */
export interface TraverseOptions {
  /**
   * How many run at once: 1 or more, or `Infinity`. Anything else is a defect, `InvalidOptions`.
   */
  readonly concurrency: number;
}

/**
 * Runs an effect for each element, so many at once, and succeeds with all values, in the order of
 * the elements.
 *
 * When one fails, no further one is begun, those under way are interrupted, and it fails when these
 * have released what they had; when several have failed, as the one that stands first did. So does
 * a defect. To go on after failures, make them values: see `attempt`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { as, sleep, toPromise, traverseArray } from 'rxjs-net/effects';
 *
 * const doubled = pipe(
 *   [3, 1, 2],
 *   traverseArray((n) => pipe(sleep(n), as(n * 2)), { concurrency: 2 }),
 * );
 *
 * console.log(await toPromise(doubled)); // => { _tag: 'Right', right: [ 6, 2, 4 ] }
 * ```
 *
 * @category traversing
 * @since 0.1.0
 */
export function traverseArray<E, A, B, R = NetEnv>(
  f: (value: A) => ReaderTaskEither<R, E, B>,
  options: TraverseOptions,
): (values: readonly A[]) => Program<readonly B[], E, R> {
  return traverseArrayWithIndex((_, value) => f(value), options);
}

/**
 * `traverseArray` with the index of each element.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { of, toPromise, traverseArrayWithIndex } from 'rxjs-net/effects';
 *
 * const numbered = pipe(
 *   ['a', 'b'],
 *   traverseArrayWithIndex((index, text) => of(`${index}: ${text}`), { concurrency: 1 }),
 * );
 *
 * console.log(await toPromise(numbered)); // => { _tag: 'Right', right: [ '0: a', '1: b' ] }
 * ```
 *
 * @category traversing
 * @since 0.1.0
 */
export function traverseArrayWithIndex<E, A, B, R = NetEnv>(
  f: (index: number, value: A) => ReaderTaskEither<R, E, B>,
  options: TraverseOptions,
): (values: readonly A[]) => Program<readonly B[], E, R> {
  return (values) => (env) => async () => {
    refuseUnknown(options, ['concurrency']);
    const concurrency = checkCount('concurrency', options.concurrency, { infinity: true });
    return concurrency === 1 ? inTurn(values, f, env) : atOnce(values, f, env, concurrency);
  };
}

/**
 * Runs all of them, so many at once: `traverseArray` over effects.
 *
 * @example
 * ```ts
 * import { of, sequenceArray, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(sequenceArray({ concurrency: 2 })([of(1), of(2)]))); // => { _tag: 'Right', right: [ 1, 2 ] }
 * ```
 *
 * @category traversing
 * @since 0.1.0
 */
export function sequenceArray(
  options: TraverseOptions,
): <R, E, A>(nets: readonly ReaderTaskEither<R, E, A>[]) => Program<readonly A[], E, R> {
  return (nets) => traverseArrayWithIndex((_, net: (typeof nets)[number]) => net, options)(nets);
}

async function inTurn<R, E, A, B>(
  values: readonly A[],
  f: (index: number, value: A) => ReaderTaskEither<R, E, B>,
  env: R,
): Promise<Either<E, readonly B[]>> {
  const results: B[] = [];
  for (const [index, value] of values.entries()) {
    throwIfOver(env);
    const either = await start(f(index, value), env);
    if (isLeft(either)) return either;
    results.push(either.right);
  }
  return right(results);
}

/** So many at once; see `traverseArray`. */
export async function atOnce<R, E, A, B>(
  values: readonly A[],
  f: (index: number, value: A) => ReaderTaskEither<R, E, B>,
  env: R,
  concurrency: number,
): Promise<Either<E, readonly B[]>> {
  const signal = signalOf(env);
  const scope = new Scope(signal);
  const inner = scope.env(env);
  const results: B[] = Array.from({ length: values.length });
  const bad: { readonly index: number; readonly exit: Exit<E, never> }[] = [];
  // One for all who take from it, so that each element is begun once.
  const left = values.entries();
  const worker = async (): Promise<void> => {
    for (const [index, value] of left) {
      if (bad.length > 0) return;
      const exit = await scope.exitOf<R, E, B>((given) => f(index, value)(given), inner);
      if (exit._tag === 'Success') {
        results[index] = exit.value;
      } else {
        bad.push({ index, exit });
        scope.abort('another one did not succeed');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, values.length) }, worker));
  await scope.end();
  // The one that stands first among those that were not merely given up: it doesn't depend on who
  // was quicker by a hair.
  const given = (exit: Exit<E, never>): number => (exit._tag === 'Interrupted' ? 1 : 0);
  const [first, ...others] = bad.toSorted((a, b) => given(a.exit) - given(b.exit) || a.index - b.index);
  if (first === undefined) return right(results);
  const rest = others.map(({ exit }) => exit);
  return decided(first.exit, rest, signal);
}
