import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { InvalidOptions } from '../core/index.ts';
import type { Connection } from '../observables/connection.ts';
import { checkFraming } from '../observables/framing/check-options.ts';
import { asLive } from '../observables/internal/as-live.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { built } from './built.ts';
import type { Program } from './net.ts';

/**
 * What reads a connection by a framing. Both are checked once: a handler reads from one connection
 * again and again.
 */
export function onLive<R, E, A>(
  connection: Connection,
  framing: unknown,
  reading: (live: LiveConnection) => ReaderTaskEither<R, E, A>,
): Program<A, E | InvalidOptions, R> {
  return built(() => {
    const live = asLive(connection);
    checkFraming('framing', framing);
    return reading(live);
  });
}
