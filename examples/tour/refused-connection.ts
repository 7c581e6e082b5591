import { catchFailure, connect, endpointOf, listen } from 'rxjs-net';
import { EMPTY, mergeMap } from 'rxjs-net/rx';

import type { Part } from './part.ts';
import { say } from './say.ts';

/** An address at which nobody listens: of a server that has closed. */
const deserted = listen({ host: '127.0.0.1', port: 0 }).pipe(
  mergeMap(async (server) => {
    const { address } = server;
    await server.close();
    return address;
  }),
);

export const refusedConnection: Part = {
  title: 'A refused connection, caught by its tag',
  about: 'What can go wrong is in the type of a flow: a misspelt tag does not compile.',
  run: deserted.pipe(
    mergeMap((address) =>
      connect(endpointOf(address)).pipe(
        catchFailure('ConnectionRefused', (failure) => {
          say('client', `${failure._tag} (${failure.code}): ${failure.message}`);
          return EMPTY;
        }),
      ),
    ),
  ),
};
