import { describe, expect, test } from 'vitest';

import type { Address } from '../../../src/core/endpoint.ts';
import { fill, type Hooks, type Kind, type Party, type Side, type World } from './world.ts';

/** Everything that can be called on a link, and everything that can be read. */
function callAll(party: Party): void {
  party.within(() => {
    const { link } = party;
    link.setNoDelay(true);
    link.setNoDelay(false);
    link.setKeepAlive(true, 10_000);
    link.setKeepAlive(true, 0);
    link.setKeepAlive(false, 0);
    link.unref();
    link.ref();
    for (const name of ['local', 'remote', 'bytesRead', 'bytesWritten'] as const) void link[name];
  });
}

const placeOf = (address: Address | undefined): object => {
  if (address === undefined) throw new Error('no address');
  return 'path' in address ? { address: address.path } : { address: address.address, port: address.port };
};

/** How a link ends, and that it does so once. */
export function describeClosing(world: () => World, kind: Kind): void {
  const isTcp = kind === 'tcp';

  describe.each<Side>(['client', 'server'])('at the %s', (side) => {
    test('half-open: our FIN first, the peer goes on', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.startReading();
      near.write('question');
      near.end();
      await world().until('the peer sees the end', () => far.count('end') === 1);
      await world().settle();
      expect(far.text).toBe('question');
      expect(near.closed || far.closed).toBe(false);
      expect(far.write('answer')).toBe(true);
      await world().until('it arrives', () => near.text === 'answer');
      expect(far.write(', and more')).toBe(true);
      far.end();
      await world().until('both closed', () => near.closed && far.closed);
      expect(near.text).toBe('answer, and more');
      expect(near.log.slice(-2)).toEqual(['end', 'closed']);
      expect(near.failure ?? far.failure).toBeUndefined();
    });

    test('both FINs cross', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.startReading();
      near.write('a');
      near.end();
      far.write('b');
      far.end();
      await world().until('both closed', () => near.closed && far.closed);
      expect([near.text, far.text]).toEqual(['b', 'a']);
      expect(near.failure ?? far.failure).toBeUndefined();
    });

    test('end() inside onEnd', async () => {
      const { near, far } = await world().sides(side, { near: { end: (party) => party.end() } });
      near.startReading();
      far.startReading();
      far.end();
      await world().until('both closed', () => near.closed && far.closed);
      expect(near.failure ?? far.failure).toBeUndefined();
    });

    test('a FIN is one half only: nothing closes by it', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.startReading();
      near.end();
      near.end();
      await world().until('the peer sees the end', () => far.count('end') === 1);
      for (let round = 0; round < 5; round++) await world().settle();
      expect(near.closed || far.closed).toBe(false);
      expect(far.count('end')).toBe(1);
    });

    test('destroy closes at once, and a peer that was sent everything sees FIN', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.startReading();
      near.write('goodbye');
      near.destroy();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      await world().until('the peer sees the end', () => far.count('end') === 1);
      expect(far.text).toBe('goodbye');
      far.end();
      await world().until('the peer closed', () => far.closed);
      expect(far.failure).toBeUndefined();
    });

    test('destroy right after end()', async () => {
      const { near, far } = await world().sides(side);
      far.startReading();
      near.write('goodbye');
      near.end();
      near.destroy();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      await world().until('the peer sees the end', () => far.count('end') === 1);
      expect(far.text).toBe('goodbye');
    });

    test('a link that was never read or written can be destroyed', async () => {
      const { near, far } = await world().sides(side);
      near.destroy();
      await world().until('it closed', () => near.closed);
      far.startReading();
      await world().until('the peer sees the end', () => far.count('end') === 1);
    });

    test('reset closes at once, and the peer knows it from a FIN', async () => {
      const { near, far } = await world().sides(side);
      const remote = far.link.remote;
      near.startReading();
      far.startReading();
      near.write('before');
      await world().until('it arrives', () => far.text === 'before');
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      if (isTcp) {
        await world().until('the peer closed', () => far.closed);
        expect(far.count('end')).toBe(0);
        expect(far.failure).toMatchObject({
          _tag: 'ConnectionReset',
          code: 'ECONNRESET',
          syscall: 'read',
          ...placeOf(remote),
        });
        expect(far.link.remote).toEqual(remote);
      } else {
        await world().until('the peer sees the end', () => far.count('end') === 1);
      }
    });

    if (isTcp) {
      test('a reset names the peer, though nobody had asked for its address', async () => {
        const { near, far, door } = await world().sides(side);
        far.startReading();
        near.reset();
        await world().until('the peer closed', () => far.closed);
        expect(far.failure).toMatchObject({ _tag: 'ConnectionReset', code: 'ECONNRESET', syscall: 'read' });
        const address = 'address' in door.address ? door.address.address : '';
        expect(far.failure?.address).toBe(address);
        if (side === 'server') expect(far.failure?.port).toBe(door.port);
        else expect(far.failure?.port).toBeGreaterThan(0);
      });

      test('a reset that arrived before anything was read is seen when reading starts', async () => {
        const { near, far } = await world().sides(side);
        near.reset();
        await world().settle();
        far.startReading();
        await world().until('the peer closed', () => far.closed);
        expect(far.failure?._tag).toBe('ConnectionReset');
        expect(far.count('end')).toBe(0);
      });

      test('a reset while a write is outstanding', async () => {
        const { near, far } = await world().sides(side);
        const taken = fill(far);
        far.startReading();
        await world().settle();
        near.reset();
        await world().until('the peer closed', () => far.closed);
        expect(far.failure?._tag).toBe('ConnectionReset');
        expect(far.count('written')).toBe(0);
        // Of the outstanding write some may have left.
        expect(far.link.bytesWritten).toBeGreaterThanOrEqual(taken);
      });
    }

    test('reset with a write of its own outstanding', async () => {
      const { near, far } = await world().sides(side);
      const taken = fill(near);
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      expect(near.count('written')).toBe(0);
      expect(near.link.bytesWritten).toBeGreaterThanOrEqual(taken);
      // With bytes of ours unread, not every system tells it from a FIN.
      far.startReading();
      far.end();
      await world().until('the peer closed', () => far.closed);
      expect([undefined, 'ConnectionReset']).toContain(far.failure?._tag);
    });

    test('reset with a write outstanding and end() asked for', async () => {
      const { near, far } = await world().sides(side);
      fill(near);
      near.end();
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      // With bytes of ours unread, not every system tells it from a FIN.
      far.startReading();
      far.end();
      await world().until('the peer closed', () => far.closed);
      expect([undefined, 'ConnectionReset']).toContain(far.failure?._tag);
    });

    test('reset right after end()', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.startReading();
      await world().settle();
      far.write('not to be read any more');
      near.end();
      near.reset();
      near.startReading();
      expect(near.write('never')).toBe(false);
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
      expect(near.received).toBe(0);
      far.end();
      await world().until('the peer closed', () => far.closed);
    });

    test('reset once the FIN has left', async () => {
      const { near, far } = await world().sides(side);
      far.startReading();
      near.end();
      await world().until('the peer sees the end', () => far.count('end') === 1);
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test.each([
      ['destroy', 'destroy'],
      ['destroy', 'reset'],
      ['reset', 'destroy'],
      ['reset', 'reset'],
      ['end', 'destroy'],
      ['end', 'reset'],
    ] as const)('%s, then %s in the same turn, and all of it again', async (first, second) => {
      const { near } = await world().sides(side);
      near[first]();
      near[second]();
      near.destroy();
      near.reset();
      near.end();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test.each(['destroy', 'reset'] as const)('%s, then what the peer does is no failure', async (how) => {
      const { near, far } = await world().sides(side);
      near.startReading();
      far.reset();
      near[how]();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test('reset right after end(), then what the peer does is no failure', async () => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      far.reset();
      near.end();
      near.reset();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test.each(['destroy', 'reset'] as const)('%s inside onData: what is left is dropped', async (how) => {
      const { near, far } = await world().sides(side, { near: { data: (party) => party[how]() } });
      far.write(Buffer.alloc(300_000));
      await world().settle();
      near.startReading();
      await world().until('it closed', () => near.closed);
      expect(near.count('data')).toBe(1);
      expect(near.link.bytesRead).toBe(near.received);
    });

    test.each(['destroy', 'reset'] as const)('%s inside onData of what was held', async (how) => {
      const { near, far } = await world().sides(side, { near: { data: (party) => party[how]() } });
      near.startReading();
      await world().settle();
      near.stopReading();
      for (const piece of ['a', 'b', 'c']) {
        far.write(piece);
        await world().settle();
      }
      near.startReading();
      await world().until('it closed', () => near.closed);
      expect(near.count('data')).toBe(1);
      expect(near.link.bytesRead).toBe(near.received);
    });

    test.each(['destroy', 'reset'] as const)('%s with something held that was never asked for', async (how) => {
      const { near, far } = await world().sides(side);
      near.startReading();
      await world().settle();
      near.stopReading();
      far.write('held');
      await world().settle();
      near.startReading();
      near[how]();
      await world().until('it closed', () => near.closed);
      expect(near.received).toBe(0);
      expect(near.link.bytesRead).toBe(0);
    });

    test.each(['destroy', 'reset'] as const)('%s inside onEnd', async (how) => {
      const { near, far } = await world().sides(side, { near: { end: (party) => party[how]() } });
      near.startReading();
      far.end();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test.each(['destroy', 'reset'] as const)('%s inside onWritten', async (how) => {
      const { near, far } = await world().sides(side, { near: { written: (party) => party[how]() } });
      fill(near);
      far.startReading();
      await world().until('it closed', () => near.closed);
      expect(near.count('written')).toBe(1);
      expect(near.failure).toBeUndefined();
    });

    test('destroy inside onWritten with end() asked for', async () => {
      const { near, far } = await world().sides(side, { near: { written: (party) => party.destroy() } });
      fill(near);
      near.end();
      far.startReading();
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    const everything = (party: Party): void => {
      for (let round = 0; round < 15; round++) {
        party.startReading();
        party.stopReading();
        expect(party.write('too late')).toBe(false);
        expect(party.write(['too', 'late'])).toBe(false);
        party.end();
        party.reset();
        party.destroy();
        callAll(party);
      }
    };

    test('after onClosed, and inside it, every method is harmless', async () => {
      const { near, far } = await world().sides(side, { near: { closed: everything } });
      near.startReading();
      far.startReading();
      far.write('abc');
      await world().until('it arrives', () => near.received === 3);
      near.write('12345');
      near.destroy();
      await world().until('it closed', () => near.closed);
      everything(near);
      await world().settle();
      everything(near);
      expect(near.link.bytesRead).toBe(3);
      expect(near.link.bytesWritten).toBe(5);
    });

    test('between destroy() and onClosed every method is harmless', async () => {
      const { near } = await world().sides(side);
      near.destroy();
      everything(near);
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeUndefined();
    });

    test('after a failure every method is harmless, and the failure stays', async () => {
      const { near, far } = await world().sides(side, { near: { closed: everything } });
      far.destroy();
      await world().settle();
      for (let attempt = 0; attempt < 20 && !near.closed; attempt++) {
        if (!near.write('x')) break;
        await world().settle();
      }
      await world().until('it closed', () => near.closed);
      expect(near.failure).toBeDefined();
      everything(near);
    });

    test('the switches throw in no state', async () => {
      const { near, far } = await world().sides(side, { near: { data: callAll, end: callAll, closed: callAll } });
      callAll(near);
      near.startReading();
      callAll(near);
      far.write('x');
      await world().until('it arrives', () => near.received === 1);
      near.end();
      callAll(near);
      far.startReading();
      await world().until('the FIN arrived', () => far.count('end') === 1);
      callAll(near);
      far.end();
      await world().until('it closed', () => near.closed);
      callAll(near);
      expect(near.failure).toBeUndefined();
    });
  });

  test('at the moment of accepting, and of connecting, a link can be destroyed or reset', async () => {
    for (const how of ['destroy', 'reset'] as const) {
      const hooks: Hooks = { connected: (party) => party[how]() };
      const door = await world().listen({ party: {} });
      const client = world().dial(door.endpoint, {}, hooks);
      await world().until('it closed', () => client.closed);
      expect(client.log.filter((event) => event === 'connected' || event === 'closed')).toEqual([
        'connected',
        'closed',
      ]);
      door.close();
      await world().until('the binding closed', () => door.closed);

      const harsh = await world().listen({
        accepted: (party) => {
          party[how]();
          return party;
        },
      });
      const peer = world().dial(harsh.endpoint, {}, { connected: (party) => party.startReading() });
      await world().until('the accepted link closed', () => harsh.accepted[0]?.closed === true);
      expect(harsh.accepted[0]?.log).toEqual(['closed']);
      await world().until('the peer notices', () => peer.closed || peer.count('end') === 1);
    }
  });

  describe('addresses', () => {
    test('the ends mirror each other, and the binding', async () => {
      const { client, server, door } = await world().pair();
      expect(client.link.remote).toEqual(door.address);
      expect(server.link.local).toEqual(door.address);
      expect(server.link.remote).toEqual(client.link.local);
      expect(door.binding.address).toEqual(door.address);
      if (isTcp) {
        const { local } = client.link;
        if (local === undefined || 'path' in local) throw new Error('no TCP address');
        expect(local.port).toBeGreaterThan(0);
        expect(local.port).not.toBe(door.port);
        expect('family' in door.address && door.address.family).toBe(local.family);
      } else {
        expect(client.link.local).toEqual({ path: '' });
        expect(door.address).toEqual(door.endpoint);
      }
    });

    test('they never become wrong: the remote end stays known, the local one may be forgotten', async () => {
      const { client, server } = await world().pair();
      const known = [client, server].map(({ link }) => ({ local: link.local, remote: link.remote }));
      client.startReading();
      server.startReading();
      client.end();
      server.end();
      await world().until('both closed', () => client.closed && server.closed);
      for (const [index, { link }] of [client, server].entries()) {
        expect(link.remote).toEqual(known[index]?.remote);
        expect([known[index]?.local, undefined]).toContainEqual(link.local);
      }
    });

    test('they can be asked for at any time', async () => {
      const door = await world().listen();
      const client = world().dial(door.endpoint);
      callAll(client);
      await world().until('it stands', () => client.log.includes('connected'));
      callAll(client);
    });
  });
}
