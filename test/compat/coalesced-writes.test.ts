// `coalesceWrites`: one write for what is written in one delivery, and nothing lost of it.
import { once } from 'node:events';
import * as builtin from 'node:net';
import type { AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import net, { createNet, type Net } from 'rxjs-net/compat';

const coalescing = createNet(undefined, { coalesceWrites: true });

interface Pair {
  readonly client: builtin.Socket;
  readonly peer: builtin.Socket;
  /** Everything that the peer has got, once it has ended. */
  readonly received: Promise<string>;
  /** How often the platform was asked to write. */
  readonly writes: () => number;
}

/** A client of ours, connected to a server of the platform. */
async function pair(module: Net = coalescing, options: object = {}): Promise<Pair> {
  const server = builtin.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = module.connect({ port, host: '127.0.0.1', ...options });
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'ready')])) as [
    [builtin.Socket],
    unknown,
  ];
  onTestFinished(() => {
    client.destroy();
    peer.destroy();
  });
  const single = vi.spyOn(builtin.Socket.prototype, '_write');
  const several = vi.spyOn(builtin.Socket.prototype, '_writev' as never);
  let text = '';
  peer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const received = new Promise<string>((resolve) =>
    peer.once('close', () => resolve(text)).once('end', () => peer.end()),
  );
  const ours = (spy: typeof single): number => spy.mock.contexts.filter((each) => each !== peer).length;
  return { client, peer, received, writes: () => ours(single) + ours(several) };
}

describe('writes that are coalesced', () => {
  test('leave as one when the delivery returns', async () => {
    const { client, peer, received, writes } = await pair();
    client.on('data', () => {
      for (let line = 0; line < 100; line++) client.write(`${line}\n`);
      expect(writes()).toBe(0);
      setImmediate(() => client.end());
    });
    peer.write('go');
    const lines = (await received).split('\n');
    expect(lines).toHaveLength(101);
    expect(lines[99]).toBe('99');
    expect(writes()).toBe(1);
  });

  test('leave on the next tick when they are made outside of a delivery', async () => {
    const { client, received, writes } = await pair();
    client.write('a');
    client.write('b');
    expect(writes()).toBe(0);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(writes()).toBe(1);
    client.end('c');
    expect(await received).toBe('abc');
  });

  test('are sent before a destroy and an end', async () => {
    for (const finish of [
      (client: builtin.Socket) => client.destroy(),
      (client: builtin.Socket) => client.end(),
      (client: builtin.Socket) => client.destroySoon(),
    ]) {
      const { client, received } = await pair();
      client.write('one ');
      client.write('two');
      finish(client);
      client.resume();
      expect(await received).toBe('one two');
    }
  });

  test('are sent before a reset', async () => {
    const { client, peer, writes } = await pair();
    peer.on('error', () => {});
    client.write('one');
    client.resetAndDestroy();
    expect(writes()).toBe(1);
    // Not by `once`, which would reject with the reset.
    await new Promise((resolve) => peer.once('close', resolve));
  });

  test.each([3, 255, 256, 257, 1000])(
    'keep halves of characters apart after a delivery of %i pieces',
    async (pieces) => {
      const { client, received, writes } = await pair();
      const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
      for (let piece = 0; piece < pieces; piece++) client.write('ab');
      await nextTick();
      client.write('\ud83d');
      client.write('\ude00');
      client.write('\ud83d\ude00');
      await nextTick();
      for (let piece = 0; piece < pieces; piece++) client.write('\ud83d');
      client.write('\ude00');
      client.end();
      // Each half that was written alone is what a half alone is in UTF-8.
      const half = '\ufffd';
      expect(await received).toBe(`${'ab'.repeat(pieces)}${half}${half}\ud83d\ude00${half.repeat(pieces)}${half}`);
      expect(writes()).toBeGreaterThan(1);
    },
  );

  test('keep encodings, bytes and halves of characters apart', async () => {
    const { client, received } = await pair();
    client.write('é', 'latin1');
    client.write('616263', 'hex');
    client.write(Buffer.from('bytes'));
    client.write('\ud83d');
    client.write('\ude00');
    client.end();
    expect(Buffer.from(await received).toString('hex')).toBe(
      Buffer.concat([Buffer.from('\ufffd'), Buffer.from('abcbytes'), Buffer.from('\ufffd\ufffd')]).toString('hex'),
    );
  });

  test('do not wait beyond the high-water mark', async () => {
    const { client, writes } = await pair();
    client.cork();
    client.uncork();
    const size = client.writableHighWaterMark;
    expect(client.write('x'.repeat(size - 1))).toBe(true);
    expect(writes()).toBe(0);
    // The system takes all of it at once, so there is room again.
    expect(client.write('y')).toBe(true);
    expect(writes()).toBe(1);
  });

  test('count as written while they wait, and are in order whatever they are', async () => {
    const { client, received } = await pair();
    client.write('é');
    expect(client.bytesWritten).toBe(2);
    client.write(Buffer.from('1'));
    client.write('2');
    client.write('3', 'latin1');
    client.write('4', () => {});
    client.setDefaultEncoding('hex');
    client.write('35');
    client.write('6', 'utf8');
    expect(client.bytesWritten).toBe(8);
    client.end('37');
    expect(await received).toBe('é1234567');
  });

  test('in the handler of the peer’s end come before its answer', async () => {
    const { client, peer, received } = await pair();
    client.on('data', () => client.write('a'));
    client.on('end', () => {
      client.write('b');
      client.write('c');
    });
    peer.end('x');
    expect(await received).toBe('abc');
  });

  test('tell of room as a stream does: false when the system takes no more, and then drain', async () => {
    const { client, peer } = await pair();
    peer.pause();
    const text = 'x'.repeat(1024 * 1024);
    let written = 0;
    while (client.write(text)) {
      written++;
      expect(written).toBeLessThan(1000);
    }
    expect(client.writableNeedDrain).toBe(true);
    peer.resume();
    await once(client, 'drain');
    expect(client.writableLength).toBe(0);
    expect(client.bytesWritten).toBe((written + 1) * text.length);
  });

  test('call every callback, in order', async () => {
    const { client, received } = await pair();
    const called: number[] = [];
    for (let index = 0; index < 10; index++) client.write('x', () => called.push(index));
    client.end();
    await received;
    expect(called).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('can be asked for by one connect, and are not the default', async () => {
    const one = await pair(net, { coalesceWrites: true });
    one.client.write('a');
    one.client.write('b');
    expect(one.writes()).toBe(0);
    vi.restoreAllMocks();
    const other = await pair(net);
    other.client.write('a');
    expect(other.writes()).toBe(1);
  });

  test('can be asked for by a server', async () => {
    const server = net.createServer({ coalesceWrites: true }, (socket) => {
      socket.on('data', () => {
        const spy = vi.spyOn(builtin.Socket.prototype, '_write');
        socket.write('a');
        socket.write('b');
        expect(spy).not.toHaveBeenCalled();
        socket.end();
      });
    });
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = builtin.connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write('x');
    let text = '';
    for await (const chunk of client.setEncoding('utf8')) text += chunk as string;
    expect(text).toBe('ab');
  });
});
