import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { InvalidOptions } from '../core/index.ts';
import { die, left } from './constructors.ts';
import type { NetEnv } from './net-env.ts';

/**
 * An effect whose arguments are looked at where it is built, once for all the runs. What is wrong with them is a failure, and what
 * throws when it is looked at a defect, of each run: building an effect throws nothing.
 */
export function built<R extends NetEnv, E, A>(
  build: () => ReaderTaskEither<R, E, A>,
): ReaderTaskEither<R, E | InvalidOptions, A> {
  try {
    return build();
  } catch (error) {
    return error instanceof InvalidOptions ? left(error) : die(error);
  }
}
