import { closeSync, openSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { systemClock } from '../../src/core/clock.ts';
import type { Endpoint } from '../../src/core/endpoint.ts';
import { DirectLink } from '../../src/core/node/direct-driver.ts';
import { createNodeTransport, type DriverName, nodeTransport } from '../../src/core/node/index.ts';
import { PlainLink } from '../../src/core/node/plain-driver.ts';
import type { BindOptions, DialOptions, Link } from '../../src/core/transport.ts';
import { systemUnderTest } from './node-system.ts';
import { describeProvider } from './provider-suite.ts';
import { type Pair, type Side, World } from './provider/world.ts';

const drivers: readonly DriverName[] = ['direct', 'plain'];

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Handles of sockets that this process has, by their kind. */
function openHandles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /^(TCP|Pipe|GetAddrInfo)/.test(kind))
    .toSorted();
}

const warnings: Error[] = [];
const noteWarning = (warning: Error): void => void warnings.push(warning);
process.on('warning', noteWarning);
const openBefore = openHandles();

afterAll(() => {
  process.off('warning', noteWarning);
  // A listener that is added with each call, for example.
  expect(warnings).toEqual([]);
  expect(openHandles()).toEqual(openBefore);
});

for (const driver of drivers) describeProvider(`node, ${driver} driver`, () => systemUnderTest(driver));

const hasIPv6 = Object.values(networkInterfaces()).some(
  (all) => all?.some(({ address }) => address === '::1') === true,
);

describe.each(drivers)('node, %s driver, of the system only', (driver) => {
  let world: World;
  beforeEach(() => {
    world = new World(systemUnderTest(driver), 'tcp');
  });
  afterEach(async () => {
    try {
      await world.finish();
    } finally {
      await world.provider.dispose();
    }
  });

  test('the links are of the driver that was asked for', async () => {
    const { client, server } = await world.pair();
    const kind = driver === 'direct' ? DirectLink : PlainLink;
    expect(client.link).toBeInstanceOf(kind);
    expect(server.link).toBeInstanceOf(kind);
  });

  // ---- what the system, or Node, does not take

  const dialsThatFail: [string, Endpoint, DialOptions, object][] = [
    ['a port that there is not', { host: '127.0.0.1', port: 70_000 }, {}, { _tag: 'InvalidOptions', option: 'port' }],
    [
      'hints that there are not',
      { host: 'localhost', port: 9 },
      { hints: 0x7fff_ffff },
      { _tag: 'InvalidOptions', option: 'hints' },
    ],
    [
      'a local address that is none',
      { host: '127.0.0.1', port: 9 },
      { localAddress: 'here' },
      { _tag: 'InvalidOptions', code: 'ERR_INVALID_IP_ADDRESS' },
    ],
    [
      'a local address of others',
      { host: '127.0.0.1', port: 9 },
      { localAddress: '192.0.2.1' },
      { _tag: 'AddressNotAvailable', code: 'EADDRNOTAVAIL' },
    ],
    ['a path of a plain file', { path: fileURLToPath(import.meta.url) }, {}, { _tag: 'ConnectionRefused' }],
    ['a path through a plain file', { path: `${fileURLToPath(import.meta.url)}/x` }, {}, { _tag: 'PathNotFound' }],
    ['a negative descriptor', { fd: -1 }, {}, { _tag: 'InvalidOptions', option: 'fd' }],
    ['a descriptor that is not open', { fd: 99_999 }, {}, { _tag: 'InvalidOptions', option: 'fd' }],
  ];

  test.each(dialsThatFail)('dial: %s', async (_name, endpoint, options, failure) => {
    const { signal } = new AbortController();
    const client = world.dial(endpoint, { ...options, signal });
    expect(client.log).toEqual([]);
    await world.until('it closed', () => client.closed);
    expect(client.failure).toMatchObject(failure);
    expect(client.story).toEqual(['closed']);
  });

  test('dial: a descriptor of a file', async () => {
    const fd = openSync(fileURLToPath(import.meta.url), 'r');
    const client = world.dial({ fd });
    await world.until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'InvalidOptions', option: 'fd' });
    closeSync(fd);
  });

  const bindsThatFail: [string, Endpoint, BindOptions, object][] = [
    ['a port that there is not', { host: '127.0.0.1', port: 70_000 }, {}, { _tag: 'InvalidOptions', option: 'port' }],
    [
      'an address of others',
      { host: '192.0.2.1', port: 0 },
      {},
      { _tag: 'AddressNotAvailable', code: 'EADDRNOTAVAIL', syscall: 'listen', address: '192.0.2.1' },
    ],
    ['a descriptor that is not open', { fd: 99_999 }, {}, { _tag: 'SystemFailure', code: 'EINVAL' }],
    // libuv says so, as Windows does, when the folder is missing.
    ['a path in no folder', { path: '/no/such/folder/x.sock' }, {}, { _tag: 'PermissionDenied', code: 'EACCES' }],
    [
      'a delay that is no number',
      { host: '127.0.0.1', port: 0 },
      { keepAlive: true, keepAliveInitialDelay: 'x' as never },
      { _tag: 'InvalidOptions', option: 'keepAliveInitialDelay' },
    ],
    [
      'an abstract path with permissions of a file',
      { path: '\0rxjs-net-test' },
      { readableAll: true },
      { _tag: 'InvalidOptions' },
    ],
  ];

  test.each(bindsThatFail)('bind: %s', async (_name, endpoint, options, failure) => {
    const { signal } = new AbortController();
    const door = world.bind(endpoint, { ...options, signal });
    expect(door.log).toEqual([]);
    await world.until('it closed', () => door.closed);
    expect(door.failure).toMatchObject(failure);
    expect(door.log).toEqual(['closed']);
  });

  // ---- names

  // The resolver refuses it without asking anybody.
  const impossible = `${'x'.repeat(64)}.test`;

  test('a listener whose name is not found', async () => {
    const door = world.bind({ host: impossible, port: 0 });
    await world.until('it closed', () => door.closed);
    expect(door.failure).toMatchObject({ _tag: 'HostNotFound', host: impossible, syscall: 'getaddrinfo' });
    expect(door.log).toEqual(['closed']);
  });

  test('a dial whose name is not found', async () => {
    const client = world.dial({ host: impossible, port: 9 });
    await world.until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'HostNotFound', host: impossible, syscall: 'getaddrinfo' });
    expect(client.log).toEqual(['lookup', 'closed']);
  });

  test.each([impossible, 'localhost'])('a listener that is closed during the lookup of %s', async (host) => {
    const { signal } = new AbortController();
    const door = world.bind({ host, port: 0 }, { signal });
    door.close();
    await world.until('it closed', () => door.closed);
    expect(door.log).toEqual(['closed']);
    expect(door.failure).toBeUndefined();
  });

  test('localhost, looked up by the system at both ends', async () => {
    const door = await world.listen({}, {}, { host: 'localhost', port: 0 });
    const client = world.dial({ host: 'localhost', port: door.port });
    await world.until('it stands', () => client.log.includes('connected'));
    expect(client.lookups.length).toBeGreaterThan(0);
    expect(client.link.remote).toEqual(door.address);
  });

  test('a lookup that knows nothing of `all`', async () => {
    const door = await world.listen();
    for (const family of [4, undefined]) {
      const client = world.dial(
        { host: 'somewhere.test', port: door.port },
        { autoSelectFamily: true, lookup: (_host, _options, callback) => callback(null, '127.0.0.1', family) },
      );
      await world.until('it stands', () => client.log.includes('connected'));
    }
  });

  test('a dial without a host goes to localhost', async () => {
    const door = await world.listen({}, {}, { host: 'localhost', port: 0 });
    const client = world.dial({ port: door.port });
    await world.until('it stands', () => client.log.includes('connected'));
  });

  // ---- the rest of TCP

  test('the local end of a dial can be chosen', async () => {
    const free = await world.listen();
    const { port } = free;
    free.close();
    await world.until('it closed', () => free.closed);
    const door = await world.listen();
    const { client, server } = await world.connect(door, {}, { localAddress: '127.0.0.3', localPort: port });
    expect(client.link.local).toEqual({ address: '127.0.0.3', family: 'IPv4', port });
    expect(server.link.remote).toEqual(client.link.local);
  });

  test.runIf(hasIPv6)('IPv6', async () => {
    const door = await world.listen({}, {}, { host: '::1', port: 0 });
    expect(door.address).toEqual({ address: '::1', family: 'IPv6', port: door.port });
    const { client, server } = await world.connect(door);
    expect(server.link.remote).toEqual(client.link.local);
    expect(client.link.remote).toEqual(door.address);
    client.startReading();
    server.write('hello');
    await world.until('it arrives', () => client.text === 'hello');
    server.reset();
    await world.until('it closed', () => client.closed);
    expect(client.failure).toMatchObject({ _tag: 'ConnectionReset', address: '::1', port: door.port });
    door.close();
    await world.until('the binding closed', () => door.closed);
    const late = world.dial(door.endpoint);
    await world.until('it closed', () => late.closed);
    expect(late.failure).toMatchObject({ _tag: 'ConnectionRefused', address: '::1', port: door.port });
  });

  test.runIf(hasIPv6)('IPv6 only', async () => {
    const door = await world.listen({}, { ipv6Only: true }, { host: '::', port: 0 });
    const client = world.dial({ host: '127.0.0.1', port: door.port });
    await world.until('it closed', () => client.closed);
    expect(client.failure?._tag).toBe('ConnectionRefused');
  });

  test.runIf(process.platform === 'linux')('an abstract path', async () => {
    const path = `\0rxjs-net-${process.pid}-${driver}`;
    const door = await world.listen({}, {}, { path });
    expect(door.address).toEqual({ path });
    const { client, server } = await world.connect(door);
    server.startReading();
    client.write('x');
    await world.until('it arrives', () => server.text === 'x');
  });

  /** What the kernel says of one end of a connection. */
  const rowOf = ({ client }: Pair, end: Side): string[] => {
    const { local, remote } = client.link;
    if (local === undefined || remote === undefined || 'path' in local || 'path' in remote) throw new Error('not TCP');
    const [near, far] = end === 'client' ? [local, remote] : [remote, local];
    const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
    const table = readFileSync('/proc/self/net/tcp', 'utf8').split('\n');
    const row = table.find((line) => new RegExp(`:${hex(near.port)} \\w+:${hex(far.port)} 01 `).test(line));
    if (row === undefined) throw new Error(`the system does not know it\n${table.join('\n')}`);
    return row.trim().split(/\s+/);
  };

  const isKeptAlive = (pair: Pair, end: Side): boolean => rowOf(pair, end)[5]?.startsWith('02:') === true;
  const bytesUnread = (pair: Pair, end: Side): number => Number.parseInt(rowOf(pair, end)[4]?.split(':')[1] ?? '', 16);

  test.runIf(process.platform === 'linux')('before startReading everything stays with the system', async () => {
    const pair = await world.pair();
    pair.client.write('to the server');
    pair.server.write('to the client, at some length');
    await world.settle();
    expect([bytesUnread(pair, 'server'), bytesUnread(pair, 'client')]).toEqual([13, 29]);
    pair.client.startReading();
    await world.until('it arrives', () => pair.client.received === 29);
    expect([bytesUnread(pair, 'server'), bytesUnread(pair, 'client')]).toEqual([13, 0]);
  });

  test.runIf(process.platform === 'linux')('keep-alive reaches the system, at both ends and at any time', async () => {
    const plain = await world.connect(await world.listen());
    expect([isKeptAlive(plain, 'client'), isKeptAlive(plain, 'server')]).toEqual([false, false]);
    plain.server.link.setKeepAlive(true, 0);
    plain.client.link.setKeepAlive(true, 60_000);
    expect([isKeptAlive(plain, 'client'), isKeptAlive(plain, 'server')]).toEqual([true, true]);
    plain.server.link.setKeepAlive(false, 0);
    plain.client.link.setKeepAlive(false, 0);
    expect([isKeptAlive(plain, 'client'), isKeptAlive(plain, 'server')]).toEqual([false, false]);
    const options = { keepAlive: true, keepAliveInitialDelay: 60_000 };
    const kept = await world.connect(await world.listen({}, options), {}, options);
    expect([isKeptAlive(kept, 'client'), isKeptAlive(kept, 'server')]).toEqual([true, true]);
    const early = world.dial(kept.door.endpoint);
    early.link.setKeepAlive(true, 0);
    await world.until('it stands', () => early.log.includes('connected') && kept.door.accepted.length === 2);
    expect(isKeptAlive({ ...kept, client: early }, 'client')).toBe(true);
  });

  test('noDelay is passed to the socket of a dial', async () => {
    const setNoDelay = vi.spyOn(net.Socket.prototype, 'setNoDelay');
    const door = await world.listen();
    await world.connect(door, {}, { noDelay: false });
    expect(setNoDelay.mock.calls).toEqual([]);
    await world.connect(door, {}, { noDelay: true });
    expect(setNoDelay.mock.calls).toEqual([[true]]);
  });

  // ---- what the system seldom says: libuv drops a connection for which there is no descriptor, without a word

  const acceptError = (code: string): Error => Object.assign(new Error(`accept ${code}`), { code, syscall: 'accept' });

  test('an error of accepting is reported, and accepting goes on', async () => {
    const createServer = vi.spyOn(net, 'createServer');
    const door = await world.listen();
    const server: net.Server | undefined = createServer.mock.results[0]?.value;
    server?.emit('error', acceptError('EMFILE'));
    server?.emit('error', acceptError('ECONNABORTED'));
    expect(door.failedAccepts).toMatchObject([
      { _tag: 'TooManyFiles', syscall: 'accept', address: '127.0.0.1' },
      { _tag: 'ConnectionAborted', syscall: 'accept', address: '127.0.0.1' },
    ]);
    expect(door.closed).toBe(false);
    await world.connect(door);
  });

  test('a listener that is lost closes with the failure', async () => {
    const createServer = vi.spyOn(net, 'createServer');
    const { signal } = new AbortController();
    const door = await world.listen({}, { signal });
    const server: net.Server | undefined = createServer.mock.results[0]?.value;
    server?.close();
    server?.emit('error', acceptError('ENETDOWN'));
    expect(door.closed).toBe(true);
    expect(door.failure).toMatchObject({ _tag: 'NetworkUnreachable', syscall: 'accept' });
    door.close();
    await world.settle();
    expect(door.log).toEqual(['listening', 'closed']);
  });

  test('an error that comes with close() is none', async () => {
    const createServer = vi.spyOn(net, 'createServer');
    const door = await world.listen();
    const server: net.Server | undefined = createServer.mock.results[0]?.value;
    door.close();
    server?.emit('error', acceptError('EINVAL'));
    await world.until('it closed', () => door.closed);
    expect(door.log).toEqual(['listening', 'closed']);
    expect(door.failure).toBeUndefined();
  });

  // ---- nothing is left

  test('when a link has closed the system has its handle back', async () => {
    const before = openHandles();
    const during: string[][] = [];
    const note = (): void => void during.push(openHandles());
    const door = await world.listen({ party: { closed: note } });
    const pairs: Pair[] = [];
    while (pairs.length < 3) pairs.push(await world.connect(door, { closed: note }));
    expect(openHandles().length).toBe(before.length + 7);
    let left = before.length + 7;
    for (const { client, server } of pairs) {
      client.startReading();
      server.startReading();
      client.write('x');
      server.end();
      client.end();
      await world.until('both closed', () => client.closed && server.closed);
      left -= 2;
      expect(openHandles().length).toBe(left);
    }
    door.close();
    await world.until('the binding closed', () => door.closed && openHandles().length === before.length);
    // Each was gone already when it said so.
    expect(during.map((handles) => handles.length - before.length)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test.each(['stood', 'failed'])('a link that %s, and has closed, keeps nothing of its owner alive', async (how) => {
    const door = await world.listen();
    const { endpoint } = door;
    if (how === 'failed') {
      door.close();
      await world.until('the binding closed', () => door.closed);
    }
    const dial = (): { link: Link; owner: WeakRef<object>; closed: Promise<void> } => {
      const owner = { what: 'it owns' };
      const { promise, resolve } = deferred();
      const link = world.provider.transport.dial(
        endpoint,
        { signal: new AbortController().signal },
        {
          onConnected: () => link.destroy(),
          onData: () => void owner,
          onEnd: () => void owner,
          onWritten: () => void owner,
          onClosed: () => resolve(),
        },
      );
      return { link, owner: new WeakRef(owner), closed: promise };
    };
    const { link, owner, closed } = dial();
    await closed;
    await world.until('it is collected', () => {
      collect();
      return owner.deref() === undefined;
    });
    expect(link.bytesRead).toBe(0);
  });

  test('after failures and aborts of all kinds nothing is left', async () => {
    const before = openHandles();
    const gone = await world.listen();
    gone.close();
    await world.until('the binding closed', () => gone.closed);
    const controller = new AbortController();
    const lookup = (): void => {};
    const dials = [
      ...Array.from({ length: 50 }, () => world.dial(gone.endpoint)),
      world.dial({ path: '/no/such/path' }),
      world.dial({ host: 'somewhere.test', port: 9 }, { lookup, signal: controller.signal }),
      world.dial({ host: '127.0.0.1', port: 9 }, { signal: AbortSignal.abort() }),
      world.dial({ fd: 99_999 }),
    ];
    const binds = [world.bind({ host: '192.0.2.1', port: 0 }), world.bind({ host: impossible, port: 0 })];
    controller.abort();
    await world.until('all closed', () => [...dials, ...binds].every((each) => each.closed));
    expect([...dials, ...binds].filter(({ failure }) => failure === undefined)).toEqual([]);
    expect(openHandles()).toEqual(before);
  });
});

describe('which driver', () => {
  const linkOf = async (transport: typeof nodeTransport): Promise<unknown> => {
    const link = transport.dial(
      { path: '/no/such/path' },
      {},
      { onConnected() {}, onData() {}, onEnd() {}, onWritten() {}, onClosed: () => closed() },
    );
    let closed = (): void => {};
    await new Promise<void>((resolve) => (closed = resolve));
    return link;
  };

  test('direct, unless the environment asks for the plain one', async () => {
    vi.stubEnv('RXJS_NET_DRIVER', '');
    expect(await linkOf(createNodeTransport())).toBeInstanceOf(DirectLink);
    vi.stubEnv('RXJS_NET_DRIVER', 'plain');
    expect(await linkOf(createNodeTransport())).toBeInstanceOf(PlainLink);
    expect(await linkOf(createNodeTransport({ driver: 'direct' }))).toBeInstanceOf(DirectLink);
  });

  test('plain, where the runtime lacks what the direct one needs', async () => {
    const original = Object.getOwnPropertyDescriptor(net.Socket.prototype, '_writev');
    Object.defineProperty(net.Socket.prototype, '_writev', { value: undefined, configurable: true, writable: true });
    try {
      expect(await linkOf(createNodeTransport({ driver: 'direct' }))).toBeInstanceOf(PlainLink);
    } finally {
      if (original === undefined) Reflect.deleteProperty(net.Socket.prototype, '_writev');
      else Object.defineProperty(net.Socket.prototype, '_writev', original);
    }
  });

  test('the clock is the one that is given, else the system’s', () => {
    const clock = { now: () => 0, after: () => () => {} };
    expect(createNodeTransport({ clock }).clock).toBe(clock);
    expect(createNodeTransport().clock).toBe(systemClock);
    expect(nodeTransport.clock).toBe(systemClock);
  });
});
