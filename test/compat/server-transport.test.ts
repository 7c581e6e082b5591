import { once } from 'node:events';
import builtIn from 'node:net';
import process from 'node:process';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { createNet } from '../../src/compat/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Address, Endpoint } from '../../src/core/endpoint.ts';
import { AddressInUse, ConnectionReset, TooManyFiles, type NetFailure } from '../../src/core/failures/index.ts';
import type { BindHandler, BindOptions, DialHandler, LinkHandler, Transport } from '../../src/core/transport.ts';
import { FakeLink } from '../observables/support/fake-link.ts';

/** One listener of a transport that is worked by hand. */
class FakeBinding {
  address: Address | undefined = undefined;
  readonly calls: string[] = [];
  readonly endpoint: Endpoint;
  readonly options: BindOptions;
  readonly handler: BindHandler;

  constructor(endpoint: Endpoint, options: BindOptions, handler: BindHandler) {
    this.endpoint = endpoint;
    this.options = options;
    this.handler = handler;
  }

  close(): void {
    this.calls.push('close');
    this.address = undefined;
    process.nextTick(() => this.handler.onClosed(undefined));
  }

  ref(): void {
    this.calls.push('ref');
  }

  unref(): void {
    this.calls.push('unref');
  }

  /** It listens. */
  stands(address: Address): void {
    this.address = address;
    this.handler.onListening(address);
  }

  /** A connection comes in. */
  accept(): { link: FakeLink; handler: LinkHandler | undefined } {
    const told: { handler?: LinkHandler | undefined } = {};
    const relay: DialHandler = {
      onConnected: () => {},
      onData: (chunk) => told.handler?.onData(chunk),
      onEnd: () => told.handler?.onEnd(),
      onWritten: () => told.handler?.onWritten(),
      onClosed: (failure) => told.handler?.onClosed(failure),
    };
    const link = new FakeLink(relay);
    told.handler = this.handler.onAccepted(link);
    if (told.handler === undefined) link.destroy();
    return { link, handler: told.handler };
  }

  fails(failure: NetFailure): void {
    this.address = undefined;
    this.handler.onClosed(failure);
  }
}

function world(): { net: typeof builtIn; bindings: FakeBinding[]; last: () => FakeBinding } {
  const bindings: FakeBinding[] = [];
  const transport: Transport = {
    clock: systemClock,
    random: Math.random,
    dial: () => {
      throw new Error('nothing is dialled here');
    },
    bind(endpoint, options, handler) {
      const binding = new FakeBinding(endpoint, options, handler);
      bindings.push(binding);
      return binding;
    },
  };
  const last = (): FakeBinding => {
    const binding = bindings.at(-1);
    if (binding === undefined) throw new Error('nothing was bound');
    return binding;
  };
  return { net: createNet(transport), bindings, last };
}

const here: Address = { address: '10.0.0.1', family: 'IPv4', port: 80 };

/** What becomes an uncaught exception meanwhile. */
function uncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  });
  return new Promise((resolve) => {
    process.once('uncaughtException', resolve);
  });
}

describe('a server over a transport', () => {
  test('passes on what it was asked for', () => {
    const { net, last } = world();
    net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 }).listen({
      port: 80,
      host: 'here',
      backlog: 7,
      ipv6Only: true,
      exclusive: true,
    });
    expect(last().endpoint).toEqual({ port: 80, host: 'here' });
    expect(last().options).toMatchObject({
      backlog: 7,
      exclusive: true,
      ipv6Only: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 5_000,
    });
    net.createServer().listen({ path: '/there', readableAll: true, writableAll: true });
    expect(last().endpoint).toEqual({ path: '/there' });
    expect(last().options).toMatchObject({ readableAll: true, writableAll: true });
    net.createServer().listen();
    expect(last().endpoint).toEqual({ port: 0 });
  });

  test('listens once the transport does', () => {
    const { net, last } = world();
    const heard = vi.fn();
    const server = net.createServer().listen(80, heard);
    expect(server.listening).toBe(false);
    expect(server.address()).toBeNull();
    expect(heard).not.toHaveBeenCalled();
    last().stands(here);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(server.listening).toBe(true);
    expect(server.address()).toEqual({ address: '10.0.0.1', family: 'IPv4', port: 80 });
  });

  test('ref and unref, before and after', () => {
    const { net, last } = world();
    const server = net.createServer().unref().listen(80);
    expect(last().calls).toEqual(['unref']);
    server.ref().unref();
    expect(last().calls).toEqual(['unref', 'ref', 'unref']);
  });

  test('close before it stands: neither listening nor an error comes of it', async () => {
    const { net, last } = world();
    const heard = vi.fn();
    const server = net.createServer().listen(80, heard);
    server.on('error', heard);
    server.close();
    last().stands(here);
    last().fails(new AddressInUse({ code: 'EADDRINUSE' }));
    await once(server, 'close');
    expect(heard).not.toHaveBeenCalled();
    expect(last().calls).toEqual(['close']);
  });

  test('listen again before it stands: what came first comes to nothing', () => {
    const { net, bindings } = world();
    const heard = vi.fn();
    const server = net.createServer().on('listening', heard);
    server.listen(80);
    server.listen(81);
    expect(bindings.map(({ calls }) => calls)).toEqual([['close'], []]);
    bindings[0]?.stands(here);
    expect(heard).not.toHaveBeenCalled();
    bindings[1]?.stands({ ...here, port: 81 });
    expect(heard).toHaveBeenCalledTimes(1);
    expect(server.address()).toMatchObject({ port: 81 });
  });

  test('failures become the errors of net, with or without a cause', async () => {
    const { net, last } = world();
    const server = net.createServer();
    const next = async (failure: NetFailure): Promise<unknown> => {
      server.listen(80, '10.0.0.1');
      const told = once(server, 'error').catch((error: unknown) => [error]);
      last().fails(failure);
      const [error] = await told;
      return error;
    };
    const cause = Object.assign(new Error('as it was'), { code: 'EWHATEVER' });
    expect(await next(new AddressInUse({ cause }))).toBe(cause);
    const bare = await next(new AddressInUse({ address: '10.0.0.1', port: 80 }));
    expect(bare).toMatchObject({
      message: 'listen EADDRINUSE: address already in use 10.0.0.1:80',
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '10.0.0.1',
      port: 80,
      errno: expect.any(Number) as number,
    });
    expect(server.listening).toBe(false);
    // It can go on.
    server.listen(80);
    last().stands(here);
    expect(server.listening).toBe(true);
  });

  test('what fails while accepting is told, and the server goes on', async () => {
    const { net, last } = world();
    const server = net.createServer().listen(80);
    last().stands(here);
    const told = once(server, 'connection').catch((error: unknown) => error);
    last().handler.onAcceptFailed(new TooManyFiles({ code: 'EMFILE' }));
    expect(await told).toMatchObject({ message: 'accept EMFILE', code: 'EMFILE', syscall: 'accept' });
    expect(server.listening).toBe(true);
    expect(last().accept().handler).toBeDefined();
  });

  test('a listener that is lost is told, and its connections go on', async () => {
    const { net, last } = world();
    const server = net.createServer().listen(80);
    last().stands(here);
    last().accept();
    const told = once(server, 'close').catch((error: unknown) => error);
    last().fails(new ConnectionReset({ code: 'ECONNRESET' }));
    expect(await told).toMatchObject({ code: 'ECONNRESET' });
    expect(server.listening).toBe(false);
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(connections).toBe(1);
  });

  test('bytes go both ways, and close waits for the connection', async () => {
    const { net, last } = world();
    const server = net.createServer((socket) => socket.pipe(socket)).listen(80);
    last().stands(here);
    const { link } = last().accept();
    link.deliver('there and back');
    await new Promise((resolve) => setImmediate(resolve));
    expect(String(link.received)).toBe('there and back');
    const heard = vi.fn();
    server.close(heard);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).not.toHaveBeenCalled();
    link.deliverEnd();
    await vi.waitFor(() => expect(link.calls).toContain('fin'));
    link.close('closed', undefined);
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
  });

  test('too many are dropped with their addresses; those of a block list silently', () => {
    const { net, last } = world();
    const drops: unknown[] = [];
    const blockList = new net.BlockList();
    const server = Object.assign(net.createServer(), { maxConnections: 1, blockList });
    server.on('drop', (...args) => drops.push(args));
    server.listen(80);
    last().stands(here);
    expect(last().accept().handler).toBeDefined();
    expect(last().accept().link.calls).toEqual(['destroy']);
    const v4 = { localAddress: '127.0.0.1', localPort: 1, localFamily: 'IPv4' };
    expect(drops).toEqual([[{ ...v4, remoteAddress: '127.0.0.1', remotePort: 2, remoteFamily: 'IPv4' }]]);
    server.maxConnections = 9;
    blockList.addAddress('127.0.0.1');
    expect(last().accept().handler).toBeUndefined();
    expect(drops).toHaveLength(1);
  });

  test('what a listener throws is uncaught, and the transport hears nothing of it', async () => {
    const { net, last } = world();
    const defect = new Error('of the program');
    const server = net.createServer(() => {
      throw defect;
    });
    server.listen(80);
    last().stands(here);
    const caught = uncaught();
    expect(last().accept().handler).toBeDefined();
    expect(await caught).toBe(defect);
    expect(server.listening).toBe(true);
  });

  test('a socket that is destroyed at once is closed and not counted', async () => {
    const { net, last } = world();
    const heard = vi.fn();
    const server = net.createServer((socket) => socket.on('close', heard).destroy()).listen(80);
    last().stands(here);
    const { link } = last().accept();
    expect(link.calls).toContain('destroy');
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith(false));
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(connections).toBe(0);
  });

  test('listen(server) of the same net: its connections come here', async () => {
    const { net, last, bindings } = world();
    const first = net.createServer().listen(80);
    last().stands(here);
    const server = net.createServer();
    server.listen(first);
    await once(server, 'listening');
    expect(bindings).toHaveLength(1);
    expect(server.address()).toEqual(first.address());
    const told = once(server, 'connection');
    last().accept();
    const [socket] = (await told) as [{ server: unknown }];
    expect(socket.server).toBe(server);
    server.close();
    expect(last().calls).toEqual(['close']);
  });

  test("the platform's handles and descriptors are nothing to a transport", async () => {
    const { net, bindings } = world();
    const foreign = builtIn.createServer().listen(0);
    await once(foreign, 'listening');
    for (const target of [foreign, { fd: 5 }]) {
      const server = net.createServer();
      server.listen(target);
      const [error] = (await once(server, 'error')) as [Error];
      expect(error).toMatchObject({ code: 'EINVAL', syscall: 'listen', message: 'listen EINVAL: invalid argument' });
    }
    expect(bindings).toEqual([]);
    foreign.close();
  });
});
