import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

import type { LookupAddress, LookupFunction } from '../../../src/core/transport.ts';
import { type Door, type Kind, type Side, type World } from './world.ts';

const NAME = 'somewhere.test';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

type Answer = Parameters<LookupFunction>[2];

/** Answers in a turn of its own, as a resolver does. */
const lookupOf =
  (answer: (callback: Answer, all: boolean) => void): LookupFunction =>
  (_host, options, callback) =>
    queueMicrotask(() => answer(callback, options.all === true));

/** How a link comes to stand, and why it doesn't. */
export function describeDialling(world: () => World, kind: Kind): void {
  const isTcp = kind === 'tcp';

  const ipOf = (door: Door): LookupAddress => {
    if (!('address' in door.address)) throw new Error('no TCP address');
    return { address: door.address.address, family: door.address.family === 'IPv6' ? 6 : 4 };
  };

  /** Where nobody listens: somebody did, and left. */
  const deserted = async (): Promise<Door> => {
    const door = await world().listen();
    door.close();
    await world().until('the binding closed', () => door.closed);
    return door;
  };

  test('chance is at least 0, and less than 1', () => {
    const { random } = world().provider.transport;
    for (let draw = 0; draw < 100; draw++) {
      const chance = random();
      expect(chance >= 0 && chance < 1).toBe(true);
    }
  });

  test('the link stands when onConnected is called, before anything else of it', async () => {
    const door = await world().listen({
      accepted: (party) => {
        party.write('hello');
        return party;
      },
    });
    let local: unknown;
    const client = world().dial(
      door.endpoint,
      {},
      {
        connected: (party) => {
          local = party.link.local;
          party.startReading();
        },
      },
    );
    expect(client.log).toEqual([]);
    await world().until('the greeting came', () => client.text === 'hello');
    expect(client.log.filter((event) => event === 'connected' || event === 'data').slice(0, 2)).toEqual([
      'connected',
      'data',
    ]);
    expect(local).toEqual(door.accepted[0]?.link.remote);
  });

  test('a dial that nobody takes is refused', async () => {
    const door = await deserted();
    const client = world().dial(door.endpoint);
    expect(client.closed).toBe(false);
    await world().until('it closed', () => client.closed);
    expect(client.log).not.toContain('connected');
    if (isTcp)
      expect(client.failure).toMatchObject({
        _tag: 'ConnectionRefused',
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: ipOf(door).address,
        port: door.port,
      });
    else expect(client.failure?._tag).toBe('PathNotFound');
  });

  if (!isTcp)
    test('a path at which nothing is', async () => {
      const endpoint = world().provider.ipcEndpoint();
      const client = world().dial(endpoint);
      await world().until('it closed', () => client.closed);
      expect(client.failure).toMatchObject({
        _tag: 'PathNotFound',
        code: 'ENOENT',
        syscall: 'connect',
        address: endpoint.path,
      });
    });

  test('what is asked of a link while it is dialled is harmless', async () => {
    const door = await world().listen();
    const client = world().dial(door.endpoint, { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 });
    client.within(() => {
      client.link.setNoDelay(true);
      client.link.setKeepAlive(true, 1_000);
      client.link.unref();
      client.link.ref();
      client.link.stopReading();
    });
    expect([client.link.bytesRead, client.link.bytesWritten]).toEqual([0, 0]);
    await world().until('it stands', () => client.log.includes('connected'));
    expect(client.write('x')).toBe(true);
  });

  test.each(['destroy', 'reset'] as const)('%s while it is dialled', async (how) => {
    const door = await world().listen();
    const client = world().dial(door.endpoint);
    client[how]();
    await world().until('it closed', () => client.closed);
    expect(client.failure).toBeUndefined();
    expect(client.log).not.toContain('connected');
    await world().settle();
    for (const party of door.accepted) {
      party.startReading();
      await world().until('the other end notices', () => party.closed || party.count('end') === 1);
    }
  });

  test('destroyed, a dial that would have failed closes without a failure', async () => {
    const door = await deserted();
    const client = world().dial(door.endpoint);
    client.destroy();
    await world().until('it closed', () => client.closed);
    expect(client.failure).toBeUndefined();
  });

  test('200 connections at once', async () => {
    const remotes = new Set<string>();
    const door = await world().listen({
      party: {
        data: (party, chunk) => void party.write(chunk),
        end: (party) => party.end(),
      },
      accepted: (party) => {
        remotes.add(JSON.stringify(party.link.remote));
        party.startReading();
        return party;
      },
    });
    const clients = Array.from({ length: 200 }, (_, index) =>
      world().dial(
        door.endpoint,
        {},
        {
          connected: (party) => {
            party.startReading();
            party.write(`this is ${index}`);
            party.end();
          },
        },
      ),
    );
    await world().until('all closed', () => clients.every((client) => client.closed));
    expect(clients.map((client) => client.text)).toEqual(clients.map((_, index) => `this is ${index}`));
    expect(clients.filter((client) => client.failure !== undefined)).toEqual([]);
    await world().until('their other ends closed', () => door.accepted.every((party) => party.closed));
    expect(door.accepted.length).toBe(200);
    if (isTcp) expect(remotes.size).toBe(200);
  });

  // ---- by a signal

  const aborted = (cause: unknown): object => ({ _tag: 'ConnectionAborted', code: 'ABORT_ERR', cause });
  const reason = new Error('enough');

  test('a signal that was aborted before: nothing is begun', async () => {
    const door = await world().listen();
    const signal = AbortSignal.abort(reason);
    const asked: string[] = [];
    const lookup: LookupFunction = (host) => void asked.push(host);
    const client = world().dial(isTcp ? { host: NAME, port: door.port } : door.endpoint, { signal, lookup });
    expect(client.closed).toBe(false);
    await world().until('it closed', () => client.closed);
    expect(client.log).toEqual(['closed']);
    expect(client.failure).toMatchObject(aborted(reason));
    expect(asked).toEqual([]);
    expect(listeners(signal)).toBe(0);
    await world().settle();
    expect(door.accepted).toEqual([]);
  });

  test('a signal that is aborted in the same turn', async () => {
    const door = await world().listen();
    const controller = new AbortController();
    const client = world().dial(door.endpoint, { signal: controller.signal });
    client.within(() => controller.abort(reason));
    await world().until('it closed', () => client.closed);
    expect(client.log).not.toContain('connected');
    expect(client.failure).toMatchObject({
      ...aborted(reason),
      ...(isTcp ? { address: ipOf(door).address, port: door.port } : { address: pathOf(door) }),
    });
  });

  test.each<Side | 'idle'>(['client', 'server', 'idle'])(
    'a signal that is aborted once it stands (%s)',
    async (busy) => {
      const controller = new AbortController();
      let left = -1;
      const door = await world().listen();
      const { client, server } = await world().connect(
        door,
        { closed: () => (left = listeners(controller.signal)) },
        { signal: controller.signal },
      );
      expect(listeners(controller.signal)).toBe(1);
      if (busy === 'client') client.write(Buffer.alloc(16_000_000));
      if (busy === 'server') {
        server.write(Buffer.alloc(16_000_000));
        client.startReading();
      }
      await world().settle();
      client.within(() => controller.abort(reason));
      await world().until('it closed', () => client.closed);
      expect(client.failure).toMatchObject(aborted(reason));
      expect(left).toBe(0);
      expect(client.count('written')).toBe(0);
      server.startReading();
      await world().until('the other end notices', () => server.closed || server.count('end') === 1);
    },
  );

  test('a signal that is aborted while a FIN waits', async () => {
    const controller = new AbortController();
    const door = await world().listen();
    const { client, server } = await world().connect(door, {}, { signal: controller.signal });
    client.startReading();
    await world().settle();
    client.stopReading();
    client.end();
    server.end();
    await world().settle();
    controller.abort(reason);
    await world().until('it closed', () => client.closed);
    expect(client.failure).toMatchObject(aborted(reason));
  });

  test('a signal that is aborted afterwards, or at the same time as destroy', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const door = await world().listen();
    const { client } = await world().connect(door, {}, { signal });
    const { client: other } = await world().connect(door, {}, { signal });
    const { client: third } = await world().connect(door, {}, { signal });
    // One listener or one each, as the provider likes.
    expect(listeners(signal)).toBeGreaterThan(0);
    client.destroy();
    await world().until('it closed', () => client.closed);
    expect(listeners(signal)).toBeGreaterThan(0);
    other.destroy();
    third.reset();
    controller.abort(reason);
    await world().until('they closed', () => other.closed && third.closed);
    expect(client.failure ?? other.failure ?? third.failure).toBeUndefined();
    expect(listeners(signal)).toBe(0);
  });

  test('a signal that is never aborted is let go of, however the link closed', async () => {
    const { signal } = new AbortController();
    const gone = await deserted();
    const left: number[] = [];
    const refused = world().dial(gone.endpoint, { signal }, { closed: () => left.push(listeners(signal)) });
    await world().until('it closed', () => refused.closed);
    const door = await world().listen();
    const { client, server } = await world().connect(door, { closed: () => left.push(listeners(signal)) }, { signal });
    client.startReading();
    server.startReading();
    client.end();
    server.end();
    await world().until('it closed', () => client.closed);
    const { client: reset, server: resetter } = await world().connect(
      door,
      { closed: () => left.push(listeners(signal)) },
      { signal },
    );
    reset.startReading();
    resetter.reset();
    reset.end();
    await world().until('it closed', () => reset.closed);
    expect(left).toEqual([0, 0, 0]);
  });

  if (!isTcp) return;

  // ---- names

  test('a name is looked up, and one address or several are taken', async () => {
    const door = await world().listen();
    const { address, family } = ipOf(door);
    for (const autoSelectFamily of [true, false]) {
      const asked: unknown[] = [];
      const lookup: LookupFunction = (host, options, callback) => {
        asked.push(host, options.family ?? 0);
        if (options.all === true) callback(null, [{ address, family }]);
        else callback(null, address, family);
      };
      const client = world().dial({ host: NAME, port: door.port }, { lookup, autoSelectFamily });
      await world().until('it stands', () => client.log.includes('connected'));
      expect(asked).toEqual([NAME, 0]);
      expect(client.lookups).toEqual([{ failure: undefined, address, host: NAME }]);
      expect(client.link.remote).toEqual(door.address);
    }
  });

  test('an address is not looked up', async () => {
    const door = await world().listen();
    const asked: string[] = [];
    const client = world().dial(door.endpoint, { lookup: (host) => void asked.push(host) });
    await world().until('it stands', () => client.log.includes('connected'));
    expect(asked).toEqual([]);
    expect(client.lookups).toEqual([]);
  });

  test('the wanted family is passed on', async () => {
    const door = await world().listen();
    const { address, family } = ipOf(door);
    const asked: unknown[] = [];
    const lookup: LookupFunction = (_host, options, callback) => {
      asked.push(options.family);
      callback(null, options.all === true ? [{ address, family }] : address, family);
    };
    const client = world().dial({ host: NAME, port: door.port }, { lookup, family: family === 6 ? 6 : 4 });
    await world().until('it stands', () => client.log.includes('connected'));
    expect(asked).toEqual([family]);
  });

  test('of several addresses the first that answers is taken', async () => {
    const door = await world().listen();
    const good = ipOf(door);
    const deaf = { address: world().provider.deafAddress(), family: good.family };
    const lookup = lookupOf((callback) => callback(null, [deaf, deaf, good]));
    const client = world().dial({ host: NAME, port: door.port }, { lookup, autoSelectFamily: true });
    await world().until('it stands', () => client.log.includes('connected'));
    expect(client.link.remote).toEqual(door.address);
    if (client.attempts.length > 0) {
      expect(client.attempts[0]).toBe(deaf.address);
      expect(client.attempts.at(-1)).toBe(good.address);
    }
    client.startReading();
    client.write('x');
    await world().until('it was accepted', () => door.accepted.length === 1);
  });

  test('of several addresses none answers: one failure', async () => {
    const door = await deserted();
    const { address, family } = ipOf(door);
    const lookup = lookupOf((callback) =>
      callback(null, [
        { address, family },
        { address: world().provider.deafAddress(), family },
      ]),
    );
    const client = world().dial({ host: NAME, port: door.port }, { lookup, autoSelectFamily: true });
    await world().until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'ConnectionRefused', code: 'ECONNREFUSED', syscall: 'connect' });
    expect(client.log).not.toContain('connected');
  });

  const notFound = (): Error =>
    Object.assign(new Error(`getaddrinfo ENOTFOUND ${NAME}`), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      hostname: NAME,
    });

  test.each([true, false])('a name that is not found (autoSelectFamily %s)', async (autoSelectFamily) => {
    const error = notFound();
    const lookup = lookupOf((callback) => callback(error, ''));
    const client = world().dial({ host: NAME, port: 9 }, { lookup, autoSelectFamily });
    await world().until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({
      _tag: 'HostNotFound',
      host: NAME,
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      cause: error,
    });
    expect(client.lookups).toHaveLength(1);
    expect(client.lookups[0]).toMatchObject({ failure: { _tag: 'HostNotFound' }, address: undefined, host: NAME });
    expect(client.log).toEqual(['lookup', 'closed']);
  });

  test('a lookup that its server refuses is no refused connection', async () => {
    const lookup = lookupOf((callback) => callback(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), ''));
    const client = world().dial({ host: NAME, port: 9 }, { lookup });
    await world().until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'HostNotFound', temporary: true });
  });

  test.each([true, false])('a lookup that finds no address (autoSelectFamily %s)', async (autoSelectFamily) => {
    const lookup = lookupOf((callback) => callback(null, []));
    const client = world().dial({ host: NAME, port: 9 }, { lookup, autoSelectFamily });
    await world().until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'HostNotFound', host: NAME });
  });

  test('a lookup that throws: dial does not', async () => {
    const error = new Error('a bug in the lookup');
    const client = world().dial(
      { host: NAME, port: 9 },
      {
        lookup: () => {
          throw error;
        },
      },
    );
    await world().until('it closed', () => client.closed);
    expect(client.failure?.cause).toBe(error);
    expect(client.log).toEqual(['closed']);
  });

  test.each<[string, unknown, unknown]>([
    ['no address', 'not an address', 4],
    ['nothing', undefined, undefined],
    ['a family that there is not', '127.0.0.1', 100],
    ['a list of nonsense', [{ address: 5, family: 'x' }], undefined],
    ['a list of nothing', [undefined], undefined],
  ])('a lookup that answers with %s', async (_name, address, family) => {
    for (const autoSelectFamily of [true, false]) {
      const lookup = lookupOf((callback, all) => {
        const answer = all && typeof address === 'string' ? [{ address, family }] : address;
        Reflect.apply(callback, undefined, [null, answer, family]);
      });
      const client = world().dial({ host: NAME, port: 9 }, { lookup, autoSelectFamily });
      await world().until('it closed', () => client.closed);
      expect(client.failure).toBeDefined();
      expect(client.log).not.toContain('connected');
    }
  });

  test('only the first answer of a lookup counts', async () => {
    const door = await world().listen();
    const good = ipOf(door);
    const lookup = lookupOf((callback, all) => {
      for (let round = 0; round < 3; round++) callback(null, all ? [good] : good.address, good.family);
      callback(notFound(), '');
    });
    for (const autoSelectFamily of [true, false]) {
      const client = world().dial({ host: NAME, port: door.port }, { lookup, autoSelectFamily });
      await world().until('it stands', () => client.log.includes('connected'));
      await world().settle();
      expect(client.lookups).toHaveLength(1);
    }
    expect(door.accepted).toHaveLength(2);
  });

  test.each(['destroy', 'reset', 'abort'] as const)('%s during the lookup, which then answers', async (how) => {
    const door = await world().listen();
    const good = ipOf(door);
    for (const autoSelectFamily of [true, false]) {
      for (const fails of [true, false]) {
        const controller = new AbortController();
        const waiting: (() => void)[] = [];
        const lookup: LookupFunction = (_host, options, callback) => {
          waiting.push(() => {
            if (fails) callback(notFound(), '');
            else callback(null, options.all === true ? [good] : good.address, good.family);
          });
        };
        const client = world().dial(
          { host: NAME, port: door.port },
          { lookup, autoSelectFamily, signal: controller.signal },
        );
        await world().until('it is looked up', () => waiting.length === 1);
        if (how === 'abort') controller.abort(reason);
        else client[how]();
        if (fails) await world().until('it closed', () => client.closed);
        for (const answer of waiting) answer();
        await world().until('it closed', () => client.closed);
        await world().settle();
        expect(client.log).toEqual(['closed']);
        if (how === 'abort')
          expect(client.failure).toMatchObject({ ...aborted(reason), address: NAME, port: door.port });
        else expect(client.failure).toBeUndefined();
        expect(listeners(controller.signal)).toBe(0);
      }
    }
    expect(door.accepted).toEqual([]);
  });

  test.each(['lookup', 'attempt'] as const)('destroy inside on%s', async (where) => {
    const door = await world().listen();
    const good = ipOf(door);
    for (const autoSelectFamily of [true, false]) {
      const lookup = lookupOf((callback, all) => callback(null, all ? [good, good] : good.address, good.family));
      const client = world().dial(
        { host: NAME, port: door.port },
        { lookup, autoSelectFamily },
        { [where]: (party: { destroy(): void }) => party.destroy() },
      );
      await world().until('it closed, or does not tell', () => client.closed || client.log.includes('connected'));
      if (client.log.includes(where)) expect(client.log.slice(-2)).toEqual([where, 'closed']);
      expect(client.failure).toBeUndefined();
    }
  });
}

const pathOf = (door: Door): string => ('path' in door.address ? door.address.path : '');
