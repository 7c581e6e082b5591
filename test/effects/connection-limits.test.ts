// A time limit that is an option ends the connection; one over an effect gives up the effect, and leaves the connection.
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, test } from 'vitest';

import { type Connection, type TimeLimitOptions } from 'rxjs-net';
import {
  flatMap,
  flush,
  matchE,
  type Net,
  of,
  read,
  serveWith,
  timeout,
  toPromise,
  withConnection,
  write,
} from 'rxjs-net/effects';
import { simulateNetwork } from 'rxjs-net/testing';
import { never } from './support/effects.ts';

/** A use of a connection to a peer that neither reads nor writes, in virtual time. */
async function withSilentPeer<E, A>(
  limits: TimeLimitOptions,
  use: (connection: Connection) => Net<E, A>,
): Promise<unknown> {
  const network = simulateNetwork({ seed: 1 });
  const server = serveWith({ port: 80, transport: network.host('b').transport, drainTimeout: 1 }, () => never);
  const options = { host: 'b', port: 80, ...limits, closeTimeout: 1 };
  const program = server(() => withConnection(options)(use));
  return network.run(() => toPromise(program, { transport: network.host('a').transport }));
}

describe('an option of the connection', () => {
  test.each<[string, TimeLimitOptions, (connection: Connection) => Net<unknown, unknown>]>([
    ['ReadTimeout', { readTimeout: 50 }, read],
    ['IdleTimeout', { idleTimeout: 50 }, read],
    [
      'WriteTimeout',
      { writeTimeout: 50 },
      (connection) =>
        pipe(
          connection,
          write(Buffer.alloc(1 << 20)),
          flatMap(() => flush(connection)),
        ),
    ],
  ])('%s is the cause of the failure', async (cause, limits, use) => {
    expect(await withSilentPeer(limits, use)).toMatchObject({
      left: { _tag: 'ConnectionClosed', cause: { _tag: cause } },
    });
  });
});

test('timeout leaves the connection as it is', async () => {
  const use = (connection: Connection): Net<unknown, string> =>
    pipe(
      read(connection),
      timeout(50),
      matchE(
        ({ _tag }) =>
          pipe(
            connection,
            write('still there'),
            flatMap(() => of(_tag)),
          ),
        () => of('something came'),
      ),
    );
  expect(await withSilentPeer({}, use)).toMatchObject({ right: 'DeadlineExceeded' });
});
