// What a Socket does, beyond what the comparison with node:net says.
import { once } from 'node:events';
import * as builtin from 'node:net';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { describe, expect, onTestFinished, test } from 'vitest';

import { nodeTransport } from 'rxjs-net';
import net, { Socket } from 'rxjs-net/compat';

/** A server of the platform; its port. */
async function listen(onConnection: (socket: builtin.Socket) => void): Promise<number> {
  const server = builtin.createServer(onConnection).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a Socket', () => {
  test('is a Duplex, an instance of its own class and of the platform’s', () => {
    const socket = new net.Socket();
    expect(socket).toBeInstanceOf(Duplex);
    expect(socket).toBeInstanceOf(net.Socket);
    // Over links there is no handle that the platform could use.
    expect(socket instanceof builtin.Socket).toBe(nodeTransport.streams !== undefined);
    expect(socket.constructor).toBe(Socket);
    socket.destroy();
  });

  test('has none of the platform’s methods', () => {
    const socket = new net.Socket();
    for (const name of Object.getOwnPropertyNames(builtin.Socket.prototype)) {
      const theirs = Object.getOwnPropertyDescriptor(builtin.Socket.prototype, name)?.value as unknown;
      if (typeof theirs === 'function') expect([name, Reflect.get(socket, name)]).not.toEqual([name, theirs]);
    }
  });

  test('can be made without `new`, by `call`, and by a subclass', () => {
    expect((net.Socket as unknown as () => unknown)()).toBeInstanceOf(net.Socket);
    function Old(this: builtin.Socket): void {
      (net.Socket as unknown as (this: object) => void).call(this);
    }
    Object.setPrototypeOf(Old.prototype, net.Socket.prototype);
    const old = new (Old as unknown as new () => builtin.Socket)();
    expect(old).toBeInstanceOf(net.Socket);
    expect(old.pending).toBe(true);
    class Modern extends net.Socket {}
    expect(new Modern().readyState).toBe('open');
  });

  test('echoes what it is sent, and closes in order', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const socket = net.connect(port, '127.0.0.1');
    const events: string[] = [];
    for (const event of ['connect', 'ready', 'end', 'finish']) socket.on(event, () => events.push(event));
    socket.end('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    if (!socket.closed) await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    expect(events).toEqual(['connect', 'ready', 'finish', 'end']);
    expect([socket.bytesRead, socket.bytesWritten, socket.destroyed]).toEqual([5, 5, true]);
  });

  test('works in a pipeline with backpressure', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const socket = net.connect(port, '127.0.0.1');
    const size = 4 * 1024 * 1024;
    const received = (async () => {
      let total = 0;
      for await (const chunk of socket) total += (chunk as Buffer).length;
      return total;
    })();
    await pipeline(
      async function* source() {
        for (let sent = 0; sent < size; sent += 65_536) yield Buffer.alloc(65_536, 1);
      },
      socket as unknown as NodeJS.WritableStream,
      { end: true },
    );
    expect(await received).toBe(size);
  });
});

describe('the time of idleness', () => {
  test('does not end while a write is outstanding that still leaves, and begins anew when it has left', async () => {
    let resume = (): void => {};
    const port = await listen((peer) => {
      peer.on('error', () => {});
      peer.pause();
      resume = () => peer.resume();
    });
    const socket = net.connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'ready');
    const stalls: number[] = [];
    socket.on('timeout', () => stalls.push(socket.writableLength));
    socket.setTimeout(20);
    const size = 64 * 1024 * 1024;
    const written = new Promise<void>((resolve) => socket.write(Buffer.alloc(size), () => resolve()));
    // Nothing leaves: it is told.
    await once(socket, 'timeout');
    expect(stalls[0]).toBe(size);
    resume();
    await written;
    stalls.length = 0;
    await once(socket, 'timeout');
    expect(stalls).toEqual([0]);
    // Once only, until something moves.
    expect(socket.listenerCount('timeout')).toBe(1);
  });
});
