// The library under faults that nobody thought of: each seed makes a network, clients, and a schedule of faults. Whatever
// happens, what arrives is a beginning of what was sent, an end that is not in order has a failure with a tag, and nothing
// is left open: no connection, no listener, no timer.
import process from 'node:process';

import { EMPTY, map, tap } from 'rxjs';
import { expect, test } from 'vitest';

import {
  catchAll,
  connect,
  type Connection,
  type Flow,
  isNetFailure,
  lines,
  mapAsync,
  type NetFailure,
  orDie,
  runFlow,
  sendTo,
  serve,
  type ServeEvent,
} from '../../src/index.ts';
import { concat, concatMap, defer, from, merge, mergeMap } from '../../src/rx.ts';
import { exploreSeeds, type Random, type SeededRun, type SimulatedNetwork } from '../../src/testing/index.ts';

/** So many seeds a test. */
const PORTION = 50;
const portions = Array.from(
  { length: (process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 200) / PORTION },
  (_, index) => index * PORTION + 1,
);

const answerTo = (line: string): string => `answer to ${line}`;

/** A server in one of several manners: at once, later in a promise, or in pieces. */
const handlerOf = (
  network: SimulatedNetwork,
  random: Random,
): ((connection: Connection) => Flow<string, NetFailure>) => {
  const manner = random.integer(0, 2);
  const wait = random.integer(0, 40);
  return (connection) => {
    const questions = connection.incoming.pipe(lines({ maxLength: 200 }));
    if (manner === 0) return questions.pipe(map((line) => `${answerTo(line)}\n`));
    if (manner === 2) return questions.pipe(concatMap((line) => from([answerTo(line), '\n'])));
    return questions.pipe(
      mapAsync(
        async (line) => {
          await network.sleep(wait);
          return `${answerTo(line)}\n`;
        },
        { concurrency: 3 },
      ),
    );
  };
};

interface Outcome {
  readonly expected: readonly string[];
  readonly received: readonly string[];
  readonly end: string;
}

/** Sends its questions at its own pace, reads the answers, and ends its side when it has sent all. */
const client = async (network: SimulatedNetwork, random: Random, name: string): Promise<Outcome> => {
  const padding = 'x'.repeat(random.integer(0, 100));
  const questions = Array.from({ length: random.integer(1, 30) }, (_, index) => `${name} ${index} ${padding}`);
  const pause = random.integer(0, 20);
  const received: string[] = [];
  let end = 'complete';
  await network.sleep(random.integer(0, 200));
  await runFlow(
    connect({
      host: 'server',
      port: 80,
      transport: network.host(name).transport,
      connectTimeout: 20_000,
      idleTimeout: 30_000,
      deadline: 120_000,
    }).pipe(
      mergeMap((connection) =>
        merge(
          connection.incoming.pipe(
            lines(),
            tap((line) => void received.push(line)),
          ),
          concat(
            from(questions).pipe(
              mapAsync(async (question) => {
                if (pause > 0) await network.sleep(pause);
                return `${question}\n`;
              }),
              sendTo(connection),
            ),
            defer(() => {
              connection.end();
              return EMPTY;
            }),
          ),
        ),
      ),
      catchAll((failure) => {
        end = failure._tag;
        return EMPTY;
      }),
      orDie(),
    ),
  );
  return { expected: questions.map(answerTo), received, end };
};

/** One run, and what has to hold after it. */
const scenario = async ({ random, network: make, disturb }: SeededRun): Promise<void> => {
  const network = make({
    latency: random.integer(0, 50),
    jitter: random.integer(0, 50),
    window: random.integer(1, 3_000),
    chunking: { least: 1, most: random.integer(1, 200) },
    maxEvents: 300_000,
    ...(random.integer(0, 1) === 0 && { bandwidth: random.integer(1_000, 100_000) }),
  });
  const stop = new AbortController();
  const events: ServeEvent[] = [];
  const names = Array.from({ length: random.integer(1, 4) }, (_, index) => `client-${index}`);
  for (const name of names) network.host(name);
  const { transport } = network.host('server');
  const outcomes = await network.run(async () => {
    const served = runFlow(
      serve(
        { port: 80, transport, shutdown: stop.signal, drainTimeout: 2_000, idleTimeout: 40_000, deadline: 150_000 },
        handlerOf(network, random),
      ).pipe(orDie()),
      { next: (event) => void events.push(event) },
    );
    await network.sleep(1);
    const [all] = await Promise.all([
      Promise.all(names.map((name) => client(network, random, name))),
      disturb(network, {
        links: names.map((name) => [name, 'server'] as const),
        crashes: names,
        most: 6,
        // Longer than any time limit, now and then.
        longest: 90_000,
      }).done,
    ]);
    stop.abort();
    await served;
    return all;
  });
  // What was sent last is acknowledged, or given up.
  await network.run(() => network.sleep(2_000_000));
  for (const { expected, received, end } of outcomes) {
    // In order and unchanged; nothing is missing where the end is in order.
    expect(received).toEqual(expected.slice(0, received.length));
    if (end === 'complete') expect(received.length).toBe(expected.length);
  }
  for (const event of events) if (event.type === 'failed') expect(isNetFailure(event.failure)).toBe(true);
  const opened = events.filter(({ type }) => type === 'opened').length;
  expect(events.filter(({ type }) => type === 'closed').length).toBe(opened);
  expect(events.at(-1)?.type).toBe('stopped');
  expect(network.netstat().split('\n').slice(1)).toEqual([]);
  expect(network.clock.pending).toBe(0);
};

test.each(portions)(`${PORTION} seeds from %i`, { timeout: 60_000 }, async (firstSeed) =>
  exploreSeeds(PORTION, scenario, { firstSeed }),
);
