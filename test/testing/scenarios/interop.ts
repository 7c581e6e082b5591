import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { tap } from 'rxjs';

import { createNet, toSocket } from '../../../src/compat/index.ts';
import {
  connect,
  type Connection,
  fromDuplex,
  serve,
  toAsyncIterable,
  toDuplex,
  toReadableStream,
  toWebStreams,
} from '../../../src/index.ts';
import { merge, mergeMap } from '../../../src/rx.ts';
import { Planted, type StreamRecord } from './support/observations.ts';
import type { Scenario } from './support/run.ts';
import type { Stage } from './support/stage.ts';
import { converses, dials, echoes, piecesOf } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

/** How a client that is written with other means sends and receives; resolves when it has received all. */
type Means = (connection: Connection, pieces: readonly string[], took: (chunk: Uint8Array) => void) => Promise<void>;

const means: Readonly<Record<string, Means>> = {
  'for await': async (connection, pieces, took) => {
    const sent = new Promise<void>((resolve, reject) => {
      connection.send(pieces).subscribe({ error: reject, complete: resolve });
    });
    const received = (async () => {
      for await (const chunk of toAsyncIterable(connection.incoming)) took(chunk);
    })();
    await Promise.all([sent.then(() => connection.end()), received]);
  },
  'web streams': async (connection, pieces, took) => {
    const { readable, writable } = toWebStreams(connection);
    const writer = writable.getWriter();
    const sending = (async () => {
      for (const piece of pieces) await writer.write(Buffer.from(piece));
      await writer.close();
    })();
    const taking = (async () => {
      for await (const chunk of readable as unknown as AsyncIterable<Uint8Array>) took(chunk);
    })();
    await Promise.all([sending, taking]);
  },
  'a readable stream of bytes': async (connection, pieces, took) => {
    const reader = toReadableStream(connection.incoming, { type: 'bytes' }).getReader({ mode: 'byob' });
    const sent = new Promise<void>((resolve, reject) => {
      connection.send(pieces).subscribe({ error: reject, complete: resolve });
    });
    const received = (async () => {
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(64));
        if (value !== undefined) took(value);
        if (done) return;
      }
    })();
    await Promise.all([sent.then(() => connection.end()), received]);
  },
  'a Duplex': async (connection, pieces, took) => {
    const duplex = toDuplex(connection);
    await Promise.all([pipeline(pieces, duplex as NodeJS.WritableStream), takeAll(duplex, took)]);
  },
  'a socket of compat': async (connection, pieces, took) => {
    const socket = toSocket(connection);
    await Promise.all([pipeline(pieces, socket as NodeJS.WritableStream), takeAll(socket, took)]);
  },
  'a connection over a Duplex over a connection': async (connection, pieces, took) => {
    await new Promise<void>((resolve, reject) => {
      fromDuplex(toDuplex(connection))
        .pipe(
          mergeMap((outer) =>
            merge(
              outer.incoming.pipe(tap(took)),
              outer.send(pieces).pipe(tap({ complete: () => process.nextTick(() => outer.end()) })),
            ),
          ),
        )
        .subscribe({ error: reject, complete: resolve });
    });
  },
};

async function takeAll(stream: Readable, took: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of stream) took(chunk as Uint8Array);
}

/** Compares by bytes, since chunks are cut anywhere. */
function receiving(
  stage: Stage,
  name: string,
  pieces: readonly string[],
): { stream: StreamRecord; took: (chunk: Uint8Array) => void } {
  const stream = stage.seen.stream(name);
  stream.isBytes = true;
  stream.sent.push(Buffer.from(pieces.join('')).toString('latin1'));
  return { stream, took: (chunk) => void stream.received.push(Buffer.from(chunk).toString('latin1')) };
}

async function speaks(stage: Stage, host: string, how: Means): Promise<void> {
  const pieces = piecesOf(stage.fork());
  const { stream, took } = receiving(stage, `${host} and back`, pieces);
  const end = await dials(
    stage,
    `the talk of ${host}`,
    { ...stage.target(host), highWaterMark: 100 },
    (connection) => how(connection, pieces, took).catch((error: unknown) => Promise.reject(withTag(error))),
    { over: [stream] },
  );
  stream.endedAs(end);
}

/** What a socket of `net` fails with has a code, and no tag. */
function withTag(error: unknown): unknown {
  const code: unknown = error instanceof Error && !('_tag' in error) ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? new Planted(code) : error;
}

const overEach: readonly Scenario[] = Object.entries(means).map(([name, how]) => ({
  name: `interop: ${name}`,
  hosts: CLIENTS,
  isSteady: true,
  async run(stage) {
    await stage.meets(echoes, CLIENTS, (host) => speaks(stage, host, how));
  },
}));

export const interop: readonly Scenario[] = [
  ...overEach,
  {
    name: 'interop: a proxy between client and server',
    hosts: [...CLIENTS, 'proxy'],
    isSteady: true,
    async run(stage) {
      const server = await stage.serves('server', echoes);
      const proxy = await stage.serves('proxy', (listen) =>
        serve({ ...listen, allowHalfOpen: true, highWaterMark: 200 }, (connection) =>
          connect({ ...stage.target('proxy'), allowHalfOpen: true, highWaterMark: 200 }).pipe(
            mergeMap((upstream) => {
              stage.watch(upstream, 'client');
              return merge(
                upstream.incoming,
                upstream.send(connection.incoming).pipe(tap({ complete: () => upstream.end() })),
              );
            }),
          ),
        ),
      );
      await Promise.all(CLIENTS.map((host) => converses(stage, host, { server: 'proxy' })));
      await proxy.shutDown();
      await server.shutDown();
    },
  },
  {
    name: 'compat: sockets of a whole net over the transport',
    hosts: CLIENTS,
    async run(stage) {
      const { port, host: bindHost } = { host: undefined, ...stage.listenAt('server') };
      const net = createNet(stage.world.transportOf('server'));
      const open = new Set<string>();
      const failures: string[] = [];
      const listener = net.createServer((socket) => {
        const name = `${socket.remoteAddress}:${socket.remotePort}`;
        open.add(name);
        socket.on('error', (error) => failures.push(String(Reflect.get(error, 'code'))));
        socket.on('close', () => open.delete(name));
        socket.setTimeout(25_000, () => socket.destroy());
        socket.pipe(socket);
      });
      const closed = new Promise((resolve) => listener.on('close', resolve));
      // Its host may crash.
      listener.on('error', () => listener.close());
      await new Promise<void>((resolve) => listener.listen(port, bindHost, resolve));
      const address = listener.address();
      if (address !== null && typeof address === 'object')
        stage.listensAt('server', { address: address.address, port: address.port, family: 'IPv4' });
      await Promise.all(
        CLIENTS.map(async (host) => {
          const pieces = piecesOf(stage.fork());
          const { stream, took } = receiving(stage, `${host} and back`, pieces);
          const place = stage.target(host);
          const socket = createNet(place.transport).connect({ host: place.host, port: place.port });
          socket.setTimeout(20_000, () => socket.destroy());
          const ended = stage.seen.begins(`the socket of ${host}`);
          const closing = new Promise<void>((resolve) => {
            socket.on('close', () => {
              ended('complete');
              resolve();
            });
          });
          const codes: unknown[] = [];
          socket.on('error', (error) => codes.push(Reflect.get(error, 'code')));
          await Promise.all([
            pipeline(pieces, socket as NodeJS.WritableStream).catch(() => {}),
            takeAll(socket, took).then(
              () => (stream.receiver = 'complete'),
              () => {},
            ),
          ]);
          await closing;
          for (const code of codes)
            stage.seen.require(typeof code === 'string', `an error without a code: ${codes.join()}`);
        }),
      );
      listener.close();
      await closed;
      await stage.sleep(30_000);
      stage.seen.atMost('sockets of a closed server', open.size, 0);
    },
  },
];
