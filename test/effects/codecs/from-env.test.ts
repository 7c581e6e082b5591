// Options from environment variables.
import process from 'node:process';

import { fc, test as check } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';

import {
  ConnectOptionsCodec,
  ListenOptionsCodec,
  optionsFromEnv,
  problemReporter,
  ServeOptionsCodec,
} from '../../../src/effects/index.ts';
import { hostile, hostileProxy, throwingGetter } from '../support/hostile.ts';
import { problems } from './support/problems.ts';

const Listen = optionsFromEnv('LISTEN')(ServeOptionsCodec);

describe('optionsFromEnv', () => {
  test('every option that text can say has its variable', () => {
    const environment = {
      LISTEN_PORT: '0',
      LISTEN_HOST: '::1',
      LISTEN_BACKLOG: '10',
      LISTEN_EXCLUSIVE: 'false',
      LISTEN_IPV6_ONLY: 'true',
      LISTEN_REUSE_PORT: 'true',
      LISTEN_MAX_CONNECTIONS: 'Infinity',
      LISTEN_WHEN_FULL: 'wait',
      LISTEN_THROTTLE_PER_SECOND: '0.5',
      LISTEN_THROTTLE_BURST: '3',
      LISTEN_THROTTLE_WHEN_EXCEEDED: 'drop',
      LISTEN_UNCLAIMED_TIMEOUT: '1500',
      LISTEN_MAX_UNCLAIMED: '10',
      LISTEN_PAUSE_ON_CONNECT: 'false',
      LISTEN_NO_DELAY: 'true',
      LISTEN_KEEP_ALIVE: 'true',
      LISTEN_KEEP_ALIVE_INITIAL_DELAY: '0',
      LISTEN_ALLOW_HALF_OPEN: 'false',
      LISTEN_HIGH_WATER_MARK: '1024',
      LISTEN_MAX_QUEUED: '2048',
      LISTEN_BUDGET: '4096',
      LISTEN_IDLE_TIMEOUT: '1',
      LISTEN_READ_TIMEOUT: '1.5',
      LISTEN_WRITE_TIMEOUT: '2',
      LISTEN_FIRST_BYTE_TIMEOUT: '3',
      LISTEN_DEADLINE: '4',
      LISTEN_DRAIN_TIMEOUT: '5',
    };
    const result = Listen.decode({ ...environment, HOME: '/root', LISTENING_PORT: 'x' });
    if (result._tag === 'Left') throw new Error(problemReporter.report(result).join('\n'));
    expect(ServeOptionsCodec.encode(result.right)).toEqual({
      port: 0,
      host: '::1',
      backlog: 10,
      exclusive: false,
      ipv6Only: true,
      reusePort: true,
      maxConnections: Number.POSITIVE_INFINITY,
      whenFull: 'wait',
      throttle: { perSecond: 0.5, burst: 3, whenExceeded: 'drop' },
      unclaimedTimeout: 1500,
      maxUnclaimed: 10,
      pauseOnConnect: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 0,
      allowHalfOpen: false,
      highWaterMark: 1024,
      maxQueued: 2048,
      budget: 4096,
      idleTimeout: 1,
      readTimeout: 1.5,
      writeTimeout: 2,
      firstByteTimeout: 3,
      deadline: 4,
      drainTimeout: 5,
    });
    expect(Listen.encode(result.right)).toEqual(environment);
  });

  test('all problems, each under the name of its variable', () => {
    expect(
      problems(Listen, {
        LISTEN_PORT: '80a',
        LISTEN_HOST: '',
        LISTEN_MAX_CONNECTIONS: '1e3',
        LISTEN_EXCLUSIVE: 'yes',
        LISTEN_THROTTLE_BURST: '0',
        LISTEN_PROT: 'hunter2',
        LISTEN_PASSWORD: 'hunter2',
        LISTEN_SIGNAL: 'SIGTERM',
      }),
    ).toEqual([
      'LISTEN_PORT: expected a port (0-65535), got "80a"',
      'LISTEN_HOST: expected a host name in ASCII or an IP address, got ""',
      'LISTEN_EXCLUSIVE: expected true or false, got "yes"',
      'LISTEN_MAX_CONNECTIONS: expected an integer, 1 or more, or Infinity, got "1e3"',
      'LISTEN_THROTTLE_BURST: expected an integer, 1 or more, got 0',
      'LISTEN_THROTTLE_PER_SECOND: expected a number greater than 0, got nothing',
      'LISTEN_PROT: there is no such variable; did you mean LISTEN_PORT?',
      'LISTEN_PASSWORD: there is no such variable',
      'LISTEN_SIGNAL: there is no such variable',
    ]);
  });

  test('options together are spoken of by their variables', () => {
    expect(problems(Listen, {})).toEqual([
      'LISTEN_PORT: expected a port (0-65535), unless LISTEN_PATH or LISTEN_FD is given, got nothing',
    ]);
    expect(problems(Listen, { LISTEN_PORT: '1', LISTEN_PATH: '/a', LISTEN_READABLE_ALL: 'true' })).toEqual([
      'LISTEN_PATH: expected nothing, since LISTEN_PORT is given, got "/a"',
    ]);
    expect(problems(Listen, { LISTEN_PORT: '1', LISTEN_HIGH_WATER_MARK: '2', LISTEN_MAX_QUEUED: '1' })).toEqual([
      'LISTEN_MAX_QUEUED: expected at least LISTEN_HIGH_WATER_MARK, which is 2, got 1',
    ]);
  });

  test('numbers are decimal, truth is true or false', () => {
    for (const text of ['0x10', '1e3', ' 1', '1 ', '+1', '01', '1_000', '.5', '5.', 'NaN', '-Infinity', '１']) {
      expect(problems(Listen, { LISTEN_PORT: '1', LISTEN_DEADLINE: text }).join()).toContain(
        `LISTEN_DEADLINE: expected a number of milliseconds greater than 0, at most 2147483647, got "${text}"`,
      );
    }
    for (const text of ['1', 'TRUE', 'on', '']) {
      expect(problems(Listen, { LISTEN_PORT: '1', LISTEN_NO_DELAY: text })).toEqual([
        `LISTEN_NO_DELAY: expected true or false, got "${text}"`,
      ]);
    }
  });

  test('the prefix may end in an underscore, or be none', () => {
    const port = { LISTEN_PORT: '80' };
    expect(optionsFromEnv('LISTEN_')(ListenOptionsCodec).decode(port)).toMatchObject({ right: { port: 80 } });
    expect(optionsFromEnv('')(ConnectOptionsCodec).decode({ PORT: '80', HOME: '/root' })).toMatchObject({
      right: { port: 80 },
    });
    expect(problems(optionsFromEnv('')(ConnectOptionsCodec), { PORT: 'x' })[0]).toMatch(/^PORT: /);
  });

  test('a prefix that no variable can have', () => {
    for (const prefix of ['LISTEN-', '1A', 'A B', 'A\n', 7, undefined, null, {}]) {
      const [line, ...more] = problems(optionsFromEnv(prefix as string)(ListenOptionsCodec), { PORT: '1' });
      expect(more).toEqual([]);
      expect(line).toMatch(/^expected a prefix of letters, digits and underscores, got /);
    }
  });

  test('unknown variables can be left to others', () => {
    const codec = optionsFromEnv('REDIS', { unknown: 'ignore' })(ConnectOptionsCodec);
    const environment = { REDIS_PORT: '6379', REDIS_HOST: 'redis', REDIS_PASSWORD: 'hunter2' };
    expect(codec.decode(environment)).toMatchObject({ right: { port: 6379, host: 'redis' } });
  });

  test('what an orchestrator puts there under the name of a service is refused, readably', () => {
    expect(problems(optionsFromEnv('REDIS')(ConnectOptionsCodec), { REDIS_PORT: 'tcp://10.0.0.11:6379' })).toEqual([
      'REDIS_PORT: expected a port to connect to (1-65535), got "tcp://10.0.0.11:6379"',
    ]);
  });

  test('it reads process.env', () => {
    const name = `E${process.pid}_PORT`;
    process.env[name] = '1234';
    try {
      expect(optionsFromEnv(`E${process.pid}`)(ListenOptionsCodec).decode(process.env)).toMatchObject({
        right: { port: 1234 },
      });
    } finally {
      delete process.env[name];
    }
  });

  test('what is no environment', () => {
    expect(problems(Listen, null)).toContain('expected environment variables, got null');
    expect(problems(Listen, ['LISTEN_PORT=1'])).toContain('expected environment variables, got an array of 1');
    expect(problems(Listen, hostileProxy())).toContain('expected environment variables that can be read');
    expect(problems(Listen, throwingGetter('LISTEN_PORT'))).toContain(
      'expected environment variables that can be read',
    );
    expect(problems(Listen, { LISTEN_PORT: {} })).toEqual(['LISTEN_PORT: expected a port (0-65535), got {}']);
  });

  check.prop([
    fc.dictionary(fc.stringMatching(/^LISTEN_(?:PORT|HOST|PATH|DEADLINE|THROTTLE_BURST|[A-Z_]*)$/), hostile),
  ])('whatever is in it: options, or readable problems', (makers) => {
    const result = Listen.decode(Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()])));
    if (result._tag === 'Right') {
      expect(Listen.decode(Listen.encode(result.right))).toEqual(result);
      return;
    }
    for (const line of problemReporter.report(result)) {
      expect(line).toMatch(/^LISTEN_\w*: /);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });
});
