import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

/** How many effects may start each other in one turn. A program that is built in a loop nests them without a bound. */
const MAX_DEPTH = 200;
let depth = 0;

/** Starts an effect, in a turn of its own where the stack is deep. What is thrown meanwhile is a rejection. */
export function start<R, E, A>(net: ReaderTaskEither<R, E, A>, env: R): Promise<Either<E, A>> {
  if (depth >= MAX_DEPTH) return Promise.resolve().then(() => startAt(0, net, env));
  try {
    return startAt(depth + 1, net, env);
  } catch (defect) {
    return Promise.reject(defect);
  }
}

function startAt<R, E, A>(level: number, net: ReaderTaskEither<R, E, A>, env: R): Promise<Either<E, A>> {
  const before = depth;
  depth = level;
  try {
    return net(env)();
  } finally {
    depth = before;
  }
}
