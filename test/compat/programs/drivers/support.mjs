import { once } from 'node:events';
import process from 'node:process';

/** The parts of an exchange: 64 times 64 KiB, no two alike. driver-suite.ts knows the same rule. */
export const parts = Array.from({ length: 64 }, (_, number) => Buffer.alloc(65_536, `part ${number} of 64; `));

/** A name that no other run uses. @param {string} kind */
export const uniqueName = (kind) => `rxjs_net_${kind}_${process.pid}_${Math.trunc(performance.timeOrigin)}`;

/**
 * An event's first argument. (`once` of node:events gives up on an 'error', and one may come before what is waited for.)
 *
 * @param {any} emitter
 * @param {string} name
 * @returns {Promise<any>}
 */
export function event(emitter, name) {
  return new Promise((resolve) => emitter.once(name, resolve));
}

/**
 * Something in front of a server whose connections can be cut, for servers that can't be asked to do so.
 *
 * @param {typeof import('node:net')} net
 * @param {number} port of the server
 * @returns {Promise<{ port: number, cut(): void, close(): void }>}
 */
export async function proxyTo(net, port) {
  /** @type {Set<import('node:net').Socket>} */
  const clients = new Set();
  const proxy = net.createServer((client) => {
    clients.add(client);
    const server = net.connect(port, '127.0.0.1');
    client.once('close', () => {
      clients.delete(client);
      server.destroy();
    });
    server.once('close', () => client.destroy());
    for (const socket of [client, server]) socket.on('error', () => {});
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy listens nowhere');
  return {
    port: address.port,
    cut() {
      for (const client of clients) client.resetAndDestroy();
    },
    close: () => proxy.close(),
  };
}
