// Writes that are cut off: their callbacks, and what is told around them, on `toSocket` as on a socket of `net`.
import { once } from 'node:events';
import * as builtin from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

import { connect, type Connection, toDuplex } from 'rxjs-net';
import { toSocket } from 'rxjs-net/compat';

/** More than the buffers of both systems take. */
const MUCH = Buffer.alloc(32 * 1024 * 1024, 'x');

type Peer = (socket: builtin.Socket) => void;

/** Takes nothing until it is told. */
const still: Peer = (socket) => void socket.pause();
const ending: Peer = (socket) => void socket.end('bye');

async function listen(peer: Peer): Promise<{ readonly port: number; readonly peers: builtin.Socket[] }> {
  const peers: builtin.Socket[] = [];
  const server = builtin.createServer({ allowHalfOpen: true }, (socket) => {
    peers.push(socket);
    socket.on('error', () => {});
    peer(socket);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of peers) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, peers };
}

const connected = (port: number): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const dialled = connect({ port, host: '127.0.0.1' }).subscribe({ next: resolve, error: reject });
    onTestFinished(() => dialled.unsubscribe());
  });

const makers: Readonly<Record<string, (port: number) => Promise<Duplex>>> = {
  net: async (port) => {
    const socket = builtin.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  },
  toSocket: async (port) => toSocket(await connected(port)),
  toDuplex: async (port) => toDuplex(await connected(port)),
};

interface World {
  readonly socket: Duplex;
  readonly peers: builtin.Socket[];
  readonly log: string[];
  readonly say: (what: string) => (error?: Error | null) => void;
  readonly turn: () => Promise<void>;
}

interface Scene {
  readonly peer: Peer;
  readonly act: (world: World) => void | Promise<void>;
}

const reset = (socket: Duplex): void => void (socket as builtin.Socket).resetAndDestroy();

/** By what a write is cut off that is under way, or one that waits behind it, or an `end`. */
const cuts: Readonly<Record<string, (world: World) => void | Promise<void>>> = {
  destroy: ({ socket }) => void socket.destroy(),
  'destroy with an error': ({ socket }) => void socket.destroy(new Error('enough')),
  reset: ({ socket }) => reset(socket),
  'reset while reading': ({ socket }) => {
    socket.resume();
    reset(socket);
  },
  'end and destroy': ({ socket, say }) => {
    socket.end(say('end'));
    socket.destroy();
  },
  'end and reset': ({ socket, say }) => {
    socket.end(say('end'));
    reset(socket);
  },
  "the peer's reset": ({ socket, peers }) => {
    socket.resume();
    for (const peer of peers) peer.resetAndDestroy();
  },
};

const writes: Readonly<Record<string, (world: World) => void>> = {
  'one write': ({ socket, say }) => void socket.write(MUCH, say('write')),
  'a write and others behind it': ({ socket, say }) => {
    socket.write(MUCH, say('write'));
    socket.write('second', say('second'));
    socket.write('third', say('third'));
  },
  'writes that are joined': ({ socket, say }) => {
    socket.cork();
    socket.write(MUCH, say('write'));
    socket.write('second', say('second'));
    socket.uncork();
  },
  'a write and an end': ({ socket, say }) => {
    socket.write(MUCH, say('write'));
    socket.end('last', say('last'));
  },
};

const scenes: Record<string, Scene> = {
  "a write right after 'end'": {
    peer: ending,
    act: async ({ socket, say }) => {
      socket.resume();
      await once(socket, 'end');
      socket.write('late', say('write'));
    },
  },
  "a write a turn after 'end'": {
    peer: ending,
    act: async ({ socket, say, turn }) => {
      socket.resume();
      await once(socket, 'end');
      await turn();
      socket.write('late', say('write'));
    },
  },
  "an end right after 'end'": {
    peer: ending,
    act: async ({ socket, say }) => {
      socket.resume();
      await once(socket, 'end');
      socket.end('late', say('end'));
    },
  },
  'an end alone': { peer: ending, act: ({ socket, say }) => void socket.resume().end(say('end')) },
};
for (const [what, write] of Object.entries(writes))
  for (const [how, cut] of Object.entries(cuts))
    scenes[`${what}, cut by ${how}`] = {
      peer: still,
      act: async (world) => {
        write(world);
        await world.turn();
        await cut(world);
      },
    };

async function play(make: (port: number) => Promise<Duplex>, { peer, act }: Scene): Promise<string[]> {
  const { port, peers } = await listen(peer);
  const socket = await make(port);
  const log: string[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20));
  while (peers.length === 0) await turn();
  const codeOf = (error?: NodeJS.ErrnoException | null): string => (error ? (error.code ?? error.message) : 'done');
  const say = (what: string) => (error?: Error | null) => void log.push(`${what}: ${codeOf(error)}`);
  socket.on('error', say('error'));
  for (const event of ['finish', 'end']) socket.on(event, () => void log.push(event));
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (hadError?: boolean) => {
      log.push(`close ${hadError}`);
      resolve();
    });
  });
  await act({ socket, peers, log, say, turn });
  await closed;
  await turn();
  return log;
}

describe('toSocket is cut off as a socket of net', () => {
  test.each(Object.keys(scenes))('%s', async (title) => {
    const scene = scenes[title];
    if (scene === undefined) throw new Error('no such scene');
    const [reference, ours] = [await play(makers['net']!, scene), await play(makers['toSocket']!, scene)];
    // The system takes what it has room for of a write, so which call fails by the peer's reset is the kernel's.
    const sorted = (log: readonly string[]): readonly string[] =>
      title.includes("peer's reset") ? log.map((each) => each.replace(/ECONNRESET|EPIPE/, 'reset')) : log;
    expect(sorted(ours)).toEqual(sorted(reference));
  });
});

describe.each(Object.keys(makers))('%s', (name) => {
  test.each(['destroy', 'destroy with an error'])('promises of a write and an end settle after %s', async (how) => {
    const { port } = await listen(still);
    const socket = await makers[name]!(port);
    socket.on('error', () => {});
    const write = promisify((chunk: Buffer, done: (error?: Error | null) => void) => socket.write(chunk, done));
    const written = write(MUCH).then(
      () => 'settled',
      () => 'settled',
    );
    const ended = promisify((done: () => void) => socket.end(done))().then(
      () => 'settled',
      () => 'settled',
    );
    socket.destroy(how === 'destroy' ? undefined : new Error('enough'));
    expect(await Promise.all([written, ended])).toEqual(['settled', 'settled']);
  });
});
