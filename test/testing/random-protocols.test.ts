// Requests and answers, pools and reconnecting under random faults, by seed: whatever happens to the network, each request settles
// exactly once, with its own answer or with a failure that has a tag, and nothing is left open.
import process from 'node:process';

import { EMPTY, take, tap, throwIfEmpty } from 'rxjs';
import { expect, test } from 'vitest';

import {
  answerWith,
  catchAll,
  connect,
  type Connection,
  ConnectionClosed,
  type Flow,
  framed,
  type Framing,
  isNetFailure,
  jsonLines,
  lengthPrefixed,
  mapFraming,
  netstring,
  orDie,
  pool,
  reconnecting,
  rpc,
  runFlow,
  serveFramed,
} from '../../src/index.ts';
import { from, merge, mergeMap } from '../../src/rx.ts';
import { exploreSeeds, type SeededRun } from '../../src/testing/index.ts';

/** So many seeds a test. */
const PORTION = 50;
const portions = Array.from(
  { length: (process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 150) / PORTION },
  (_, index) => index * PORTION + 1,
);

interface Message {
  readonly id: number;
  readonly text: string;
}

const overBytes = (framing: Framing<Buffer, Uint8Array>): Framing<Message> =>
  mapFraming(
    framing,
    (bytes) => JSON.parse(bytes.toString()) as Message,
    (message: Message) => Buffer.from(JSON.stringify(message)),
  );

const framings: readonly (() => Framing<Message>)[] = [
  () => jsonLines() as Framing<Message>,
  () => overBytes(lengthPrefixed({ bytes: 4 })),
  () => overBytes(lengthPrefixed({ bytes: 'varint' })),
  () => overBytes(netstring()),
];

const answerTo = (text: string): string => `answer to ${text}`;

/** How one request settled. */
type Settled = { readonly answer: string } | { readonly tag: string } | 'given up' | 'empty';

class Ledger {
  readonly settled = new Map<string, Settled[]>();

  settle(name: string, how: Settled): void {
    this.settled.set(name, [...(this.settled.get(name) ?? []), how]);
  }

  /** Runs one request, and takes down how it settles. */
  async watch(name: string, request: Flow<Message, unknown>, patience?: Promise<unknown>): Promise<void> {
    let how: Settled = 'empty';
    await new Promise<void>((resolve) => {
      const subscription = request.subscribe({
        next: ({ text }) => (how = { answer: text }),
        error: (error: unknown) => {
          how = isNetFailure(error) ? { tag: error._tag } : { tag: `defect: ${String(error)}` };
          resolve();
        },
        complete: resolve,
      });
      void patience?.then(() => {
        if (subscription.closed) return;
        how = 'given up';
        subscription.unsubscribe();
        resolve();
      });
    });
    this.settle(name, how);
  }
}

const scenario = async ({ random, network: make, disturb }: SeededRun): Promise<void> => {
  const network = make({
    latency: random.integer(0, 40),
    jitter: random.integer(0, 40),
    window: random.integer(100, 5_000),
    chunking: { least: 1, most: random.integer(1, 200) },
    maxEvents: 500_000,
  });
  const framing =
    (framings[random.integer(0, framings.length - 1)] ?? framings[0])?.() ?? (jsonLines() as Framing<Message>);
  const names = ['asker', 'pooled', 'stubborn'];
  for (const name of names) network.host(name);
  const links = names.map((name) => [name, 'server'] as const);
  const { transport } = network.host('server');
  const stop = new AbortController();
  const ledger = new Ledger();
  const expected: string[] = [];
  const limits = { connectTimeout: 5_000, idleTimeout: 20_000, deadline: 100_000 };
  const place = (name: string) => ({ host: 'server', port: 80, transport: network.host(name).transport, ...limits });

  const asker = async (): Promise<void> => {
    const requests = random.integer(1, 30);
    let waiting: Promise<unknown>[] = [];
    await runFlow(
      connect(place('asker')).pipe(
        mergeMap((connection) => {
          const service = rpc(framed(connection, framing), {
            assign: (text: string, id): Message => ({ id, text }),
            idOf: ({ id }) => id,
            maxInFlight: random.integer(1, 40),
            unmatched: () => {},
          });
          for (let index = 0; index < requests; index++) {
            const text = `asker ${index} ${'x'.repeat(random.integer(0, 50))}`;
            expected.push(text);
            const options = random.integer(0, 2) === 0 ? { deadline: random.integer(1, 3_000) } : {};
            const patience = random.integer(0, 4) === 0 ? network.sleep(random.integer(0, 500)) : undefined;
            waiting.push(ledger.watch(text, service.request(text, options), patience));
          }
          return from(Promise.all(waiting)).pipe(tap(() => connection.end()));
        }),
        catchAll(() => EMPTY),
        orDie(),
      ),
    );
    await Promise.all(waiting);
    waiting = [];
  };

  const exchange = (connection: Connection, text: string): Flow<Message, unknown> => {
    const channel = framed(connection, framing);
    return merge(
      channel.send([{ id: 1, text }]),
      channel.incoming.pipe(
        take(1),
        throwIfEmpty(() => new ConnectionClosed({ message: 'no answer' })),
      ),
    );
  };

  const pooled = async (): Promise<void> => {
    const connections = pool(place('pooled'), {
      size: random.integer(1, 5),
      maxWaiting: random.integer(0, 30),
      idle: random.integer(1, 5_000),
      acquireTimeout: random.integer(100, 10_000),
      random: () => random.fraction(),
    });
    await Promise.all(
      Array.from({ length: random.integer(1, 20) }, async (_, index) => {
        const text = `pooled ${index}`;
        expected.push(text);
        await network.sleep(random.integer(0, 300));
        await ledger.watch(
          text,
          connections.use((connection) => exchange(connection, text)),
        );
      }),
    );
    await connections.close({ drainTimeout: 1_000 });
    expect(connections.stats).toMatchObject({ size: 0, idle: 0, leased: 0, waiting: 0, dialling: 0 });
  };

  const stubborn = async (): Promise<void> => {
    const text = 'stubborn';
    expected.push(text);
    await ledger.watch(
      text,
      connect(place('stubborn')).pipe(
        mergeMap((connection) => exchange(connection, text)),
        reconnecting({
          maxAttempts: random.integer(1, 8),
          stableAfter: random.integer(0, 1_000),
          backoff: { initial: 50, max: 2_000 },
          random: () => random.fraction(),
          retryOn: () => true,
        }),
        take(1),
      ),
    );
  };

  await network.run(async () => {
    const served = runFlow(
      serveFramed(
        { port: 80, transport, shutdown: stop.signal, drainTimeout: 1_000, idleTimeout: 30_000, deadline: 150_000 },
        framing,
        (channel) =>
          channel.incoming.pipe(
            answerWith(
              async ({ text }: Message) => {
                const wait = text.length % 7;
                if (wait > 0) await network.sleep(wait * 10);
                return { id: 0, text: answerTo(text) };
              },
              { idOf: ({ id }) => id, assign: (answer: Message, id) => ({ ...answer, id }), concurrency: 5 },
            ),
          ),
      ).pipe(orDie()),
    );
    await network.sleep(1);
    await Promise.all([asker(), pooled(), stubborn(), disturb(network, { links, longest: 60_000 }).done]);
    stop.abort();
    await served;
  });
  await network.run(() => network.sleep(2_000_000));
  for (const text of expected) {
    const settled = ledger.settled.get(text) ?? [];
    expect(settled, text).toHaveLength(1);
    const [how] = settled;
    if (how === undefined || how === 'given up') continue;
    expect(how, text).not.toBe('empty');
    if (typeof how === 'object' && 'answer' in how) expect(how.answer).toBe(answerTo(text));
    else expect(how, text).not.toMatchObject({ tag: expect.stringMatching(/^defect/) as unknown });
  }
  expect(network.netstat().split('\n').slice(1)).toEqual([]);
  expect(network.clock.pending).toBe(0);
};

test.each(portions)(`${PORTION} seeds from %i`, { timeout: 60_000 }, async (firstSeed) =>
  exploreSeeds(PORTION, scenario, { firstSeed }),
);
