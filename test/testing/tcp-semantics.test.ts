// What TCP does between two hosts, where a program can tell: ports that rest after a close, a backlog that is full, windows whose
// updates are lost, and what netstat shows of it.
import { ignoreElements, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { connect, type Connection, serve, type ServeEvent } from '../../src/index.ts';
import { drop, simulateNetwork, type SimulatedNetwork, slowClose, stall } from '../../src/testing/index.ts';

/** What became of a connection: `open` until it has ended. */
interface Story {
  end: string;
  at: number;
}

/** Connects and tells how that ends. */
const dial = (
  network: SimulatedNetwork,
  use: (connection: Connection) => void = () => {},
  options: { localPort?: number; host?: string; from?: string; connectTimeout?: number } = {},
): Story => {
  const { host = 'server', from = 'client', ...others } = options;
  const story: Story = { end: 'open', at: 0 };
  const tell = (end: string): void => {
    story.end = end;
    story.at = network.clock.now();
  };
  connect({ host, port: 80, autoSelectFamily: false, transport: network.host(from).transport, ...others }).subscribe({
    next: use,
    error: ({ _tag: tag }: { _tag: string }) => tell(tag),
    complete: () => tell('complete'),
  });
  return story;
};

/** A server on port 80 whose connections `use` gets. */
const listen = async (
  network: SimulatedNetwork,
  use: (connection: Connection) => void,
  options: { backlog?: number; host?: string } = {},
): Promise<ServeEvent[]> => {
  const { host = 'server', backlog } = options;
  const events: ServeEvent[] = [];
  serve(
    {
      port: 80,
      transport: network.host(host).transport,
      allowHalfOpen: true,
      ...(backlog !== undefined && { backlog }),
    },
    (connection) => {
      use(connection);
      return NEVER;
    },
  ).subscribe({ next: (event) => void events.push(event) });
  await network.settle();
  return events;
};

const rows = (network: SimulatedNetwork): string[][] =>
  network
    .netstat()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s{2,}/));

const statesOf = (network: SimulatedNetwork, host: string): string[] =>
  rows(network)
    .filter(([name, state]) => name === host && state !== 'LISTEN')
    .map(([, state = '']) => state);

/** A server that reads and ends when the client has ended. */
const answerEnd = (connection: Connection): void => {
  connection.incoming.pipe(ignoreElements()).subscribe({ complete: () => connection.end(), error: () => {} });
};

describe('ports that rest', () => {
  const close = (connection: Connection): void => {
    connection.incoming.subscribe({ error: () => {} });
    connection.end();
  };

  test('the pair of ends of who ended first rests for a minute, and is there again for who names it', async () => {
    const network = simulateNetwork();
    await listen(network, answerEnd);
    const first = dial(network, close, { localPort: 5_000 });
    await network.advance(100);
    expect(first.end).toBe('complete');
    expect(statesOf(network, 'client')).toEqual(['TIME-WAIT']);
    expect(statesOf(network, 'server')).toEqual([]);
    // As on Linux, where the time stamps tell what is old.
    const again = dial(network, close, { localPort: 5_000 });
    await network.advance(100);
    expect(again.end).toBe('complete');
    expect(statesOf(network, 'client')).toEqual(['TIME-WAIT']);
    await network.advance(60_000);
    expect(statesOf(network, 'client')).toEqual([]);
  });

  test('another port, or another server, is free', async () => {
    const network = simulateNetwork();
    await listen(network, answerEnd);
    await listen(network, answerEnd, { host: 'other' });
    dial(network, close, { localPort: 5_000 });
    await network.advance(100);
    const stories = [dial(network, close), dial(network, close, { localPort: 5_000, host: 'other' })];
    await network.advance(100);
    expect(stories.map(({ end }) => end)).toEqual(['complete', 'complete']);
    expect(statesOf(network, 'client')).toEqual(['TIME-WAIT', 'TIME-WAIT', 'TIME-WAIT']);
  });

  test('where the server ended first it is the server that waits, and the client may dial at once', async () => {
    const network = simulateNetwork();
    await listen(network, (connection) => {
      connection.end();
      connection.incoming.subscribe();
    });
    const answer = (connection: Connection): void => {
      connection.incoming.subscribe({ complete: () => connection.end() });
    };
    dial(network, answer, { localPort: 5_000 });
    await network.advance(100);
    expect(statesOf(network, 'server')).toEqual(['TIME-WAIT']);
    const again = dial(network, answer, { localPort: 5_000 });
    await network.advance(100);
    expect(again.end).toBe('complete');
    expect(statesOf(network, 'server')).toEqual(['TIME-WAIT']);
  });

  test('what the system chose can not be listened on meanwhile', async () => {
    const network = simulateNetwork();
    await listen(network, answerEnd);
    let port = 0;
    const use = (connection: Connection): void => {
      const { local } = connection;
      if (local !== undefined && 'port' in local) ({ port } = local);
      close(connection);
    };
    dial(network, use);
    await network.advance(100);
    const outcome = async (): Promise<string | undefined> => {
      let first: string | undefined;
      const { transport } = network.host('client');
      const listening = serve({ port, transport }, () => NEVER).subscribe({
        next: ({ type }) => (first ??= type),
        error: ({ _tag: tag }: { _tag: string }) => (first ??= tag),
      });
      await network.settle();
      listening.unsubscribe();
      await network.settle();
      return first;
    };
    expect(await outcome()).toBe('AddressInUse');
    await network.advance(60_000);
    expect(await outcome()).toBe('listening');
  });

  test('a reset leaves nothing, whoever ended before', async () => {
    const network = simulateNetwork();
    await listen(network, (connection) => connection.incoming.subscribe({ error: () => {} }));
    for (let time = 0; time < 2; time++) {
      let connected = 0;
      const use = (connection: Connection): void => {
        connected++;
        connection.end();
        connection.reset();
      };
      dial(network, use, { localPort: 5_000 });
      await network.advance(100);
      expect(connected).toBe(1);
      expect(statesOf(network, 'client')).toEqual([]);
    }
  });
});

describe('a backlog that is full', () => {
  test.each([
    ['of the server', {}, { backlog: 2 }],
    ['of the network', { backlog: 2 }, {}],
  ])('%s: what finds no place dials again a second later', async (_whose, options, listening) => {
    const network = simulateNetwork({ latency: 10, ...options });
    const events = await listen(network, () => {}, listening);
    const stories = Array.from({ length: 5 }, () => dial(network, (connection) => connection.incoming.subscribe()));
    await network.advance(100);
    const count = (): number => events.filter(({ type }) => type === 'opened').length;
    expect(count()).toBe(2);
    expect(network.trace().match(/server:80 BACKLOG-FULL/g)?.length).toBe(3);
    await network.advance(1_000);
    expect(count()).toBe(4);
    await network.advance(2_000);
    expect(count()).toBe(5);
    expect(stories.every(({ end }) => end === 'open' || end === 'complete')).toBe(true);
  });

  test('of a host: the others have the network’s', async () => {
    const network = simulateNetwork();
    network.host('small', { backlog: 1 });
    const [small, large] = [
      await listen(network, () => {}, { host: 'small' }),
      await listen(network, () => {}, { host: 'large' }),
    ];
    for (const host of ['small', 'large']) for (let left = 3; left > 0; left--) dial(network, () => {}, { host });
    await network.advance(100);
    const count = (events: readonly ServeEvent[]): number => events.filter(({ type }) => type === 'opened').length;
    expect([count(small), count(large)]).toEqual([1, 3]);
    expect(rows(network)[0]?.slice(0, 3)).toEqual(['small', 'LISTEN', '[::]:80']);
    expect(() => network.host('small', { backlog: 2 })).toThrow(expect.objectContaining({ option: 'backlog' }));
    expect(() => network.host('new', { backlog: 0 })).toThrow(expect.objectContaining({ option: 'backlog' }));
    expect(() => network.host('new', { backlg: 1 } as never)).toThrow(expect.objectContaining({ option: 'backlg' }));
  });

  test('that stays full: the dial gives up after what Linux takes', async () => {
    const network = simulateNetwork({ backlog: 1 });
    await listen(network, () => {});
    // Its handshake is never done, for nothing comes back.
    network.host('deaf');
    network.fault({ from: 'server', to: 'deaf' }, stall());
    dial(network, () => {}, { from: 'deaf', connectTimeout: 1_000_000 });
    await network.advance(1_000);
    const story = dial(network, () => {}, { connectTimeout: 1_000_000 });
    await network.advance(200_000);
    expect(story.end).toBe('ConnectTimeout');
    // 1 + 2 + 4 + 8 + 16 + 32 + 64 s, and the way there each time.
    expect(story.at).toBe(1_000 + 127_000 + 7);
  });

  test('a dial that is given up while it waits leaves nothing', async () => {
    const network = simulateNetwork({ backlog: 1 });
    await listen(network, () => {});
    network.host('deaf');
    const takeBack = network.fault({ from: 'server', to: 'deaf' }, stall());
    dial(network, () => {}, { from: 'deaf' });
    await network.advance(1_000);
    expect(dial(network, () => {}, { connectTimeout: 500 }).end).toBe('open');
    await network.advance(600);
    takeBack();
    await network.advance(100);
    expect(statesOf(network, 'client')).toEqual([]);
    const { pending } = network.clock;
    await network.advance(200_000);
    expect(network.clock.pending).toBeLessThanOrEqual(pending);
  });
});

describe('windows', () => {
  const size = 10_000;
  /** A client that writes 10,000 bytes to a server that reads after a second, with windows of 1,000. */
  const transfer = async (meanwhile: (network: SimulatedNetwork) => void) => {
    const network = simulateNetwork({ window: 1_000, chunking: 500 });
    let received = 0;
    let serverEnd = 'open';
    await listen(network, (connection) => {
      void network.sleep(1_000).then(() => {
        connection.incoming.subscribe({
          next: ({ length }) => (received += length),
          error: ({ _tag: tag }: { _tag: string }) => (serverEnd = tag),
          complete: () => connection.end(),
        });
      });
    });
    let failed = '';
    const story = dial(network, (connection) => {
      connection.incoming.subscribe({ error: ({ _tag: tag }: { _tag: string }) => (failed = tag) });
      connection.end(Buffer.alloc(size));
    });
    await network.advance(500);
    const full = rows(network);
    meanwhile(network);
    return { network, full, story, received: () => received, serverEnd: () => serverEnd, failed: () => failed };
  };

  test('netstat shows who holds what', async () => {
    const { full } = await transfer(() => {});
    expect(full.map((row) => row.join(' ')).toSorted()).toEqual([
      'client ESTABLISHED 10.0.0.2:32768 10.0.0.1:80 0 1000 0',
      'server ESTABLISHED [::ffff:10.0.0.1]:80 [::ffff:10.0.0.2]:32768 1000 0 1000',
      'server LISTEN [::]:80 0 511',
    ]);
  });

  test('a word of room that is lost is said again, and nothing is lost', async () => {
    const { network, story, received } = await transfer((lossy) => {
      const takeBack = lossy.fault({ from: 'server' }, drop());
      void lossy.sleep(5_000).then(takeBack);
    });
    await network.advance(5_400);
    expect(received()).toBe(1_000);
    await network.advance(60_000);
    expect([received(), story.end]).toEqual([size, 'complete']);
  });

  test('never told of room, it is the writer that gives up, not the reader', async () => {
    const { network, received, serverEnd, failed } = await transfer(
      (lossy) => void lossy.partition('server', 'client'),
    );
    await network.advance(2_000_000);
    expect([received(), failed(), serverEnd()]).toEqual([1_000, 'ConnectionTimedOut', 'open']);
  });

  test('a stall that is taken back tells of the room', async () => {
    const { network, story, received } = await transfer((stalled) => {
      const takeBack = stalled.fault({ from: 'server' }, stall());
      void stalled.sleep(3_600_000).then(takeBack);
    });
    await network.advance(3_599_900);
    expect([received(), story.end]).toEqual([1_000, 'open']);
    await network.advance(1_000);
    expect([received(), story.end]).toEqual([size, 'complete']);
  });
});

describe('a close that takes its time', () => {
  test.each([
    ['a while', slowClose(30_000), 30_002],
    ['until the fault is taken back', slowClose(), 60_001],
  ])('%s: the bytes before it are there, and those of the other way pass', async (_name, fault, expected) => {
    const network = simulateNetwork({ window: 1_000 });
    const chunks: number[] = [];
    let ended: number | undefined;
    await listen(network, (connection) => {
      connection.incoming.subscribe({
        next: ({ length }) => void chunks.push(length),
        complete: () => (ended = network.clock.now()),
      });
      connection.end(Buffer.alloc(50_000));
    });
    network.host('client');
    const takeBack = network.fault({ from: 'client' }, fault);
    let answer = 0;
    const story = dial(network, (connection) => {
      connection.incoming.subscribe(({ length }) => (answer += length));
      connection.end('bye');
    });
    await network.advance(1_000);
    expect([chunks, ended, answer]).toEqual([[3], undefined, 50_000]);
    await network.advance(59_000);
    takeBack();
    await network.advance(10);
    expect(ended).toBeGreaterThanOrEqual(expected);
    expect(ended).toBeLessThan(expected + 5);
    expect(story.end).toBe('complete');
  });

  test('a reset does not wait behind it', async () => {
    const network = simulateNetwork();
    let end: [string, number] | undefined;
    await listen(network, (connection) => {
      connection.incoming.subscribe({ error: ({ _tag: tag }: { _tag: string }) => (end = [tag, network.clock.now()]) });
    });
    network.fault({}, slowClose(30_000));
    dial(network, (connection) => {
      connection.end();
      void network.sleep(100).then(() => connection.reset());
    });
    await network.advance(1_000);
    expect(end?.[0]).toBe('ConnectionReset');
    expect(end?.[1]).toBeLessThan(200);
    await network.advance(60_000);
    expect(statesOf(network, 'server')).toEqual([]);
  });
});
