// What a fault lets through behind a segment that it has reset: the connection is gone for it, too.
import { take, tap } from 'rxjs';
import { expect, test } from 'vitest';

import { connect, mapAsync, orDie, runFlow, serve } from '../../src/index.ts';
import { mergeMap } from '../../src/rx.ts';
import { reset, simulateNetwork } from '../../src/testing/index.ts';

test.each(['bytes', 'FIN'] as const)('%s behind a reset don’t arrive', async (what) => {
  const network = simulateNetwork({ latency: 10 });
  const { transport } = network.host('server');
  const server = serve({ port: 80, transport }, (connection) => {
    connection.write('one ');
    void network.sleep(50).then(() => {
      const takeBack = network.fault({ from: 'server' }, reset());
      connection.write('two ');
      // It leaves on the next tick, and is on its way when the fault is taken back.
      void network.sleep(1).then(() => {
        takeBack();
        if (what === 'bytes') connection.write('three');
        else connection.end();
      });
    });
    return connection.incoming;
  }).subscribe();
  const heard: string[] = [];
  let failure: unknown;
  await network.run(() =>
    runFlow(
      connect({ host: 'server', port: 80, transport: network.host('client').transport }).pipe(
        mergeMap((connection) => {
          connection.incoming
            // What comes while it is held is read ahead, with the reset behind it.
            .pipe(
              tap((chunk) => void heard.push(String(chunk))),
              mapAsync(async (chunk) => {
                await network.sleep(500);
                return chunk;
              }),
            )
            .subscribe({ error: (error) => (failure = error) });
          return connection.closed.pipe(take(1));
        }),
        orDie(),
      ),
    ),
  );
  expect(heard).toEqual(['one ']);
  expect(failure).toMatchObject({ _tag: 'ConnectionReset' });
  server.unsubscribe();
});
