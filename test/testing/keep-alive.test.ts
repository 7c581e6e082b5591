// Keep-alive probes, as Linux and libuv have them: when they are sent, who answers, and when a peer counts as gone.
import { describe, expect, test } from 'vitest';

import { connect, type Connection, serve } from '../../src/index.ts';
import { simulateNetwork, type SimulatedNetwork, stall } from '../../src/testing/index.ts';

const HOUR = 3_600_000;

interface Side {
  failure: { _tag: string; code?: string } | undefined;
  closedAt: number | undefined;
}

/** A silent server, and a client that reads; what became of the client. */
const connected = async (
  network: SimulatedNetwork,
  use: (connection: Connection) => Promise<void>,
  options: { keepAlive?: boolean; keepAliveInitialDelay?: number } = {},
  atServer: { keepAlive?: boolean; keepAliveInitialDelay?: number } = {},
): Promise<Side> => {
  const side: Side = { failure: undefined, closedAt: undefined };
  let failure: Side['failure'];
  const server = serve(
    { port: 80, transport: network.host('server').transport, ...atServer },
    ({ incoming }) => incoming,
  ).subscribe({
    error: () => {},
  });
  await network.run(async () => {
    const connection = await new Promise<Connection>((resolve, reject) => {
      connect({ host: 'server', port: 80, transport: network.host('client').transport, ...options }).subscribe({
        next: resolve,
        error: reject,
        complete: () => (side.closedAt = network.clock.now()),
      });
    });
    connection.incoming.subscribe({ error: (error) => (side.failure = error) });
    await use(connection);
    // Its own end by `destroy` is a failure of reading too, and isn't meant.
    failure = side.failure;
    connection.destroy();
  });
  server.unsubscribe();
  await network.settle();
  return { ...side, failure };
};

const probes = (network: SimulatedNetwork): number[] =>
  network
    .trace()
    .split('\n')
    .filter((line) => / KEEP-ALIVE/.test(line))
    .map((line) => Number(line.trim().split(' ')[0]) / 1_000);

describe('a peer that is there', () => {
  test('is asked after each silence, and answers', async () => {
    const network = simulateNetwork({ latency: 5 });
    const side = await connected(network, () => network.sleep(35_000), {
      keepAlive: true,
      keepAliveInitialDelay: 10_900,
    });
    expect(side.failure).toBeUndefined();
    // Whole seconds, from the last that was heard.
    expect(probes(network)).toEqual([10.02, 20.03, 30.04]);
    expect(network.trace()).toMatch(/client:32768 → server:80 KEEP-ALIVE\n.*server:80 → client:32768 ACK\n/);
    expect(network.clock.pending).toBe(0);
  });

  test('is not asked while anything is heard of it', async () => {
    const network = simulateNetwork();
    await connected(
      network,
      async (connection) => {
        for (let second = 0; second < 60; second += 5) {
          connection.write('still here\n');
          await network.sleep(5_000);
        }
      },
      { keepAlive: true, keepAliveInitialDelay: 6_000 },
    );
    expect(probes(network)).toEqual([]);
  });

  test('by the system’s own numbers, after two hours', async () => {
    const network = simulateNetwork();
    await connected(network, () => network.sleep(3 * HOUR), { keepAlive: true });
    expect(probes(network).map(Math.floor)).toEqual([7_200]);
  });

  test('is asked by the side that accepted it, if that was told to', async () => {
    const network = simulateNetwork();
    await connected(network, () => network.sleep(15_000), {}, { keepAlive: true, keepAliveInitialDelay: 10_000 });
    expect(network.trace()).toMatch(/server:80 → client:32768 KEEP-ALIVE/);
    expect(network.trace()).not.toMatch(/client:32768 → server:80 KEEP-ALIVE/);
  });

  test('is not asked any more when it is switched off', async () => {
    const network = simulateNetwork();
    await connected(network, async (connection) => {
      connection.setKeepAlive(true, 10_000);
      await network.sleep(15_000);
      connection.setKeepAlive(false);
      await network.sleep(60_000);
    });
    expect(probes(network)).toHaveLength(1);
  });
});

describe('a peer that is gone', () => {
  test('behind a partition: ten probes, a second apart, and then it has timed out', async () => {
    const network = simulateNetwork({ latency: 0 });
    const side = await connected(
      network,
      async () => {
        network.partition('client', 'server');
        await network.sleep(60_000);
      },
      { keepAlive: true, keepAliveInitialDelay: 10_000 },
    );
    expect(side.failure).toMatchObject({ _tag: 'ConnectionTimedOut', code: 'ETIMEDOUT' });
    expect(probes(network)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(side.closedAt).toBe(20_000);
    expect(network.trace()).toMatch(/KEEP-ALIVE \(lost\)/);
  });

  test('by the system’s own numbers: nine probes, 75 s apart', async () => {
    const network = simulateNetwork({ latency: 0 });
    const side = await connected(
      network,
      async () => {
        network.partition('client', 'server');
        await network.sleep(3 * HOUR);
      },
      { keepAlive: true },
    );
    expect(side.failure?._tag).toBe('ConnectionTimedOut');
    expect(side.closedAt).toBe(7_200_000 + 9 * 75_000);
  });

  test('a partition that heals in time is forgotten', async () => {
    const network = simulateNetwork({ latency: 0 });
    const side = await connected(
      network,
      async () => {
        const heal = network.partition('client', 'server');
        await network.sleep(18_500);
        heal();
        await network.sleep(5_000);
      },
      { keepAlive: true, keepAliveInitialDelay: 10_000 },
    );
    expect(side.failure).toBeUndefined();
    expect(probes(network)).toHaveLength(10);
  });

  test('a host that has crashed and is back answers with a reset', async () => {
    const network = simulateNetwork();
    const side = await connected(
      network,
      async () => {
        await network.sleep(100);
        network.crash('server');
        network.restart('server');
        await network.sleep(15_000);
      },
      { keepAlive: true, keepAliveInitialDelay: 10_000 },
    );
    expect(side.failure?._tag).toBe('ConnectionReset');
    expect(probes(network)).toHaveLength(1);
  });

  test('nobody gives up while the network is stalled', async () => {
    const network = simulateNetwork();
    const side = await connected(
      network,
      async () => {
        const remove = network.fault({ to: 'server' }, stall());
        await network.sleep(10 * 60_000);
        remove();
        await network.sleep(2_000);
      },
      { keepAlive: true, keepAliveInitialDelay: 10_000 },
    );
    expect(side.failure).toBeUndefined();
  });

  test('without keep-alive nobody ever learns of it', async () => {
    const network = simulateNetwork();
    const side = await connected(network, async () => {
      network.partition('client', 'server');
      await network.sleep(24 * HOUR);
    });
    expect(side.failure).toBeUndefined();
  });

  test('what waits to be acknowledged finds out by itself, and no probe is sent', async () => {
    const network = simulateNetwork();
    await connected(
      network,
      async (connection) => {
        network.partition('client', 'server');
        connection.write('anybody there?\n');
        await network.sleep(60_000);
      },
      { keepAlive: true, keepAliveInitialDelay: 10_000 },
    );
    expect(probes(network)).toEqual([]);
  });
});

test('one end that was closed answers for a minute, and then with a reset', async () => {
  const network = simulateNetwork({ latency: 0 });
  const { transport } = network.host('server');
  // Greets, and is done with it: the other end is left half-open.
  const server = serve({ port: 80, transport }, (connection) => {
    connection.destroy();
    return [];
  }).subscribe();
  await network.run(async () => {
    const client = connect({
      host: 'server',
      port: 80,
      transport: network.host('client').transport,
      allowHalfOpen: true,
      keepAlive: true,
      keepAliveInitialDelay: 25_000,
    }).subscribe((connection) => connection.incoming.subscribe());
    await network.sleep(120_000);
    client.unsubscribe();
  });
  server.unsubscribe();
  expect(probes(network)).toEqual([25, 50, 75]);
  const answers = network.trace().match(/server:80 → client:32768 (ACK|RST)/g);
  expect(answers?.map((line) => line.slice(-3))).toEqual(['ACK', 'ACK', 'RST']);
});

test('links without wires have none', async () => {
  const network = simulateNetwork();
  const { transport } = network.host('one');
  const server = serve({ path: '/run/x', transport, keepAlive: true }, ({ incoming }) => incoming).subscribe();
  await network.run(async () => {
    const client = connect({ path: '/run/x', transport }).subscribe((connection) =>
      connection.setKeepAlive(true, 1_000),
    );
    await network.sleep(10_000);
    client.unsubscribe();
  });
  server.unsubscribe();
  await network.settle();
  expect(probes(network)).toEqual([]);
  expect(network.clock.pending).toBe(0);
});
