// Programs that look at all sockets from outside: what they put on the prototypes is gone through, and contexts reach the listeners.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createNet, type Net } from 'rxjs-net/compat';

async function echo(net: Net): Promise<{ server: Server; port: number }> {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** Puts a function in front of a method of the prototype, as tools do that watch a program. */
function watch(prototype: object, name: string, called: (socket: unknown) => void): void {
  const original = Reflect.get(prototype, name) as (...given: unknown[]) => unknown;
  Reflect.set(prototype, name, function (this: unknown, ...given: unknown[]): unknown {
    called(this);
    return Reflect.apply(original, this, given);
  });
}

describe('what stands on the prototype of Socket', () => {
  test.each(['connect', 'write', 'end', 'destroy', '_write', '_final', '_destroy', 'resume', 'emit'])(
    'is what a socket goes through: %s',
    async (name) => {
      const net = createNet();
      const { port } = await echo(net);
      const client = new net.Socket();
      // Once the socket is there: nothing of what stood there before may be held on to.
      const calls: unknown[] = [];
      watch(net.Socket.prototype, name, (socket) => calls.push(socket));
      client.connect(port, '127.0.0.1');
      client.write('hello');
      client.resume();
      client.end();
      await once(client, 'close');
      expect(calls).toContain(client);
    },
  );

  test('is gone through by a client that was connected with net.connect, for every write', async () => {
    const net = createNet();
    const { port } = await echo(net);
    const calls: unknown[] = [];
    watch(net.Socket.prototype, 'write', (socket) => calls.push(socket));
    const client = net.connect(port, '127.0.0.1');
    client.write('one');
    await once(client, 'connect');
    client.write('two');
    expect(calls.filter((socket) => socket === client)).toHaveLength(2);
    client.destroy();
  });
});

test('the context of who connected is that of the listeners, whatever wrote in between', async () => {
  const net = createNet();
  const { port } = await echo(net);
  const storage = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const note = (event: string): void => void seen.push(`${event} in ${storage.getStore() ?? 'none'}`);
  const client = storage.run('the connect', () => net.connect(port, '127.0.0.1'));
  client.on('connect', () => {
    note('connect');
    storage.run('the write', () => client.write('hello'));
  });
  client.on('data', () => {
    note('data');
    storage.run('the end', () => client.end());
  });
  client.on('end', () => note('end'));
  await once(client, 'close');
  expect(seen).toEqual(['connect in the connect', 'data in the connect', 'end in the connect']);
});
