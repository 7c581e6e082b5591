// Programs that never heard of a simulated network, on one: they are given its sockets by `createNet(transport)`, and their timers run
// in its time. Across a partition that heals, the same seed gives the same run to the byte.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { AbstractConnector, Redis } from 'ioredis';
import { createNet, type Net } from 'rxjs-net/compat';
import { simulateNetwork, type SimulatedNetwork, type SimulateNetworkOptions } from 'rxjs-net/testing';
import { describe, expect, test } from 'vitest';

import { serveStore } from '../../../examples/programs/key-value/serve-store.ts';
import { makeStore } from '../../../examples/programs/key-value/store.ts';

/** What a run came to. */
interface Outcome {
  /** What the program told, with the virtual time. */
  readonly told: readonly string[];
  readonly trace: string;
  readonly netstat: string;
}

type Tell = (text: string) => void;

type Program = (network: SimulatedNetwork, tell: Tell) => Promise<void>;

async function outcomeOf(program: Program, options: SimulateNetworkOptions): Promise<Outcome> {
  const network = simulateNetwork(options);
  const told: string[] = [];
  const tell = (what: string): void => void told.push(`${Math.round(network.clock.now())} ${what}`);
  await network.run(() => program(network, tell), { globalTimers: true });
  // Whatever they still wait for comes to its end.
  await network.advance(120_000);
  return { told, trace: network.trace(), netstat: network.netstat() };
}

const HEADER = /^host +state.*$/;

/** Two runs with one seed, which have to be the same in every byte, and leave nothing open. */
async function twice(seed: number, program: Program): Promise<Outcome> {
  const options = { seed, latency: 20, jitter: 5, chunking: { least: 5, most: 60 } };
  const first = await outcomeOf(program, options);
  expect(await outcomeOf(program, options)).toEqual(first);
  expect(first.netstat).toMatch(HEADER);
  return first;
}

// ---- ioredis, and the project's own server

/** A client of ioredis whose connections are those of a net. */
function redisOver(net: Net): Redis {
  class Connector extends AbstractConnector {
    constructor() {
      super(2_000);
    }
    override connect(): Promise<Socket> {
      this.connecting = true;
      const socket = net.connect({ host: 'store', port: 6379 });
      this.stream = socket;
      return Promise.resolve(socket);
    }
  }
  return new Redis({
    Connector,
    commandTimeout: 1_000,
    retryStrategy: (attempt) => 100 * attempt,
    // What was given up isn't asked again behind our back: it may have been done.
    autoResendUnfulfilledCommands: false,
    // A connection that is silent for so long is taken for dead.
    socketTimeout: 3_000,
  });
}

async function redisAcrossAPartition(network: SimulatedNetwork, tell: Tell): Promise<void> {
  const store = network.host('store').transport;
  const server = serveStore(makeStore(1_000_000), { port: 6379, transport: store, idleTimeout: 60_000 }).subscribe();
  const redis = redisOver(createNet(network.host('shop').transport));
  redis.on('error', ({ message }) => tell(`error: ${message}`));
  for (const event of ['connect', 'ready', 'close', 'reconnecting']) redis.on(event, () => tell(event));

  network.at(2_000, () => network.partition('shop', 'store')).at(9_000, () => network.heal());
  for (let visit = 1; visit <= 15; visit++) {
    tell(`visit ${visit}: ${await redis.incr('visits').catch((error: unknown) => String(error))}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await redis.quit();
  server.unsubscribe();
}

describe('ioredis and the key-value server of the examples', () => {
  test.each([1, 2, 3])('across a partition that heals, seed %i', async (seed) => {
    const { told, trace } = await twice(seed, redisAcrossAPartition);
    const without = told.map((line) => line.replace(/^\d+ /, ''));
    expect(without.slice(0, 4)).toEqual(['connect', 'ready', 'visit 1: 1', 'visit 2: 2']);
    // It says when there is no answer, and goes on when the network does.
    expect(without).toContain('visit 3: Error: Command timed out');
    expect(without.at(-2)).toMatch(/^visit 15: \d+$/);
    const counts = without.flatMap((line) => /^visit \d+: (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(counts.length).toBeGreaterThan(5);
    // Each visit counts at most once, whoever heard of it.
    expect(counts).toEqual([...new Set(counts)].toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBeLessThanOrEqual(15);
    expect(trace).toContain('shop ↔ store PARTITION');
    expect(trace).toContain('(lost)');
  });

  test('what the documentation shows of it is what happens', async () => {
    const { told, trace } = await outcomeOf(redisAcrossAPartition, { latency: 20 });
    const page = readFileSync(new URL('../../../docs/compat.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('## On a simulated network'));
    const shown = [...section.matchAll(/```text\n(.*?)\n```/gs)].map(([, block]) => block);
    expect(shown.slice(0, 2)).toEqual([told.join('\n'), trace]);
  });
});

// ---- http

async function httpAcrossAPartition(network: SimulatedNetwork, tell: Tell): Promise<void> {
  const here = createNet(network.host('browser').transport);
  const there = createNet(network.host('site').transport);
  const site = http.createServer((request, response) => {
    void text(request).then((body) => response.end(`${request.method} ${request.url}: ${body.length} bytes`));
  });
  const door = there.createServer({ allowHalfOpen: true }, (socket) => site.emit('connection', socket)).listen(80);

  /** A request with a connection of its own, given up after some time. */
  const post = (path: string, body: string, patience: number): Promise<string> =>
    new Promise((resolve) => {
      const request = http.request({
        method: 'POST',
        path,
        createConnection: () => here.connect({ host: 'site', port: 80 }),
        headers: { connection: 'close' },
      });
      const timer = setTimeout(() => request.destroy(new Error('given up')), patience);
      request.on('error', ({ message }) => resolve(message));
      request.on('response', (response) => {
        void text(response).then((answer) => resolve(`${response.statusCode} ${answer}`));
      });
      request.on('close', () => clearTimeout(timer));
      request.end(body);
    });

  tell(await post('/before', 'hello', 5_000));
  network.partition('browser', 'site');
  tell(await post('/during', 'hello', 5_000));
  network.clock.after(2_000, () => network.heal());
  tell(await post('/across', 'x'.repeat(2_000), 30_000));
  tell(await post('/after', 'hello', 5_000));
  door.close();
}

describe('the client and the server of node:http', () => {
  test.each([1, 2, 3])('across a partition that heals, seed %i', async (seed) => {
    const { told } = await twice(seed, httpAcrossAPartition);
    expect(told.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      '200 POST /before: 5 bytes',
      'given up',
      '200 POST /across: 2000 bytes',
      '200 POST /after: 5 bytes',
    ]);
  });
});
