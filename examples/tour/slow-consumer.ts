import { setTimeout } from 'node:timers/promises';

import {
  catchFailure,
  type Chunk,
  connect,
  type Connection,
  endpointOf,
  type Flow,
  mapAsync,
  type NetFailure,
} from 'rxjs-net';
import { concat, ignoreElements, interval, merge, mergeMap, of, take, takeUntil, tap, timer } from 'rxjs-net/rx';

import type { Part } from './part.ts';
import { mebibytes, say } from './say.ts';
import { whileServing } from './while-serving.ts';

const chunk = new Uint8Array(64 * 1024);
let made = 0;
let taken = 0;

/** The producer: without an end, and as fast as it is asked. */
function* chunks(): Generator<Uint8Array> {
  for (;;) {
    made += chunk.length;
    yield chunk;
  }
}

/** The consumer: sleeps over every chunk, so it takes about 6 MiB a second. */
const slowly = (connection: Connection): Flow<Chunk, NetFailure> =>
  connection.incoming.pipe(
    mapAsync(async (bytes, signal) => {
      await setTimeout(10, undefined, { signal });
      taken += bytes.length;
    }),
    ignoreElements(),
  );

const printLevels = interval(250).pipe(
  take(6),
  tap((index) => {
    const time = `${(index + 1) * 250} ms`;
    say(time, `made ${mebibytes(made)}, taken ${mebibytes(taken)}, in flight ${mebibytes(made - taken)}`);
  }),
);

/** A producer that doesn't look whether there is room: 100 MiB in one go. */
const heedlessly = (connection: Connection): Flow<never, NetFailure> => {
  for (let written = 0; written < 100 * 1024 * 1024; written += chunk.length) connection.write(chunk);
  return connection.incoming.pipe(ignoreElements());
};

export const slowConsumer: Part = {
  title: 'A slow consumer slows its producer',
  about: 'A chunk is made when there is room for it: what is in flight fills the buffers of the system, and no more.',
  run: whileServing({ host: '127.0.0.1', port: 0, drainTimeout: 100 }, slowly, (address) => {
    const connected = connect(endpointOf(address));
    return concat(
      connected.pipe(
        mergeMap((connection) => merge(connection.send(chunks()), printLevels)),
        takeUntil(timer(1_600)),
      ),
      connected.pipe(
        mergeMap(heedlessly),
        catchFailure('BufferOverflow', (failure) => {
          say('heedless', `${failure._tag}: ${failure.message}`);
          return of();
        }),
      ),
    );
  }),
};
