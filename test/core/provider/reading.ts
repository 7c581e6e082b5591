import { describe, expect, test } from 'vitest';

import { fill, pattern, type Side, type World } from './world.ts';

/** When what arrives is passed on, and when not. */
export function describeReading(world: () => World): void {
  describe.each<Side>(['client', 'server'])('at the %s', (side) => {
    test('nothing is read before startReading', async () => {
      const { near, far } = await world().sides(side);
      far.write('early');
      far.end();
      await world().settle();
      expect(near.story).toEqual([]);
      expect(near.link.bytesRead).toBe(0);
      near.startReading();
      await world().until('all is read', () => near.count('end') === 1);
      expect(near.text).toBe('early');
      expect(near.link.bytesRead).toBe(5);
    });

    test('startReading twice passes each chunk on once, and one stopReading undoes both', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      near.startReading();
      far.write('one');
      await world().until('it is read', () => near.received === 3);
      near.stopReading();
      near.stopReading();
      far.write('two');
      await world().settle();
      expect(near.text).toBe('one');
      near.startReading();
      await world().until('the rest is read', () => near.received === 6);
      expect(near.text).toBe('onetwo');
    });

    test('stopReading inside onData holds what follows, for as long as it takes', async () => {
      const data = pattern(1_000_000);
      const { near, far } = await world().sides(side, { near: { data: (party) => party.stopReading() } });
      near.startReading();
      far.write(data);
      far.end();
      await world().until('a chunk came', () => near.count('data') === 1);
      await world().settle();
      expect(near.count('data')).toBe(1);
      expect(near.link.bytesRead).toBe(near.received);
      while (near.received < data.length) {
        const before = near.count('data');
        near.startReading();
        await world().until('the next chunk came', () => near.count('data') > before);
        expect(near.count('data')).toBe(before + 1);
      }
      expect(near.bytes.equals(data)).toBe(true);
      await world().settle();
      expect(near.count('end')).toBe(0);
      near.startReading();
      await world().until('the end came', () => near.count('end') === 1);
    });

    test('what arrives after stopReading waits, with bytesRead, and comes whole', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.write('first ');
      await world().until('it is read', () => near.received === 6);
      near.stopReading();
      for (const word of ['second ', 'third ', 'fourth']) {
        far.write(word);
        await world().settle();
      }
      expect(near.text).toBe('first ');
      expect(near.link.bytesRead).toBe(6);
      near.startReading();
      await world().until('all is read', () => near.received === 25);
      expect(near.text).toBe('first second third fourth');
    });

    test('a FIN that arrives after stopReading waits', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      near.stopReading();
      far.end();
      await world().settle();
      expect(near.count('end')).toBe(0);
      near.startReading();
      await world().until('the end came', () => near.count('end') === 1);
      expect(near.closed).toBe(false);
    });

    test('a FIN behind data that waits comes after the data', async () => {
      const { near, far } = await world().sides(side, { near: { data: (party) => party.stopReading() } });
      near.startReading();
      far.write('head');
      await world().until('the head came', () => near.received === 4);
      far.write('tail');
      far.end();
      await world().settle();
      expect(near.story).toEqual(['data']);
      near.startReading();
      await world().until('the tail came', () => near.received === 8);
      await world().settle();
      expect(near.count('end')).toBe(0);
      near.startReading();
      await world().until('the end came', () => near.count('end') === 1);
      expect(near.text).toBe('headtail');
    });

    test.each(['before', 'after'])('a FIN that waits keeps the link open, ended %s it', async (when) => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      near.stopReading();
      if (when === 'before') near.end();
      far.end();
      await world().settle();
      if (when === 'after') near.end();
      await world().settle();
      expect(near.closed).toBe(false);
      near.startReading();
      await world().until('it closed', () => near.closed);
      expect(near.story).toEqual(['end', 'closed']);
      expect(near.failure).toBeUndefined();
    });

    test.each(['destroy', 'reset'] as const)('%s while a FIN waits, with the write side ended', async (how) => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      near.stopReading();
      near.end();
      far.end();
      await world().settle();
      near[how]();
      await world().until('it closed', () => near.closed);
      expect(near.count('end')).toBe(0);
      expect(near.failure).toBeUndefined();
    });

    test('writing goes on while a FIN waits', async () => {
      const { near, far } = await world().sides(side);
      far.startReading();
      near.startReading();
      await world().settle();
      near.stopReading();
      far.end();
      await world().settle();
      expect(near.write('still here')).toBe(true);
      await world().until('it arrives', () => far.text === 'still here');
    });

    test('a write that fails while a FIN waits closes the link with that failure', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      near.stopReading();
      far.end();
      await world().settle();
      fill(near);
      far.reset();
      await world().until('it closed', () => near.closed);
      expect(['ConnectionReset', 'BrokenPipe']).toContain(near.failure?._tag);
      expect(near.count('end')).toBe(0);
    });

    test('started and stopped in one turn, nothing comes', async () => {
      const { near, far } = await world().sides(side);
      far.write('held');
      await world().settle();
      for (let round = 0; round < 3; round++) {
        near.startReading();
        near.stopReading();
        await world().settle();
        expect(near.received).toBe(0);
      }
      near.startReading();
      await world().until('it came', () => near.text === 'held');
      near.stopReading();
      far.write('again');
      await world().settle();
      near.startReading();
      near.stopReading();
      near.startReading();
      await world().until('it came', () => near.text === 'heldagain');
      near.stopReading();
      far.end();
      await world().settle();
      near.startReading();
      near.stopReading();
      await world().settle();
      expect(near.count('end')).toBe(0);
    });

    test('stopped and started again inside onData, everything comes once and in order', async () => {
      const data = pattern(500_000);
      const { near, far } = await world().sides(side, {
        near: {
          data: (party) => {
            party.stopReading();
            party.startReading();
          },
        },
      });
      near.startReading();
      far.write(data);
      far.end();
      await world().until('the end came', () => near.count('end') === 1);
      expect(near.bytes.equals(data)).toBe(true);
    });

    test('started again inside onData of what was held', async () => {
      const { near, far } = await world().sides(side, {
        near: {
          data: (party) => {
            party.stopReading();
            party.startReading();
          },
        },
      });
      near.startReading();
      await world().settle();
      near.stopReading();
      far.write('held');
      await world().settle();
      near.startReading();
      await world().until('it came', () => near.text === 'held');
      far.write(' and live');
      far.end();
      await world().until('the end came', () => near.count('end') === 1);
      expect(near.text).toBe('held and live');
    });

    test('a chunk belongs to the receiver', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.write('aaaa');
      await world().until('it came', () => near.received === 4);
      const [first] = near.chunks;
      far.write('bbbb');
      await world().until('the next came', () => near.received === 8);
      expect(first?.toString()).toBe('aaaa');
      first?.fill(0);
      far.write('cccc');
      await world().until('the last came', () => near.received === 12);
      expect(near.chunks.slice(1).join('')).toBe('bbbbcccc');
    });

    test('what was received does not change when the sender changes what it sent', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      const sent = Buffer.from('original');
      expect(far.write(sent)).toBe(true);
      sent.fill('x');
      await world().until('it came', () => near.received === 8);
      expect(near.text).toBe('original');
    });

    test('reading goes on after end()', async () => {
      const { near, far } = await world().sides(side);
      near.end();
      near.startReading();
      await world().settle();
      far.write('answer');
      await world().until('it came', () => near.text === 'answer');
    });

    test('start and stop after the end change nothing', async () => {
      const { near, far } = await world().sides(side, { near: { end: (party) => party.stopReading() } });
      near.startReading();
      far.end();
      await world().until('the end came', () => near.count('end') === 1);
      for (let round = 0; round < 3; round++) {
        near.startReading();
        await world().settle();
        near.stopReading();
        await world().settle();
      }
      expect(near.story).toEqual(['end']);
    });
  });

  test('what onAccepted begins to read goes to the handler that it returns', async () => {
    const door = await world().listen({
      accepted: (party) => {
        party.startReading();
        return party;
      },
    });
    const { client, server } = await world().connect(door, { connected: (party) => void party.write('at once') });
    await world().until('it came', () => server.text === 'at once');
    expect(client.closed).toBe(false);
  });

  test('a link that is read long after it was accepted has lost nothing', async () => {
    const { client, server } = await world().pair();
    client.write('patience');
    client.end();
    for (let round = 0; round < 5; round++) await world().settle();
    expect(server.log).toEqual([]);
    server.startReading();
    await world().until('the end came', () => server.count('end') === 1);
    expect(server.text).toBe('patience');
  });
}
