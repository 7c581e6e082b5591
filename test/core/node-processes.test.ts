// What only a process of its own can show: inherited descriptors, too few of them, and missing permissions.
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { DriverName } from '../../src/core/node/index.ts';
import { compilePrograms, type Program, run } from './children/compile.ts';
import { systemUnderTest } from './node-system.ts';
import { World } from './provider/world.ts';

const drivers: readonly DriverName[] = ['direct', 'plain'];
const running: Program[] = [];
const started = (program: Program): Program => {
  running.push(program);
  return program;
};

beforeAll(compilePrograms, 60_000);
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});

describe.skipIf(process.platform === 'win32').each(drivers)('%s driver', (driver) => {
  describe('an inherited connection', () => {
    test('by a pipe of the parent', async () => {
      const program = started(run('inherited', { third: 'pipe', args: [driver] }));
      const pipe = program.child.stdio[3] as net.Socket;
      pipe.write('hello');
      expect(await program.next()).toEqual({ early: [] });
      expect(await program.next()).toEqual({ connected: [], local: null, remote: null, bytesRead: 0 });
      const [answer] = await once(pipe, 'data');
      expect(String(answer)).toBe('HELLO');
      pipe.end('bye');
      expect(await text(pipe)).toBe('BYE');
      expect(await program.next()).toEqual({
        closed: null,
        events: ['data', 'data', 'end'],
        bytesRead: 8,
        bytesWritten: 8,
      });
      expect(await program.ended()).toBe(0);
    });

    test('that had ended before it was taken over', async () => {
      const program = started(run('inherited', { third: 'pipe', args: [driver] }));
      const pipe = program.child.stdio[3] as net.Socket;
      pipe.end();
      pipe.resume();
      expect(await program.next()).toEqual({ early: [] });
      expect(await program.next()).toMatchObject({ connected: [] });
      expect(await program.next()).toMatchObject({ closed: null, events: ['end'] });
      expect(await program.ended()).toBe(0);
    });

    test('that is given up in the same turn', async () => {
      const program = started(run('inherited', { third: 'pipe', args: [driver, 'destroy'] }));
      expect(await program.next()).toEqual({ early: [] });
      expect(await program.next()).toMatchObject({ closed: null, events: [] });
      expect(await program.ended()).toBe(0);
    });

    test('over TCP: addresses, and a reset that names the peer', async () => {
      const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const [accepted] = (await once(server, 'connection')) as [net.Socket];
      const program = started(run('inherited', { third: accepted, args: [driver] }));
      accepted.destroy();
      server.close();
      const local = client.address() as net.AddressInfo;
      expect(await program.next()).toEqual({ early: [] });
      expect(await program.next()).toEqual({
        connected: [],
        local: { address: '127.0.0.1', family: 'IPv4', port },
        remote: { address: '127.0.0.1', family: 'IPv4', port: local.port },
        bytesRead: 0,
      });
      client.write('hello');
      const [answer] = await once(client, 'data');
      expect(String(answer)).toBe('HELLO');
      client.resetAndDestroy();
      expect(await program.next()).toMatchObject({
        closed: { _tag: 'ConnectionReset', syscall: 'read', address: '127.0.0.1', port: local.port },
      });
      expect(await program.ended()).toBe(0);
    });
  });

  test('an inherited listener', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    // Node has no public way to hand down a listener; a service manager would.
    const program = started(run('adopting-server', { third: Reflect.get(server, '_handle'), args: [driver] }));
    server.close();
    expect(await program.next()).toEqual({ listening: { address: '127.0.0.1', family: 'IPv4', port } });
    const client = net.connect(port, '127.0.0.1');
    client.end('ping');
    expect(await text(client)).toBe('ping');
    expect(await program.next()).toEqual({ closed: null });
    expect(await program.next()).toEqual({ linkClosed: null });
    expect(await program.ended()).toBe(0);
  });

  test.each(['tcp', 'ipc'] as const)('too few descriptors, %s: a failure each time, and it goes on', async (kind) => {
    const world = new World(systemUnderTest(driver), kind);
    try {
      const elsewhere = await world.listen();
      const path = kind === 'ipc' ? [world.provider.ipcEndpoint().path] : [];
      const program = started(run('few-descriptors', { descriptors: 40, args: [driver, ...path] }));
      const { listening } = (await program.next()) as { listening: net.AddressInfo & { path: string } };
      const endpoint = kind === 'ipc' ? { path: listening.path } : { host: listening.address, port: listening.port };
      program.tell(JSON.stringify(elsewhere.endpoint));
      expect(await program.next()).toEqual({
        dialled: {
          _tag: 'TooManyFiles',
          code: 'EMFILE',
          syscall: 'connect',
          ...('path' in elsewhere.endpoint
            ? { address: elsewhere.endpoint.path }
            : { address: '127.0.0.1', port: elsewhere.port }),
        },
        used: true,
      });
      // The system takes them; the program can't.
      const early = Array.from({ length: 3 }, () => world.dial(endpoint));
      await world.until('they stand', () => early.every((client) => client.log.includes('connected')));
      program.tell('they are there');
      const { accepted, failed } = (await program.next()) as { accepted: number; failed: { _tag: string }[] };
      expect(accepted).toBe(0);
      expect(failed.filter(({ _tag }) => _tag !== 'TooManyFiles')).toEqual([]);
      expect(await program.next()).toEqual({ dialled: null });
      for (const client of early) client.destroy();
      const late = world.dial(endpoint, {}, { connected: (client) => client.startReading() });
      await world.until('it stands', () => late.log.includes('connected'));
      late.write('still there?');
      await world.until('it answers', () => late.text === 'still there?');
      late.end();
      await world.until('it closed', () => late.closed);
      program.tell('enough');
      const end = (await program.next()) as { accepted: number };
      expect(end.accepted).toBeGreaterThan(0);
      expect(await program.next()).toEqual({ closed: null });
      expect(await program.ended()).toBe(0);
    } finally {
      await world.finish();
      await world.provider.dispose();
    }
  });

  test('no permission', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
    chmodSync(folder, 0o755);
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    const taken = join(closed, 'taken.sock');
    const server = net.createServer().listen(taken);
    await once(server, 'listening');
    chmodSync(closed, 0o000);
    try {
      const free = join(closed, 'free.sock');
      const program = started(run('forbidden', { args: [driver, taken, free] }));
      expect(await program.next()).toEqual({
        _tag: 'PermissionDenied',
        code: 'EACCES',
        syscall: 'connect',
        address: taken,
      });
      expect(await program.next()).toEqual({
        _tag: 'PermissionDenied',
        code: 'EACCES',
        syscall: 'listen',
        address: free,
      });
      expect(await program.ended()).toBe(0);
    } finally {
      chmodSync(closed, 0o700);
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    }
  });

  describe.runIf(process.platform === 'linux')('a peer that does not answer', () => {
    const withDeafPeer = async (use: (world: World, port: number) => Promise<void>): Promise<void> => {
      const world = new World(systemUnderTest(driver), 'tcp');
      try {
        const door = await world.listen();
        const program = started(run('full-backlog', { args: [String(door.port)] }));
        expect(await program.next()).toBe('listening');
        const deaf = { host: '127.0.0.2', port: door.port };
        const early = [world.dial(deaf), world.dial(deaf)];
        await world.until('its backlog is full', () => early.every((client) => client.log.includes('connected')));
        await use(world, door.port);
        await world.finish();
      } finally {
        await world.provider.dispose();
      }
    };

    test('its attempt times out, and the next address is taken', () =>
      withDeafPeer(async (world, port) => {
        const timedOut: unknown[] = [];
        const party = world.dial(
          { host: 'somewhere.test', port },
          {
            autoSelectFamily: true,
            autoSelectFamilyAttemptTimeout: 10,
            lookup: (_host, _options, callback) =>
              callback(null, [
                { address: '127.0.0.2', family: 4 },
                { address: '127.0.0.1', family: 4 },
              ]),
          },
        );
        Object.assign(party, { onAttemptTimeout: (...args: unknown[]) => timedOut.push(args) });
        await world.until('it stands', () => party.log.includes('connected'));
        expect(party.link.remote).toMatchObject({ address: '127.0.0.1' });
        expect(timedOut).toEqual([['127.0.0.2', port, 4]]);
      }));

    test.each(['destroy', 'reset', 'abort'] as const)('%s while it is waited for', (how) =>
      withDeafPeer(async (world, port) => {
        const controller = new AbortController();
        const party = world.dial({ host: '127.0.0.2', port }, { signal: controller.signal });
        await world.until('it is attempted', () => party.attempts.length === 1);
        await world.settle();
        expect(party.log).toEqual(['attempt']);
        if (how === 'abort') controller.abort();
        else party[how]();
        await world.until('it closed', () => party.closed);
        expect(party.failure?._tag).toBe(how === 'abort' ? 'ConnectionAborted' : undefined);
        if (how === 'abort') expect(party.failure).toMatchObject({ address: '127.0.0.2', port });
      }),
    );
  });
});
