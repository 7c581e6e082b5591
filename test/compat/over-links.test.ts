// A net over the links of a transport, where the platform stands aside.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createNodeTransport } from 'rxjs-net';
import { createNet } from 'rxjs-net/compat';

/** What becomes an uncaught exception meanwhile. */
function uncaught(): Error[] {
  const heard: Error[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => heard.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  });
  return heard;
}

const net = createNet(createNodeTransport({ driver: 'plain' }));

describe('over links', () => {
  test('what a listener of a dial throws is uncaught, and no failure of the lookup that was under way', async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const heard = uncaught();
    const client = net.connect({
      port,
      host: 'a.name',
      lookup: (_host, _options, answer) => void setImmediate(answer, null, '127.0.0.1', 4),
    });
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    client.on('lookup', () => {
      throw new Error('of the program');
    });
    client.resume();
    await once(client, 'close');
    expect(errors).toEqual([]);
    expect(heard.map(({ message }) => message)).toEqual(['of the program']);
  });

  test('a handle that is none is refused, and nothing is uncaught', async () => {
    const heard = uncaught();
    expect(() => new net.Socket({ handle: () => {} } as object)).toThrow(TypeError);
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
  });
});
