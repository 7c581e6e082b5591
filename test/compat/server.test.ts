import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import builtIn from 'node:net';
import { networkInterfaces, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inherits } from 'node:util';

import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import net, { createNet } from '../../src/compat/index.ts';
import { createNodeTransport, nodeTransport } from '../../src/core/node/index.ts';

const nodes = createNet(undefined, { behaviour: 'node' });
/** What any transport has, and nothing that is the system's alone. */
const { streams: _streams, ...bare } = nodeTransport;
const overTransport = createNet(bare);
/** With the platform's handles, whatever driver the environment asks for: the plain one has none. */
const withHandles = createNet(createNodeTransport({ driver: 'direct' }));
const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-server-'));
let paths = 0;
const freshPath = (): string => join(folder, `${paths++}.sock`);
const hasIPv6 = Object.values(networkInterfaces()).some(
  (all) => all?.some(({ address }) => address === '::1') === true,
);

type Net = typeof builtIn;
const open = new Set<builtIn.Server>();
const clients = new Set<builtIn.Socket>();

function serverOf(module: Net, ...args: Parameters<Net['createServer']>): builtIn.Server {
  const server = module.createServer(...args);
  open.add(server);
  return server;
}

/** Calls a method with what its types would refuse. */
function call(target: object, method: string, args: readonly unknown[]): unknown {
  return Reflect.apply(Reflect.get(target, method), target, args);
}

/** A client of the platform's own, that is destroyed when the test ends. */
function client(target: builtIn.NetConnectOpts): builtIn.Socket {
  const socket = builtIn.connect(target);
  clients.add(socket);
  socket.on('error', () => {});
  return socket;
}

function portOf(server: builtIn.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function listening(server: builtIn.Server, ...args: unknown[]): Promise<builtIn.Server> {
  call(server, 'listen', args);
  await once(server, 'listening');
  return server;
}

const count = (server: builtIn.Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, connections) => (error === null ? resolve(connections) : reject(error)));
  });

async function closed(server: builtIn.Server): Promise<void> {
  for (const socket of clients) socket.destroy();
  server.close();
  await once(server, 'close');
}

afterEach(() => {
  for (const socket of clients) socket.destroy();
  for (const server of open) server.close();
  clients.clear();
  open.clear();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What one call of `listen` comes to, in words that two runs have in common. */
async function outcomeOf(module: Net, args: readonly unknown[]): Promise<string[]> {
  const server = serverOf(module);
  const lines: string[] = [];
  const note = (what: string): void => {
    const address = JSON.stringify(server.address())?.replace(/"port":\d+/, '"port":PORT');
    const key: unknown = Reflect.get(server, '_connectionKey');
    lines.push(`${what}: listening ${server.listening}, address ${address}, key ${String(key)}`);
  };
  try {
    const result: unknown = call(server, 'listen', args);
    note(`returned ${result === server ? 'the server' : String(result)}`);
    await new Promise<void>((resolve) => {
      server.on('listening', () => resolve(note('listening')));
      server.on('error', (error) => {
        note(`${error.name} ${error.message} ${JSON.stringify(error)}`);
        resolve();
      });
    });
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    note(`threw ${name} ${code}: ${message}`);
  }
  lines.push(`${server.listenerCount('listening')} listeners`);
  server.removeAllListeners();
  server.close();
  await once(server, 'close');
  return lines;
}

const callback = (): void => {};
const overloads: readonly (readonly [string, () => readonly unknown[]])[] = [
  ['()', () => []],
  ['(callback)', () => [callback]],
  ['(null)', () => [null]],
  ['(undefined)', () => [undefined]],
  ['(undefined, callback)', () => [undefined, callback]],
  ['(false)', () => [false]],
  ['(true)', () => [true]],
  ["('')", () => ['']],
  ["('0')", () => ['0']],
  ["(' ')", () => [' ']],
  ["('0x0')", () => ['0x0']],
  ['(-1)', () => [-1]],
  ['(-1, callback)', () => [-1, callback]],
  ['(NaN)', () => [Number.NaN]],
  ['(1.5)', () => [1.5]],
  ['(65536)', () => [65_536]],
  ['(Infinity)', () => [Infinity]],
  ['(0n)', () => [0n]],
  ['(symbol)', () => [Symbol('port')]],
  ['(0, host)', () => [0, '127.0.0.1']],
  ['(0, host, backlog)', () => [0, '0.0.0.0', 5]],
  ['(0, backlog)', () => [0, 5]],
  ['(0, undefined, backlog)', () => [0, undefined, 5]],
  ['({})', () => [{}]],
  ['([])', () => [[]]],
  ['({ port: null })', () => [{ port: null }]],
  ['({ port: undefined })', () => [{ port: undefined }]],
  ['({ port: false })', () => [{ port: false }]],
  ['({ port: -1 })', () => [{ port: -1 }]],
  ["({ port: 'x' })", () => [{ port: 'x' }]],
  ["({ port: '0' })", () => [{ port: '0' }]],
  ['({ port, host: number })', () => [{ port: 0, host: 5 }]],
  ["({ port, host: '' })", () => [{ port: 0, host: '' }]],
  ['({ port, path })', () => [{ port: 0, path: 'ignored' }]],
  ['({ port: bad, path })', () => [{ port: -1, path: '/ignored' }]],
  ['({ path: number })', () => [{ path: -1 }]],
  ["({ path: '' })", () => [{ path: '' }]],
  ['({ path: undefined })', () => [{ path: undefined }]],
  ['({ path: abstract, readableAll })', () => [{ path: '\0abstract', readableAll: true }]],
  ['({ path: in no folder })', () => [{ path: '/no/such/folder/at/all' }]],
  ["('./no/such')", () => ['./no/such/folder']],
  ['({ host })', () => [{ host: 'localhost' }]],
  ['({ fd: -1 })', () => [{ fd: -1 }]],
  ['({ fd: text })', () => [{ fd: 'three' }]],
  ['({ fd: no socket })', () => [{ fd: 0 }]],
  ['({ fd: not open })', () => [{ fd: 9_999 }]],
  ['({ signal: number })', () => [{ port: 0, signal: 5 }]],
  ['({ signal: object })', () => [{ port: 0, signal: {} }]],
  ['({ signal: null })', () => [{ port: 0, signal: null }]],
  ['({ signal, port: bad })', () => [{ port: -1, signal: new AbortController().signal }]],
  ['({ _handle: object })', () => [{ _handle: {} }]],
  ['({ handle: object })', () => [{ handle: {} }]],
  ['({ _handle: null, port })', () => [{ _handle: null, port: 0 }]],
  ['({ host: unknown })', () => [{ port: 0, host: 'name.invalid' }]],
  ['({ ipv6Only, host: v4 })', () => [{ port: 0, host: '127.0.0.1', ipv6Only: true }]],
  ['({ exclusive })', () => [{ port: 0, exclusive: true }]],
];

describe.each([
  ['spec behaviour', net],
  ['node behaviour', nodes],
  ['over a transport', overTransport],
])('listen, %s: as the running Node does', (_, module) => {
  test.each(overloads)('%s', async (_name, args) => {
    expect(await outcomeOf(module, args())).toEqual(await outcomeOf(builtIn, args()));
  });

  test('EADDRINUSE has the message and properties of node:net', async () => {
    const blocker = await listening(serverOf(builtIn), 0, '127.0.0.1');
    const args = [{ port: portOf(blocker), host: '127.0.0.1' }];
    expect(await outcomeOf(module, args)).toEqual(await outcomeOf(builtIn, args));
  });

  test('EADDRINUSE on a path', async () => {
    const path = freshPath();
    await listening(serverOf(builtIn), path);
    expect(await outcomeOf(module, [path])).toEqual(await outcomeOf(builtIn, [path]));
  });

  test('after an error the same server can listen', async () => {
    const blocker = await listening(serverOf(builtIn), 0, '127.0.0.1');
    const server = serverOf(module);
    server.listen(portOf(blocker), '127.0.0.1');
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
    await listening(server, 0, '127.0.0.1');
    expect(server.listening).toBe(true);
  });

  test("the specification's retry on EADDRINUSE", async () => {
    const blocker = await listening(serverOf(builtIn), 0, '127.0.0.1');
    const port = portOf(blocker);
    const server = serverOf(module);
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return;
      blocker.close(() => {
        server.close();
        server.listen(port, '127.0.0.1');
      });
    });
    const listens = new Promise((resolve) => server.once('listening', resolve));
    server.listen(port, '127.0.0.1');
    await listens;
    expect(portOf(server)).toBe(port);
  });

  test('an error nobody listens for is thrown', async () => {
    const server = serverOf(module);
    const uncaught = new Promise((resolve) => {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error: NodeJS.ErrnoException) => {
        for (const other of others) process.on('uncaughtException', other);
        resolve(error.code);
      });
    });
    server.listen({ fd: 9_999 });
    expect(await uncaught).toBe('EINVAL');
  });
});

describe('the constructor', () => {
  const refused: readonly unknown[] = [
    'path',
    0,
    true,
    { keepAliveInitialDelay: 'x' },
    { highWaterMark: 'x' },
    { blockList: {} },
  ];

  test.each(refused.map((value) => [value]))('refuses %j as node:net does', (value) => {
    const attempt = (module: Net): unknown => {
      try {
        return typeof Reflect.apply(module.createServer, module, [value]);
      } catch (error) {
        const { name, code, message } = error as NodeJS.ErrnoException;
        return { name, code, message };
      }
    };
    expect(attempt(net)).toEqual(attempt(builtIn));
  });

  test.each([
    {},
    { allowHalfOpen: true, pauseOnConnect: 1, noDelay: 'yes', keepAlive: true, keepAliveInitialDelay: 456_123 },
    { keepAliveInitialDelay: -5, highWaterMark: -1 },
    { highWaterMark: 1_024 },
  ])('keeps the options %j as node:net does', (options) => {
    const read = (module: Net): object => {
      const server = Reflect.apply(module.createServer, module, [options]);
      const { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark } =
        server as never;
      return { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark };
    };
    expect(read(net)).toEqual(read(builtIn));
  });

  test('with and without new, and by inheritance of both kinds', () => {
    const listener = (): void => {};
    const withoutNew = Reflect.apply(withHandles.Server, undefined, [listener]) as builtIn.Server;
    class Derived extends withHandles.Server {}
    function Old(this: unknown): void {
      Reflect.apply(withHandles.Server, this, [{ allowHalfOpen: true }, listener]);
    }
    inherits(Old, withHandles.Server);
    const old = Reflect.construct(Old, []) as builtIn.Server & { allowHalfOpen: boolean };
    for (const server of [withoutNew, new withHandles.Server(listener), withHandles.createServer(listener), old]) {
      expect(server.listeners('connection')).toEqual([listener]);
      expect(server).toBeInstanceOf(withHandles.Server);
      expect(server).toBeInstanceOf(builtIn.Server);
      expect(server).toBeInstanceOf(EventEmitter);
      expect(server.listening).toBe(false);
      expect(server.address()).toBeNull();
    }
    expect(old.allowHalfOpen).toBe(true);
    expect(new Derived()).toBeInstanceOf(Derived);
    expect(new withHandles.Server()).not.toBeInstanceOf(Derived);
    expect(Reflect.get(withHandles.Server, 'name')).toBe('Server');
  });

  test('what a child process is sent counts as a Server of ours, but for subclasses', () => {
    class Derived extends withHandles.Server {}
    expect(new builtIn.Server()).toBeInstanceOf(withHandles.Server);
    expect(new builtIn.Server()).not.toBeInstanceOf(Derived);
    for (const other of [undefined, null, 1, {}, new EventEmitter()])
      expect(other instanceof withHandles.Server).toBe(false);
  });

  test('a server without a handle of the system is none of the platform', () => {
    const server = overTransport.createServer();
    expect(server).toBeInstanceOf(overTransport.Server);
    expect(server).toBeInstanceOf(EventEmitter);
    expect(server).not.toBeInstanceOf(builtIn.Server);
    expect(new builtIn.Server()).not.toBeInstanceOf(overTransport.Server);
  });

  test('nothing of the platform is inherited', () => {
    for (const key of Reflect.ownKeys(builtIn.Server.prototype)) {
      if (key === 'constructor' || key === 'listening') continue;
      const ours: unknown = Reflect.get(net.Server.prototype, key);
      expect(ours, String(key)).not.toBe(Reflect.get(builtIn.Server.prototype, key));
    }
    const names = (prototype: object): string[] => Object.keys(prototype).filter((name) => name !== '_listen2');
    expect(names(net.Server.prototype).toSorted()).toEqual(names(builtIn.Server.prototype).toSorted());
  });
});

describe('listening', () => {
  test('without a host on :: where there is IPv6', async () => {
    const server = await listening(serverOf(net), 0);
    expect(server.address()).toMatchObject(hasIPv6 ? { address: '::', family: 'IPv6' } : { address: '0.0.0.0' });
  });

  test('the callback is called once, on the server, with nothing', async () => {
    const server = serverOf(net);
    const heard = vi.fn<(this: unknown, ...args: unknown[]) => void>();
    await listening(server, 0, heard);
    expect(heard.mock.calls).toEqual([[]]);
    expect(heard.mock.contexts).toEqual([server]);
    await closed(server);
    await listening(server, 0);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(server.listenerCount('listening')).toBe(0);
  });

  test('close right after listen: neither listening nor an error', async () => {
    const server = serverOf(net);
    const heard = vi.fn();
    server.on('error', heard);
    server.listen(0, heard);
    server.close();
    await once(server, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).not.toHaveBeenCalled();
  });

  test('close while a name is looked up', async () => {
    const server = serverOf(net);
    const heard = vi.fn();
    server.on('error', heard);
    server.listen(0, 'localhost', heard);
    const told = vi.fn<(error?: NodeJS.ErrnoException) => void>();
    server.close(told);
    await once(server, 'close');
    expect(told.mock.calls[0]?.[0]?.code).toBe('ERR_SERVER_NOT_RUNNING');
    const probe = await listening(serverOf(builtIn), 0, 'localhost');
    await closed(probe);
    expect(heard).not.toHaveBeenCalled();
  });

  test.runIf(hasIPv6)('ipv6Only refuses IPv4', async () => {
    const server = await listening(serverOf(net), { port: 0, host: '::', ipv6Only: true });
    const socket = client({ port: portOf(server), host: '127.0.0.1' });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  test('a path: its mode, its address, its file', async () => {
    const path = freshPath();
    const server = await listening(serverOf(net), { path, readableAll: true, writableAll: true });
    expect(server.address()).toBe(path);
    expect(statSync(path).mode & 0o666).toBe(0o666);
    await closed(server);
    expect(readdirSync(folder)).not.toContain(path.slice(folder.length + 1));
  });

  test.runIf(platform() === 'linux')('an abstract path', async () => {
    const path = `\0rxjs-net-${process.pid}`;
    const server = await listening(serverOf(net), path);
    const socket = client({ path });
    const [accepted] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    expect(accepted[0].server).toBe(server);
  });

  test('aborted by its signal: before, in the same turn, later; no listener stays on it', async () => {
    const module = net;
    const before = new AbortController();
    before.abort();
    const server = serverOf(module);
    const heard = vi.fn();
    server.listen({ port: 0, signal: before.signal } as never, heard);
    await once(server, 'close');
    expect(heard).not.toHaveBeenCalled();
    expect(server.listenerCount('close')).toBe(0);

    const later = new AbortController();
    const removed = vi.spyOn(later.signal, 'removeEventListener');
    await listening(server, { port: 0, signal: later.signal });
    expect(server.listening).toBe(true);
    later.abort();
    await once(server, 'close');
    expect(server.listening).toBe(false);

    const never = new AbortController();
    const off = vi.spyOn(never.signal, 'removeEventListener');
    await listening(server, { port: 0, signal: never.signal });
    await closed(server);
    expect(off).toHaveBeenCalledTimes(1);
    await listening(server, 0);
    never.abort();
    expect(server.listening).toBe(true);
    expect(removed).not.toHaveBeenCalled();
  });
});

describe.each([
  ['over the system', net],
  ['over a transport', overTransport],
])('connections, %s', (_, module) => {
  test('the socket that connection gives knows its server, and is counted until it is destroyed', async () => {
    const server = await listening(serverOf(module), 0, '127.0.0.1');
    client({ port: portOf(server), host: '127.0.0.1' });
    const [socket] = await once(server, 'connection');
    expect(socket).toBeInstanceOf(module.Socket);
    expect(socket.server).toBe(server);
    expect(await count(server)).toBe(1);
    socket.destroy();
    expect(await count(server)).toBe(0);
  });

  test('getConnections calls back later, and returns the server', async () => {
    const server = serverOf(module);
    const heard: unknown[] = [];
    expect(server.getConnections((...args) => heard.push(...args))).toBe(server);
    expect(heard).toEqual([]);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(heard).toEqual([null, 0]);
  });

  test('close waits for all of them', async () => {
    const server = await listening(serverOf(module), 0, '127.0.0.1');
    client({ port: portOf(server), host: '127.0.0.1' });
    const [first] = await once(server, 'connection');
    client({ port: portOf(server), host: '127.0.0.1' });
    const [second] = await once(server, 'connection');
    const heard: unknown[] = [];
    server.on('close', () => heard.push('close'));
    expect(server.close((...args) => heard.push(args))).toBe(server);
    expect(server.listening).toBe(false);
    first.destroy();
    await once(first, 'close');
    expect(heard).toEqual([]);
    second.destroy();
    await once(second, 'close');
    expect(heard).toEqual(['close', []]);
  });

  test('close with an argument that is no function, and on a server that never listened', async () => {
    const server = serverOf(module);
    call(server, 'close', ['bad argument']);
    await once(server, 'close');
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => server.close(resolve));
    expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING', message: 'Server is not running.', name: 'Error' });
    expect(String(error)).toBe('Error [ERR_SERVER_NOT_RUNNING]: Server is not running.');
    expect(error?.stack).toMatch(/^Error \[ERR_SERVER_NOT_RUNNING\]: Server is not running\./);
    expect(server.listenerCount('close')).toBe(0);
  });

  test('async dispose closes, and resolves once more', async () => {
    const server = await listening(serverOf(module), 0);
    await server[Symbol.asyncDispose]();
    expect(server.listening).toBe(false);
    expect(server.address()).toBeNull();
    await server[Symbol.asyncDispose]();
  });

  test('maxConnections: one too many is dropped with its addresses; a closed one makes room', async () => {
    const server = serverOf(module);
    server.maxConnections = 1;
    await listening(server, 0, '127.0.0.1');
    const connect = { port: portOf(server), host: '127.0.0.1' };
    const first = client(connect);
    const [accepted] = await once(server, 'connection');
    const refused = client(connect);
    const [[drop]] = await Promise.all([once(server, 'drop'), once(refused, 'close')]);
    expect({ ...drop }).toEqual({
      localAddress: '127.0.0.1',
      localPort: connect.port,
      localFamily: 'IPv4',
      remoteAddress: '127.0.0.1',
      remotePort: expect.any(Number),
      remoteFamily: 'IPv4',
    });
    first.destroy();
    accepted.resume();
    await once(accepted, 'close');
    client(connect);
    await once(server, 'connection');
    expect(await count(server)).toBe(1);
  });

  test('a drop on a path has no addresses', async () => {
    const path = freshPath();
    const server = serverOf(module);
    server.maxConnections = 1;
    await listening(server, path);
    client({ path });
    await once(server, 'connection');
    client({ path });
    expect(await once(server, 'drop')).toEqual([]);
  });

  test('noDelay, keepAlive, allowHalfOpen changed later count for the next connection', async () => {
    const server = await listening(serverOf(module), 0, '127.0.0.1');
    Object.assign(server, { allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    client({ port: portOf(server), host: '127.0.0.1' }).end('x');
    const [socket] = await once(server, 'connection');
    expect(socket.allowHalfOpen).toBe(true);
    expect(socket.isPaused()).toBe(true);
    socket.resume();
    await once(socket, 'end');
    expect(socket.writable).toBe(true);
  });

  test('a listener that rejects costs that connection only', async () => {
    const before = EventEmitter.captureRejections;
    EventEmitter.captureRejections = true;
    onTestFinished(() => {
      EventEmitter.captureRejections = before;
    });
    const server = serverOf(module);
    let calls = 0;
    const sockets: builtIn.Socket[] = [];
    const rejecting = async (socket: builtIn.Socket): Promise<void> => {
      sockets.push(socket);
      calls++;
      await Promise.resolve();
      if (calls === 1) throw new Error('the first is refused');
    };
    call(server, 'on', ['connection', rejecting]);
    const failed = new Promise((resolve) => {
      server.once('connection', (socket) => socket.on('error', resolve));
    });
    await listening(server, 0, '127.0.0.1');
    client({ port: portOf(server), host: '127.0.0.1' });
    expect(await failed).toMatchObject({ message: 'the first is refused' });
    client({ port: portOf(server), host: '127.0.0.1' });
    await once(server, 'connection');
    await new Promise((resolve) => setImmediate(resolve));
    expect(sockets.map((socket) => socket.destroyed)).toEqual([true, false]);
    const other = once(server, 'error').catch((error: unknown) => error);
    call(server, 'on', ['listening', () => Promise.reject(new Error('of another event'))]);
    server.emit('listening');
    expect(await other).toMatchObject([{ message: 'of another event' }]);
  });

  test('one that is reset touches neither the server nor the others', async () => {
    const server = serverOf(module);
    const heard = vi.fn();
    server.on('error', heard);
    await listening(server, 0, '127.0.0.1');
    const bad = client({ port: portOf(server), host: '127.0.0.1' });
    const [first] = await once(server, 'connection');
    const good = client({ port: portOf(server), host: '127.0.0.1' });
    const [second] = await once(server, 'connection');
    second.pipe(second);
    first.resume();
    bad.resetAndDestroy();
    const [error] = await once(first, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET', message: 'read ECONNRESET', syscall: 'read' });
    good.write('still there');
    expect(String((await once(good, 'data'))[0])).toBe('still there');
    expect(await count(server)).toBe(1);
    expect(heard).not.toHaveBeenCalled();
  });

  test('listener counts of an accepted socket are those of node:net', async () => {
    const counts = async (either: Net): Promise<object> => {
      const server = await listening(serverOf(either), 0, '127.0.0.1');
      client({ port: portOf(server), host: '127.0.0.1' });
      const [socket] = (await once(server, 'connection')) as [builtIn.Socket];
      const names = ['close', 'connect', 'data', 'drain', 'end', 'error', 'finish', 'lookup', 'ready', 'timeout'];
      return Object.fromEntries(names.map((name) => [name, socket.listenerCount(name)]));
    };
    expect(await counts(module)).toEqual(await counts(builtIn));
  });
});

describe('where the specification and the running Node differ', () => {
  test('listen while listening: re-opened with the new options, the connections stay', async () => {
    const server = await listening(serverOf(net), 0, '127.0.0.1');
    const firstPort = portOf(server);
    const old = client({ port: firstPort, host: '127.0.0.1' });
    const [socket] = await once(server, 'connection');
    const heard = vi.fn();
    server.on('close', heard);
    await listening(server, { port: 0, host: '127.0.0.1', backlog: 5 });
    expect(portOf(server)).not.toBe(firstPort);
    const refused = client({ port: firstPort, host: '127.0.0.1' });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    socket.write('on');
    expect(String((await once(old, 'data'))[0])).toBe('on');
    client({ port: portOf(server), host: '127.0.0.1' });
    await once(server, 'connection');
    expect(await count(server)).toBe(2);
    // Re-opened on the very port that it had, and on a path.
    const port = portOf(server);
    await listening(server, port, '127.0.0.1');
    expect(portOf(server)).toBe(port);
    const path = freshPath();
    await listening(server, path);
    expect(server.address()).toBe(path);
    expect(heard).not.toHaveBeenCalled();
  });

  test('listen while listening with arguments that are refused: nothing changes', async () => {
    const server = await listening(serverOf(net), 0, '127.0.0.1');
    const port = portOf(server);
    expect(() => server.listen(-1)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }));
    expect(portOf(server)).toBe(port);
    client({ port, host: '127.0.0.1' });
    await once(server, 'connection');
  });

  test("listen while listening, today's way", async () => {
    const server = await listening(serverOf(nodes), 0, '127.0.0.1');
    const thrownBy = (target: builtIn.Server): unknown => {
      try {
        return target.listen(0, () => {});
      } catch (error) {
        const { name, code, message } = error as NodeJS.ErrnoException;
        return { name, code, message, text: String(error) };
      }
    };
    const reference = await listening(serverOf(builtIn), 0, '127.0.0.1');
    expect(thrownBy(server)).toEqual(thrownBy(reference));
    expect(server.listenerCount('listening')).toBe(0);
  });

  test('server.connections: there, hidden, deprecated once, and assignable', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const server = serverOf(net) as builtIn.Server & { connections: number | null };
    expect(Object.keys(server)).not.toContain('connections');
    const shown: string[] = [];
    for (const name in server) shown.push(name);
    expect(shown).not.toContain('connections');
    expect(server.connections).toBe(0);
    await listening(server, 0, '127.0.0.1');
    client({ port: portOf(server), host: '127.0.0.1' });
    await once(server, 'connection');
    expect(server.connections).toBe(1);
    server.connections = 7;
    expect(server.connections).toBe(7);
    server.connections = 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      'DeprecationWarning: Server.connections property is deprecated. Use Server.getConnections method instead.',
    ]);
    expect('connections' in serverOf(nodes)).toBe(false);
  });

  test.runIf(platform() !== 'win32')('a path that is too long is cut, between characters', async () => {
    const longest = platform() === 'linux' ? 107 : 103;
    for (const letter of ['a', 'é', '漢', '😀']) {
      const path = join(folder, letter.repeat(150));
      const server = await listening(serverOf(net), path);
      const [cut = ''] = readdirSync(folder);
      const length = Buffer.byteLength(join(folder, cut));
      expect(server.address()).toBe(join(folder, cut));
      expect(path.startsWith(join(folder, cut))).toBe(true);
      expect(length).toBeLessThanOrEqual(longest);
      expect(length).toBeGreaterThan(longest - Buffer.byteLength(letter));
      // Whoever connects by the long name, or by the short one, comes here.
      for (const name of [path, join(folder, cut)]) {
        const socket = net.connect(name);
        clients.add(socket);
        await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
        socket.destroy();
      }
      await closed(server);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('a path that is just short enough is left as it is', async () => {
    const longest = platform() === 'linux' ? 107 : 103;
    const path = join(folder, 'b'.repeat(longest - folder.length - 1));
    const server = await listening(serverOf(net), path);
    expect(server.address()).toBe(path);
    await closed(server);
  });
});

describe('handles', () => {
  test.each([
    ['another server of ours', withHandles],
    ['one of the platform', builtIn],
  ])('listen(server): %s', async (_, module) => {
    const first = await listening(serverOf(module), 0, '127.0.0.1');
    const server = await listening(serverOf(withHandles), first);
    expect(server.address()).toEqual(first.address());
    client({ port: portOf(server), host: '127.0.0.1' });
    const [socket] = await once(server, 'connection');
    expect(socket.server).toBe(server);
    expect(await count(first)).toBe(0);
  });

  test('one of the platform listens on a server of ours', async () => {
    const first = await listening(serverOf(withHandles), 0, '127.0.0.1');
    const server = await listening(serverOf(builtIn), first);
    client({ port: portOf(server), host: '127.0.0.1' });
    const [socket] = await once(server, 'connection');
    expect(socket.server).toBe(server);
  });

  test('listen({ _handle }) and listen({ handle })', async () => {
    for (const name of ['_handle', 'handle']) {
      const first = await listening(serverOf(withHandles), 0, '127.0.0.1');
      const server = await listening(serverOf(withHandles), { [name]: Reflect.get(first, '_handle') });
      expect(server.address()).toEqual(first.address());
      await closed(server);
    }
  });

  test('_handle and _connectionKey are there while it listens', async () => {
    const server = serverOf(withHandles);
    expect(Reflect.get(server, '_handle')).toBeNull();
    await listening(server, 0, '127.0.0.1');
    expect(Reflect.get(server, '_handle')).toHaveProperty('fd');
    expect(Reflect.get(server, '_connectionKey')).toBe('4:127.0.0.1:0');
    await closed(server);
    expect(Reflect.get(server, '_handle')).toBeNull();
  });
});
