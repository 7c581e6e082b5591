// The programs for those who write fp-ts, as their users run them: each in a process of its own, on real sockets.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Ending, type Program, run } from './program.ts';

const toEnd = (name: string, ...args: string[]): Promise<Ending> =>
  run(args, { program: `programs/${name}`, limit: 60_000 }).ended;

const createConnectionTo = (port: number): Socket => connect({ port, host: '127.0.0.1', allowHalfOpen: true });

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

describe('functional-key-value', () => {
  let program: Program;
  let port = '';
  beforeAll(async () => {
    program = run(['--port', '0', '--max-keys', '2'], { program: 'programs/functional-key-value', limit: 60_000 });
    port = (await program.prints(/^listening on 127\.0\.0\.1:(\d+)$/m))[1] ?? '';
  });
  afterAll(() => program[Symbol.asyncDispose]());

  const ask = async (...args: string[]): Promise<Ending> =>
    toEnd('functional-key-value-client', ...args, '--to', `tcp://127.0.0.1:${port}`);
  const raw = (sent: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      const socket = createConnectionTo(Number(port)).setEncoding('utf8');
      socket.on('data', (more: string) => (text += more));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
      socket.end(sent);
    });

  test('sets, gets and deletes, and has no room for a third key', async () => {
    expect(await ask('set', 'gruß', 'wörld')).toMatchObject({ code: 0, stdout: '(nothing)\n', stderr: '' });
    expect(await ask('get', 'gruß')).toMatchObject({ code: 0, stdout: 'wörld\n' });
    const lines = ['b', 'c'].map((key) => `${JSON.stringify({ op: 'set', key, value: '1' })}\n`);
    expect(await raw(lines.join(''))).toBe('{"value":null}\n{"error":"there are 2 keys already"}\n');
    expect(await ask('set', 'c', '1')).toMatchObject({
      code: 1,
      stderr: 'the server refused: there are 2 keys already\n',
    });
    expect(await ask('delete', 'gruß')).toMatchObject({ code: 0, stdout: 'wörld\n' });
    expect(await ask('get', 'gruß')).toMatchObject({ code: 0, stdout: '(nothing)\n' });
  });

  test('who doesn’t speak the protocol has a last word', async () => {
    expect(await raw('hello\n')).toMatch(/^\{"error":".*could not be decoded.*"\}\n$/);
    expect(await raw(`${'x'.repeat(70_000)}\n`)).toBe('{"error":"at most 65536 bytes a request"}\n');
    expect(await raw('{"op":"get","key":"cut')).toBe('');
    expect(await raw('{"op":"set","key":"a"}\n')).toMatch(/error/);
    expect(await ask('get', 'b')).toMatchObject({ code: 0, stdout: '1\n' });
  });

  test('a question that is none, a place that is none, and nobody there', async () => {
    const unasked = await ask('put', 'a');
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toMatch(/^expected .*\nUsage: npm start -- functional-key-value-client/);
    expect(await toEnd('functional-key-value-client', 'get', 'a', '--to', 'tcp://127.0.0.1:80a')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^expected an endpoint whose port is one \(0-65535\), got "tcp:\/\/127\.0\.0\.1:80a"\n/,
      ),
    });
    const alone = await toEnd('functional-key-value-client', 'get', 'a', '--to', 'tcp://127.0.0.1:1', '--retries', '2');
    expect(alone.code).toBe(1);
    expect(alone.stderr).toMatch(/^(?:no answer, asking again in \d+ ms\n){2}.*127\.0\.0\.1:1.*\n$/);
  });

  test('options that are wrong are all told, and a port that is taken', async () => {
    expect(await toEnd('functional-key-value', '--port', '80a', '--host', 'a b')).toMatchObject({
      code: 2,
      stderr:
        'port: expected a port (0-65535), got "80a"\nhost: expected a host name in ASCII or an IP address, got "a b"\n',
    });
    expect(await toEnd('functional-key-value', '--port', port)).toMatchObject({ code: 1 });
    for (const [name, option] of [
      ['functional-key-value', '--max-keys'],
      ['key-value', '--max-memory'],
      ['functional-key-value-client', '--retries'],
    ] as const) {
      expect(await toEnd(name, option, 'x')).toMatchObject({
        code: 2,
        stderr: `${option} must be a whole number, got "x"\n`,
      });
    }
  });

  test('Ctrl-C ends a client whose server does not answer, in a line', async () => {
    const server = createServer({ allowHalfOpen: true });
    const asked = once(server, 'connection');
    const to = `127.0.0.1:${await listen(server)}`;
    await using client = run(['get', 'a', '--to', to], {
      program: 'programs/functional-key-value-client',
      limit: 60_000,
    });
    const [socket] = (await asked) as [Socket];
    await once(socket, 'data');
    client.kill('SIGINT');
    expect(await client.ended).toMatchObject({ code: 1, stdout: '', stderr: 'given up\n' });
    socket.destroy();
    server.close();
  });

  test('Ctrl-C stops it in order', async () => {
    program.kill('SIGTERM');
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/stopped: \d+ finished, 0 cut\n$/);
  });
});

describe('crawl-services', () => {
  test('200 checks, so many at once, with retries and a report', async () => {
    let open = 0;
    let most = 0;
    let tries = 0;
    const counted = (server: Server): Server =>
      server.on('connection', (socket) => {
        open += 1;
        most = Math.max(most, open);
        socket.on('error', () => {});
        socket.on('close', () => (open -= 1));
        socket.resume();
      });
    const greeting = counted(createServer((socket) => socket.write('220 ready\r\n')));
    const silent = counted(createServer());
    const rude = counted(createServer((socket) => socket.destroy()));
    const chatty = counted(createServer((socket) => socket.write('x'.repeat(1_000))));
    // Every other connection is reset: a second attempt finds it up.
    const flaky = counted(
      createServer((socket) => {
        tries += 1;
        if (tries % 2 === 1) socket.resetAndDestroy();
        else socket.write('at last\n');
      }),
    );
    const servers = [greeting, silent, rude, chatty, flaky];
    try {
      const [up, mute, gone, long, late] = await Promise.all(servers.map(listen));
      const kinds: readonly (readonly [number, string])[] = [
        [150, `127.0.0.1:${up}`],
        [4, `tcp://127.0.0.1:${mute}`],
        [10, `127.0.0.1:${gone}`],
        [10, `127.0.0.1:${long}`],
        [1, `127.0.0.1:${late}`],
        [24, '127.0.0.1:1'],
        [1, 'unix:/nowhere/at/all.sock'],
      ];
      const endpoints = kinds.flatMap(([count, endpoint]) => Array.from({ length: count }, () => endpoint));
      expect(endpoints).toHaveLength(200);
      const args = ['--concurrency', '8', '--patience', '5000', '--retries', '1'];
      const { code, stdout, stderr } = await toEnd('crawl-services', ...args, ...endpoints);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const lines = stdout.trimEnd().split('\n');
      expect(lines.at(-1)).toBe('200 checked: 151 up, 4 silent, 25 closed, 0 unreachable, 20 broken');
      expect(lines).toContain(`127.0.0.1:${late} up: "at last"`);
      expect(lines.slice(0, -1).map((line) => line.split(' ')[0])).toEqual(endpoints);
      expect(most).toBeGreaterThan(1);
      // The server may see a connection come before it has seen that the last one is gone.
      expect(most).toBeLessThanOrEqual(16);
    } finally {
      for (const server of servers) server.close();
    }
  }, 60_000);

  test('endpoints that are none', async () => {
    const { code, stderr } = await toEnd('crawl-services', '127.0.0.1:80', '127.0.0.1:80a');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^expected an endpoint whose port is one \(0-65535\), got "127\.0\.0\.1:80a"\n/);
  });
});
