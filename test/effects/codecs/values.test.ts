// Ports, hosts, paths and endpoints: what is one, what is none, and what is said then.
import { fc, test as check } from '@fast-check/vitest';
import type * as t from 'io-ts';
import { describe, expect, test } from 'vitest';

import {
  EndpointCodec,
  EndpointFromString,
  Host,
  Port,
  problemReporter,
  RemotePort,
  SocketPath,
} from '../../../src/effects/index.ts';
import { hostile, plain } from '../support/hostile.ts';
import { problems } from './support/problems.ts';

const decoded = <A>(codec: t.Type<A, unknown>, value: unknown): A => {
  const result = codec.decode(value);
  if (result._tag === 'Left') throw new Error(problemReporter.report(result).join('\n'));
  return result.right;
};

describe('Port', () => {
  test.each<[unknown, number]>([
    [0, 0],
    [65_535, 65_535],
    ['8124', 8124],
    ['0', 0],
  ])('%j is %d', (value, port) => expect(decoded(Port, value)).toBe(port));

  test.each<[unknown, string]>([
    ['80a', '"80a"'],
    ['', '""'],
    [' 80', '" 80"'],
    ['080', '"080"'],
    ['0x50', '"0x50"'],
    ['8e1', '"8e1"'],
    ['+80', '"+80"'],
    ['٨٠', '"٨٠"'],
    ['80\n', String.raw`"80\n"`],
    ['65536', '"65536"'],
    [65_536, '65536'],
    [-1, '-1'],
    [-0, '-0'],
    [80.5, '80.5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [null, 'null'],
    [undefined, 'nothing'],
    [true, 'true'],
    [80n, '80n'],
    [['80'], 'an array of 1'],
    [{ port: 80, secret: 'x' }, 'an object with port, secret'],
  ])('%o is none', (value, shown) => {
    expect(problems(Port, value)).toEqual([`expected a port (0-65535), got ${shown}`]);
    expect(Port.is(value)).toBe(false);
  });

  test('text of a port is no Port: it has to be decoded', () => {
    expect(Port.is('80')).toBe(false);
    expect(Port.is(80)).toBe(true);
  });

  test('nothing listens on port 0 to be connected to', () => {
    expect(problems(RemotePort, 0)).toEqual(['expected a port to connect to (1-65535), got 0']);
    expect(decoded(RemotePort, '1')).toBe(1);
    expect(RemotePort.is(0)).toBe(false);
  });
});

describe('Host', () => {
  test.each([
    'localhost',
    'db-1.internal',
    'my_service',
    'example.com.',
    'xn--bcher-kva.example',
    '1.example',
    '3com',
    '127.0.0.1',
    '::1',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    'a'.repeat(63),
    `${'a.'.repeat(126)}a`,
  ])('%s', (host) => expect(decoded(Host, host)).toBe(host));

  test.each([
    '',
    ' ',
    '.',
    'a..b',
    '-a',
    'a-',
    'a'.repeat(64),
    `${'a.'.repeat(127)}a`,
    'a b',
    'a/b',
    'a:80',
    '[::1]',
    'user@host',
    'http://host',
    'host\n',
    'host\0',
    'host\r\nX: y',
    '\u001b[31mhost',
    'ex\u200bample',
    // Ways to write 127.0.0.1 that no filter of names sees.
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '127.0.0.01',
    '127.0.0.1.',
    '256.1.1.1',
  ])('%j is none', (value) => {
    const [line, ...more] = problems(Host, value);
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^expected a host name in ASCII or an IP address(?: \(it may be [\da-z.-]+ that is meant\))?, got "/,
    );
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u200b]/);
  });

  test('a name in other letters is refused with its form in ASCII', () => {
    expect(problems(Host, 'bücher.example')).toEqual([
      'expected a host name in ASCII or an IP address (it may be xn--bcher-kva.example that is meant), got "bücher.example"',
    ]);
    // Cyrillic а.
    expect(problems(Host, 'pаypal.com')[0]).toContain('xn--pypal-4ve.com');
  });

  test('the password of a URL is not shown', () => {
    expect(problems(Host, 'redis://admin:hunter2@db')).toEqual([
      'expected a host name in ASCII or an IP address, got "redis://…@db"',
    ]);
    expect(problems(Host, 'admin:hun@ter/2@db')[0]).toContain('got "…@db"');
  });
});

describe('SocketPath', () => {
  test.each(['/run/app.sock', 'app.sock', '/tmp/büro 🙂.sock'])('%s', (path) => {
    expect(decoded(SocketPath, path)).toBe(path);
  });

  test.runIf(process.platform === 'linux')('an abstract one', () => expect(decoded(SocketPath, '\0app')).toBe('\0app'));

  test.each([
    ['', 'expected a path that is not empty, got ""'],
    ['/run/a\nb', String.raw`expected a path without control characters, got "/run/a\nb"`],
    ['/run/a\u202eb', String.raw`expected a path without control characters, got "/run/a\u202eb"`],
    ['/run/\ud800', String.raw`expected a path without control characters, got "/run/\ud800"`],
    ['/run/a\0b', String.raw`expected a path without NUL characters after the first, got "/run/a\u0000b"`],
    [7, 'expected a path that is not empty, got 7'],
  ])('%j is none', (value, line) => expect(problems(SocketPath, value)).toEqual([line]));

  test.runIf(process.platform === 'linux')('a longer one would be cut by the system', () => {
    expect(problems(SocketPath, `/${'é'.repeat(54)}`)[0]).toMatch(/^expected a path of at most 107 bytes/);
  });
});

describe('EndpointCodec', () => {
  test.each<[unknown, object, string]>([
    ['tcp://host:1234', { host: 'host', port: 1234 }, 'tcp://host:1234'],
    ['TCP://host:1234', { host: 'host', port: 1234 }, 'tcp://host:1234'],
    ['host:1234', { host: 'host', port: 1234 }, 'tcp://host:1234'],
    ['[::1]:80', { host: '::1', port: 80 }, 'tcp://[::1]:80'],
    ['tcp://[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }, 'tcp://[fe80::1%eth0]:80'],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }, 'tcp://127.0.0.1:0'],
    [':8124', { port: 8124 }, 'tcp://:8124'],
    ['tcp://:8124', { port: 8124 }, 'tcp://:8124'],
    ['unix:/run/app.sock', { path: '/run/app.sock' }, 'unix:/run/app.sock'],
    ['unix:///run/app.sock', { path: '/run/app.sock' }, 'unix:/run/app.sock'],
    ['unix:////run', { path: '//run' }, 'unix:////run'],
    ['unix:app.sock', { path: 'app.sock' }, 'unix:app.sock'],
    ['unix:a:b@c?d#e%20', { path: 'a:b@c?d#e%20' }, 'unix:a:b@c?d#e%20'],
    ['fd:3', { fd: 3 }, 'fd:3'],
    [{ port: '80', host: 'h' }, { host: 'h', port: 80 }, 'tcp://h:80'],
    [{ path: 'x' }, { path: 'x' }, 'unix:x'],
    [{ fd: 0 }, { fd: 0 }, 'fd:0'],
  ])('%j', (value, endpoint, text) => {
    expect(decoded(EndpointCodec, value)).toEqual(endpoint);
    expect(decoded(EndpointFromString, value)).toEqual(endpoint);
    expect(EndpointFromString.encode(decoded(EndpointCodec, value))).toBe(text);
    expect(EndpointCodec.encode(decoded(EndpointCodec, value))).toEqual(endpoint);
  });

  test.runIf(process.platform === 'linux')('an abstract socket', () => {
    const endpoint = decoded(EndpointCodec, 'unix-abstract:app');
    expect(endpoint).toEqual({ path: '\0app' });
    expect(EndpointFromString.encode(endpoint)).toBe('unix-abstract:app');
  });

  const FORMS = 'an endpoint such as tcp://host:1234, [::1]:80 or unix:/path';
  test.each<[unknown, string]>([
    ['', `expected ${FORMS}, got ""`],
    ['host', `expected ${FORMS}, got "host"`],
    ['8124', `expected ${FORMS}, got "8124"`],
    ['::1:80', `expected ${FORMS}, got "::1:80"`],
    ['udp://host:1', `expected ${FORMS}, got "udp://host:1"`],
    ['tcp://host:1/path', `expected ${FORMS}, got "tcp://host:1/path"`],
    ['tcp://host:1?x=1', `expected ${FORMS}, got "tcp://host:1?x=1"`],
    ['tcp://user:pass@host:1', `expected ${FORMS}, got "tcp://…@host:1"`],
    ['unix://host/path', `expected ${FORMS}, got "unix://host/path"`],
    [
      'unix:',
      'expected an endpoint with the path of a socket, short enough and without control characters, got "unix:"',
    ],
    [' tcp://host:1', `expected ${FORMS}, got " tcp://host:1"`],
    [80, `expected ${FORMS}, got 80`],
    [null, `expected ${FORMS}, got null`],
    ['tcp://host:', 'expected an endpoint whose port is one (0-65535), got "tcp://host:"'],
    ['tcp://host:65536', 'expected an endpoint whose port is one (0-65535), got "tcp://host:65536"'],
    ['host:80\n', String.raw`expected an endpoint whose port is one (0-65535), got "host:80\n"`],
    ['[::g]:80', 'expected an endpoint with an IPv6 address within its brackets, got "[::g]:80"'],
    ['[127.0.0.1]:80', 'expected an endpoint with an IPv6 address within its brackets, got "[127.0.0.1]:80"'],
    ['ho st:80', 'expected an endpoint with a host name in ASCII or an IP address, got "ho st:80"'],
    ['127.1:80', 'expected an endpoint with a host name in ASCII or an IP address, got "127.1:80"'],
    ['fd:9999999999', 'expected a file descriptor after "fd:", got "fd:9999999999"'],
    [[], 'expected an object of options, got an array of 0'],
    [{}, 'port: expected a port (0-65535), unless "path" or "fd" is given, got nothing'],
    [{ port: 1, fd: 3 }, 'fd: expected nothing, since "port" is given, got 3'],
    [{ path: 'x', host: 'h' }, 'host: expected nothing, since "path" is given, got "h"'],
    [{ port: 1, hostname: 'h' }, 'hostname: there is no such option; did you mean "host"?'],
  ])('%j is none', (value, line) => {
    expect(problems(EndpointCodec, value)).toEqual([line]);
    expect(problems(EndpointFromString, value)).toEqual([line]);
    expect(EndpointCodec.is(value)).toBe(false);
  });
});

// ---- laws

const octet = fc.integer({ min: 0, max: 255 });
const host = fc.oneof(
  fc.domain(),
  fc.ipV6(),
  fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')),
);
const endpoints = fc.oneof(
  fc.record({ port: fc.integer({ min: 0, max: 65_535 }), host }, { requiredKeys: ['port'] }),
  fc.record({ path: fc.stringMatching(/^[/\w:@?. -]{1,80}$/) }),
  fc.record({ fd: fc.nat() }),
);

const codecs: readonly t.Mixed[] = [Port, RemotePort, Host, SocketPath, EndpointCodec, EndpointFromString];

describe('laws', () => {
  check.prop([endpoints])('what an endpoint is encoded to decodes to it, as text and as an object', (data) => {
    const endpoint = decoded(EndpointCodec, data);
    expect(endpoint).toEqual(data);
    expect(EndpointCodec.is(endpoint)).toBe(true);
    expect(decoded(EndpointCodec, EndpointFromString.encode(endpoint))).toEqual(endpoint);
    expect(decoded(EndpointCodec, EndpointCodec.encode(endpoint))).toEqual(endpoint);
  });

  check.prop([fc.oneof(hostile, plain(endpoints), plain(fc.string()), plain(fc.integer()))], { numRuns: 500 })(
    'whatever it is, it decodes to what is one, and survives encoding, or there are readable problems',
    (make) => {
      const value = make();
      for (const codec of codecs) {
        const result = codec.decode(value);
        if (result._tag === 'Right') {
          expect(codec.is(result.right)).toBe(true);
          expect(codec.decode(codec.encode(result.right))).toEqual(result);
          continue;
        }
        expect(codec.is(value)).toBe(false);
        const lines = problemReporter.report(result);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(line.length).toBeLessThan(1_000);
        }
      }
    },
  );
});
