// A proxy whose two sides end in order reports no failure, whichever end came first. What can't be sent any more is one.
import { once } from 'node:events';
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';

import { connect, sendTo, serve, type ServeEvent } from '../../src/index.ts';
import { concat, merge, mergeMap, of, tap, timer } from '../../src/rx.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function origin(use: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, use).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Proxy {
  readonly port: number;
  readonly closed: Promise<readonly string[]>;
}

/** The proxy of the guide, and what it reports until its first connection has closed. */
function proxy(to: number): Promise<Proxy> {
  return new Promise((resolve) => {
    const told: string[] = [];
    let close = (_events: readonly string[]): void => {};
    const closed = new Promise<readonly string[]>((done) => (close = done));
    const tell = (event: ServeEvent<unknown>): void => {
      told.push(event.type);
      if (event.type === 'listening' && 'port' in event.address) resolve({ port: event.address.port, closed });
      // What comes behind it, in the same turn, counts.
      if (event.type === 'closed') setImmediate(() => setImmediate(close, told));
    };
    const running = serve({ port: 0, host: '127.0.0.1', allowHalfOpen: true }, (near) =>
      connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }).pipe(
        mergeMap((far) =>
          merge(
            far.incoming.pipe(tap({ complete: () => near.end() })),
            near.incoming.pipe(sendTo(far), tap({ complete: () => far.end() })),
          ),
        ),
      ),
    ).subscribe(tell);
    cleanUps.push(() => running.unsubscribe());
  });
}

async function talk(port: number, use: (socket: Socket) => void): Promise<number> {
  const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
  let length = 0;
  socket.on('data', (chunk: Buffer) => (length += chunk.length));
  use(socket);
  await once(socket, 'close');
  return length;
}

describe('no failure is reported', () => {
  test.each([1_000, 2_000_000])('when the client ends first, after %s bytes', async (size) => {
    const { port, closed } = await proxy(await origin((socket) => socket.pipe(socket)));
    expect(await talk(port, (socket) => socket.end(Buffer.alloc(size)))).toBe(size);
    expect(await closed).toEqual(['listening', 'opened', 'closed']);
  });

  test.each([1_000, 2_000_000])('when the origin ends first, after %s bytes', async (size) => {
    const { port, closed } = await proxy(await origin((socket) => void socket.resume().end(Buffer.alloc(size))));
    expect(await talk(port, (socket) => socket.on('end', () => socket.end('thanks')))).toBe(size);
    expect(await closed).toEqual(['listening', 'opened', 'closed']);
  });
});

test('a handler that has ended and would write on has failed', async () => {
  const told: string[] = [];
  const port = await new Promise<number>((resolve) => {
    const running = serve({ port: 0, host: '127.0.0.1' }, (connection) => {
      connection.end('bye');
      return concat(timer(0).pipe(mergeMap(() => of('more'))));
    }).subscribe((event) => {
      told.push(event.type === 'failed' && '_tag' in event.failure ? `failed ${event.failure._tag}` : event.type);
      if (event.type === 'listening' && 'port' in event.address) resolve(event.address.port);
    });
    cleanUps.push(() => running.unsubscribe());
  });
  const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true }).resume();
  while (!told.includes('closed')) await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['listening', 'opened', 'failed ConnectionClosed', 'closed']);
  socket.destroy();
});
