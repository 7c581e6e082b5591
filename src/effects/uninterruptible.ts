import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { enter } from './in-flight.ts';
import { throwIfInterrupted } from './interrupted.ts';
import { signalOf, uninterrupted } from './net-env.ts';
import type { Program } from './net.ts';
import { start } from './start.ts';

/**
 * Runs it to its end: its signal is never aborted. An interruption that came meanwhile takes effect
 * after it, so what it succeeds with may be dropped; what has to be closed belongs in a `bracket`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { fromIO, flatMap, sleep, toExit, uninterruptible } from 'rxjs-net/effects';
 *
 * const commit = pipe(sleep(20), flatMap(() => fromIO(() => console.log('committed'))));
 *
 * const exit = await toExit(uninterruptible(commit), { signal: AbortSignal.timeout(5) });
 * // => committed
 * console.log(exit._tag); // => Interrupted
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function uninterruptible<R, E, A>(net: ReaderTaskEither<R, E, A>): Program<A, E, R> {
  return (env) => async () => {
    const signal = signalOf(env);
    throwIfInterrupted(signal);
    const leave = enter(signal);
    try {
      const either = await start(net, uninterrupted(env));
      throwIfInterrupted(signal);
      return either;
    } finally {
      leave();
    }
  };
}
