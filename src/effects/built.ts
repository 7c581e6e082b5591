import { left } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { InvalidOptions } from '../core/index.ts';
import type { Program } from './net.ts';

/**
 * An effect whose arguments are looked at where it is built, once for all the runs. What is wrong
 * with them is a failure, and what throws when it is looked at a defect, of each run: building an
 * effect throws nothing.
 */
export function built<R, E, A>(build: () => ReaderTaskEither<R, E, A>): Program<A, E | InvalidOptions, R> {
  try {
    return build();
  } catch (error) {
    if (error instanceof InvalidOptions) return () => () => Promise.resolve(left(error));
    return () => () => Promise.reject(error);
  }
}
