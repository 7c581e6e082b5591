import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

import type { Kind, Party, World } from './world.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** How an endpoint is bound, accepts, and is released. */
export function describeBinding(world: () => World, kind: Kind): void {
  const isTcp = kind === 'tcp';

  /** The two ends of a new connection can talk. */
  const exchange = async (client: Party, server: Party): Promise<void> => {
    const before = [client.received, server.received];
    client.startReading();
    server.startReading();
    client.write('ping');
    server.write('pong');
    await world().until(
      'both were heard',
      () => client.received === (before[0] ?? 0) + 4 && server.received === (before[1] ?? 0) + 4,
    );
  };

  test('onListening comes later, once, with the address that was got', async () => {
    const place = world().place();
    const door = world().bind(place);
    expect(door.log).toEqual([]);
    await world().until('it listens', () => door.log.length > 0);
    await world().settle();
    expect(door.log).toEqual(['listening']);
    expect(door.binding.address).toEqual(door.address);
    if (isTcp) expect(door.port).toBeGreaterThan(0);
    else expect(door.address).toEqual(place);
    if (isTcp) expect(door.address).toMatchObject({ address: 'host' in place ? place.host : '' });
  });

  test('an endpoint that is taken', async () => {
    const door = await world().listen();
    const second = world().bind(door.endpoint);
    expect(second.closed).toBe(false);
    await world().until('it closed', () => second.closed);
    expect(second.log).toEqual(['closed']);
    expect(second.failure).toMatchObject({
      _tag: 'AddressInUse',
      code: 'EADDRINUSE',
      syscall: 'listen',
      ...('path' in door.address
        ? { address: door.address.path, port: undefined }
        : { address: door.address.address, port: door.port }),
    });
    const { client, server } = await world().connect(door);
    await exchange(client, server);
  });

  test.each([0, 1, 2])('close() while binding, %s turns later', async (turns) => {
    const door = world().bind(world().place());
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    if (door.log.length === 0) {
      door.close();
      door.close();
      await world().until('it closed', () => door.closed);
      expect(door.log).toEqual(['closed']);
    }
    expect(door.failure).toBeUndefined();
  });

  test('close() while binding what is taken', async () => {
    const door = await world().listen();
    const second = world().bind(door.endpoint);
    second.close();
    await world().until('it closed', () => second.closed);
    expect(second.log).toEqual(['closed']);
    expect(second.failure).toBeUndefined();
  });

  test('close() inside onListening, and twice, and afterwards', async () => {
    const door = world().bind(world().place(), {}, { listening: (each) => each.close() });
    await world().until('it closed', () => door.closed);
    door.close();
    await world().settle();
    expect(door.log).toEqual(['listening', 'closed']);
    expect(door.failure).toBeUndefined();
  });

  test('close() releases the endpoint; accepted links live on', async () => {
    const door = await world().listen();
    const { client, server } = await world().connect(door);
    await exchange(client, server);
    const { endpoint } = door;
    door.close();
    await world().until('it closed', () => door.closed);
    const late = world().dial(endpoint);
    await world().until('a late dial closed', () => late.closed);
    expect(late.failure?._tag).toBe(isTcp ? 'ConnectionRefused' : 'PathNotFound');
    await exchange(client, server);
    client.end();
    server.end();
    await world().until('both closed', () => client.closed && server.closed);
    expect(client.failure ?? server.failure).toBeUndefined();
  });

  test('the endpoint can be bound again inside onClosed, while links of before live on', async () => {
    let again: ReturnType<World['bind']> | undefined;
    const door = await world().listen({ closed: (each) => (again = world().bind(each.endpoint)) });
    const old = await world().connect(door);
    const { address } = door;
    door.close();
    await world().until('it is bound again', () => again !== undefined && again.log.length > 0);
    expect(again?.failure).toBeUndefined();
    expect(again?.address).toEqual(address);
    if (again === undefined) throw new Error('not bound');
    const young = await world().connect(again);
    await exchange(young.client, young.server);
    await exchange(old.client, old.server);
  });

  test('bound and closed many times in a row', async () => {
    const place = world().place();
    let endpoint = place;
    for (let round = 0; round < 20; round++) {
      const door = await world().listen({}, {}, endpoint);
      ({ endpoint } = door);
      const { client, server } = await world().connect(door);
      await exchange(client, server);
      door.close();
      await world().until('it closed', () => door.closed);
    }
  });

  test('a connection that onAccepted refuses is closed, and hears nothing more', async () => {
    const door = await world().listen({ accepted: () => undefined });
    const clients = Array.from({ length: 5 }, () =>
      world().dial(
        door.endpoint,
        {},
        {
          connected: (party) => {
            party.startReading();
            party.write('let me in');
          },
        },
      ),
    );
    await world().until('all notice', () => clients.every((client) => client.closed || client.count('end') === 1));
    expect(clients.map((client) => client.received)).toEqual([0, 0, 0, 0, 0]);
    expect(door.log.filter((event) => event === 'accepted')).toHaveLength(5);
  });

  test('close() inside onAccepted: that link lives on', async () => {
    const door = await world().listen({
      accepted: (party, each) => {
        each.close();
        return party;
      },
    });
    const { client, server } = await world().connect(door);
    await world().until('the binding closed', () => door.closed);
    await exchange(client, server);
  });

  test('links are accepted in their own right: one that ends changes nothing for the others', async () => {
    const door = await world().listen();
    const one = await world().connect(door);
    const two = await world().connect(door);
    const three = await world().connect(door);
    one.client.reset();
    two.server.destroy();
    await world().settle();
    await exchange(three.client, three.server);
    const four = await world().connect(door);
    await exchange(four.client, four.server);
    expect(door.failedAccepts).toEqual([]);
  });

  test('dials under way when the binding closes come to an end', async () => {
    const door = await world().listen({ party: {} });
    const clients = Array.from({ length: 20 }, () =>
      world().dial(door.endpoint, {}, { connected: (party) => party.startReading() }),
    );
    door.close();
    await world().until('it closed', () => door.closed);
    for (const party of door.accepted) party.destroy();
    await world().until('all came to an end', () =>
      clients.every((client) => client.closed || client.count('end') === 1),
    );
  });

  test('the switches throw in no state, and the address can always be asked for', async () => {
    const door = world().bind(world().place());
    const { binding } = door;
    const all = (): void => {
      for (let round = 0; round < 15; round++) {
        binding.unref();
        binding.ref();
        void binding.address;
      }
    };
    all();
    await world().until('it listens', () => door.log.length > 0);
    all();
    door.close();
    all();
    await world().until('it closed', () => door.closed);
    all();
    expect([door.address, undefined]).toContainEqual(binding.address);
  });

  test('what the options say of accepted links is taken', async () => {
    const door = await world().listen(
      {},
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000, backlog: 16 },
    );
    const { client, server } = await world().connect(door, {}, { noDelay: true });
    await exchange(client, server);
  });

  // ---- by a signal

  test('a signal that was aborted before: nothing is bound', async () => {
    const signal = AbortSignal.abort();
    const place = world().place();
    const door = world().bind(place, { signal });
    expect(door.closed).toBe(false);
    await world().until('it closed', () => door.closed);
    expect(door.log).toEqual(['closed']);
    expect(door.failure).toBeUndefined();
    expect(listeners(signal)).toBe(0);
    await world().listen({}, {}, place);
  });

  test('a signal that is aborted while binding', async () => {
    const controller = new AbortController();
    const place = world().place();
    const door = world().bind(place, { signal: controller.signal });
    door.within(() => controller.abort());
    await world().until('it closed', () => door.closed);
    expect(door.log).toEqual(['closed']);
    expect(door.failure).toBeUndefined();
    expect(listeners(controller.signal)).toBe(0);
    await world().listen({}, {}, place);
  });

  test('a signal that is aborted while listening: as close(), accepted links live on', async () => {
    const controller = new AbortController();
    let left = -1;
    const door = await world().listen(
      { closed: () => (left = listeners(controller.signal)) },
      { signal: controller.signal },
    );
    expect(listeners(controller.signal)).toBe(1);
    const { client, server } = await world().connect(door);
    const { endpoint } = door;
    door.within(() => controller.abort());
    await world().until('it closed', () => door.closed);
    expect(door.failure).toBeUndefined();
    expect(left).toBe(0);
    await exchange(client, server);
    await world().listen({}, {}, endpoint);
  });

  test('a signal is let go of when the binding closes, or never listened', async () => {
    const { signal } = new AbortController();
    const left: number[] = [];
    const door = await world().listen({ closed: () => left.push(listeners(signal)) }, { signal });
    const second = world().bind(door.endpoint, { signal }, { closed: () => left.push(listeners(signal)) });
    await world().until('the second closed', () => second.closed);
    door.close();
    await world().until('it closed', () => door.closed);
    expect(left).toEqual([1, 0]);
  });
}
