// A failed write ends the write side. What the peer had sent before is still read, then the read side ends with its own reason.
import { concat, EMPTY, ignoreElements, type Observable, tap } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import { catchAll, type Chunk, connect, type Connection, createNodeTransport } from '../../src/index.ts';
import { type Place, type RawPeer, rawPeer, rawServer, serving, transports } from './support/sockets.ts';
import { next, until } from './support/wait.ts';

const drivers = ['direct', 'plain'] as const;
const REPLY = '413 too large\r\n'.repeat(20);
const REQUEST = Buffer.alloc(8_000_000);

const cases = drivers.flatMap((driver) => transports.map(([name, place]) => [driver, name, place] as const));

/** The next connection that this program dials, for as long as the test runs. */
function dialled(place: Place, driver: 'direct' | 'plain'): Promise<Connection> {
  const transport = createNodeTransport({ driver });
  return new Promise((resolve, reject) => {
    const flow = connect({ ...place, transport, maxQueued: 2 * REQUEST.length });
    const subscription = flow.subscribe({ next: resolve, error: reject });
    onTestFinished(() => subscription.unsubscribe());
  });
}

/** The peer answers without having read the request, and closes: its system resets the connection. */
async function refuse(peer: RawPeer): Promise<void> {
  await new Promise<void>((resolve) => {
    peer.socket.write(REPLY, () => resolve());
  });
  peer.socket.destroy();
}

describe.each(cases)('%s driver, over %s', (driver, _name, place) => {
  test('the reply is read by who reads when the send has failed', async () => {
    const server = await rawServer(place());
    const connection = await dialled(server.place, driver);
    const peer = await server.peer();
    let failure: string | undefined;
    const text: string[] = [];
    let end: string | undefined;
    const sent: Observable<never> = connection.send([REQUEST]).pipe(
      catchAll((each) => {
        failure = each._tag;
        return EMPTY;
      }),
    );
    concat(sent, connection.incoming).subscribe({
      next: (chunk: Buffer) => text.push(String(chunk)),
      error: (each: { _tag: string }) => (end = each._tag),
      complete: () => (end = 'complete'),
    });
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await refuse(peer);
    const info = await next(connection.closed, 'the close');
    await until(() => end !== undefined, 'the end');
    expect(['ConnectionReset', 'BrokenPipe']).toContain(failure);
    expect(text.join('')).toBe(REPLY);
    expect(info.write).toBe('reset');
    expect(info.bytesUnflushed).toBeGreaterThan(0);
    expect(info.bytesRead).toBe(REPLY.length);
    expect(info.failure?._tag).toBe(failure);
    // The end is an end in order only where the peer's FIN came.
    expect(end === 'complete').toBe(info.read === 'fin');
  });

  test('and by who comes when the connection has closed', async () => {
    const server = await rawServer(place());
    const connection = await dialled(server.place, driver);
    const peer = await server.peer();
    let reading = '';
    let end: string | undefined;
    connection.write(REQUEST);
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await refuse(peer);
    const info = await next(connection.closed, 'the close');
    connection.incoming.subscribe({
      next: (chunk) => (reading += String(chunk)),
      error: () => (end = 'failed'),
      complete: () => (end = 'complete'),
    });
    await until(() => end !== undefined, 'the end');
    expect(reading).toBe(REPLY);
    expect(end === 'complete').toBe(info.read === 'fin');
  });

  test('writing on is a failure of the write, and ends nothing', async () => {
    const server = await rawServer(place());
    const connection = await dialled(server.place, driver);
    const peer = await server.peer();
    connection.write(REQUEST);
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await refuse(peer);
    const info = await next(connection.closed, 'the close');
    expect(connection.write('more')).toBe(false);
    expect(info.write).toBe('reset');
    expect(info.bytesRead).toBe(REPLY.length);
  });
});

describe.each(drivers)('a server, %s driver', (driver) => {
  test('a handler that sends and then reads gets what its caller had said', async () => {
    const heard: string[] = [];
    const handler = (connection: Connection): Observable<Chunk> => {
      const sent: Observable<never> = connection.send([REQUEST]).pipe(catchAll(() => EMPTY));
      return concat(
        sent,
        connection.incoming.pipe(
          tap((chunk) => heard.push(String(chunk))),
          ignoreElements(),
          catchAll(() => EMPTY),
        ),
      );
    };
    const server = await serving(handler, {
      maxQueued: 2 * REQUEST.length,
      transport: createNodeTransport({ driver }),
    });
    const peer = await rawPeer(server.place);
    const connection = await server.opened();
    await until(() => connection.bytesQueued > 0, 'a congestion');
    await refuse(peer);
    await until(() => server.log.some(({ type }) => type === 'closed'), 'the close');
    expect(heard.join('')).toBe(REPLY);
  });

  test('a handler that fails of it closes its connection at once, whatever is queued', async () => {
    // What is queued can't leave any more: to wait for it would take the 30 s of `closeTimeout`.
    const server = await serving((connection) => connection.incoming, { transport: createNodeTransport({ driver }) });
    const count = 20;
    const peers = await Promise.all(Array.from({ length: count }, () => rawPeer(server.place)));
    for (const peer of peers) peer.flood(() => REQUEST.subarray(0, 65_536));
    const opened = server.log.flatMap((event) => (event.type === 'opened' ? [event.connection] : []));
    await until(() => opened.every(({ bytesQueued }) => bytesQueued > 0), 'a congestion of each');
    // They have not read everything, so their systems reset.
    for (const peer of peers) peer.socket.destroy();
    await until(() => server.log.filter(({ type }) => type === 'closed').length === count, 'all closes');
  });
});
