import { describe, expect, test } from 'vitest';

import type { Chunk } from '../../../src/core/transport.ts';
import { fill, type Party, pattern, type Side, type World } from './world.ts';

const bytesOf = (data: Chunk | readonly Chunk[]): Buffer =>
  typeof data === 'string' || data instanceof Uint8Array
    ? Buffer.from(data)
    : Buffer.concat(data.map((chunk) => Buffer.from(chunk)));

/** A write that came too late: the system says so in one of two ways. */
function expectBroken({ failure }: Party): void {
  expect(['ECONNRESET', 'EPIPE']).toContain(failure?.code);
  expect(failure?._tag).toBe(failure?.code === 'EPIPE' ? 'BrokenPipe' : 'ConnectionReset');
}

/** `below` is what was not handed over yet. */
function expectBetween(value: number, least: number, below: number): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThan(below);
}

/** Whether bytes have left within the outstanding write since this was last asked, by either way in which a link can tell. */
async function hasProgressed(world: World, { link }: Party, before: number): Promise<boolean> {
  if (link.checkProgress === undefined) return link.bytesWritten !== before;
  let answer: boolean | undefined;
  link.checkProgress((moved) => {
    answer = moved;
  });
  expect(answer).toBeUndefined();
  await world.until('progress is known', () => answer !== undefined);
  return answer === true;
}

/** What is written, and when it counts as written. */
export function describeWriting(world: () => World): void {
  describe.each<Side>(['client', 'server'])('at the %s', (side) => {
    const view = new Uint8Array(pattern(64)).subarray(10, 20);
    test.each<[string, Chunk | readonly Chunk[]]>([
      ['text', 'plain'],
      ['text of several bytes a character', 'ünïcödé €uro 😀'],
      ['a long text', 'è€😀x'.repeat(40_000)],
      ['bytes', new Uint8Array([0, 255, 10, 13, 0])],
      ['a view of bytes', view],
      ['a Buffer', pattern(5_000)],
      ['several texts', ['one', 'twö', '😀', 'four']],
      ['several chunks of bytes', [pattern(10), view, new Uint8Array([7])]],
      ['several chunks of both kinds', ['é', view, '', new Uint8Array(0), '😀', pattern(3_000)]],
      ['one chunk in a list', ['alone']],
    ])('%s', async (_name, data) => {
      const expected = bytesOf(data);
      const { near, far } = await world().sides(side);
      far.startReading();
      const taken = near.write(data);
      await world().until('it arrives', () => far.received >= expected.length);
      expect(far.bytes.equals(expected)).toBe(true);
      await world().settle();
      expect(near.count('written')).toBe(taken ? 0 : 1);
      expect(near.link.bytesWritten).toBe(expected.length);
      expect(far.link.bytesRead).toBe(expected.length);
    });

    test.each<[string, Chunk | readonly Chunk[]]>([
      ['empty text', ''],
      ['no bytes', new Uint8Array(0)],
      ['an empty list', []],
      ['a list of nothing', ['', new Uint8Array(0)]],
    ])('%s is written at once and is not noticed', async (_name, data) => {
      const { near, far } = await world().sides(side);
      far.startReading();
      expect(near.write(data)).toBe(true);
      expect(near.link.bytesWritten).toBe(0);
      expect(near.write('after')).toBe(true);
      await world().until('it arrives', () => far.text === 'after');
      expect(near.count('written')).toBe(0);
    });

    test('true means handed over: it is counted, and no onWritten follows', async () => {
      const { near, far } = await world().sides(side);
      expect(near.write('12345')).toBe(true);
      expect(near.link.bytesWritten).toBe(5);
      expect(near.write(['678', '9'])).toBe(true);
      expect(near.link.bytesWritten).toBe(9);
      await world().settle();
      expect(near.count('written')).toBe(0);
      far.startReading();
      await world().until('it arrives', () => far.text === '123456789');
    });

    test('false means later: onWritten comes once the peer reads, and only then all of it is counted', async () => {
      const chunk = pattern(65_536);
      const { near, far } = await world().sides(side);
      const taken = fill(near, chunk);
      expectBetween(near.link.bytesWritten, taken, taken + chunk.length);
      await world().settle();
      expect(near.count('written')).toBe(0);
      expectBetween(near.link.bytesWritten, taken, taken + chunk.length);
      far.startReading();
      await world().until('it was written', () => near.count('written') === 1);
      expect(near.link.bytesWritten).toBe(taken + chunk.length);
      await world().until('it arrives', () => far.received === taken + chunk.length);
      expect(near.count('written')).toBe(1);
      expect(near.write('more')).toBe(true);
      expect(near.link.bytesWritten).toBe(taken + chunk.length + 4);
    });

    test.each<[string, (whole: Buffer) => Chunk | readonly Chunk[]]>([
      ['as one chunk', (whole) => whole],
      [
        'as many',
        (whole) => Array.from({ length: 1024 }, (_, index) => whole.subarray(index * 8192, (index + 1) * 8192)),
      ],
      ['as text', () => Array.from({ length: 500_000 }, (_, index) => `${index} è€😀 `).join('')],
    ])('8 MiB %s to a peer that reads slowly arrive whole and in order', async (_name, make) => {
      const data = make(pattern(8 * 1024 * 1024));
      const expected = bytesOf(data);
      const { near, far } = await world().sides(side, { far: { data: (party) => party.stopReading() } });
      expect(near.write(data)).toBe(false);
      near.end();
      let rounds = 0;
      while (far.count('end') === 0) {
        const before = far.log.length;
        // A bit of patience now and then, so that both ends come to a stop.
        if (rounds++ % 20 === 0) await world().settle();
        const { bytesWritten } = near.link;
        if (near.count('written') > 0) expect(bytesWritten).toBe(expected.length);
        // What the transport can't see within a write, it doesn't count.
        else if (near.link.checkProgress !== undefined) expect(bytesWritten).toBe(0);
        else expect(bytesWritten).toBeGreaterThan(far.received - 131_072);
        far.startReading();
        await world().until('more came', () => far.log.length > before);
      }
      expect(far.received).toBe(expected.length);
      expect(far.bytes.equals(expected)).toBe(true);
      expect(near.count('written')).toBe(1);
      expect(near.link.bytesWritten).toBe(expected.length);
    });

    test('progress is seen within an outstanding write, and a standstill too', async () => {
      const size = 16 * 1024 * 1024;
      const { near, far } = await world().sides(side, { far: { data: (party) => party.stopReading() } });
      expect(near.write(Buffer.alloc(size))).toBe(false);
      await world().settle();
      // What left within the call may count as progress since the write began.
      let before = near.link.bytesWritten;
      await hasProgressed(world(), near, before);
      expect(await hasProgressed(world(), near, before)).toBe(false);
      let seen = false;
      while (!seen) {
        const { received } = far;
        far.startReading();
        await world().until('more came', () => far.received > received);
        await world().settle();
        seen = await hasProgressed(world(), near, before);
      }
      expect(near.count('written')).toBe(0);
      before = near.link.bytesWritten;
      await world().settle();
      expect(await hasProgressed(world(), near, before)).toBe(false);
      near.destroy();
    });

    test('a check whose link closes gets no answer', async () => {
      const { near } = await world().sides(side);
      fill(near);
      let answers = 0;
      near.link.checkProgress?.(() => answers++);
      near.destroy();
      await world().until('it closed', () => near.closed);
      await world().settle();
      expect(answers).toBe(0);
    });

    test('writes that follow each other from onWritten keep their order', async () => {
      const rounds = 400;
      const piece = (index: number): string => `${index}:${'x'.repeat((index * 7919) % 30_000)};`;
      let next = 0;
      const { near, far } = await world().sides(side, {
        near: {
          written: (party) => {
            while (next < rounds && party.write(piece(next++)));
            if (next === rounds) party.end();
          },
        },
      });
      far.startReading();
      while (next < rounds && near.write(piece(next++)));
      if (next === rounds) near.end();
      await world().until('the end came', () => far.count('end') === 1);
      expect(far.text).toBe(Array.from({ length: rounds }, (_, index) => piece(index)).join(''));
    });

    test('end() comes after the outstanding write', async () => {
      const { near, far } = await world().sides(side);
      const chunk = pattern(65_536);
      const total = fill(near, chunk) + chunk.length;
      near.end();
      near.end();
      await world().settle();
      far.startReading();
      await world().until('the end came', () => far.count('end') === 1);
      expect(far.received).toBe(total);
      expect(near.count('written')).toBe(1);
      expect(near.link.bytesWritten).toBe(total);
    });

    test('end() inside onWritten, and a write before it', async () => {
      const { near, far } = await world().sides(side, {
        near: {
          written: (party) => {
            if (party.count('written') === 1 && party.write(' last')) party.end();
          },
        },
      });
      const chunk = Buffer.alloc(65_536, '.');
      fill(near, chunk);
      far.startReading();
      await world().until('the end came', () => far.count('end') === 1);
      expect(far.text.slice(-6)).toBe('. last');
    });

    test('destroy while a write is outstanding: never written, not counted', async () => {
      const chunk = pattern(65_536);
      const { near, far } = await world().sides(side);
      const taken = fill(near, chunk);
      await world().settle();
      near.destroy();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      expect(near.count('written')).toBe(0);
      expectBetween(near.link.bytesWritten, taken, taken + chunk.length);
      // What was counted is with the peer, or in the network on its way to it.
      far.startReading();
      far.end();
      await world().until('the peer closed', () => far.closed);
      expect(far.received).toBeGreaterThanOrEqual(taken);
      expect(far.received).toBeLessThanOrEqual(taken + chunk.length);
      const sent = Buffer.concat([...Array.from({ length: taken / chunk.length }, () => chunk), chunk]);
      expect(far.bytes.equals(sent.subarray(0, far.received))).toBe(true);
    });

    test('destroy while 32 MiB are outstanding: what has not left is not counted', async () => {
      const size = 32 * 1024 * 1024;
      const { near } = await world().sides(side);
      expect(near.write(Buffer.alloc(size))).toBe(false);
      await world().settle();
      const { bytesWritten } = near.link;
      expectBetween(bytesWritten, 0, size);
      near.destroy();
      expect(near.link.bytesWritten).toBe(bytesWritten);
      await world().until('it closed', () => near.closed);
      expect(near.link.bytesWritten).toBe(bytesWritten);
      expect(near.failure).toBeUndefined();
    });

    test('a peer that destroys while a write is outstanding', async () => {
      const { near, far } = await world().sides(side);
      const taken = fill(near);
      far.destroy();
      await world().until('it closed', () => near.closed);
      expect(near.count('written')).toBe(0);
      expectBetween(near.link.bytesWritten, taken, taken + 65_536);
      expectBroken(near);
      const { remote } = near.link;
      if (remote !== undefined && 'port' in remote)
        expect(near.failure).toMatchObject({ address: remote.address, port: remote.port });
    });

    test('a write to a peer that has gone is not counted, and ends in a failure', async () => {
      const { near, far } = await world().sides(side);
      far.destroy();
      await world().settle();
      let taken = 0;
      for (let attempt = 0; attempt < 20 && !near.closed; attempt++) {
        if (near.write('anybody there?')) taken += 14;
        else await world().until('it closed', () => near.closed);
        await world().settle();
      }
      expect(near.closed).toBe(true);
      expectBroken(near);
      expect(near.failure?.syscall).toBe('write');
      expect(near.count('written')).toBe(0);
      expect(near.link.bytesWritten).toBe(taken);
    });

    test.each<[string, Chunk | readonly Chunk[]]>([
      ['a text', 'anybody there?'],
      ['a text of 5461 characters', '😀'.repeat(2730) + 'é'],
      ['a text of 5462 characters', '😀'.repeat(2731)],
      ['a long text', 'there? '.repeat(50_000)],
      ['bytes', pattern(100)],
      ['several chunks', ['anybody ', pattern(10), 'there?']],
      ['a list of one text', ['anybody there?']],
      ['a list of one long text', ['there? '.repeat(50_000)]],
      ['a list of bytes', [pattern(10)]],
    ])('%s to a peer that has gone', async (_name, data) => {
      const { near, far } = await world().sides(side);
      near.write('before');
      far.startReading();
      await world().until('it arrives', () => far.received === 6);
      far.reset();
      await world().settle();
      expect(near.write(data)).toBe(false);
      await world().until('it closed', () => near.closed);
      expectBroken(near);
      expect(near.link.bytesWritten).toBe(6);
      expect(near.count('written')).toBe(0);
    });
  });

  test('what is written as soon as the link stands arrives', async () => {
    const door = await world().listen({
      accepted: (party) => {
        party.write('from the server');
        party.end();
        return party;
      },
    });
    const { client, server } = await world().connect(door, {
      connected: (party) => {
        party.startReading();
        party.write('from the client');
        party.end();
      },
    });
    server.startReading();
    await world().until('both closed', () => client.closed && server.closed);
    expect(client.text).toBe('from the server');
    expect(server.text).toBe('from the client');
  });

  test('both ends write at once more than the network holds', async () => {
    const data = pattern(3_000_000);
    const { client, server } = await world().pair();
    client.write(data);
    server.write(data);
    client.end();
    server.end();
    client.startReading();
    server.startReading();
    await world().until('both closed', () => client.closed && server.closed);
    expect(client.bytes.equals(data)).toBe(true);
    expect(server.bytes.equals(data)).toBe(true);
    expect(client.failure ?? server.failure).toBeUndefined();
  });
}
