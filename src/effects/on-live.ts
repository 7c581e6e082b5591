import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { InvalidOptions } from '../core/index.ts';
import type { Connection } from '../observables/connection.ts';
import { checkFraming } from '../observables/framing/check-options.ts';
import { asLive } from '../observables/internal/as-live.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { die, left } from './constructors.ts';

/**
 * What reads a connection by a framing. Both are checked once for all the runs: a handler reads from one connection again and again.
 * What is wrong with them is a failure, and what throws when it is looked at a defect, of each run: building an effect throws nothing.
 */
export function onLive<R, E, A>(
  connection: Connection,
  framing: unknown,
  reading: (live: LiveConnection) => ReaderTaskEither<R, E, A>,
): ReaderTaskEither<R, E | InvalidOptions, A>;
export function onLive(
  connection: Connection,
  framing: unknown,
  reading: (live: LiveConnection) => ReaderTaskEither<unknown, unknown, unknown>,
): ReaderTaskEither<never, unknown, unknown> {
  let live: LiveConnection;
  try {
    live = asLive(connection);
    checkFraming('framing', framing);
  } catch (error) {
    return error instanceof InvalidOptions ? left(error) : die(error);
  }
  return reading(live);
}
