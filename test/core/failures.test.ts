import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, test } from 'vitest';

import {
  AddressInUse,
  AddressNotAvailable,
  AlreadySubscribed,
  BrokenPipe,
  BufferOverflow,
  type ConnectFailure,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionRefused,
  ConnectionReset,
  ConnectionTimedOut,
  ConnectTimeout,
  ConsumerStalled,
  DeadlineExceeded,
  DecodeFailed,
  type FailureByTag,
  type FailureTag,
  FirstByteTimeout,
  FrameTooLarge,
  FrameTruncated,
  HostNotFound,
  HostUnreachable,
  IdleTimeout,
  InvalidOptions,
  MessageTimeout,
  isNetFailure,
  type ListenFailure,
  type NetFailure,
  NetworkUnreachable,
  PathNotFound,
  PermissionDenied,
  PoolExhausted,
  PossiblyDelivered,
  type ReadFailure,
  ReadTimeout,
  renderValue,
  SystemFailure,
  TooManyFiles,
  type WriteFailure,
  WriteTimeout,
} from '../../src/core/failures/index.ts';

const tcp = { address: '127.0.0.1', port: 8124 };
const ipc = { address: '/tmp/echo.sock' };

/** One of each, so that a tag without an example does not compile. */
const examples: { readonly [T in FailureTag]: FailureByTag[T] } = {
  AddressInUse: new AddressInUse(tcp),
  AddressNotAvailable: new AddressNotAvailable({ address: '10.0.0.1' }),
  AlreadySubscribed: new AlreadySubscribed(tcp),
  BrokenPipe: new BrokenPipe(ipc),
  BufferOverflow: new BufferOverflow({ ...tcp, limit: 65_536, queued: 70_000 }),
  ConnectTimeout: new ConnectTimeout({ ...tcp, limit: 1000 }),
  ConnectionAborted: new ConnectionAborted(tcp),
  ConnectionClosed: new ConnectionClosed(tcp),
  ConnectionRefused: new ConnectionRefused({ address: '::1', port: 80 }),
  ConnectionReset: new ConnectionReset(tcp),
  ConsumerStalled: new ConsumerStalled({ ...tcp, limit: 5000, operator: 'concatMap' }),
  ConnectionTimedOut: new ConnectionTimedOut(tcp),
  DeadlineExceeded: new DeadlineExceeded({ limit: 5000 }),
  DecodeFailed: new DecodeFailed({ cause: new SyntaxError('Unexpected token') }),
  FirstByteTimeout: new FirstByteTimeout({ ...tcp, limit: 2000 }),
  FrameTooLarge: new FrameTooLarge({ ...tcp, limit: 1024, size: 2048 }),
  FrameTruncated: new FrameTruncated({ pending: 3 }),
  HostNotFound: new HostNotFound({ host: 'nope.invalid' }),
  HostUnreachable: new HostUnreachable(tcp),
  IdleTimeout: new IdleTimeout({ ...tcp, limit: 30_000 }),
  InvalidOptions: new InvalidOptions({ option: 'port', value: '80a', allowed: 'an integer from 0 to 65535' }),
  MessageTimeout: new MessageTimeout({ ...tcp, limit: 3000 }),
  NetworkUnreachable: new NetworkUnreachable(tcp),
  PathNotFound: new PathNotFound(ipc),
  PermissionDenied: new PermissionDenied({ address: '\0abstract' }),
  PoolExhausted: new PoolExhausted({ size: 10, waiting: 3, waited: 5000 }),
  PossiblyDelivered: new PossiblyDelivered(tcp),
  ReadTimeout: new ReadTimeout({ ...tcp, limit: 100 }),
  SystemFailure: new SystemFailure({ ...tcp, syscall: 'bind', code: 'EINVAL' }),
  TooManyFiles: new TooManyFiles({ port: 80 }),
  WriteTimeout: new WriteTimeout({ ...tcp, limit: 5000 }),
};
const all: readonly NetFailure[] = Object.values(examples);

describe('every failure', () => {
  test.each(all.map((failure) => [failure._tag, failure] as const))('%s', (tag, failure) => {
    expect(failure).toBeInstanceOf(Error);
    expect(examples[tag]).toBe(failure);
    expect(failure.name).toBe(tag);
    expect(failure.stack).toMatch(`${tag}: ${failure.message}`);
    expect(inspect(failure)).toMatch(`${tag}: ${failure.message}`);
    expect(isNetFailure(failure)).toBe(true);
    for (const key of ['code', 'syscall', 'address', 'port']) expect(Object.hasOwn(failure, key)).toBe(true);
  });

  test('says what happened where, in a sentence', () => {
    expect(all.map((failure) => `${failure.name}: ${failure.message}`)).toMatchInlineSnapshot(`
      [
        "AddressInUse: the address 127.0.0.1:8124 is already in use",
        "AddressNotAvailable: the address 10.0.0.1 is not available on this machine",
        "AlreadySubscribed: the bytes of the connection to 127.0.0.1:8124 have a subscriber already; use share() to give them to several",
        "BrokenPipe: the peer /tmp/echo.sock no longer takes data",
        "BufferOverflow: 70000 bytes were queued for 127.0.0.1:8124, the limit is 65536: wait for "drain" when write() returns false; give sendTo() what can be paused (a connection, an iterable) instead of a timer or a Subject; or raise maxQueued",
        "ConnectTimeout: the connection to 127.0.0.1:8124 was not established within 1000 ms",
        "ConnectionAborted: the connection to 127.0.0.1:8124 was aborted",
        "ConnectionClosed: the connection to 127.0.0.1:8124 is closed",
        "ConnectionRefused: the connection to [::1]:80 was refused: nobody listens there",
        "ConnectionReset: the connection to 127.0.0.1:8124 was reset by the peer",
        "ConsumerStalled: concatMap has paused the connection to 127.0.0.1:8124 for 5000 ms, and its work neither emitted nor completed: work that waits for what this connection brings must not pause it",
        "ConnectionTimedOut: the peer 127.0.0.1:8124 no longer answers: the system gave up on the connection",
        "DeadlineExceeded: the connection did not finish within 5000 ms",
        "DecodeFailed: a message could not be decoded: Unexpected token",
        "FirstByteTimeout: the first byte did not come from 127.0.0.1:8124 within 2000 ms",
        "FrameTooLarge: a message from 127.0.0.1:8124 has 2048 bytes or more, at most 1024 are allowed",
        "FrameTruncated: the stream ended in the middle of a message: 3 bytes of it had come",
        "HostNotFound: the host "nope.invalid" was not found",
        "HostUnreachable: the host 127.0.0.1:8124 is unreachable",
        "IdleTimeout: no byte went either way on the connection to 127.0.0.1:8124 for 30000 ms",
        "InvalidOptions: option "port" must be an integer from 0 to 65535, got "80a"",
        "MessageTimeout: a message that had begun did not come from 127.0.0.1:8124 in full within 3000 ms",
        "NetworkUnreachable: there is no route to 127.0.0.1:8124",
        "PathNotFound: the path /tmp/echo.sock does not exist",
        "PermissionDenied: permission was denied for @abstract",
        "PoolExhausted: none of the 10 connections of the pool became free within 5000 ms; 3 other callers wait",
        "PossiblyDelivered: the connection to 127.0.0.1:8124 ended before the answer came: the request may have been delivered",
        "ReadTimeout: no data came from 127.0.0.1:8124 for 100 ms",
        "SystemFailure: the system reported a failure for 127.0.0.1:8124: bind EINVAL",
        "TooManyFiles: too many files are open to open a socket for port 80",
        "WriteTimeout: no queued byte could be sent to 127.0.0.1:8124 for 5000 ms",
      ]
    `);
  });

  test('says less where less is known', () => {
    expect([
      new ConnectionRefused().message,
      new ConnectTimeout().message,
      new SystemFailure().message,
      new HostNotFound({ address: 'db.example', temporary: true }).message,
      new BufferOverflow({ limit: 16, queued: 17, unit: 'items' }).message,
      new DecodeFailed().message,
    ]).toMatchInlineSnapshot(`
      [
        "the connection was refused: nobody listens there",
        "the connection was not established in time",
        "the system reported a failure",
        "the host "db.example" could not be looked up for now",
        "17 items were queued, the limit is 16: the source can not be paused: take it from what can be (a connection, from() of an iterable), thin it out before (sampleTime, throttleTime), or raise highWaterMark",
        "a message could not be decoded",
      ]
    `);
  });

  test('takes a message, a code and a cause over', () => {
    const cause = new Error('x');
    const failure = new SystemFailure({ message: 'read EIO', code: 'EIO', syscall: 'read', cause });
    expect(failure).toMatchObject({ message: 'read EIO', code: 'EIO', syscall: 'read', address: undefined, cause });
    expect('cause' in new SystemFailure()).toBe(false);
  });
});

test('the fields of one tag', () => {
  expect(examples.BufferOverflow).toMatchObject({ limit: 65_536, queued: 70_000, unit: 'bytes' });
  expect(examples.FrameTooLarge).toMatchObject({ limit: 1024, size: 2048 });
  expect(examples.FrameTruncated.pending).toBe(3);
  expect(examples.HostNotFound).toMatchObject({ host: 'nope.invalid', temporary: false });
  expect(examples.InvalidOptions).toMatchObject({
    option: 'port',
    value: '80a',
    allowed: 'an integer from 0 to 65535',
  });
  expect(examples.IdleTimeout.limit).toBe(30_000);
  expect(examples.ConnectTimeout.limit).toBe(1000);
});

describe('isNetFailure', () => {
  test('knows failures of another copy of the package', () => {
    const foreign = Object.assign(new Error('gone'), {
      _tag: 'ConnectionReset',
      name: 'ConnectionReset',
      code: 'ECONNRESET',
      syscall: undefined,
      address: undefined,
      port: undefined,
    });
    expect(isNetFailure(foreign)).toBe(true);
  });

  test.each([
    [undefined],
    [null],
    ['ConnectionReset'],
    [new Error('x')],
    [{ _tag: 'ConnectionReset' }],
    [{ _tag: 'toString', name: 'toString', message: '', code: '', syscall: '', address: '', port: 1 }],
    [Object.assign(new Error('x'), { _tag: 'ConnectionReset', code: 'ECONNRESET' })],
    [
      new Proxy(
        {},
        {
          has: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('refuses what is none: case %#', (value) => {
    expect(isNetFailure(value)).toBe(false);
  });
});

test('renders values readably, within bounds, without throwing', () => {
  class Widget {
    readonly size = 1;
  }
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const values: readonly unknown[] = [
    undefined,
    null,
    true,
    -0,
    Number.NaN,
    1.5,
    10n ** 100n,
    '',
    'a "quoted"\0 text',
    'x'.repeat(1e6),
    Symbol('tag'),
    Symbol('y'.repeat(1000)),
    () => undefined,
    function named() {
      return undefined;
    },
    [],
    [1, 2, 3],
    {},
    { password: 'secret', user: 'me' },
    { a: 1, b: 2, c: 3, d: 4, e: 5 },
    new Widget(),
    Buffer.from('abc'),
    new Map(),
    Object.create(null),
    new Error('inner'),
    revoked.proxy,
    {
      get constructor(): never {
        throw new Error('no');
      },
    },
  ];
  const shown = values.map(renderValue);
  for (const text of shown) expect(text.length).toBeLessThan(120);
  expect(shown).toMatchInlineSnapshot(`
    [
      "undefined",
      "null",
      "true",
      "-0",
      "NaN",
      "1.5",
      "1000000000000000000000000000000000000000000000000000000000000000…",
      """",
      ""a \\"quoted\\"\\u0000 text"",
      ""xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… (1000000 characters)",
      "Symbol(tag)",
      "Symbol(yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…",
      "a function",
      "a function (named)",
      "an array of 0",
      "an array of 3",
      "{}",
      "an object with password, user",
      "an object with a, b, c, d, …",
      "an object (Widget)",
      "an object (Buffer)",
      "an object (Map)",
      "{}",
      "an error ("inner")",
      "an object",
      "an object with constructor",
    ]
  `);
});

test('the unions of the operations are parts of the whole', () => {
  expectTypeOf<ConnectFailure | ListenFailure | ReadFailure | WriteFailure>().toExtend<NetFailure>();
  expectTypeOf<FailureByTag['IdleTimeout']>().toEqualTypeOf<IdleTimeout>();
  expectTypeOf<Extract<ReadFailure, IdleTimeout | ReadTimeout | FrameTooLarge | DeadlineExceeded>>().toBeNever();
  expectTypeOf<NetFailure['name']>().toEqualTypeOf<FailureTag>();
});
