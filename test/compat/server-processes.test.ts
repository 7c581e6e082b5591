import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

// Real processes, which load the built package as a user does: `npm run build` comes before.

const ours = 'rxjs-net/compat';
const builtIn = 'node:net';

beforeAll(() => {
  const built = fileURLToPath(new URL('../../dist/esm/compat/index.js', import.meta.url));
  if (!existsSync(built)) throw new Error('the package is not built: run npm run build');
});

/** What a program of `children/` says until it has ended, by itself and in order. */
async function said(program: string, args: readonly string[], execArgv: readonly string[] = []): Promise<unknown[]> {
  const file = fileURLToPath(new URL(`children/${program}.mjs`, import.meta.url));
  // The plain driver has no handles to hand on.
  const { NODE_OPTIONS: _options, RXJS_NET_DRIVER: _driver, ...env } = process.env;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [...execArgv, file, ...args], { env, timeout: 15_000 }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`, { cause: error }));
    });
  });
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** Who has which net: the parent, the child. The first is the reference. */
const pairs: readonly (readonly [string, string])[] = [
  [builtIn, builtIn],
  [ours, builtIn],
  [builtIn, ours],
  [ours, ours],
];

describe.each(pairs)('parent %s, child %s', (parent, child) => {
  const run = (program: string): Promise<unknown[]> => said(program, ['parent', parent, child]);

  test('a connection is handed to a child, unread, and counted there; close waits for it', async () => {
    expect(await run('send-socket')).toEqual([
      ['accepted', 1, 0],
      ['handle after send', null],
      ['sent', null],
      ['child got a socket of its net', true, 'number'],
      ['counted in the child', 1, true],
      ['close waits for the child', true, false],
      ['client read', 'child read before'],
      ['closed', null],
      ['children', 1],
    ]);
  });

  test.each([
    ['cluster', 'primary'],
    ['cluster', 'worker'],
    ['fork', 'primary'],
    ['fork', 'worker'],
  ])('a socket that it was sent does not keep a worker connected: %s, asked by the %s', async (kind, who) => {
    expect(await said('disconnect', [parent, child, kind, who])).toEqual([
      'disconnected',
      ['client read', 'hello and bye'],
      ['worker left', 0, null],
    ]);
  });

  test('a listening server is shared with a child, which goes on alone', async () => {
    expect(await run('send-server')).toEqual([
      ['before', 'from the parent'],
      ['sent', null, 'the parent listens on', true],
      ['child', true, true, true],
      ['parent closed', 'from the child'],
      ['child closed', 'ECONNREFUSED'],
    ]);
  });

  test('a child hands its parent a connection and a server', async () => {
    expect(await run('to-parent')).toEqual([
      ['socket', true, true],
      ['client read', 'parent read hello'],
      ['server', true, true],
      ['client read', 'parent'],
    ]);
  });

  test('keepOpen: both have the connection', async () => {
    expect(await run('keep-open')).toEqual([
      ['sent', null, 'the handle stays', true],
      ['counted in both', 2],
      ['the parent has it still', true, 1],
      ['client read', 'child parent'],
      'closed',
    ]);
  });

  test('a server and a connection are inherited as descriptors', async () => {
    const lines = await run('inherited');
    // Two processes say them: their order is not one.
    expect(lines).toHaveLength(4);
    expect(lines).toEqual(
      expect.arrayContaining([
        ['child', true, 'IPv4'],
        ['second client read', 'from descriptor 3'],
        ['first client read', 'from descriptor 4'],
        ['child closed', 17],
      ]),
    );
  });
});

test('server.connections is null once a socket went to a child, and the end of the children is noticed', async () => {
  expect(await said('connections-null', ['parent', ours, builtIn], ['--no-deprecation'])).toEqual([
    ['before', 1],
    ['after', null],
    ['counted', 1],
    ['child gone', null, 0],
    'closed',
  ]);
});

test.each([builtIn, ours])('sockets over the descriptors that a process is born with, %s', async (name) => {
  expect(await said('descriptors', ['parent', name])).toEqual(['read in', 'and third']);
});

describe.each([builtIn, ours])('cluster, workers on %s', (workers) => {
  test('round-robin: a port for all, closing and listening again, exclusive, failures, a full worker', async () => {
    expect(await said('cluster', [workers, 'rr'])).toEqual([
      ['both have a port', true, true],
      ['served', ['1', '2']],
      ['closed', false],
      ['served by the other', '2'],
      ['again', true],
      ['closed', false, false],
      ['clash', 'EADDRINUSE', 'listen', true, 'listen EADDRINUSE: address already in use 127.0.0.1:PORT'],
      ['closed', false],
      ['taken', 'EADDRINUSE', true],
      ['path', true, '1'],
      ['closed', false],
      ['one each', ['1', '2']],
      ['closed', false, false],
      'end',
    ]);
  });

  test('a shared handle', async () => {
    expect(await said('cluster', [workers, 'none'])).toEqual([
      ['both have a port', true, true],
      ['served', true],
      ['closed', false],
      ['served by the other', '2'],
      ['again', true],
      ['closed', false, false],
      ['clash', 'EADDRINUSE', 'listen', true, 'listen EADDRINUSE: address already in use 127.0.0.1:PORT'],
      ['closed', false],
      ['taken', 'EADDRINUSE', true],
      ['path', true, '1'],
      ['closed', false],
      'end',
    ]);
  });
});

test.each(['rr', 'none'])('a worker re-opens its server, by the specification, %s', async (policy) => {
  expect(await said('cluster-reopen', [ours, policy])).toEqual([
    ['first', 'served'],
    ['elsewhere', 'served'],
    ['there again', 'served'],
    ['moved', true, 'stayed', true],
    ['the first port', 'ECONNREFUSED'],
  ]);
});

test.each([
  ['a server', 'kept'],
  ['unref before listen', 'let go'],
  ['unref after listen', 'let go'],
  ['unref when listening', 'let go'],
  ['unref, then ref, before listen', 'kept'],
  ['unref, then ref, after listen', 'kept'],
  ['unref twice, ref once', 'kept'],
  ['unref on a path', 'let go'],
  ['unref while a name is looked up', 'let go'],
  ['unref, close, listen again', 'let go'],
  ['a connection of an unref-ed server', 'kept'],
])('the life of a process: %s: %s', async (which, outcome) => {
  expect(await said('life', [ours, which])).toEqual([outcome]);
  expect(await said('life', [builtIn, which])).toEqual([outcome]);
});
