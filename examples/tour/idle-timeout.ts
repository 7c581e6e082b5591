import {
  catchFailure,
  type Chunk,
  connect,
  type Connection,
  endpointOf,
  type Flow,
  idleTimeout,
  lines,
  type NetFailure,
} from 'rxjs-net';
import { mergeMap, of, tap } from 'rxjs-net/rx';

import type { Part } from './part.ts';
import { say } from './say.ts';
import { whileServing } from './while-serving.ts';

const impatient = (connection: Connection): Flow<Chunk, NetFailure> =>
  connection.incoming.pipe(
    idleTimeout(300),
    catchFailure('IdleTimeout', (failure) => {
      say('server', `${failure._tag}: ${failure.message}`);
      return of(`nothing for ${failure.limit} ms, good bye\n`);
    }),
  );

export const idleTimeoutPart: Part = {
  title: 'An idle timeout, caught by its tag',
  about: 'The client connects and says nothing. The server has a last word, then the connection is closed.',
  run: whileServing({ host: '127.0.0.1', port: 0 }, impatient, (address) =>
    connect(endpointOf(address)).pipe(
      mergeMap((connection) => connection.incoming.pipe(lines())),
      tap((line) => say('client', `received "${line}"`)),
    ),
  ),
};
