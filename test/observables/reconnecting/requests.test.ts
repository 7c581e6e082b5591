// Requests over a connection that is made anew: what was under way is told, and never asked twice.
import { of } from 'rxjs';
import { expect, test } from 'vitest';

import { connect, framed, lines, reconnecting, rpc } from '../../../src/index.ts';
import { mergeMap } from '../../../src/rx.ts';
import { rawServer } from '../support-failures/peers.ts';
import { record } from '../support-failures/record.ts';
import { until } from '../support-failures/wait.ts';

test('a request that was under way when the connection went is PossiblyDelivered, and not asked again', async () => {
  const server = await rawServer();
  const asked: string[] = [];
  server.server.on('connection', (socket) =>
    socket.on('data', (chunk) => {
      asked.push(String(chunk));
      socket.resetAndDestroy();
    }),
  );
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      mergeMap((connection) => rpc(framed(connection, lines())).request('transfer 100')),
      reconnecting({ backoff: { initial: 1 } }),
    ),
  );
  expect(await recording.failure()).toMatchObject({ _tag: 'PossiblyDelivered' });
  expect(asked).toEqual(['transfer 100\n']);
  expect(server.peers).toHaveLength(1);
});

test('who says so is asked again', async () => {
  const server = await rawServer();
  let asked = 0;
  server.server.on('connection', (socket) =>
    socket.on('data', () => {
      asked++;
      if (asked < 3) socket.resetAndDestroy();
      else socket.write('done\n');
    }),
  );
  const recording = record(
    connect({ host: '127.0.0.1', port: server.port }).pipe(
      mergeMap((connection) => rpc(framed(connection, lines())).request('read 5')),
      reconnecting({ backoff: { initial: 1 }, retryOn: () => true }),
      mergeMap((answer) => of(answer)),
    ),
  );
  await recording.count(1);
  expect(recording.values).toEqual(['done']);
  expect(asked).toBe(3);
  recording.unsubscribe();
  await until(() => server.peers.every((peer) => peer.closed || peer.ended), 'the peers to be let go');
});
