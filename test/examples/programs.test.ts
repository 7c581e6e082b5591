// The programs of examples/programs/ as their users run them: each in a process of its own, on real sockets.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Ending, type Program, run } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listening = async (program: Program): Promise<number> =>
  Number((await program.prints(/^listening on 127\.0\.0\.1:(\d+)$/m))[1]);

const start = async (name: string, ...args: string[]): Promise<{ program: Program; port: number }> => {
  const program = run(['--port', '0', ...args], { program: `programs/${name}`, limit: 60_000 });
  return { program, port: await listening(program) };
};

const toEnd = (name: string, ...args: string[]): Promise<Ending> =>
  run(args, { program: `programs/${name}`, limit: 30_000 }).ended;

/** What a server answers to some bytes, until it ends. */
const answerTo = (port: number, sent: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('utf8');
    socket.on('data', (more: string) => (text += more));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.end(sent);
  });

describe('key-value', () => {
  let server: { program: Program; port: number };
  let redis: Redis;
  beforeAll(async () => {
    server = await start('key-value', '--max-memory', '4000000');
    redis = new Redis({ port: server.port, host: '127.0.0.1', maxRetriesPerRequest: 1 });
    redis.on('error', () => {});
  });
  afterAll(async () => {
    redis.disconnect();
    await server.program[Symbol.asyncDispose]();
  });

  test('ioredis sets, gets and deletes', async () => {
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.set('grüße', 'wörld')).toBe('OK');
    expect(await redis.get('grüße')).toBe('wörld');
    expect(await redis.get('nothing')).toBeNull();
    expect(await redis.mget('grüße', 'nothing')).toEqual(['wörld', null]);
    expect(await redis.exists('grüße', 'grüße', 'nothing')).toBe(2);
    expect(await redis.del('grüße', 'nothing')).toBe(1);
    expect(await redis.set('once', '1', 'NX')).toBe('OK');
    expect(await redis.set('once', '2', 'NX')).toBeNull();
    expect(await redis.set('once', '2', 'XX')).toBe('OK');
  });

  test('numbers, and what is none', async () => {
    expect(await redis.incr('count')).toBe(1);
    expect(await redis.incrby('count', 41)).toBe(42);
    await redis.set('word', 'no number');
    await expect(redis.incr('word')).rejects.toThrow('ERR value is not an integer or out of range');
    await expect(redis.call('NOSUCH', 'x')).rejects.toThrow("ERR unknown command 'NOSUCH'");
    await expect(redis.call('GET')).rejects.toThrow('wrong number of arguments');
  });

  test('time to live', async () => {
    await redis.set('short', 'x', 'PX', 1);
    while ((await redis.exists('short')) === 1);
    expect(await redis.ttl('short')).toBe(-2);
    await redis.set('long', 'x', 'EX', 100);
    expect(await redis.ttl('long')).toBeGreaterThan(98);
    await redis.set('long', 'x');
    expect(await redis.ttl('long')).toBe(-1);
    expect(await redis.expire('long', 50)).toBe(1);
  });

  test('bytes of any kind, a megabyte of them, and 5,000 commands in a pipeline', async () => {
    const bytes = randomBytes(1_000_000);
    await redis.set('bytes', bytes);
    expect((await redis.getBuffer('bytes'))?.equals(bytes)).toBe(true);
    const pipeline = redis.pipeline();
    for (let index = 0; index < 5_000; index++) pipeline.set(`key ${index % 100}`, `value ${index}\r\n`);
    for (let index = 0; index < 100; index++) pipeline.get(`key ${index}`);
    const results = (await pipeline.exec()) ?? [];
    expect(results.slice(5_000).map(([, value]) => value)).toEqual(
      Array.from({ length: 100 }, (_, index) => `value ${4_900 + index}\r\n`),
    );
  });

  test('its memory is bounded', async () => {
    await expect(redis.set('too much', randomBytes(5_000_000))).rejects.toThrow('OOM');
    expect(await redis.exists('too much')).toBe(0);
  });

  test.each([
    ['a word', 'HELLO\r\n'],
    ['a length that is none', '*1\r\n$x\r\n'],
    ['a length that is too much', '*1\r\n$99999999999\r\n'],
    ['a value that is longer than it says', '*1\r\n$1\r\nab\r\n'],
    ['no end of a line', '*'.repeat(100)],
  ])('%s is answered with an error, and ends that connection alone', async (_name, sent) => {
    expect(await answerTo(server.port, sent)).toMatch(/^-ERR Protocol error: .*\r\n$/);
    expect(await redis.ping()).toBe('PONG');
  });

  test('the server is restarted, and the client comes back', async () => {
    server.program.kill('SIGKILL');
    await server.program.ended;
    const again = run(['--port', String(server.port)], { program: 'programs/key-value', limit: 60_000 });
    server = { program: again, port: await listening(again) };
    while (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
    expect(await redis.ping('again')).toBe('again');
  });
});

describe('json-rpc', () => {
  let server: { program: Program; port: number };
  beforeAll(async () => (server = await start('json-rpc')));
  afterAll(() => server.program[Symbol.asyncDispose]());

  const ask = (...messages: unknown[]): Promise<unknown[]> =>
    answerTo(
      server.port,
      messages.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''),
    )
      .then((text) => text.trimEnd().split('\n'))
      .then((lines) => lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown));

  const request = (id: number | undefined, method: string, params?: unknown): object => ({
    jsonrpc: '2.0',
    ...(id !== undefined && { id }),
    method,
    ...(params !== undefined && { params }),
  });

  test('answers come as they are ready, each with its id; notifications have none', async () => {
    const answers = await ask(
      request(1, 'wait', { ms: 50 }),
      request(undefined, 'reverse', { text: 'unheard' }),
      request(2, 'divide', { dividend: 1, divisor: 8 }),
    );
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 2, result: 0.125 },
      { jsonrpc: '2.0', id: 1, result: 'after 50 ms' },
    ]);
  });

  test.each<[string, unknown, object]>([
    ['no method of that name', request(1, 'nope'), { id: 1, error: { code: -32_601 } }],
    ['wrong params', request(1, 'divide', { dividend: 'x' }), { id: 1, error: { code: -32_602 } }],
    ['what is refused', request(1, 'divide', { dividend: 1, divisor: 0 }), { id: 1, error: { code: -32_603 } }],
    ['no request', [], { id: null, error: { code: -32_600 } }],
    ['no JSON', '{oops', { id: null, error: { code: -32_700 } }],
    ['too long', 'x'.repeat(70_000), { id: null, error: { code: -32_600 } }],
  ])('%s', async (_name, message, answer) => {
    expect(await ask(request(7, 'reverse', { text: 'abc' }), message)).toEqual(
      expect.arrayContaining([{ jsonrpc: '2.0', id: 7, result: 'cba' }, expect.objectContaining({ jsonrpc: '2.0' })]),
    );
    expect(await ask(message)).toMatchObject([answer]);
  });

  test('its client', async () => {
    const to = ['--to', `127.0.0.1:${server.port}`];
    expect(await toEnd('json-rpc-client', 'reverse', '{"text":"grüße"}', ...to)).toMatchObject({
      code: 0,
      stdout: '"eßürg"\n',
    });
    expect(await toEnd('json-rpc-client', 'divide', '{"dividend":1,"divisor":0}', ...to)).toMatchObject({
      code: 1,
      stderr: 'the service refused: a number can not be divided by 0 (-32603)\n',
    });
    expect((await toEnd('json-rpc-client', 'nope', '{}', ...to)).code).toBe(2);
    expect(await toEnd('json-rpc-client', 'reverse', '{"text":"x"}', '--to', '127.0.0.1:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });
});

describe('pool-client', () => {
  test('asks over few connections, also across a restart of the service', async () => {
    const first = await start('json-rpc');
    const port = String(first.port);
    const client = run(['--to', `127.0.0.1:${port}`, '--requests', '4000', '--concurrency', '20'], {
      program: 'programs/pool-client',
      limit: 60_000,
    });
    await client.prints(/a connection was made/);
    first.program.kill('SIGKILL');
    await first.program.ended;
    await client.prints(/no connection: .*ECONNREFUSED|a connection left/);
    await using again = run(['--port', port], { program: 'programs/json-rpc', limit: 60_000 });
    await listening(again);
    const { code, stdout, stderr } = await client.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/4000 of 4000 answered by [1-4] connections?/);
  });
});

describe('send-file and receive-files', () => {
  const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const inbox = join(folder, 'inbox');
  let server: { program: Program; port: number };
  beforeAll(async () => (server = await start('receive-files', inbox)));
  afterAll(() => server.program[Symbol.asyncDispose]());

  const file = (name: string, bytes: Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test('a file arrives whole, with its progress told', async () => {
    const path = file('whole.bin', randomBytes(3_000_000));
    const { code, stdout, stderr } = await toEnd('send-file', path, '--to', `127.0.0.1:${server.port}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^0 %\n(\d+ %\n)*100 %\nwhole\.bin was stored/);
    expect(digest(join(inbox, 'whole.bin'))).toBe(digest(path));
  });

  test('an empty file, too', async () => {
    const path = file('empty.bin', Buffer.alloc(0));
    expect((await toEnd('send-file', path, '--to', `127.0.0.1:${server.port}`)).code).toBe(0);
    expect(readFileSync(join(inbox, 'empty.bin')).length).toBe(0);
  });

  test('after a broken connection it goes on where the receiver has got to', async () => {
    const path = file('broken.bin', randomBytes(5_000_000));
    const proxy = await start('proxy', '--to', `127.0.0.1:${server.port}`, '--reset-after', '2000000');
    await using _proxy = proxy.program;
    const { code, stdout } = await toEnd('send-file', path, '--to', `127.0.0.1:${proxy.port}`);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/cut off: /);
    expect(stdout).toMatch(/the receiver has [1-9]\d* bytes already/);
    expect(digest(join(inbox, 'broken.bin'))).toBe(digest(path));
    expect(readdirSync(inbox).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test.each(['../evil', '.hidden', 'a/b', ''])('the name "%s" is refused', async (name) => {
    const offer = JSON.stringify({ name, size: 1, sha256: 'x' });
    expect(await answerTo(server.port, `${offer}\nX`)).toMatch(/^\{"stored":false,"why":".* is no file name"\}\n$/);
  });

  test('bytes that are not those that were offered are not kept', async () => {
    const offer = JSON.stringify({ name: 'wrong.bin', size: 4, sha256: '00' });
    expect(await answerTo(server.port, `${offer}\nabcd`)).toMatch(/"offset":0\}\n\{"stored":false,"why":"its bytes/);
    expect(readdirSync(inbox).filter((name) => name.startsWith('wrong'))).toEqual([]);
  });

  test('no file, no receiver, no arguments', async () => {
    expect(await toEnd('send-file', join(folder, 'nothing'))).toMatchObject({ code: 1 });
    const path = file('small.bin', Buffer.from('x'));
    expect(await toEnd('send-file', path, '--to', '127.0.0.1:1', '--attempts', '2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ECONNREFUSED') as unknown,
    });
    expect((await toEnd('send-file')).code).toBe(2);
    expect((await toEnd('receive-files')).code).toBe(2);
  });
});
