// A close loses nothing: it waits for the peer's FIN as long as the peer shows life, and says so when it did not.
import { once } from 'node:events';
import { connect as dial } from 'node:net';

import { firstValueFrom, type Observable, of, take } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type CloseInfo,
  connect,
  lines,
  listen,
  nodeTransport,
  serve,
  serveFramed,
  type ServeEvent,
} from '../../src/index.ts';
import { createNet, type Net } from '../../src/compat/index.ts';
import { toExit, withConnection, write } from '../../src/effects/index.ts';
import { simulateNetwork, type SimulatedNetwork } from '../../src/testing/index.ts';
import { fakeConnection, ledger } from './support/fake-link.ts';
import { CountingClock, HandClock } from './support/resources.ts';
import { serving, transports } from './support/sockets.ts';
import { tick, until } from './support/wait.ts';

/** What a flow of one connection, or one server, emits; it is closed when the test is over. */
function opened<T>(flow: Observable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscription = flow.subscribe({ next: resolve, error: reject });
    onTestFinished(() => subscription.unsubscribe());
  });
}

const ANSWER = Buffer.alloc(400_000, 'x');

/** A network whose links carry 20 kB/s, and whose systems have buffers that last for 13 s. */
function slowNetwork(): {
  network: SimulatedNetwork;
  net: Net;
  transport: ReturnType<SimulatedNetwork['host']>['transport'];
} {
  const network = simulateNetwork({ seed: 1, latency: 1, bandwidth: 20_000, chunking: 1_000, window: 262_144 });
  const { transport } = network.host('server');
  return { network, net: createNet(network.host('client').transport), transport };
}

/** What a reader of the port got, and how it ended. */
async function download(net: Net, network: SimulatedNetwork, everyMs: number | undefined, port = 80): Promise<string> {
  const socket = net.connect({ host: 'server', port });
  let bytes = 0;
  let end = 'closed';
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.on('end', () => (end = 'EOF'));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? 'error'));
  while (!socket.closed) {
    await network.sleep(everyMs ?? 1_000);
    if (everyMs !== undefined && socket.writable) socket.write('.');
  }
  return `${end} after ${bytes}`;
}

const infosOf = (events: readonly ServeEvent[]): CloseInfo[] =>
  events.flatMap((event) => (event.type === 'closed' ? [event.info] : []));

describe('a server whose answer is complete, and a peer that still reads it', () => {
  test.each<[string, number | undefined, number]>([
    ['is silent', undefined, 30_000],
    ['sends a byte each second', 1_000, 3_000],
    ['sends a byte every 9 s', 9_000, 10_000],
  ])('the peer %s: all of it arrives', async (_name, everyMs, closeTimeout) => {
    const { network, net, transport } = slowNetwork();
    const events: ServeEvent[] = [];
    const server = serve({ port: 80, transport, closeTimeout }, () => of(ANSWER)).subscribe((event) => {
      events.push(event);
    });
    const result = await network.run(async () => {
      await network.sleep(1);
      return download(net, network, everyMs);
    });
    server.unsubscribe();
    expect(result).toBe(`EOF after ${ANSWER.length}`);
    expect(infosOf(events)).toMatchObject([{ read: 'fin', write: 'fin', bytesUnflushed: 0, failure: undefined }]);
  });

  test('so it is with a request that is read, a server of messages, and allowHalfOpen', async () => {
    for (const [allowHalfOpen, port] of [
      [false, 80],
      [true, 80],
      [true, 81],
    ] as const) {
      const { network, net, transport } = slowNetwork();
      const server = serve({ port: 80, transport, allowHalfOpen }, (connection) => {
        // Somebody else reads, and stops before the end.
        connection.incoming.pipe(take(3)).subscribe();
        return of(ANSWER);
      }).subscribe();
      const framed = serveFramed({ port: 81, transport, allowHalfOpen }, lines(), () =>
        Array.from({ length: ANSWER.length / 100 }, () => 'x'.repeat(99)),
      ).subscribe();
      const result = await network.run(async () => {
        await network.sleep(1);
        return download(net, network, 1_000, port);
      });
      server.unsubscribe();
      framed.unsubscribe();
      expect(result).toBe(`EOF after ${ANSWER.length}`);
    }
  });

  test('the time runs from the last sign of life, and the summary and the event say `cut`', async () => {
    const { network, net, transport } = slowNetwork();
    const events: ServeEvent[] = [];
    const server = serve({ port: 80, transport, closeTimeout: 2_000 }, () => of('hello')).subscribe((event) => {
      events.push(event);
    });
    await network.run(async () => {
      await network.sleep(1);
      const socket = net.connect({ host: 'server', port: 80, allowHalfOpen: true });
      socket.on('error', () => {});
      socket.resume();
      await network.sleep(1_500);
      socket.write('.');
      await network.sleep(1_500);
      socket.write('.');
      await network.sleep(1_900);
      expect(infosOf(events)).toEqual([]);
      await network.sleep(200);
      expect(infosOf(events)).toMatchObject([{ read: 'cut', write: 'cut', bytesUnflushed: 0 }]);
      socket.destroy();
    });
    server.unsubscribe();
  });

  test('closeTimeout: 0 closes at once', async () => {
    const { network, net, transport } = slowNetwork();
    const events: ServeEvent[] = [];
    const server = serve({ port: 80, transport, closeTimeout: 0 }, () => of('hello')).subscribe((event) => {
      events.push(event);
    });
    await network.run(async () => {
      await network.sleep(1);
      const socket = net.connect({ host: 'server', port: 80, allowHalfOpen: true });
      await network.sleep(100);
      expect(infosOf(events)).toMatchObject([{ read: 'cut', write: 'cut' }]);
      socket.destroy();
    });
    server.unsubscribe();
  });
});

test('1,000 connections that close at once, whatever becomes of each, leave no timer behind', async () => {
  const clock = new HandClock();
  const all = await Promise.all(Array.from({ length: 1_000 }, () => fakeConnection({ clock, closeTimeout: 1_000 })));
  const infos = all.map(({ connection, link }) => {
    connection.write('all');
    void connection[Symbol.asyncDispose]();
    return ledger(connection).then((info) => `${info.read} ${info.write}, closed: ${link.closed}`);
  });
  await tick();
  expect(clock.pending).toBe(1_000);
  all.forEach(({ connection, link, dial: dialled }, index) => {
    const what = index % 5;
    if (what === 0) connection.destroy();
    else if (what === 1) connection.reset();
    else if (what === 2) dialled.unsubscribe();
    else if (what === 3) {
      link.deliverEnd();
      link.close('both ended', undefined);
    }
  });
  await tick();
  expect(clock.pending).toBe(200);
  clock.advance(1_000);
  const counts = new Map<string, number>();
  for (const info of await Promise.all(infos)) counts.set(info, (counts.get(info) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    'aborted fin, closed: true': 400,
    'reset fin, closed: true': 200,
    'fin fin, closed: true': 200,
    'cut cut, closed: true': 200,
  });
  expect(clock.pending).toBe(0);
});

describe('when both sides have ended', () => {
  test.each(transports)('a server over %s has started no timer', async (_name, place) => {
    const clock = new CountingClock();
    const server = await serving(({ incoming }) => incoming, { ...place(), transport: { ...nodeTransport, clock } });
    for (let count = 1; count <= 5; count++) {
      const socket = dial({ ...server.place });
      socket.end('hello');
      socket.resume();
      await once(socket, 'close');
      await until(() => infosOf(server.log).length === count, 'the close');
    }
    expect(infosOf(server.log)).toMatchObject(Array.from({ length: 5 }, () => ({ read: 'fin', write: 'fin' })));
    expect(clock.started).toBe(0);
  });

  test('a link that does not close by itself is closed by force', async () => {
    const clock = new HandClock();
    const { connection, link } = await fakeConnection({ clock, closeTimeout: 1_000 });
    connection.incoming.subscribe();
    await tick();
    link.deliverEnd();
    void connection[Symbol.asyncDispose]();
    await tick();
    const info = ledger(connection);
    clock.advance(999);
    expect(link.closed).toBe(false);
    clock.advance(1);
    expect(await info).toMatchObject({ read: 'fin', write: 'cut' });
    expect(clock.pending).toBe(0);
  });
});

describe('a client that has sent everything', () => {
  /** A server that greets, reads slowly, talks if it is to, and says how much it got. */
  const slowServer = (net: Net, talks: boolean): { got: () => string } => {
    let bytes = 0;
    let end = '';
    net
      .createServer({ allowHalfOpen: true }, (socket) => {
        socket.write('220 hello\r\n');
        socket.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (talks) socket.write('+');
        });
        socket.on('end', () => {
          end = 'EOF';
          socket.end('221 bye\r\n');
        });
        socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? 'error'));
      })
      .listen(80);
    return { got: () => `${end} after ${bytes}` };
  };

  test.each([false, true])('an upload that nobody reads the answers of (they come all the time: %s)', async (talks) => {
    const { network, net, transport } = slowNetwork();
    const server = slowServer(net, talks);
    const options = { host: 'client', port: 80, transport, maxQueued: 1_000_000, closeTimeout: talks ? 3_000 : 30_000 };
    const info = await network.run(async () => {
      await network.sleep(1);
      const connection = await opened(connect(options));
      connection.write(ANSWER);
      connection.end();
      return firstValueFrom(connection.closed);
    });
    expect(server.got()).toBe(`EOF after ${ANSWER.length}`);
    expect(info).toMatchObject({ read: 'fin', write: 'fin', failure: undefined });
  });

  test('what came meanwhile is there for who reads later', async () => {
    const { network, net, transport } = slowNetwork();
    slowServer(net, false);
    await network.run(async () => {
      await network.sleep(1);
      const connection = await opened(connect({ host: 'client', port: 80, transport }));
      connection.end('HELO');
      await firstValueFrom(connection.closed);
      const text: string[] = [];
      await new Promise<void>((resolve, reject) => {
        connection.incoming.subscribe({
          next: (chunk) => text.push(String(chunk)),
          error: reject,
          complete: resolve,
        });
      });
      expect(text.join('')).toBe('220 hello\r\n221 bye\r\n');
    });
  });

  test('asyncDispose waits until the peer has everything', async () => {
    const { network, net, transport } = slowNetwork();
    const server = slowServer(net, true);
    const options = { host: 'client', port: 80, transport, maxQueued: 1_000_000, closeTimeout: 3_000 };
    await network.run(async () => {
      await network.sleep(1);
      const connection = await opened(connect(options));
      connection.write(ANSWER);
      await connection[Symbol.asyncDispose]();
    });
    expect(server.got()).toBe(`EOF after ${ANSWER.length}`);
  });

  test('withConnection waits until the peer has everything', async () => {
    const { network, net, transport } = slowNetwork();
    const server = slowServer(net, true);
    const options = { host: 'client', port: 80, transport, maxQueued: 1_000_000, closeTimeout: 3_000 };
    const exit = await network.run(async () => {
      await network.sleep(1);
      return toExit(withConnection(options)(write(ANSWER)), { clock: network.clock });
    });
    expect(exit).toMatchObject({ _tag: 'Success' });
    expect(server.got()).toBe(`EOF after ${ANSWER.length}`);
  });
});

describe('a drain', () => {
  test('waits for slow readers that talk, as long as it has time', async () => {
    const { network, net, transport } = slowNetwork();
    const stop = new AbortController();
    const events: ServeEvent[] = [];
    const served = serve(
      { port: 80, transport, shutdown: stop.signal, drainTimeout: 60_000, closeTimeout: 3_000 },
      () => of(ANSWER),
    ).subscribe((event) => events.push(event));
    const result = await network.run(async () => {
      await network.sleep(1);
      const got = download(net, network, 1_000);
      await network.sleep(1_000);
      stop.abort();
      return got;
    });
    served.unsubscribe();
    expect(result).toBe(`EOF after ${ANSWER.length}`);
    const stopped = events.at(-1);
    expect(stopped).toMatchObject({ type: 'stopped', report: { finished: 1, cut: [] } });
  });

  test('close() with a shorter drainTimeout shortens the one that goes on, and never makes it longer', async () => {
    const server = await opened(listen({ port: 0, host: '127.0.0.1' }));
    const { port } = server.address as { port: number };
    server.connections.subscribe((connection) => connection.incoming.subscribe({ error: () => {} }));
    const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    await expect.poll(() => server.connectionCount).toBe(1);
    const first = server.close({ drainTimeout: 600_000 });
    const second = server.close({ drainTimeout: 50 });
    expect(server.close()).toBe(first);
    expect(second).toBe(first);
    const report = await server.close({ drainTimeout: 500_000 });
    expect(report.cut.length).toBe(1);
    expect(report.duration).toBeLessThan(60_000);
  });
});
