// A pool, and reconnecting, over a simulated network: the same program, in virtual time.
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';

import { connect, lines, pool, type ReconnectEvent, reconnecting, sendTo, serve } from '../../../src/index.ts';
import { merge, of, take } from '../../../src/rx.ts';
import { simulateNetwork } from '../../../src/testing/index.ts';

test('a pool uses a connection again', async () => {
  const network = simulateNetwork({ seed: 7, latency: 20 });
  const accepted: unknown[] = [];
  const server = serve({ port: 5432, transport: network.host('db').transport }, (connection) => {
    accepted.push(connection);
    return connection.incoming;
  }).subscribe();
  const connections = pool({ host: 'db', port: 5432, transport: network.host('app').transport }, { size: 1 });
  const ask = (question: string): Promise<string> =>
    firstValueFrom(
      connections.use((connection) =>
        merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
      ),
    );
  // firstValueFrom unsubscribes with the first value, before the work has completed: that connection is not used again.
  expect(await network.run(() => ask('a'))).toBe('a');
  const whole = (question: string): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      let last: string | undefined;
      connections
        .use((connection) =>
          merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
        )
        .subscribe({ next: (value) => (last = value), error: reject, complete: () => resolve(last) });
    });
  expect(await network.run(() => whole('b'))).toBe('b');
  expect(await network.run(() => whole('c'))).toBe('c');
  expect(accepted).toHaveLength(2);
  await network.run(() => connections.close());
  server.unsubscribe();
});

test('reconnecting waits by the clock of the network', async () => {
  const network = simulateNetwork({ seed: 7, latency: 20 });
  const times: number[] = [];
  const { transport } = network.host('app');
  const failed = network.run(
    () =>
      new Promise<unknown>((resolve) => {
        connect({ host: 'db', port: 5432, transport })
          .pipe(
            reconnecting({
              jitter: 'none',
              maxAttempts: 4,
              onEvent: (event: ReconnectEvent) => {
                if (event.type === 'attempt') times.push(network.clock.now());
              },
            }),
          )
          .subscribe({ error: resolve });
      }),
  );
  expect(await failed).toMatchObject({ _tag: expect.stringMatching(/ConnectionRefused|HostNotFound/) as unknown });
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  // A dial takes the same time each time; what differs is the wait.
  const [first = 0] = waits;
  expect(waits.map((wait) => wait - first)).toEqual([0, 100, 300]);
});
