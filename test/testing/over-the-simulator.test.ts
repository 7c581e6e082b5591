// The library itself over the simulated network: what `connect`, `serve` and their time limits do there, in virtual time.
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { connect, type Connection, lines, orDie, runFlow, sendTo, serve, type ServeEvent } from '../../src/index.ts';
import { map, merge, mergeMap, of, take } from '../../src/rx.ts';
import {
  corrupt,
  cutAfter,
  delay,
  drop,
  type Fault,
  limitRate,
  pass,
  reset,
  simulateNetwork,
  type SimulatedNetwork,
  slice,
  stall,
} from '../../src/testing/index.ts';

const talk = (connection: Connection) =>
  connection.incoming.pipe(
    lines(),
    map((line) => `you said ${line}\n`),
  );

/** A server of lines on the host "server", for as long as `use` takes. */
const withServer = async (
  network: SimulatedNetwork,
  use: (events: readonly ServeEvent[]) => Promise<void>,
  { handler = talk, ...options }: { handler?: typeof talk; idleTimeout?: number; backlog?: number } = {},
): Promise<void> => {
  network.host('client');
  const { transport } = network.host('server');
  const events: ServeEvent[] = [];
  const stop = new AbortController();
  const served = runFlow(
    serve({ port: 80, transport, shutdown: stop.signal, drainTimeout: 1_000, ...options }, handler).pipe(orDie()),
    { next: (event) => void events.push(event) },
  );
  await network.sleep(1);
  try {
    await use(events);
  } finally {
    stop.abort();
    await served;
  }
};

const dial = (network: SimulatedNetwork, options: { connectTimeout?: number; autoSelectFamily?: boolean } = {}) =>
  connect({ host: 'server', port: 80, transport: network.host('client').transport, ...options });

const ask = (network: SimulatedNetwork, question: string): Promise<string> =>
  firstValueFrom(
    dial(network).pipe(
      mergeMap((connection) => merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines()))),
      take(1),
    ),
  );

/** How a flow ends: its values, then `complete` or the tag of what it failed with. */
const outcome = async (flow: ReturnType<typeof dial>, next: (connection: Connection) => void = () => {}) =>
  new Promise<string>((resolve) => {
    flow.subscribe({
      next,
      error: (error: { _tag?: string; message: string }) => resolve(error._tag ?? error.message),
      complete: () => resolve('complete'),
    });
  });

test('a name is the same in capitals', async () => {
  const network = simulateNetwork();
  await network.run(() =>
    withServer(network, async () => {
      const { transport } = network.host('client');
      const dialled = connect({ host: 'Server', port: 80, transport });
      expect(await outcome(dialled, (connection) => connection.end())).toBe('complete');
    }),
  );
});

describe('time', () => {
  test('a request and its answer take what the way takes', async () => {
    const network = simulateNetwork({ latency: 20 });
    await network.run(() =>
      withServer(network, async () => {
        const start = network.clock.now();
        expect(await ask(network, 'hello')).toBe('you said hello');
        // A round trip for the handshake, one for the question and its answer.
        expect(network.clock.now() - start).toBe(80);
      }),
    );
  });

  test('bandwidth, jitter and odd chunks: everything arrives, in order, and takes its time', async () => {
    const network = simulateNetwork({
      latency: 5,
      jitter: 50,
      bandwidth: 100_000,
      chunking: { least: 1, most: 3_000 },
    });
    const sent = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    const received: Buffer[] = [];
    const keep = (connection: Connection) =>
      connection.incoming.pipe(
        map((chunk) => {
          received.push(chunk);
          return '';
        }),
      );
    await network.run(() =>
      withServer(
        network,
        async () => {
          const start = network.clock.now();
          await outcome(dial(network), (connection) => {
            connection.incoming.subscribe();
            connection.end(sent);
          });
          expect(Buffer.concat(received).equals(sent)).toBe(true);
          expect(received.length).toBeGreaterThan(70);
          expect(network.clock.now() - start).toBeGreaterThanOrEqual(2_000);
        },
        { handler: keep },
      ),
    );
  });

  test('a time limit fires in virtual time, to the millisecond', async () => {
    const network = simulateNetwork({ latency: 10 });
    await network.run(() =>
      withServer(
        network,
        async (events) => {
          expect(await outcome(dial(network), (connection) => connection.incoming.subscribe({ error() {} }))).toBe(
            'complete',
          );
          const closed = events.find((event) => event.type === 'closed');
          expect(closed?.info).toMatchObject({ read: 'timeout', lifetime: 30_000 });
        },
        { idleTimeout: 30_000 },
      ),
    );
  });

  test('an hour of waiting costs no time', async () => {
    const network = simulateNetwork();
    await network.run(async () => {
      await network.sleep(3_600_000);
      expect(network.clock.now()).toBe(3_600_000);
    });
  });
});

describe('what cannot be reached', () => {
  test.each([
    ['a name that there is not', { host: 'nowhere' }, 'HostNotFound'],
    ['an address that nobody has', { host: '10.9.9.9' }, 'HostUnreachable'],
    ['a port at which nobody listens', { host: 'client', port: 81 }, 'ConnectionRefused'],
    ['a path at which nothing is', { path: '/run/x.sock' }, 'PathNotFound'],
  ])('%s', async (_name, place, tag) => {
    const network = simulateNetwork();
    const { transport } = network.host('client');
    const options = 'path' in place ? { path: place.path ?? '', transport } : { port: 80, ...place, transport };
    expect(await network.run(() => outcome(connect(options)))).toBe(tag);
  });

  test('a host behind a partition: the dial gives up after what Linux takes, or at its own limit', async () => {
    const network = simulateNetwork();
    await network.run(() =>
      withServer(network, async () => {
        const heal = network.partition('client', 'server');
        expect(await outcome(dial(network, { connectTimeout: 5_000 }))).toBe('ConnectTimeout');
        const start = network.clock.now();
        expect(await outcome(dial(network, { autoSelectFamily: false }))).toBe('ConnectTimeout');
        // 1 + 2 + 4 + 8 + 16 + 32 + 64 s.
        expect(network.clock.now() - start).toBe(127_000);
        heal();
        expect(await ask(network, 'again')).toBe('you said again');
      }),
    );
  });

  test('two servers at one port of one host, and one each at two hosts', async () => {
    const network = simulateNetwork();
    await network.run(() =>
      withServer(network, async () => {
        const again = serve({ port: 80, transport: network.host('server').transport }, talk);
        await expect(firstValueFrom(again)).rejects.toMatchObject({ _tag: 'AddressInUse', port: 80 });
        const elsewhere = serve({ port: 80, transport: network.host('other').transport }, talk);
        await expect(firstValueFrom(elsewhere)).resolves.toMatchObject({ type: 'listening' });
      }),
    );
  });
});

describe('faults', () => {
  test('a partition that heals: what was sent meanwhile is sent again, and nothing is lost', async () => {
    const network = simulateNetwork({ latency: 10 });
    await network.run(() =>
      withServer(network, async () => {
        const received: string[] = [];
        const ended = outcome(dial(network), (connection) => {
          connection.incoming.pipe(lines()).subscribe((line) => void received.push(line));
          connection.write('one\n');
          void network.sleep(100).then(() => {
            network.partition('server', 'client');
            connection.write('two\n');
            connection.end('three\n');
          });
        });
        await network.sleep(5_000);
        expect(received).toEqual(['you said one']);
        network.heal();
        expect(await ended).toBe('complete');
        expect(received).toEqual(['you said one', 'you said two', 'you said three']);
      }),
    );
  });

  test('a partition that lasts: the sender learns of it after some 15 minutes', async () => {
    const network = simulateNetwork();
    await network.run(() =>
      withServer(network, async () => {
        const start = network.clock.now();
        let failed: unknown;
        await outcome(dial(network), (connection) => {
          connection.incoming.subscribe({ error: (error) => (failed = error) });
          network.partition('client', 'server');
          connection.write('anybody there?\n');
        });
        expect(failed).toMatchObject({ _tag: 'ConnectionTimedOut', code: 'ETIMEDOUT' });
        expect((network.clock.now() - start) / 60_000).toBeGreaterThan(12);
        network.heal();
      }),
    );
  });

  test('a crash is noticed by who sends, once the host is back', async () => {
    const network = simulateNetwork();
    const { transport } = network.host('server');
    await network.run(async () => {
      const ended = outcome(serve({ port: 80, transport }, talk) as never);
      await network.sleep(1);
      let failed: unknown;
      const closed = outcome(dial(network), (connection) => {
        connection.incoming.subscribe({ error: (error) => (failed = error) });
        void network.sleep(10).then(() => {
          network.crash('server');
          connection.write('hello?\n');
        });
      });
      await network.sleep(1_000);
      expect(await ended).toBe('ConnectionAborted');
      expect(failed).toBeUndefined();
      network.restart('server');
      await closed;
      expect(failed).toMatchObject({ _tag: 'ConnectionReset', code: 'ECONNRESET' });
    });
  });

  test('a file of a socket that a crash left is in the way until it is removed', async () => {
    const network = simulateNetwork();
    const host = network.host('server');
    const { transport } = host;
    const path = '/run/app.sock';
    await network.run(async () => {
      const ended = outcome(serve({ path, transport }, talk) as never);
      await network.sleep(1);
      network.crash('server');
      await ended;
      network.restart('server');
      expect(await outcome(connect({ path, transport }))).toBe('ConnectionRefused');
      expect(await outcome(serve({ path, transport }, talk) as never)).toBe('AddressInUse');
      expect(host.unlink(path)).toBe(true);
      expect(host.unlink(path)).toBe(false);
      await expect(firstValueFrom(serve({ path, transport }, talk))).resolves.toMatchObject({ type: 'listening' });
    });
  });
});

describe('rules', () => {
  /** What the client received of an echo of 10,000 bytes, how the connection ended, and how long that took. */
  const echo = async (install: (network: SimulatedNetwork) => void) => {
    const network = simulateNetwork({ seed: 11, latency: 10 });
    const sent = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
    const chunks: Buffer[] = [];
    let failure: { _tag: string } | undefined;
    let took = 0;
    await network.run(() =>
      withServer(
        network,
        async () => {
          install(network);
          const start = network.clock.now();
          await outcome(dial(network), (connection) => {
            connection.incoming.subscribe({
              next: (chunk) => void chunks.push(chunk),
              error: (error) => (failure = error),
            });
            connection.end(sent);
          });
          took = network.clock.now() - start;
        },
        { handler: (connection) => connection.incoming as never },
      ),
    );
    return { bytes: Buffer.concat(chunks), chunks, sent, tag: failure?._tag, took };
  };

  const place = { from: 'client', to: 'server' };

  test('none: 40 ms for the bytes, 20 for the handshake, 20 more for the last FIN', async () => {
    const { bytes, sent, tag, took } = await echo(() => {});
    expect(bytes.equals(sent)).toBe(true);
    expect([tag, took]).toEqual([undefined, 40]);
  });

  test('delay', async () => {
    const { bytes, sent, took } = await echo((network) => network.fault(place, delay(100)));
    expect(bytes.equals(sent)).toBe(true);
    expect(took).toBe(240);
  });

  test('pass, behind which nothing counts', async () => {
    const { bytes, sent, took } = await echo((network) => {
      network.fault(place, pass());
      network.fault({ from: 'server', to: 'client' }, pass());
      network.fault({}, drop());
    });
    expect(bytes.equals(sent)).toBe(true);
    expect(took).toBe(40);
  });

  test('drop, by chance: everything arrives all the same, later', async () => {
    const { bytes, sent, took } = await echo((network) => {
      network.fault({}, drop(0.3));
      network.fault({}, slice(500));
    });
    expect(bytes.equals(sent)).toBe(true);
    expect(took).toBeGreaterThan(240);
  });

  test('slice', async () => {
    const { bytes, sent, chunks } = await echo((network) => network.fault({ to: 'client' }, slice(7, 3)));
    expect(bytes.equals(sent)).toBe(true);
    expect(chunks.every(({ length }) => length <= 7)).toBe(true);
  });

  test('limitRate', async () => {
    const { bytes, sent, took } = await echo((network) => network.fault({ to: 'server' }, limitRate(1_000)));
    expect(bytes.equals(sent)).toBe(true);
    expect(took).toBe(10_040);
  });

  test('cutAfter', async () => {
    const { bytes, sent, tag } = await echo((network) => network.fault({ from: 'server' }, cutAfter(1_234)));
    expect(bytes.equals(sent.subarray(0, 1_234))).toBe(true);
    expect(tag).toBe('ConnectionReset');
  });

  test('reset', async () => {
    const { bytes, tag } = await echo((network) => network.fault(place, reset()));
    expect([bytes.length, tag]).toEqual([0, 'ConnectionReset']);
  });

  test('corrupt', async () => {
    const { bytes, sent } = await echo((network) => network.fault(place, corrupt()));
    expect(bytes.length).toBe(sent.length);
    expect(bytes.filter((byte, index) => byte !== sent[index]).length).toBe(1);
  });

  test('stall, and taken back: nothing is lost, and nobody gave up', async () => {
    const { bytes, sent, took } = await echo((network) => {
      const remove = network.fault({ to: 'server' }, stall());
      void network.sleep(3_600_000).then(remove);
    });
    expect(bytes.equals(sent)).toBe(true);
    expect(took).toBe(3_600_040);
  });

  test.each([
    ['chance', () => drop(2)],
    ['ms', () => delay(-1)],
    ['bytesPerSecond', () => limitRate(0)],
    ['least', () => slice(3, 5)],
    ['bytes', () => cutAfter(-1)],
    ['fault', () => simulateNetwork().fault({}, {} as Fault)],
    ['from', () => simulateNetwork().fault({ from: 'nobody' }, stall())],
    ['to', () => simulateNetwork().fault({ to: 'nobody' }, stall())],
  ])('a wrong %s', (option, call) => {
    expect(call).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option }));
  });
});

describe('the same seed', () => {
  const run = async (seed: number): Promise<string> => {
    const network = simulateNetwork({ seed, latency: 3, jitter: 20, chunking: { least: 1, most: 9 } });
    await network.run(() =>
      withServer(network, async () => {
        await Promise.all(Array.from({ length: 5 }, (_, index) => ask(network, `this is number ${index}`)));
      }),
    );
    return network.trace();
  };

  test('gives the same trace, and another one another', async () => {
    const [first, again, other] = [await run(42), await run(42), await run(43)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(first.split('\n').slice(0, 4)).toMatchInlineSnapshot(`
      [
        "       0.000 server:80 LISTEN",
        "       1.000 client:32768 → server:80 SYN",
        "       1.000 client:32769 → server:80 SYN",
        "       1.000 client:32770 → server:80 SYN",
      ]
    `);
  });
});

describe('a scenario that goes nowhere', () => {
  test('waits for what will never come', async () => {
    const network = simulateNetwork({ seed: 5, report: () => {} });
    await expect(network.run(() => new Promise(() => {}))).rejects.toThrow(
      /stuck: nothing can happen any more, .* \(seed 5, at 0 ms\)/,
    );
  });

  test('goes on for ever', async () => {
    const network = simulateNetwork({ maxEvents: 500, report: () => {} });
    const tick = (): void => void network.clock.after(1, tick);
    tick();
    await expect(network.run(() => new Promise(() => {}))).rejects.toThrow(
      /going on after 500 events \(seed 1, at 500 ms\)/,
    );
  });

  test('moves the time from two places', async () => {
    const network = simulateNetwork();
    await network.run(async () => {
      await expect(network.advance(1)).rejects.toThrow(/advance\(\): run\(\) moves the time already/);
    });
  });
});

describe('bad input', () => {
  test.each([
    [{ latency: -1 }, 'latency'],
    [{ jitter: Number.NaN }, 'jitter'],
    [{ bandwidth: 0 }, 'bandwidth'],
    [{ chunking: { least: 5, most: 4 } }, 'chunking.most'],
    [{ chunking: 0 }, 'chunking'],
    [{ window: 0.5 }, 'window'],
    [{ seed: -1 }, 'seed'],
    [{ latncy: 1 }, 'latncy'],
  ])('%j names %s', (options, option) => {
    expect(() => simulateNetwork(options as never)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option }),
    );
  });

  test('hosts that do not exist', () => {
    const network = simulateNetwork();
    network.host('here');
    for (const call of [
      () => network.partition('here', 'there'),
      () => network.heal('there', 'here'),
      () => network.crash('there'),
      () => network.restart('there'),
    ])
      expect(call).toThrow(/"there".*"here"|here/);
    expect(() => network.host('127.0.0.1')).toThrow(/host name/);
  });
});
