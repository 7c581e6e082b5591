export { bracket, type Bracketed, type BracketOptions, type UseFailure } from './bracket.ts';
export { ask, asks, die, left, of, right } from './constructors.ts';
export {
  fromAbortable,
  fromEither,
  fromIO,
  fromOption,
  fromReader,
  fromTask,
  fromTaskEither,
  tryCatch,
} from './conversions.ts';
export { apS, bind, bindTo, Do, let } from './do.ts';
export { type Exit, type Failure, matchExit, type Success, type Unsuccessful } from './exit.ts';
export { type Cancel, fromCallback } from './from-callback.ts';
export { Interrupted } from './interrupted.ts';
export { type NetEnv, netEnv } from './net-env.ts';
export type { Net } from './net.ts';
export { ap, apFirst, apSecond, apW } from './parallel.ts';
export { race, raceAll } from './race.ts';
export { attempt, bimap, mapLeft, orElse, orElseW, tapError } from './recovering.ts';
export { ReleaseFailed } from './release-failed.ts';
export { type RunOptions, toExit, toPromise, toTaskEither } from './run.ts';
export {
  as,
  chain,
  chainW,
  flatMap,
  flatMapEither,
  flatMapIO,
  flatMapTaskEither,
  flatten,
  map,
  tap,
} from './sequencing.ts';
export { sleep } from './sleep.ts';
export { timeout } from './timeout.ts';
export { sequenceArray, traverseArray, traverseArrayWithIndex, type TraverseOptions } from './traverse.ts';
export { uninterruptible } from './uninterruptible.ts';
