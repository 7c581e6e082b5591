// Over a transport that reports in any context, a socket's listeners have that of the dial, or of `listen`, as those of
// `node:net` have.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server, Socket } from 'node:net';

import { expect, test } from 'vitest';

import { createNet } from '../../src/compat/index.ts';
import { simulateNetwork } from '../../src/testing/index.ts';

const store = new AsyncLocalStorage<string>();
const whose = (): string => store.getStore() ?? 'none';

test('two clients and a server over a simulated network whose time another one moves', async () => {
  const network = simulateNetwork();
  const net = createNet(network.host('local').transport);
  const seen = new Map<string, Set<string>>();
  const note = (what: string): void => {
    const contexts = seen.get(what) ?? new Set();
    seen.set(what, contexts.add(whose()));
  };
  const server: Server = net.createServer((socket) => {
    note('connection');
    socket.on('data', (chunk) => {
      note('server data');
      socket.write(chunk, () => note('server written'));
    });
    socket.on('end', () => note('server end'));
  });
  store.run('server', () => server.listen(1_000, '127.0.0.1', () => note('listening')));
  const clients: Socket[] = [];
  for (const user of ['alice', 'bob']) {
    store.run(user, () => {
      const socket = net.connect(1_000, '127.0.0.1');
      clients.push(socket);
      for (const event of ['connect', 'data', 'end', 'close']) socket.on(event, () => note(`${user} ${event}`));
      socket.write('hello', () => note(`${user} written`));
    });
  }
  await store.run('driver', () => network.advance(1_000));
  for (const socket of clients) store.run('closer', () => socket.end());
  await store.run('driver', () => network.advance(60_000));
  server.close();
  await network.advance(1_000);
  expect(Object.fromEntries([...seen].map(([what, contexts]) => [what, [...contexts]]))).toEqual({
    listening: ['server'],
    // As of node:net: what was accepted belongs to nobody.
    connection: ['server'],
    'server data': ['none'],
    'server written': ['none'],
    'server end': ['none'],
    ...Object.fromEntries(
      ['alice', 'bob'].flatMap((user) =>
        ['connect', 'data', 'end', 'close', 'written'].map((event) => [`${user} ${event}`, [user]]),
      ),
    ),
  });
});
