import { pipe } from 'fp-ts/lib/function.js';
import { expect, test } from 'vitest';

import { endpointOf, lines } from '../../src/index.ts';
import {
  flatMap,
  fromIO,
  map,
  receive,
  serveWith,
  toPromise,
  withChannel,
  withConnection,
  write,
} from '../../src/effects/index.ts';

test('receive on a channel: a peer that leaves half a message is evicted after messageTimeout', async () => {
  const failures: unknown[] = [];
  const server = serveWith(
    { port: 0, host: '127.0.0.1' },
    withChannel(lines(), { messageTimeout: 50 })((channel) =>
      pipe(
        receive(channel),
        flatMap(() => receive(channel)),
        map(() => undefined),
      ),
    ),
    (failure) => fromIO(() => void failures.push(failure)),
  );
  const program = server(({ address }) =>
    withConnection(endpointOf(address))((connection) =>
      pipe(
        connection,
        write('one\nha'),
        flatMap(() => withChannel(lines())(receive)(connection)),
      ),
    ),
  );
  const ended = await toPromise(program);
  expect(failures).toMatchObject([{ _tag: 'ConnectionClosed', cause: { _tag: 'MessageTimeout', limit: 50 } }]);
  expect(ended._tag).toBeDefined();
});
