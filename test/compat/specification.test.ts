// Where the specification and today's Node disagree about sockets: the default does what the first says, `behaviour: 'node'` the second.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as builtin from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';

import { describe, expect, onTestFinished, test } from 'vitest';

import net, { createNet } from 'rxjs-net/compat';

const built = JSON.stringify(join(import.meta.dirname, '../../dist/esm/compat/index.js'));

const asNode = createNet(undefined, { behaviour: 'node' });

describe('family', () => {
  /** What a lookup is asked for. */
  async function asked(module: typeof builtin, options: object): Promise<unknown> {
    return new Promise((resolve) => {
      const socket = module.connect({
        port: 1,
        host: 'a.name',
        lookup: (_host, { family, all }, callback) => {
          resolve({ family, all });
          callback(new Error('not found'), '', 4);
        },
        ...options,
      });
      socket.on('error', () => {});
    });
  }

  test('defaults to 4', async () => {
    expect(await asked(net, {})).toEqual({ family: 4, all: undefined });
    expect(await asked(asNode, {})).toEqual({ family: undefined, all: true });
  });

  test('is what is asked for', async () => {
    expect(await asked(net, { family: 6 })).toEqual({ family: 6, all: undefined });
    expect(await asked(net, { family: 0 })).toEqual({ family: 0, all: true });
    expect(await asked(net, { autoSelectFamily: true })).toEqual({ family: undefined, all: true });
  });

  test('leaves the options of the caller alone', async () => {
    const options = Object.freeze({ port: 1, host: '127.0.0.1' });
    const socket = net.connect(options);
    await once(socket, 'error');
    expect(options).toEqual({ port: 1, host: '127.0.0.1' });
  });
});

describe('readable and writable', () => {
  test('default to false with a descriptor', () => {
    const program = (readable: string): string => `
      const net = require(${built});
      const print = (s) => require('fs').writeSync(1, String(s.readable) + ' ' + String(s.writable) + ';');
      print(new net.Socket({ fd: 3, ${readable} }));
      print(new (net.createNet(undefined, { behaviour: 'node' }).Socket)({ fd: 4, ${readable} }));
      process.exit();`;
    const run = (options: string): string =>
      String(
        spawnSync(process.execPath, ['-e', program(options)], { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'] })
          .stdout,
      );
    expect(run('')).toBe('false false;true true;');
    expect(run('readable: true')).toBe('true false;true true;');
    expect(run('writable: true, readable: false')).toBe('false true;false true;');
  });

  test('a socket that is not to be read takes nothing from the descriptor', async () => {
    const program = `
      const net = require(${built});
      const socket = new net.Socket({ fd: 3 });
      socket.on('error', (error) => console.log(error.message));
      setTimeout(() => {
        console.log(socket.bytesRead);
        new net.Socket({ fd: 4, readable: true }).on('data', (data) => (console.log(String(data)), process.exit()));
      }, 50);`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'] });
    for (const input of child.stdio.slice(3)) (input as builtin.Socket).on('error', () => {}).write('data');
    let output = '';
    for await (const chunk of child.stdout ?? []) output += String(chunk);
    expect(output).toBe('0\ndata\n');
  });

  test('are ignored without one', () => {
    const one = new net.Socket({ readable: false, writable: false });
    expect([one.readable, one.writable]).toEqual([true, true]);
    const other = new asNode.Socket({ readable: false, writable: false });
    expect([other.readable, other.writable]).toEqual([false, false]);
  });
});

describe.skipIf(process.platform === 'win32')('a path that is too long', () => {
  test('is cut to the size that the system has for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const longest = process.platform === 'linux' ? 107 : 103;
    const name = `${folder}/`.padEnd(longest, 'x');
    const server = builtin.createServer((socket) => socket.end('found')).listen(name);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const socket = net.connect(`${name}and more`);
    expect(String(await once(socket, 'data'))).toBe('found');
  });
});
