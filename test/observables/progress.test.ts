// Bytes that leave within an outstanding write are progress: no limit cuts a peer that reads slowly and all the time.
import { once } from 'node:events';
import { connect as dial } from 'node:net';

import { NEVER, of } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type CloseInfo, serve, type ServeEvent, type ServeOptions, type TimeLimitOptions } from '../../src/index.ts';
import { createNet } from '../../src/compat/index.ts';
import { simulateNetwork, type SimulatedNetwork } from '../../src/testing/index.ts';
import { ipcPath } from './support/sockets.ts';

const ANSWER = 4_000_000;
const ENOUGH = 900_000;

/** A server whose answer has no end in sight, and what happens on it. */
async function serving(
  options: TimeLimitOptions & { readonly unclaimedTimeout?: number },
): Promise<{ path: string; events: ServeEvent[] }> {
  const path = ipcPath();
  const events: ServeEvent[] = [];
  const server = serve({ path, maxQueued: ANSWER, ...options }, (connection) => {
    connection.write(Buffer.alloc(ANSWER));
    return NEVER;
  });
  await new Promise<void>((resolve) => {
    const subscription = server.subscribe((event) => {
      events.push(event);
      if (event.type === 'listening') resolve();
    });
    onTestFinished(() => subscription.unsubscribe());
  });
  return { path, events };
}

/** Takes so many bytes per second, without a pause, until it has enough or is cut. */
async function readSlowly(path: string, rate: number): Promise<number> {
  const socket = dial(path);
  socket.on('error', () => {});
  let got = 0;
  await once(socket, 'connect');
  await new Promise<void>((resolve) => {
    socket.on('readable', () => {});
    socket.on('close', () => resolve());
    const began = performance.now();
    const timer = setInterval(() => {
      // A machine that is busy must not make it slower.
      const due = Math.floor(((performance.now() - began) / 1_000) * rate) - got;
      const chunk: Buffer | null = socket.read(Math.min(due, socket.readableLength));
      got += chunk?.length ?? 0;
      if (got >= ENOUGH) resolve();
    }, 10);
    onTestFinished(() => {
      clearInterval(timer);
      socket.destroy();
    });
  });
  return got;
}

describe('a reader of 350 KB/s, over a socket whose buffer is refilled in steps', () => {
  // The system asks for more once about 160 kB have been taken: every 520 ms.
  test.each<keyof ServeOptions>(['writeTimeout', 'idleTimeout', 'unclaimedTimeout'])(
    'is not cut by %s of 1 s',
    async (limit) => {
      const { path, events } = await serving({ [limit]: 1_000 });
      expect(await readSlowly(path, 350_000)).toBeGreaterThanOrEqual(ENOUGH);
      expect(events.map(({ type }) => type)).toEqual(['listening', 'opened']);
    },
    20_000,
  );
});

test('the close summary counts what has left, to 64 KiB', async () => {
  const { path, events } = await serving({ writeTimeout: 400 });
  const socket = dial(path);
  socket.pause();
  socket.on('error', () => {});
  await expect.poll(() => events.at(-1)?.type, { timeout: 10_000 }).toBe('closed');
  const closed = events.at(-1);
  const { bytesWritten, bytesUnflushed, write }: Partial<CloseInfo> = closed?.type === 'closed' ? closed.info : {};
  expect(write).toBe('timeout');
  expect(bytesWritten).toBeGreaterThan(0);
  expect((bytesWritten ?? 0) + (bytesUnflushed ?? 0)).toBe(ANSWER);
  let received = 0;
  socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
  await once(socket, 'close');
  expect(received).toBeGreaterThanOrEqual(bytesWritten ?? Number.NaN);
  expect(received - (bytesWritten ?? 0)).toBeLessThan(65_536);
});

/** A server on a network whose reader gets so many bytes per second. */
const slowNetwork = (): SimulatedNetwork =>
  simulateNetwork({ seed: 1, latency: 1, bandwidth: 40_000, chunking: 1_000, window: 8_192 });

describe('over a simulated network of 40 kB/s', () => {
  test.each<keyof ServeOptions>(['writeTimeout', 'idleTimeout', 'unclaimedTimeout'])(
    'no write leaves within %s, and yet none of the connections is cut',
    async (limit) => {
      const network = slowNetwork();
      const { transport } = network.host('server');
      const events: ServeEvent[] = [];
      const server = serve({ port: 80, transport, [limit]: 600 }, () => of(Buffer.alloc(400_000))).subscribe(
        (event) => {
          events.push(event);
        },
      );
      const net = createNet(network.host('client').transport);
      const received = await network.run(async () => {
        await network.sleep(1);
        let bytes = 0;
        const socket = net.connect({ host: 'server', port: 80 });
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
        await once(socket, 'close');
        return bytes;
      });
      expect(received).toBe(400_000);
      expect(events.filter(({ type }) => type === 'failed' || type === 'dropped')).toEqual([]);
      server.unsubscribe();
    },
  );

  test('a peer that stalls is cut all the same, at most a fourth of the limit late', async () => {
    const network = slowNetwork();
    const { transport } = network.host('server');
    const events: ServeEvent[] = [];
    const server = serve({ port: 80, transport, writeTimeout: 600 }, () => of(Buffer.alloc(400_000))).subscribe(
      (event) => events.push(event),
    );
    const net = createNet(network.host('client').transport);
    const took = await network.run(async () => {
      await network.sleep(1);
      const socket = net.connect({ host: 'server', port: 80 });
      socket.on('error', () => {});
      socket.pause();
      await network.sleep(8_000);
      // Nobody read: the buffers were full within a second.
      socket.destroy();
      const closed = events.find(({ type }) => type === 'closed');
      return closed?.type === 'closed' ? closed.info : undefined;
    });
    expect(took).toMatchObject({ write: 'timeout', failure: { _tag: 'WriteTimeout', limit: 600 } });
    expect(took?.lifetime).toBeLessThan(1_000 + 600 * 1.25);
    server.unsubscribe();
  });

  test('the idle timer of compat leaves an upload alone, and tells of one that stalls', async () => {
    const network = slowNetwork();
    const here = createNet(network.host('here').transport);
    const there = createNet(network.host('there').transport);
    const timeouts: number[] = [];
    await network.run(async () => {
      let stall = (): void => {};
      there
        .createServer((socket) => {
          socket.resume();
          stall = () => void socket.pause();
        })
        .listen(80);
      const socket = here.connect({ host: 'there', port: 80 });
      await once(socket, 'connect');
      socket.setTimeout(400, () => timeouts.push(0));
      socket.write(Buffer.alloc(3_000_000));
      await network.sleep(10_000);
      expect(timeouts).toEqual([]);
      stall();
      await network.sleep(20_000);
      expect(timeouts.length).toBe(1);
      socket.destroy();
    });
  });
});
