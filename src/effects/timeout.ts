import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { DeadlineExceeded } from '../core/index.ts';
import { checkDuration } from '../core/options/index.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { decided, Scope } from './scope.ts';

/**
 * Fails with `DeadlineExceeded` when it has not ended after that time: it is interrupted then, and
 * has released what it had.
 *
 * What ends with a value all the same, because it was about to or is uninterruptible, keeps it:
 * nothing that was read is lost.
 *
 * @param ms - more than 0, at most 2,147,483,647, by the environment's clock. Anything else is a defect, `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { catchTag, left, sleep, timeout, toPromise } from 'rxjs-net/effects';
 *
 * const patient = pipe(
 *   sleep(60_000),
 *   timeout(5),
 *   catchTag('DeadlineExceeded', ({ limit }) => left(`nothing within ${limit} ms`)),
 * );
 *
 * console.log(await toPromise(patient)); // => { _tag: 'Left', left: 'nothing within 5 ms' }
 * ```
 *
 * @category concurrency
 * @since 0.1.0
 */
export function timeout(
  ms: number,
): <R, E, A>(net: ReaderTaskEither<R, E, A>) => Program<A, E | DeadlineExceeded, R & NetEnv> {
  return (net) => (env) => () => limited(net, env, ms);
}

async function limited<R extends NetEnv, E, A>(
  net: ReaderTaskEither<R, E, A>,
  env: R,
  ms: number,
): Promise<Either<E | DeadlineExceeded, A>> {
  const limit = checkDuration('ms', ms);
  const scope = new Scope(env.signal);
  const cancel = env.clock.after(limit, () => scope.abort(late(limit)), true);
  const exit = await scope.exitOf(net, scope.env(env));
  cancel();
  await scope.end();
  if (exit._tag !== 'Interrupted' || !scope.aborted || env.signal.aborted) return decided(exit, [], env.signal);
  return decided({ _tag: 'Failure', failure: late(limit) }, [exit], env.signal);
}

function late(limit: number): DeadlineExceeded {
  return new DeadlineExceeded({ limit, message: `the effect did not end within ${limit} ms` });
}
