// The whole module over a network that isn't there, in virtual time; and what its options refuse.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import * as builtin from 'node:net';
import * as http from 'node:http';
import { text } from 'node:stream/consumers';

import { fromEvent, take, toArray } from '../../src/rx.ts';
import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import { mapAsync, nodeTransport } from 'rxjs-net';

import net, { createNet, fromSocket, type Net } from 'rxjs-net/compat';
import { simulateNetwork, type SimulatedNetwork } from 'rxjs-net/testing';

/** A net on each of two hosts. */
function twoHosts(options: object = {}): { network: SimulatedNetwork; here: Net; there: Net } {
  const network = simulateNetwork({ seed: 1, latency: 10, ...options });
  return {
    network,
    here: createNet(network.host('here').transport),
    there: createNet(network.host('there').transport),
  };
}

describe('over a simulated network', () => {
  test('the echo server of the specification', async () => {
    const { network, here, there } = twoHosts({ chunking: { least: 1, most: 5 } });
    const server = there.createServer((socket) => {
      socket.write('hello\r\n');
      socket.pipe(socket);
    });
    server.listen(8124);
    const answer = await network.run(async () => {
      const client = here.connect({ host: 'there', port: 8124 }, () => client.write('world!\r\n'));
      let got = '';
      for await (const chunk of client.setEncoding('utf8')) {
        got += String(chunk);
        if (got.endsWith('world!\r\n')) client.end();
      }
      return got;
    });
    expect(answer).toBe('hello\r\nworld!\r\n');
    server.close();
  });

  test('a refused port has the error of the system', async () => {
    const { network, here } = twoHosts();
    const events: unknown[] = [];
    await network.run(async () => {
      const socket = here.connect({ host: 'there', port: 1 });
      socket.on('connect', () => events.push('connect'));
      socket.on('error', (error: NodeJS.ErrnoException) => events.push(error.code, error.syscall));
      socket.on('close', (hadError) => events.push(hadError));
      await new Promise((resolve) => socket.once('close', resolve));
    });
    expect(events).toEqual(['ECONNREFUSED', 'connect', true]);
  });

  test('time-outs run on the network’s clock', async () => {
    const { network, here, there } = twoHosts();
    const server = there.createServer((socket) => socket.resume()).listen(1000);
    const at = await network.run(async () => {
      const socket = here.connect({ host: 'there', port: 1000 });
      socket.setTimeout(3_600_000);
      await once(socket, 'timeout');
      socket.destroy();
      return network.clock.now();
    });
    expect(at).toBeGreaterThanOrEqual(3_600_000);
    expect(at).toBeLessThan(3_601_000);
    server.close();
  });

  test('http runs over it', async () => {
    const { network, here, there } = twoHosts();
    const web = http.createServer((request, response) => response.end(`this is ${request.url}`));
    const door = there.createServer({ allowHalfOpen: true }, (socket) => web.emit('connection', socket)).listen(80);
    const body = await network.run(
      () =>
        new Promise<string>((resolve, reject) => {
          const createConnection = (): Socket => here.connect(80, 'there');
          http.get({ path: '/there', createConnection }, (response) => resolve(text(response))).on('error', reject);
        }),
    );
    expect(body).toBe('this is /there');
    door.close();
  });

  test('sockets are a net’s own: neither the platform’s, nor another net’s', () => {
    const { here, there } = twoHosts();
    const socket = new here.Socket();
    expect([socket instanceof here.Socket, socket instanceof there.Socket]).toEqual([true, false]);
    expect([socket instanceof net.Socket, socket instanceof builtin.Socket]).toEqual([false, false]);
  });

  test('a wrong argument is refused as by the platform', () => {
    const { here } = twoHosts();
    expect(() => here.connect({ port: 65_536, host: 'there' })).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' }),
    );
    expect(() => here.connect({} as builtin.NetConnectOpts)).toThrow(
      expect.objectContaining({ code: 'ERR_MISSING_ARGS' }),
    );
  });
});

describe('demand', () => {
  test('a slow operator behind fromEvent does not pause the socket; behind fromSocket it does', async () => {
    const size = 4 * 1024 * 1024;
    const server = builtin
      // It is cut off when enough has come.
      .createServer((socket) => socket.on('error', () => {}).end(Buffer.alloc(size)))
      .listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const slow = mapAsync(async (chunk: Buffer) => {
      await new Promise((resolve) => setImmediate(resolve));
      return chunk.length;
    });
    const dial = (): Socket => {
      const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      return socket;
    };

    const plain = dial();
    const pauses: boolean[] = [];
    plain.on('pause', () => pauses.push(true));
    expect(await firstValueFrom(fromEvent<Buffer>(plain, 'data').pipe(slow, take(20), toArray()))).toHaveLength(20);
    expect(pauses).toEqual([]);

    const flowing = dial();
    flowing.on('pause', () => pauses.push(true));
    const sizes = fromSocket(flowing).incoming.pipe(slow, take(20), toArray());
    expect(await firstValueFrom(sizes)).toHaveLength(20);
    expect(pauses.length).toBeGreaterThan(2);
  });
});

describe('createNet', () => {
  test('options alone go with the operating system', () => {
    const today = createNet({ behaviour: 'node' });
    const server = today.createServer();
    expect('connections' in server).toBe('connections' in builtin.createServer());
    expect(createNet({}).isIP('::1')).toBe(6);
  });

  test.each<[string, unknown[]]>([
    ['transport', [{ behaviour: 'node' }, {}]],
    ['transport', ['tcp', {}]],
    ['dial', [{ dial: () => {} }]],
    ['behaviour', [{ behaviour: 'old' }]],
  ])('a wrong %s', (option, given) => {
    expect(() => Reflect.apply(createNet, undefined, given) as unknown).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option }),
    );
  });

  test.each([
    ['an unknown option', { behavior: 'node' }, 'behavior'],
    ['another behaviour', { behaviour: 'both' }, 'behaviour'],
    ['a text for a boolean', { coalesceWrites: 'yes' }, 'coalesceWrites'],
  ])('refuses %s', (_name, options, option) => {
    expect(() => createNet(nodeTransport, options as never)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option }),
    );
  });
});
