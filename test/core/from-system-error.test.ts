import * as dns from 'node:dns';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { errnoTable } from '../../src/core/failures/errno.ts';
import {
  ConnectionReset,
  type FailureTag,
  IdleTimeout,
  isNetFailure,
  type Phase,
  toNetFailure,
} from '../../src/core/failures/index.ts';

const phases: readonly Phase[] = ['lookup', 'connect', 'listen', 'accept', 'read', 'write'];

interface SystemErrorFields {
  code?: string;
  syscall?: string;
  address?: string;
  port?: number;
  hostname?: string;
}

const systemError = (message: string, fields: SystemErrorFields = {}): Error =>
  Object.assign(new Error(message), fields);

/** The tags that each phase may lead to, written out a second time: the table must not decide alone. */
const allowed: Readonly<Record<Phase, readonly FailureTag[]>> = {
  lookup: ['HostNotFound', 'PermissionDenied', 'TooManyFiles', 'InvalidOptions', 'SystemFailure'],
  connect: [
    'AddressInUse',
    'AddressNotAvailable',
    'ConnectTimeout',
    'ConnectionAborted',
    'ConnectionRefused',
    'ConnectionReset',
    'HostNotFound',
    'HostUnreachable',
    'InvalidOptions',
    'NetworkUnreachable',
    'PathNotFound',
    'PermissionDenied',
    'SystemFailure',
    'TooManyFiles',
  ],
  listen: [
    'AddressInUse',
    'AddressNotAvailable',
    'HostNotFound',
    'InvalidOptions',
    'PathNotFound',
    'PermissionDenied',
    'SystemFailure',
    'TooManyFiles',
  ],
  accept: [
    'ConnectionAborted',
    'ConnectionReset',
    'ConnectionTimedOut',
    'HostUnreachable',
    'NetworkUnreachable',
    'PermissionDenied',
    'SystemFailure',
    'TooManyFiles',
  ],
  read: [
    'BrokenPipe',
    'ConnectionAborted',
    'ConnectionClosed',
    'ConnectionReset',
    'ConnectionTimedOut',
    'SystemFailure',
  ],
  write: [
    'BrokenPipe',
    'ConnectionAborted',
    'ConnectionClosed',
    'ConnectionReset',
    'ConnectionTimedOut',
    'InvalidOptions',
    'SystemFailure',
  ],
};

const systemCodes = [...getSystemErrorMap().values()].map(([code]) => code);
const dnsCodes = Object.values(dns).filter((value) => typeof value === 'string');

describe('every code of the system, of the resolver and of Node', () => {
  test('the lists are not empty', () => {
    expect(systemCodes.length).toBeGreaterThan(70);
    expect(dnsCodes.length).toBeGreaterThan(20);
  });

  test.each(systemCodes)('%s of the system is in the table', (code) => {
    expect(Object.hasOwn(errnoTable, code)).toBe(true);
  });

  test.each(dnsCodes)('%s of the resolver is in the table', (code) => {
    expect(Object.hasOwn(errnoTable, code)).toBe(true);
  });

  test.each(Object.keys(errnoTable))('%s gives a failure of the phase, with its code', (code) => {
    for (const phase of phases) {
      const error = systemError(`doing ${code}`, { code });
      const failure = toNetFailure(error, { phase, address: '127.0.0.1', port: 80, syscall: 'doing' });
      expect(isNetFailure(failure)).toBe(true);
      expect(failure).toMatchObject({
        code,
        message: `doing ${code}`,
        syscall: 'doing',
        address: '127.0.0.1',
        port: 80,
      });
      expect(failure.cause).toBe(error);
      expect(failure._tag).toBe(errnoTable[code]?.[phase] ?? 'SystemFailure');
      expect(allowed[phase]).toContain(failure._tag);
    }
  });
});

/** What people rely on, row by row: code, then the tag in each phase (`-` is SystemFailure). */
test.each<[code: string, lookup: string, connect: string, listen: string, accept: string, read: string, write: string]>(
  [
    ['ECONNREFUSED', 'HostNotFound', 'ConnectionRefused', '-', '-', '-', '-'],
    ['ECONNRESET', 'HostNotFound', 'ConnectionReset', '-', 'ConnectionReset', 'ConnectionReset', 'ConnectionReset'],
    [
      'ECONNABORTED',
      'HostNotFound',
      'ConnectionAborted',
      '-',
      'ConnectionAborted',
      'ConnectionAborted',
      'ConnectionAborted',
    ],
    ['EPIPE', '-', 'ConnectionReset', '-', '-', 'BrokenPipe', 'BrokenPipe'],
    [
      'ETIMEDOUT',
      'HostNotFound',
      'ConnectTimeout',
      '-',
      'ConnectionTimedOut',
      'ConnectionTimedOut',
      'ConnectionTimedOut',
    ],
    ['EHOSTUNREACH', '-', 'HostUnreachable', '-', 'HostUnreachable', 'ConnectionTimedOut', 'ConnectionTimedOut'],
    ['ENETUNREACH', '-', 'NetworkUnreachable', '-', 'NetworkUnreachable', 'ConnectionTimedOut', 'ConnectionTimedOut'],
    ['EADDRINUSE', '-', 'AddressInUse', 'AddressInUse', '-', '-', '-'],
    ['EADDRNOTAVAIL', '-', 'AddressNotAvailable', 'AddressNotAvailable', '-', '-', '-'],
    ['EACCES', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', '-', '-'],
    ['ERR_ACCESS_DENIED', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', '-', '-'],
    ['ENOENT', '-', 'PathNotFound', 'PathNotFound', '-', '-', '-'],
    ['EMFILE', 'TooManyFiles', 'TooManyFiles', 'TooManyFiles', 'TooManyFiles', '-', '-'],
    ['ENFILE', 'TooManyFiles', 'TooManyFiles', 'TooManyFiles', 'TooManyFiles', '-', '-'],
    ['ENOTFOUND', 'HostNotFound', 'HostNotFound', 'HostNotFound', '-', '-', '-'],
    ['EAI_AGAIN', 'HostNotFound', 'HostNotFound', 'HostNotFound', '-', '-', '-'],
    ['ECANCELED', 'HostNotFound', 'ConnectionAborted', '-', '-', 'ConnectionClosed', 'ConnectionClosed'],
    ['ERR_STREAM_DESTROYED', '-', 'ConnectionAborted', '-', '-', 'ConnectionClosed', 'ConnectionClosed'],
    [
      'ABORT_ERR',
      'HostNotFound',
      'ConnectionAborted',
      '-',
      'ConnectionAborted',
      'ConnectionAborted',
      'ConnectionAborted',
    ],
    ['ERR_SOCKET_BAD_PORT', 'InvalidOptions', 'InvalidOptions', 'InvalidOptions', '-', '-', '-'],
    ['ENOBUFS', '-', '-', '-', '-', '-', '-'],
    ['ENOT_HEARD_OF', '-', '-', '-', '-', '-', '-'],
    ['toString', '-', '-', '-', '-', '-', '-'],
  ],
)('%s', (code, ...expected) => {
  const tags = phases.map((phase) => toNetFailure(systemError('x', { code }), { phase })._tag);
  expect(tags).toEqual(expected.map((tag) => (tag === '-' ? 'SystemFailure' : tag)));
});

describe('what the error lacks comes from the context', () => {
  test('the error wins', () => {
    const error = systemError('connect ECONNREFUSED ::1:1', {
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '::1',
      port: 1,
    });
    expect(toNetFailure(error, { phase: 'connect', address: 'localhost', port: 2, syscall: 'dial' })).toMatchObject({
      _tag: 'ConnectionRefused',
      address: '::1',
      port: 1,
      syscall: 'connect',
    });
  });

  test('a port is not put beside an address that it does not belong to', () => {
    // What Node reports when listening on a path fails.
    const error = systemError('listen EACCES: permission denied /x', { code: 'EACCES', address: '/x', port: -1 });
    expect(toNetFailure(error, { phase: 'listen', address: '/y', port: 80 })).toMatchObject({
      address: '/x',
      port: undefined,
    });
  });

  test('a message is made where the error has none', () => {
    expect(
      toNetFailure(systemError('', { code: 'ECONNRESET' }), { phase: 'read', address: '::1', port: 9 }).message,
    ).toMatchInlineSnapshot(`"the connection to [::1]:9 was reset by the peer"`);
  });

  test('an errno that is a name counts as code, a number does not', () => {
    expect(toNetFailure({ errno: 'ECONNRESET' }, { phase: 'read' })._tag).toBe('ConnectionReset');
    expect(toNetFailure({ errno: -104 }, { phase: 'read' })).toMatchObject({ _tag: 'SystemFailure', code: undefined });
  });
});

describe('lookups', () => {
  test("a lookup's error is known by its syscall while dialling or listening", () => {
    const error = systemError('queryA ECONNREFUSED db.example', {
      code: 'ECONNREFUSED',
      syscall: 'queryA',
      hostname: 'db.example',
    });
    for (const phase of ['connect', 'listen'] as const) {
      expect(toNetFailure(error, { phase })).toMatchObject({
        _tag: 'HostNotFound',
        host: 'db.example',
        temporary: true,
      });
    }
  });

  test.each([
    ['ENOTFOUND', false],
    ['EAI_NODATA', false],
    ['EREFUSED', false],
    ['EAI_AGAIN', true],
    ['ESERVFAIL', true],
    ['ETIMEOUT', true],
    ['ECANCELLED', true],
  ])('%s: temporary is %s', (code, temporary) => {
    expect(toNetFailure(systemError('x', { code }), { phase: 'lookup', address: 'db.example' })).toMatchObject({
      _tag: 'HostNotFound',
      host: 'db.example',
      temporary,
    });
  });
});

describe('wrong arguments name the option', () => {
  test.each([
    ['ERR_SOCKET_BAD_PORT', 'options.port should be >= 0 and < 65536. Received type number (-1).', 'port'],
    ['ERR_INVALID_ARG_TYPE', 'The "options.fd" property must be of type number.', 'fd'],
    ['ERR_INVALID_ARG_VALUE', "The property 'options.objectMode' is not supported.", 'objectMode'],
    ['ERR_INVALID_IP_ADDRESS', 'Invalid IP address: undefined', 'lookup'],
    ['EAI_BADFLAGS', 'getaddrinfo EAI_BADFLAGS', 'hints'],
    ['ERR_MISSING_ARGS', 'Something is missing', 'options'],
  ])('%s', (code, message, option) => {
    const failure = toNetFailure(systemError(message, { code }), { phase: 'connect' });
    expect(failure).toMatchObject({ _tag: 'InvalidOptions', option, code, message });
  });
});

describe('several attempts', () => {
  const refused = (address: string): Error =>
    systemError(`connect ECONNREFUSED ${address}:80`, { code: 'ECONNREFUSED', syscall: 'connect', address, port: 80 });
  const unreachable = systemError('connect ENETUNREACH ::1:80', {
    code: 'ENETUNREACH',
    syscall: 'connect',
    address: '::1',
    port: 80,
  });
  const timedOut = systemError('connect ETIMEDOUT 10.0.0.1:80', { code: 'ETIMEDOUT', address: '10.0.0.1', port: 80 });
  const context = { phase: 'connect', address: 'db.example', port: 80 } as const;

  test('the one that came farthest counts, wherever it stands', () => {
    for (const errors of [
      [unreachable, timedOut, refused('127.0.0.1')],
      [refused('127.0.0.1'), timedOut, unreachable],
    ]) {
      const aggregate = new AggregateError(errors);
      const failure = toNetFailure(aggregate, context);
      expect(failure).toMatchObject({
        _tag: 'ConnectionRefused',
        code: 'ECONNREFUSED',
        address: '127.0.0.1',
        port: 80,
        syscall: 'connect',
      });
      expect(failure.cause).toBe(aggregate);
    }
    expect(toNetFailure(new AggregateError([unreachable, timedOut]), context)._tag).toBe('ConnectTimeout');
  });

  test('of equals the first', () => {
    const failure = toNetFailure(new AggregateError([refused('::1'), refused('127.0.0.1')]), context);
    expect(failure.address).toBe('::1');
    expect(failure.message).toMatchInlineSnapshot(
      `"connect ECONNREFUSED ::1:80 (other attempts: connect ECONNREFUSED 127.0.0.1:80)"`,
    );
  });

  test('many are listed in part', () => {
    const errors = [...Array.from({ length: 5 }, () => unreachable), timedOut];
    expect(toNetFailure(new AggregateError(errors), context).message).toMatchInlineSnapshot(
      `"connect ETIMEDOUT 10.0.0.1:80 (other attempts: connect ENETUNREACH ::1:80; connect ENETUNREACH ::1:80; connect ENETUNREACH ::1:80; 2 more)"`,
    );
  });

  test('aggregates in aggregates, and one that holds itself, end', () => {
    expect(toNetFailure(new AggregateError([new AggregateError([refused('::1')])]), context)._tag).toBe(
      'ConnectionRefused',
    );
    const itself = new AggregateError([]);
    itself.errors.push(itself);
    expect(toNetFailure(itself, context)._tag).toBe('SystemFailure');
  });

  test('an empty one is judged by its own code', () => {
    expect(toNetFailure(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), context)._tag).toBe(
      'ConnectionRefused',
    );
  });

  test('a failure among them stays itself', () => {
    const reset = new ConnectionReset();
    expect(toNetFailure(new AggregateError([unreachable, reset]), context)).toBe(reset);
  });
});

test('a failure is returned as it is', () => {
  const failure = new IdleTimeout({ limit: 5 });
  expect(toNetFailure(failure, { phase: 'read' })).toBe(failure);
});

test('anything at all gives a failure, with the thing as its cause', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.constantFrom(...phases),
      (thing, phase) => {
        const failure = toNetFailure(thing, { phase });
        expect(isNetFailure(failure)).toBe(true);
        expect(allowed[phase]).toContain(failure._tag);
        expect(failure.cause).toBe(thing);
      },
    ),
  );
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  );
  expect(toNetFailure(hostile, { phase: 'read' })._tag).toBe('SystemFailure');
});

/** What this Node really reports, so that the table is not about errors nobody sees. */
describe('real errors', () => {
  const dialError = (options: NetConnectOpts): Promise<Error> =>
    new Promise((resolve) => {
      connect(options).once('error', resolve);
    });

  test('a refused connection', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const error = await dialError({ port, host: '127.0.0.1' });
    expect(toNetFailure(error, { phase: 'connect' })).toMatchObject({
      _tag: 'ConnectionRefused',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  test('a path where nothing is', async () => {
    const path = '/nonexistent/rxjs-net.sock';
    const error = await dialError({ path });
    expect(toNetFailure(error, { phase: 'connect' })).toMatchObject({
      _tag: 'PathNotFound',
      code: 'ENOENT',
      address: path,
      port: undefined,
    });
  });

  test('an unknown host, whether the resolver answers or not', async () => {
    const error = await dialError({ port: 80, host: 'nope.invalid' });
    expect(toNetFailure(error, { phase: 'connect' })).toMatchObject({
      _tag: 'HostNotFound',
      host: 'nope.invalid',
      syscall: 'getaddrinfo',
    });
  });

  test('several addresses refused', async () => {
    const error = await dialError({
      port: 1,
      host: 'two.example',
      lookup: (_host, _options, callback) => {
        callback(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      },
    });
    expect(error).toBeInstanceOf(AggregateError);
    const failure = toNetFailure(error, { phase: 'connect' });
    expect(failure).toMatchObject({ _tag: 'ConnectionRefused', address: '127.0.0.1', port: 1 });
    expect(failure.cause).toBe(error);
  });

  test('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await new Promise<Error>((resolve) => {
      createServer().once('error', resolve).listen(port, '127.0.0.1');
    });
    server.close();
    expect(toNetFailure(error, { phase: 'listen' })).toMatchObject({
      _tag: 'AddressInUse',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
    });
  });
});
