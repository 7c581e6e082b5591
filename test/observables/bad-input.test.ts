// What is wrong is said before anything is opened: which option, what was given, and what is allowed.
import { EMPTY, NEVER, type Observable, of, from } from '../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  type ConnectOptions,
  connectTimeout,
  deadline,
  firstByteTimeout,
  idleTimeout,
  InvalidOptions,
  lines,
  listen,
  type ListenOptions,
  mapAsync,
  messageTimeout,
  nodeTransport,
  readTimeout,
  sendTo,
  serve,
  type ServeOptions,
  timeouts,
  type Transport,
  writeTimeout,
  type NetFailure,
  type Op,
} from '../../src/index.ts';
import { rawPeer, rawServer } from './support-failures/peers.ts';
import { record, Recording } from './support-failures/record.ts';
import { connected, echo, listening, type Serving, serving } from './support-failures/serving.ts';
import { turns } from './support-failures/wait.ts';

/** A transport that must not be used. */
class Unused implements Transport {
  used = 0;
  readonly clock = nodeTransport.clock;
  readonly random = nodeTransport.random;

  dial(...given: Parameters<Transport['dial']>): ReturnType<Transport['dial']> {
    this.used++;
    return nodeTransport.dial(...given);
  }

  bind(...given: Parameters<Transport['bind']>): ReturnType<Transport['bind']> {
    this.used++;
    return nodeTransport.bind(...given);
  }
}

type AnyLimit = Op<never, never, NetFailure>;

/** It fails at once, by telling which option, what was given and what is allowed. */
function expectRefused(flow: Observable<unknown>, option: string, value: unknown): void {
  const recording = new Recording(flow);
  const { ending } = recording;
  recording.unsubscribe();
  expect(recording.values).toEqual([]);
  if (ending?.kind !== 'error') throw new Error(`${option}: ${String(value)} was not refused`);
  const { error } = ending;
  expect(error).toBeInstanceOf(InvalidOptions);
  const { allowed, message } = error as InvalidOptions;
  expect(error).toMatchObject({ _tag: 'InvalidOptions', option });
  expect((error as InvalidOptions).value).toBe(value);
  expect(allowed).not.toBe('');
  expect(message).toContain(option);
  // What concerns no option alone has a sentence of its own.
  if (option !== 'options' && value !== undefined) expect(message).toContain(`must be ${allowed}, got `);
}

const booleans: readonly unknown[] = ['true', 1, 0, null, {}];
const durations: readonly unknown[] = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, '5', null, true];
const sizes: readonly unknown[] = [0, -1, 1.5, Number.NaN, 2 ** 53, '5', null, true];

const onEvery: Record<string, readonly unknown[]> = {
  noDelay: booleans,
  keepAlive: booleans,
  keepAliveInitialDelay: [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null],
  signal: [5, {}, null, { aborted: false }, new AbortController()],
  allowHalfOpen: booleans,
  highWaterMark: [...sizes, Number.POSITIVE_INFINITY],
  maxQueued: [...sizes, Number.POSITIVE_INFINITY],
  transport: [5, null, {}, { dial() {}, bind() {} }, { dial() {}, clock: {} }],
  idleTimeout: durations,
  readTimeout: durations,
  firstByteTimeout: durations,
  writeTimeout: durations,
  deadline: durations,
};

const onConnect: Record<string, readonly unknown[]> = {
  ...onEvery,
  port: [0, -1, 65_536, 1.5, Number.NaN, '', 'x', '65536', null, true, {}],
  host: ['', 5, null, 'a\0b', {}],
  localAddress: ['localhost', '', 5, null],
  localPort: [-1, 65_536, 1.5, 'x', null],
  family: [5, '4', null, Number.NaN],
  hints: [-1, 1.5, 'x', null, 2 ** 31],
  lookup: [5, 'x', null, {}],
  autoSelectFamily: booleans,
  autoSelectFamilyAttemptTimeout: [0, -1, 1.5, Number.NaN, 'x', null],
  connectTimeout: durations,
};

const onListen: Record<string, readonly unknown[]> = {
  ...onEvery,
  port: [-1, 65_536, 1.5, Number.NaN, '', 'x', null, true, {}],
  host: ['', 5, null, 'a\0b', {}],
  backlog: [0, -1, 1.5, 'x', null, 2 ** 31],
  exclusive: booleans,
  ipv6Only: booleans,
  reusePort: booleans,
  maxConnections: [0, -1, 1.5, Number.NaN, 'x', null],
  whenFull: ['Drop', '', true, null, 5],
  unclaimedTimeout: durations,
  maxUnclaimed: sizes,
  pauseOnConnect: booleans,
};

const onServe: Record<string, readonly unknown[]> = {
  ...onListen,
  shutdown: [5, 'text', null, true, {}, { aborted: true }, () => {}],
  drainTimeout: durations,
};

const open: [string, (options: object) => Observable<unknown>, Record<string, readonly unknown[]>][] = [
  ['connect', (options) => connect(options as ConnectOptions), onConnect],
  ['listen', (options) => listen(options as ListenOptions), onListen],
  ['serve', (options) => serve(options as ServeOptions, echo), onServe],
];

describe.each(open)('%s', (_name, make, table) => {
  test.each(Object.entries(table))('%s', async (option, values) => {
    for (const value of values) {
      const transport = new Unused();
      expectRefused(make({ port: 1_234, host: '127.0.0.1', transport, [option]: value }), option, value);
      expect(transport.used).toBe(0);
    }
    await turns(1);
  });

  test.each<[string, string, readonly unknown[]]>([
    ['path', 'path', ['', 5, null, 'a\0b', `/${'x'.repeat(200)}`, '\0']],
    ['fd', 'fd', [-1, 1.5, 'x', null, Number.NaN]],
  ])('%s', (_what, option, values) => {
    for (const value of values) {
      const transport = new Unused();
      expectRefused(make({ transport, [option]: value }), option, value);
      expect(transport.used).toBe(0);
    }
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'options'],
    ['null', null, 'options'],
    ['a number', 8124, 'options'],
    ['a string', '8124', 'options'],
    ['an array', [8124], 'options'],
  ])('%s in place of the options', (_what, value, option) => {
    expectRefused(make(value as object), option, value);
  });

  test('no endpoint at all', () => {
    const transport = new Unused();
    expectRefused(make({ transport }), 'port', undefined);
    expect(transport.used).toBe(0);
  });

  test.each([
    ['idleTimout', 'idleTimeout'],
    ['HOST', 'host'],
    ['hostname', 'host'],
    ['highWatermark', 'highWaterMark'],
    ['halfOpen', 'allowHalfOpen'],
  ])('an option that is misspelt: %s', (name, meant) => {
    const transport = new Unused();
    const recording = new Recording(make({ port: 1_234, transport, [name]: 5 }));
    expect(recording.ending).toMatchObject({
      error: {
        _tag: 'InvalidOptions',
        option: name,
        value: 5,
        message: expect.stringContaining(`"${meant}"`) as string,
      },
    });
    expect(transport.used).toBe(0);
  });

  test('an option that nobody knows', () => {
    const recording = new Recording(make({ port: 1_234, colour: 'red' }));
    expect(recording.ending).toMatchObject({
      error: { _tag: 'InvalidOptions', option: 'colour', message: expect.stringContaining('known are port') as string },
    });
  });

  test('an option that is undefined counts as absent, known or not', () => {
    const transport = new Unused();
    const undefinedOptions = Object.fromEntries(Object.keys(table).map((option) => [option, undefined]));
    const options = { ...undefinedOptions, colour: undefined, port: 1, host: '127.0.0.1', transport };
    new Recording(make(options)).unsubscribe();
    expect(transport.used).toBe(1);
  });

  test('maxQueued below highWaterMark', () => {
    expectRefused(make({ port: 1_234, highWaterMark: 100, maxQueued: 99 }), 'maxQueued', 99);
  });

  test('it is told on each subscription, and making the flow throws nothing', () => {
    const flow = make({ port: -1 });
    expectRefused(flow, 'port', -1);
    expectRefused(flow, 'port', -1);
  });
});

test('an option that belongs to another function is refused, with its likely meaning', () => {
  const options = { port: 0, shutdown: NEVER } as unknown as ListenOptions;
  expect(tagged(listen(options))).toMatchObject({ option: 'shutdown' });
  expect(tagged(connect({ port: 1, maxConnections: 5 } as unknown as ConnectOptions))).toMatchObject({
    option: 'maxConnections',
  });
});

function tagged(flow: Observable<unknown>): unknown {
  const { ending } = new Recording(flow);
  return ending?.kind === 'error' ? ending.error : undefined;
}

describe('the handler of serve', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['a flow', of('x')],
    ['a number', 5],
    ['an object', {}],
  ])('is %s instead of a function', (_name, handler) => {
    const transport = new Unused();
    expectRefused(serve({ port: 0, transport }, handler as () => Observable<Chunk>), 'handler', handler);
    expect(transport.used).toBe(0);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['a boolean', true],
    ['a string', 'text'],
    ['an object', {}],
    ['a function', () => EMPTY],
    ['a symbol', Symbol('x')],
  ])('returns %s instead of a flow: a failure of that connection', async (_name, output) => {
    let first = true;
    const server = await serving((connection) => {
      if (!first) return connection.incoming;
      first = false;
      return output as Observable<Chunk>;
    });
    const peer = await rawPeer(server.place);
    await peer.close();
    const { failure } = await server.one('failed');
    expect(failure).toMatchObject({ _tag: 'InvalidOptions', option: 'handler' });
    expect((failure as InvalidOptions).value).toBe(output);
    await server.one('closed');
    await echoes(server);
    expect(server.all('failed')).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ['a number', 5],
    ['null', null],
    ['an object', { text: 'x' }],
    ['an array of bytes', [1, 2]],
    ['a buffer without a view', new ArrayBuffer(2)],
  ])('emits %s: a failure of that connection, after what came before has left', async (_name, chunk) => {
    let first = true;
    const server = await serving((connection) => {
      if (!first) return connection.incoming;
      first = false;
      return of('before', chunk as Chunk, 'after');
    });
    const peer = await rawPeer(server.place);
    await peer.close();
    expect(peer.text).toBe('before');
    expect((await server.one('failed')).failure).toMatchObject({ _tag: 'InvalidOptions', option: 'chunk' });
    await server.one('closed');
    await echoes(server);
    expect(server.all('failed')).toHaveLength(1);
  });

  test('returns bytes instead of a flow of them: told as what they are, a list of numbers', async () => {
    const server = await serving(() => Buffer.from('hi') as unknown as Observable<Chunk>);
    const peer = await rawPeer(server.place);
    await peer.close();
    expect((await server.one('failed')).failure).toMatchObject({ _tag: 'InvalidOptions' });
  });
});

async function echoes(server: Serving): Promise<void> {
  const peer = await rawPeer(server.place);
  await peer.send('still here');
  await peer.receives('still here');
}

describe('the methods of a connection', () => {
  async function standing(): Promise<{ connection: Connection; received: () => Promise<string> }> {
    const raw = await rawServer();
    const { connection } = await connected({ port: raw.port });
    const peer = await raw.peer();
    return {
      connection,
      received: async () => {
        await peer.end();
        return peer.text;
      },
    };
  }

  const methods: Record<string, [string, (connection: Connection, value: never) => unknown, readonly unknown[]]> = {
    setTimeout: [
      'timeout',
      (connection, ms) => connection.setTimeout(ms),
      [-1, Number.NaN, Infinity, '5', null, 2 ** 31],
    ],
    setNoDelay: ['enable', (connection, enable) => connection.setNoDelay(enable), ['true', 1, null]],
    setKeepAlive: ['enable', (connection, enable) => connection.setKeepAlive(enable), ['true', 1, null]],
    'setKeepAlive, its delay': [
      'initialDelay',
      (connection, delay) => connection.setKeepAlive(true, delay),
      [-1, Number.NaN, Infinity, '5', null],
    ],
  };

  test.each(Object.entries(methods))(
    '%s throws, and the connection lives on',
    async (_name, [option, call, values]) => {
      const { connection, received } = await standing();
      for (const value of values) {
        let thrown: unknown;
        try {
          call(connection, value as never);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toMatchObject({ _tag: 'InvalidOptions', option });
        expect((thrown as InvalidOptions).value).toBe(value);
      }
      connection.end('fine');
      await expect(received()).resolves.toBe('fine');
    },
  );

  test.each<[string, (connection: Connection) => void]>([
    ['write', (connection) => void connection.write(5 as never)],
    ['end', (connection) => connection.end(5 as never)],
  ])('%s of what is no chunk fails the connection, and loses nothing that was written before', async (_name, act) => {
    const { connection, received } = await standing();
    const reading = record(connection.incoming);
    connection.write('before');
    act(connection);
    await expect(reading.failure()).resolves.toMatchObject({
      _tag: 'ConnectionClosed',
      cause: { _tag: 'InvalidOptions', option: 'chunk', value: 5 },
    });
    await expect(received()).resolves.toBe('before');
    const [info] = await record(connection.closed).completion();
    expect(info?.failure).toMatchObject({ _tag: 'InvalidOptions' });
  });

  test('write after end fails the connection, and loses nothing that was written before', async () => {
    const { connection, received } = await standing();
    const reading = record(connection.incoming);
    connection.end('before');
    expect(connection.write('after')).toBe(false);
    await expect(reading.failure()).resolves.toMatchObject({ _tag: 'ConnectionClosed' });
    await expect(received()).resolves.toBe('before');
  });

  test.each<[string, unknown]>([
    ['a number', 5],
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
  ])('send of %s fails that send, and the connection lives on', async (_name, source) => {
    const { connection, received } = await standing();
    const sending = record(connection.send(source as Observable<Chunk>));
    await sending.failure();
    await record(connection.send(of('fine'))).completion();
    connection.end();
    await expect(received()).resolves.toBe('fine');
  });
});

describe('Server.close', () => {
  test.each([0, -1, Number.NaN, '5', null])(
    'with drainTimeout: %s is refused, and the server goes on',
    async (drainTimeout) => {
      const { server, place } = await listening();
      const connections = record(server.connections);
      const failure = await Promise.resolve()
        .then(() => server.close({ drainTimeout: drainTimeout as number }))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ _tag: 'InvalidOptions', option: 'drainTimeout' });
      await rawPeer(place);
      await connections.count(1);
    },
  );

  test.each([
    ['options', null],
    ['drainTimeot', { drainTimeot: 5 }],
  ])('wrong %s are refused, and the server goes on', async (option, options) => {
    const { server, place } = await listening();
    const connections = record(server.connections);
    await expect(server.close(options as never)).rejects.toMatchObject({ _tag: 'InvalidOptions', option });
    await rawPeer(place);
    await connections.count(1);
  });
});

describe('sendTo', () => {
  test.each([null, undefined, 5, 'text', {}])('%s is nothing to send to', async (target) => {
    const failure = await record(of('x').pipe(sendTo(target as Connection))).failure();
    expect(failure).toMatchObject({ _tag: 'InvalidOptions', option: 'target', value: target });
  });
});

describe('operators', () => {
  const limits = { idleTimeout, readTimeout, writeTimeout, firstByteTimeout, messageTimeout, deadline, connectTimeout };
  const names = [
    'idleTimeout',
    'readTimeout',
    'writeTimeout',
    'firstByteTimeout',
    'messageTimeout',
    'deadline',
    'connectTimeout',
  ] as const;

  test.each(names)('%s: its limit', (name) => {
    for (const value of durations) {
      let subscribed = false;
      const source = subscription(() => {
        subscribed = true;
      });
      expectRefused(from(source).pipe(limits[name](value as number) as AnyLimit), name, value);
      expect(subscribed).toBe(false);
    }
  });

  test.each(names)('%s: its clock', (name) => {
    for (const value of [null, 0, '', 5, {}, { now() {} }, { after() {} }, 'clock']) {
      expectRefused(NEVER.pipe(limits[name](5, value as never) as AnyLimit), 'clock', value);
    }
  });

  test.each(['connect', 'idle', 'read', 'write', 'firstByte', 'message', 'deadline'])('timeouts: %s', (name) => {
    for (const value of durations) expectRefused(NEVER.pipe(timeouts({ [name]: value } as never)), name, value);
  });

  test('timeouts: what is none', () => {
    for (const value of [null, undefined, 5, 'idle', [5]])
      expectRefused(NEVER.pipe(timeouts(value as never)), 'options', value);
    expect(tagged(NEVER.pipe(timeouts({ idel: 5 } as never)))).toMatchObject({
      option: 'idel',
      message: expect.stringContaining('did you mean "idle"?') as string,
    });
  });

  test.each<[string, readonly unknown[]]>([
    ['maxLength', [...sizes, Number.POSITIVE_INFINITY]],
    ['requireTerminator', booleans],
  ])('lines: %s', (option, values) => {
    for (const value of values) expectRefused(NEVER.pipe(lines({ [option]: value })), option, value);
  });

  test('lines: what is no options', () => {
    for (const value of [null, 5, 'x', [5]]) expectRefused(NEVER.pipe(lines(value as never)), 'options', value);
    expect(tagged(NEVER.pipe(lines({ maxLen: 5 } as never)))).toMatchObject({
      option: 'maxLen',
      message: expect.stringContaining('did you mean "maxLength"?') as string,
    });
  });

  test.each(['concurrency', 'highWaterMark', 'maxBuffered', 'maxBufferedBytes', 'sizeOf'])('mapAsync: %s', (option) => {
    for (const value of [0, -1, 1.5, Number.NaN, '5', null]) {
      expectRefused(NEVER.pipe(mapAsync(() => 1, { [option]: value })), option, value);
    }
  });

  test('mapAsync: what is no options', () => {
    for (const value of [null, 'x', [5]])
      expectRefused(NEVER.pipe(mapAsync(() => 1, value as never)), 'options', value);
    expect(tagged(NEVER.pipe(mapAsync(() => 1, { concurency: 5 } as never)))).toMatchObject({
      option: 'concurency',
      message: expect.stringContaining('did you mean "concurrency"?') as string,
    });
  });
});

/** Tells of its subscription. */
function subscription(told: () => void): Observable<never> {
  return new Proxy(NEVER, {
    get: (target, name, receiver) => {
      if (name === 'subscribe') told();
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

test('shutdown by a promise, an iterable or an Observable that fails is what it says', async () => {
  const promised = record(serve({ port: 0, host: '127.0.0.1', shutdown: Promise.resolve() }, echo));
  await promised.completion();
  const failure = new Error('boom');
  const failing = record(serve({ port: 0, host: '127.0.0.1', shutdown: Promise.reject(failure) }, echo));
  await expect(failing.failure()).resolves.toBe(failure);
});
