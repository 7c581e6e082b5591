import * as dns from 'node:dns';
import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';

import { InvalidOptions } from '../../src/core/failures/index.ts';
import {
  checkBoolean,
  checkCount,
  checkDuration,
  checkFunction,
  checkHints,
  checkInteger,
  checkIP,
  checkOneOf,
  checkPath,
  checkPort,
  checkSignal,
  checkSize,
  checkString,
  type ConnectEndpointOptions,
  type ListenEndpointOptions,
  readConnectOptions,
  readListenOptions,
  refuseUnknown,
} from '../../src/core/options/index.ts';

/** The failure of a check; anything else that it throws, or that it throws nothing, fails the test. */
function refusal(check: () => unknown): InvalidOptions {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidOptions) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
});
const { signal } = new AbortController();

describe('single checks', () => {
  type Check = (name: string, value: unknown) => unknown;
  const checks: ReadonlyArray<readonly [string, Check, accepted: readonly unknown[], refused: readonly unknown[]]> = [
    ['checkBoolean', checkBoolean, [true, false], [0, 1, 'true', null, undefined]],
    ['checkString', checkString, ['x', ' '], ['', 'a\0b', 1, null, undefined, ['x']]],
    ['checkFunction', checkFunction, [() => 1, Map, Math.max], [{}, null, undefined, 'f']],
    ['checkSignal', checkSignal, [signal, AbortSignal.abort()], [{}, new AbortController(), null, { aborted: true }]],
    ['checkIP', checkIP, ['127.0.0.1', '::1', 'fe80::1%eth0'], ['localhost', '', '1.2.3', 4, null]],
    ['checkDuration', checkDuration, [1, 0.5, 2 ** 31 - 1], [0, -1, Number.NaN, Infinity, 2 ** 31, '5', 5n, null]],
    ['checkDuration, zero', (n, v) => checkDuration(n, v, { zero: true }), [0, 1], [-0.001, Infinity, Number.NaN]],
    [
      'checkDuration, infinity',
      (n, v) => checkDuration(n, v, { infinity: true }),
      [1, Infinity],
      [0, -Infinity, 2 ** 31],
    ],
    ['checkCount', checkCount, [1, 2 ** 40], [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53, '1', 1n]],
    [
      'checkCount, both',
      (n, v) => checkCount(n, v, { zero: true, infinity: true }),
      [0, 1, Infinity],
      [-1, 0.5, -Infinity],
    ],
    ['checkSize', checkSize, [1, 65_536], [0, -1, 1.5, Number.NaN, Infinity, '1']],
    ['checkInteger', (n, v) => checkInteger(n, v, 2, 4), [2, 3, 4], [1, 5, 2.5, '3', Number.NaN]],
    ['checkOneOf', (n, v) => checkOneOf(n, v, ['drop', 'wait']), ['drop', 'wait'], ['DROP', '', 0, undefined]],
    [
      'checkPath',
      (n, v) => checkPath(n, v, 'linux'),
      ['/x', 'x', '\0x', 'é'.repeat(53)],
      ['', '\0', 'a\0', '\0a\0', 1, null],
    ],
    ['checkHints', (n, v) => checkHints(n, v, 'linux'), [0, 8, 0x38], [1, 0x40, -1, 0.5, '8', 2 ** 32 + 8]],
  ];

  test.each(checks)('%s', (_name, check, accepted, refused) => {
    for (const value of accepted) expect(check('it', value)).toBe(value);
    for (const value of refused) {
      const failure = refusal(() => check('it', value));
      expect(failure.option).toBe('it');
      expect(failure.value).toBe(value);
      expect(failure.message).toContain('option "it" must be ');
    }
  });

  test.each(checks)('%s takes anything: a value it lets pass is the value, else it is refused', (_name, check) => {
    fc.assert(
      fc.property(anything, (value) => {
        try {
          const checked = check('it', value);
          // -0 becomes 0.
          expect(checked === value).toBe(true);
        } catch (error) {
          if (!(error instanceof InvalidOptions)) throw error;
          expect(error.option).toBe('it');
          expect(error.message.length).toBeLessThan(400);
        }
      }),
    );
  });

  test('-0 becomes 0', () => {
    expect(checkPort('port', -0, { zero: true })).toBe(0);
    expect(checkCount('it', -0, { zero: true })).toBe(0);
    expect(checkDuration('it', -0, { zero: true })).toBe(0);
    expect(checkInteger('it', -0, 0, 1)).toBe(0);
    expect(checkHints('it', -0)).toBe(0);
  });

  test('checkOneOf has the literals as its type', () => {
    expectTypeOf(checkOneOf('it', 'a', ['a', 'b'])).toEqualTypeOf<'a' | 'b'>();
  });

  test('what they say', () => {
    expect(
      [
        () => checkPort('port', '80a', { zero: true }),
        () => checkPort('port', 0),
        () => checkDuration('idleTimeout', -1),
        () => checkDuration('drainTimeout', 'soon', { zero: true, infinity: true }),
        () => checkCount('maxConnections', 0, { infinity: true }),
        () => checkSize('maxLength', 1.5),
        () => checkBoolean('noDelay', 'yes'),
        () => checkString('host', ''),
        () => checkString('host', 'a\0'),
        () => checkFunction('lookup', {}),
        () => checkSignal('signal', new AbortController()),
        () => checkOneOf('whenFull', 'queue', ['drop', 'wait']),
        () => checkOneOf('it', 1, [2]),
        () => checkIP('localAddress', 'localhost'),
        () => checkHints('hints', 1),
        () => checkPath('path', '', 'linux'),
        () => checkPath('path', 'x'.repeat(200), 'linux'),
        () => checkPath('path', 'x'.repeat(104), 'darwin'),
        () => checkPath('path', '\0x', 'darwin'),
        () => checkPath('path', '/tmp/x', 'win32'),
      ].map((check) => refusal(check).message),
    ).toMatchInlineSnapshot(`
      [
        "option "port" must be an integer from 0 to 65535, got "80a"",
        "option "port" must be an integer from 1 to 65535, got 0",
        "option "idleTimeout" must be a number of milliseconds greater than 0, at most 2147483647, got -1",
        "option "drainTimeout" must be a number of milliseconds from 0 to 2147483647, or Infinity, got "soon"",
        "option "maxConnections" must be an integer, 1 or more, or Infinity, got 0",
        "option "maxLength" must be a whole number of bytes, 1 or more, got 1.5",
        "option "noDelay" must be true or false, got "yes"",
        "option "host" must be a string that is not empty, got """,
        "option "host" must be a string without NUL characters, got "a\\u0000"",
        "option "lookup" must be a function, got {}",
        "option "signal" must be an AbortSignal, got an object (AbortController)",
        "option "whenFull" must be "drop" or "wait", got "queue"",
        "option "it" must be 2, got 1",
        "option "localAddress" must be an IP address, got "localhost"",
        "option "hints" must be a combination of the flags ADDRCONFIG, V4MAPPED and ALL of node:dns, got 1",
        "option "path" must be a path that is not empty, got """,
        "option "path" must be a path of at most 107 bytes, the most that linux takes for a socket, got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… (200 characters)",
        "option "path" must be a path of at most 103 bytes, the most that darwin takes for a socket, got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… (104 characters)",
        "option "path" must be a path without NUL characters (abstract sockets do not exist on darwin), got "\\u0000x"",
        "option "path" must be the name of a pipe, \\\\.\\pipe\\… or \\\\?\\pipe\\…, got "/tmp/x"",
      ]
    `);
  });
});

describe('checkPort', () => {
  test.each([
    [1, 1],
    [65_535, 65_535],
    ['8124', 8124],
    ['0x1fbc', 8124],
    [' 80 ', 80],
    ['0080', 80],
  ])('%j is %i', (given, port) => {
    expect(checkPort('port', given)).toBe(port);
  });

  test.each([
    [0],
    ['0'],
    [-1],
    [65_536],
    [1.5],
    ['80a'],
    [''],
    [' '],
    ['0x'],
    ['-0x1'],
    [Number.NaN],
    [Infinity],
    [null],
    [true],
    [[80]],
    [80n],
  ])('refuses %s', (given) => {
    expect(refusal(() => checkPort('port', given)).value).toBe(given);
  });

  test('0 only where it means any port', () => {
    expect(checkPort('port', '0', { zero: true })).toBe(0);
    // What an unset variable of the environment leaves must not become "any port".
    for (const blank of ['', ' ', '\t\n']) refusal(() => checkPort('port', blank, { zero: true }));
    expect(refusal(() => checkPort('port', -1, { zero: true })).allowed).toBe('an integer from 0 to 65535');
  });
});

describe('checkPath', () => {
  test('counts bytes, not characters', () => {
    expect(checkPath('path', 'x'.repeat(107), 'linux')).toHaveLength(107);
    expect(checkPath('path', '€'.repeat(35), 'linux')).toHaveLength(35);
    expect(refusal(() => checkPath('path', '€'.repeat(36), 'linux')).allowed).toContain('107 bytes');
    expect(refusal(() => checkPath('path', 'x'.repeat(104), 'darwin')).allowed).toContain('103 bytes');
    expect(refusal(() => checkPath('path', `\0${'x'.repeat(107)}`, 'linux')).allowed).toContain('107 bytes');
  });

  test('leaves it to a system that is not known to judge the length', () => {
    expect(checkPath('path', 'x'.repeat(200), 'sunos')).toHaveLength(200);
  });

  test('takes only names of pipes on Windows', () => {
    for (const pipe of [String.raw`\\.\pipe\x`, String.raw`\\?\pipe\C:\x`, '//./pipe/x']) {
      expect(checkPath('path', pipe, 'win32')).toBe(pipe);
    }
    for (const other of [String.raw`C:\x`, String.raw`\\.\pipe\ `.trim(), String.raw`\\host\pipe\x`]) {
      refusal(() => checkPath('path', other, 'win32'));
    }
  });
});

test('hints are those of this platform', () => {
  expect(checkHints('hints', dns.ADDRCONFIG | dns.V4MAPPED | dns.ALL)).toBeGreaterThan(0);
  expect(checkHints('hints', 0x4000_0000, 'sunos')).toBe(0x4000_0000);
});

describe('refuseUnknown', () => {
  const known = ['port', 'host', 'path', 'connectTimeout', 'keepAlive', 'noDelay', 'backlog'];

  test.each([
    ['prot', 'port'],
    ['Port', 'port'],
    ['pat', 'path'],
    ['hots', 'host'],
    ['hostname', 'host'],
    ['timeout', 'connectTimeout'],
    ['conectTimeout', 'connectTimeout'],
    ['keepalive', 'keepAlive'],
    ['nodelay', 'noDelay'],
  ])('%s: did you mean %s', (given, meant) => {
    const failure = refusal(() => refuseUnknown({ [given]: 1 }, known));
    expect(failure).toMatchObject({
      option: given,
      value: 1,
      message: `option "${given}" is not known; did you mean "${meant}"?`,
    });
  });

  test('lists what is known when nothing is near', () => {
    expect(refusal(() => refuseUnknown({ colour: 'red' }, known)).message).toMatchInlineSnapshot(
      `"option "colour" is not known; known are port, host, path, connectTimeout, keepAlive, noDelay, backlog"`,
    );
    expect(refusal(() => refuseUnknown({ ['x'.repeat(1e6)]: 1 }, known)).message.length).toBeLessThan(300);
  });

  test('an undefined value counts as absent', () => {
    expect(() => refuseUnknown({ prot: undefined, port: 1 }, known)).not.toThrow();
  });

  test('names that objects inherit are unknown, too', () => {
    expect(refusal(() => refuseUnknown({ toString: 1 }, known)).option).toBe('toString');
    expect(refusal(() => refuseUnknown(JSON.parse('{"__proto__": 1}') as object, known)).option).toBe('__proto__');
  });
});

describe('readConnectOptions', () => {
  test('host is localhost by default, and the rest is absent', () => {
    const { endpoint, dial } = readConnectOptions({ port: 8124 });
    expect(endpoint).toEqual({ port: 8124, host: 'localhost' });
    expect(Object.values(dial).every((value) => value === undefined)).toBe(true);
  });

  test('takes every option of TCP', () => {
    const dial = {
      localAddress: '127.0.0.1',
      localPort: 0,
      family: 6,
      hints: dns.ADDRCONFIG,
      lookup: dns.lookup,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 0,
      autoSelectFamily: false,
      autoSelectFamilyAttemptTimeout: 10,
      signal,
    };
    expect(readConnectOptions({ port: '0x50', host: '::1', ...dial })).toEqual({
      endpoint: { port: 80, host: '::1' },
      dial,
    });
  });

  test('path wins, and the options of TCP are ignored', () => {
    expect(readConnectOptions({ path: '/x', port: 'bad', host: 5, family: 9, signal })).toEqual({
      endpoint: { path: '/x' },
      dial: { signal },
    });
  });

  test('an inherited descriptor', () => {
    expect(readConnectOptions({ fd: 0 }).endpoint).toEqual({ fd: 0 });
  });

  test('an undefined option counts as absent', () => {
    expect(
      readConnectOptions({ port: 80, path: undefined, fd: undefined, host: undefined, family: undefined }).endpoint,
    ).toEqual({
      port: 80,
      host: 'localhost',
    });
  });

  test('options of the layer above are let through by name', () => {
    expect(readConnectOptions({ port: 80, connectTimeout: 'any' }, ['connectTimeout']).endpoint).toBeDefined();
    expect(refusal(() => readConnectOptions({ port: 80, conectTimeout: 5 }, ['connectTimeout'])).message).toContain(
      'did you mean "connectTimeout"?',
    );
  });

  test('reads each option once', () => {
    let reads = 0;
    readConnectOptions({
      get port() {
        reads += 1;
        return 80;
      },
    });
    expect(reads).toBe(1);
  });

  test.each<[unknown, string]>([
    [undefined, 'options'],
    [null, 'options'],
    [8124, 'options'],
    ['/tmp/x', 'options'],
    [[], 'options'],
    [() => 1, 'options'],
    [{}, 'port'],
    [{ host: 'localhost' }, 'port'],
    [{ port: 0 }, 'port'],
    [{ port: '80a' }, 'port'],
    [{ port: null }, 'port'],
    [{ port: 80, host: '' }, 'host'],
    [{ port: 80, host: null }, 'host'],
    [{ path: '' }, 'path'],
    [{ path: null, port: 80 }, 'path'],
    [{ fd: -1 }, 'fd'],
    [{ fd: '0' }, 'fd'],
    [{ fd: 3, port: 80 }, 'port'],
    [{ fd: 3, path: '/x' }, 'path'],
    [{ port: 80, localAddress: 'localhost' }, 'localAddress'],
    [{ port: 80, localPort: '80' }, 'localPort'],
    [{ port: 80, localPort: 65_536 }, 'localPort'],
    [{ port: 80, family: 5 }, 'family'],
    [{ port: 80, family: '4' }, 'family'],
    [{ port: 80, hints: -1 }, 'hints'],
    [{ port: 80, lookup: 'dns' }, 'lookup'],
    [{ port: 80, noDelay: 1 }, 'noDelay'],
    [{ port: 80, keepAlive: 'yes' }, 'keepAlive'],
    [{ port: 80, keepAliveInitialDelay: -1 }, 'keepAliveInitialDelay'],
    [{ port: 80, autoSelectFamily: 'INVALID' }, 'autoSelectFamily'],
    [{ port: 80, autoSelectFamilyAttemptTimeout: 0 }, 'autoSelectFamilyAttemptTimeout'],
    [{ path: '/x', signal: {} }, 'signal'],
    [{ port: 80, prot: 1 }, 'prot'],
  ])('refuses %j, naming %s', (input, option) => {
    expect(refusal(() => readConnectOptions(input)).option).toBe(option);
  });

  test('says what is missing', () => {
    expect(refusal(() => readConnectOptions({})).message).toMatchInlineSnapshot(
      `"one of the options "port", "path" and "fd" must be given"`,
    );
    expect(refusal(() => readConnectOptions(8124)).message).toMatchInlineSnapshot(
      `"the options must be an object, got 8124"`,
    );
    expect(refusal(() => readConnectOptions({ fd: 3, port: 80 })).message).toMatchInlineSnapshot(
      `"option "port" must be left out when "fd" is given, got 80"`,
    );
  });
});

describe('readListenOptions', () => {
  test('any free port, on every address, with the backlog of the spec', () => {
    const { endpoint, bind } = readListenOptions({ port: 0 });
    expect(endpoint).toEqual({ port: 0 });
    expect(bind).toEqual({ backlog: 511 });
  });

  test('takes every option', () => {
    const bind = {
      backlog: 1,
      exclusive: true,
      ipv6Only: true,
      reusePort: false,
      readableAll: true,
      writableAll: true,
      noDelay: true,
      keepAlive: false,
      keepAliveInitialDelay: 1000,
      signal,
    };
    expect(readListenOptions({ path: '/x', ...bind })).toEqual({ endpoint: { path: '/x' }, bind });
    expect(readListenOptions({ port: 1, host: '::', ...bind })).toEqual({ endpoint: { port: 1, host: '::' }, bind });
    expect(readListenOptions({ fd: 3 }).endpoint).toEqual({ fd: 3 });
  });

  test('port wins over path', () => {
    expect(readListenOptions({ port: 80, path: 5 }).endpoint).toEqual({ port: 80 });
    expect(refusal(() => readListenOptions({ port: -1, path: '/x' })).option).toBe('port');
  });

  test.each<[unknown, string]>([
    [undefined, 'options'],
    [{}, 'port'],
    [{ host: '::' }, 'port'],
    [{ port: true }, 'port'],
    [{ port: 123.456 }, 'port'],
    [{ port: null }, 'port'],
    [{ port: 0, host: '' }, 'host'],
    [{ path: -1 }, 'path'],
    [{ fd: -1 }, 'fd'],
    [{ fd: 3, port: 0 }, 'port'],
    [{ port: 0, backlog: 0 }, 'backlog'],
    [{ port: 0, backlog: '511' }, 'backlog'],
    [{ port: 0, exclusive: 1 }, 'exclusive'],
    [{ port: 0, ipv6Only: 'no' }, 'ipv6Only'],
    [{ port: 0, reusePort: null }, 'reusePort'],
    [{ path: '/x', readableAll: 0 }, 'readableAll'],
    [{ path: '/x', writableAll: 'all' }, 'writableAll'],
    [{ port: 0, signal: 5 }, 'signal'],
    [{ port: 0, localAddress: '::1' }, 'localAddress'],
  ])('refuses %j, naming %s', (input, option) => {
    expect(refusal(() => readListenOptions(input)).option).toBe(option);
  });

  test.runIf(process.platform === 'linux')('the mode of a file that does not exist can not be set', () => {
    expect(refusal(() => readListenOptions({ path: '\0x', writableAll: true })).option).toBe('writableAll');
    expect(readListenOptions({ path: '\0x', writableAll: false }).endpoint).toEqual({ path: '\0x' });
  });
});

describe('junk in options is accepted or refused by name, and nothing else is thrown', () => {
  const names = [
    'port',
    'host',
    'path',
    'fd',
    'localAddress',
    'localPort',
    'family',
    'hints',
    'lookup',
    'autoSelectFamily',
    'autoSelectFamilyAttemptTimeout',
    'backlog',
    'exclusive',
    'ipv6Only',
    'reusePort',
    'readableAll',
    'writableAll',
    'noDelay',
    'keepAlive',
    'keepAliveInitialDelay',
    'signal',
  ];
  const value = fc.oneof(
    anything,
    fc.constantFrom<unknown>(
      80,
      '80',
      '80a',
      0,
      -1,
      '',
      '/x',
      '::1',
      true,
      false,
      signal,
      () => 1,
      null,
      undefined,
      4,
      6,
    ),
  );
  const bag = fc.dictionary(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
    value,
  );

  test.each([
    ['connect', readConnectOptions],
    ['listen', readListenOptions],
  ])('%s', (_name, read) => {
    fc.assert(
      fc.property(fc.oneof(bag, anything), (input) => {
        try {
          const { endpoint } = read(input);
          if ('port' in endpoint) expect(Number.isInteger(endpoint.port)).toBe(true);
          else if ('path' in endpoint) expect(typeof endpoint.path).toBe('string');
          else expect(Number.isInteger(endpoint.fd)).toBe(true);
        } catch (error) {
          if (!(error instanceof InvalidOptions)) throw error;
          const given = typeof input === 'object' && input !== null ? Object.keys(input) : [];
          expect(['options', ...names, ...given]).toContain(error.option);
          expect(error.message.length).toBeLessThan(600);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('the types refuse what the checks refuse', () => {
  expectTypeOf<{ port: number }>().toExtend<ConnectEndpointOptions>();
  expectTypeOf<{ port: '8124' }>().toExtend<ConnectEndpointOptions>();
  expectTypeOf<{ path: string; signal: AbortSignal }>().toExtend<ConnectEndpointOptions>();
  expectTypeOf<{ port: number; path: string }>().toExtend<ListenEndpointOptions>();
  expectTypeOf<{ fd: number }>().toExtend<ListenEndpointOptions>();

  const refused = (_connect: ConnectEndpointOptions | undefined, _listen?: ListenEndpointOptions): void => undefined;
  // @ts-expect-error -- no endpoint
  refused({});
  // @ts-expect-error -- no endpoint
  refused(undefined, {});
  // @ts-expect-error -- no endpoint
  refused({ host: 'localhost' });
  // @ts-expect-error -- two endpoints
  refused({ port: 80, path: '/x' });
  // @ts-expect-error -- two endpoints
  refused({ fd: 3, port: 80 });
  // @ts-expect-error -- no port
  refused({ port: '80a' });
  // @ts-expect-error -- an option of TCP
  refused({ path: '/x', family: 4 });
  // @ts-expect-error -- misspelt
  refused({ port: 80, noDealy: true });
  // @ts-expect-error -- no such family
  refused({ port: 80, family: 5 });
  // @ts-expect-error -- an option of connect
  refused(undefined, { port: 80, localAddress: '::1' });
  // @ts-expect-error -- an option of socket files
  refused(undefined, { port: 80, readableAll: true });
});
