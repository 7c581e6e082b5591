// Options of connect, listen and serve from data that nobody has checked.
import { fc, test as check } from '@fast-check/vitest';
import type * as t from 'io-ts';
import { EMPTY, type Observable, of } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  ConnectOptionsCodec,
  ListenOptionsCodec,
  problemReporter,
  ServeOptionsCodec,
} from '../../../src/effects/index.ts';
import { byteBudget, connect, listen, serve, throttleConnections, type Transport } from '../../../src/index.ts';
import { VirtualClock } from '../../../src/testing/index.ts';
import { hostile, hostileProxy, revokedProxy, throwingGetter } from '../support/hostile.ts';
import { problems } from './support/problems.ts';

const decoded = <A>(codec: t.Type<A, unknown>, value: unknown): A => {
  const result = codec.decode(value);
  if (result._tag === 'Left') throw new Error(problemReporter.report(result).join('\n'));
  return result.right;
};

const MILLISECONDS = 'a number of milliseconds greater than 0, at most 2147483647';

describe('ConnectOptionsCodec', () => {
  test('all that data can say', () => {
    const data = {
      port: 5432,
      host: 'db',
      localAddress: '127.0.0.1',
      localPort: 0,
      family: 4,
      hints: 0,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 250,
      connectTimeout: 1_000,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 0,
      allowHalfOpen: false,
      highWaterMark: 1,
      maxQueued: 2,
      idleTimeout: 1.5,
      readTimeout: 1,
      writeTimeout: 1,
      firstByteTimeout: 1,
      deadline: 2_147_483_647,
    };
    const options = decoded(ConnectOptionsCodec, JSON.parse(JSON.stringify(data)));
    expect(options).toEqual(data);
    expect(ConnectOptionsCodec.encode(options)).toEqual(data);
  });

  test('what only a program can give is passed on as it is', () => {
    const lookup = (): void => {};
    const { signal } = new AbortController();
    const transport = refusing().transport;
    const budget = byteBudget(10);
    const options = decoded(ConnectOptionsCodec, { port: 1, lookup, signal, transport, budget });
    expect(options).toEqual({ port: 1, lookup, signal, transport, budget });
    expect(options.budget).toBe(budget);
    expect(ConnectOptionsCodec.is(options)).toBe(true);
  });

  test('a budget may be a number of bytes', () => {
    const options = decoded(ConnectOptionsCodec, { port: 1, budget: 1_000 });
    expect(options.budget?.limit).toBe(1_000);
    expect(ConnectOptionsCodec.encode(options)).toEqual({ port: 1, budget: 1_000 });
    expect(problems(ConnectOptionsCodec, { port: 1, budget: 0.5 })).toEqual([
      'budget: expected a whole number of bytes, 1 or more, got 0.5',
    ]);
    expect(problems(ConnectOptionsCodec, { port: 1, budget: { limit: 5 } })[0]).toMatch(/what byteBudget\(\) returns/);
    expect(problems(ConnectOptionsCodec, { port: 1, budget: byteBudget(-1) })[0]).toMatch(
      /^budget: expected a whole number/,
    );
  });

  test('everything that is wrong is said at once', () => {
    expect(
      problems(ConnectOptionsCodec, {
        port: 70_000,
        host: 'a b',
        family: 5,
        localAddress: 'localhost',
        connectTimeout: 0,
        idleTimeout: '30s',
        keepAlive: 'yes',
        highWaterMark: -1,
        lookup: 'dns',
        signal: {},
        transport: { dial: true },
        hots: 'secret-value',
      }),
    ).toEqual([
      'port: expected a port to connect to (1-65535), got 70000',
      'host: expected a host name in ASCII or an IP address, got "a b"',
      'localAddress: expected an IP address, got "localhost"',
      'family: expected 0, 4 or 6, got 5',
      'lookup: expected a function, got "dns"',
      `connectTimeout: expected ${MILLISECONDS}, got 0`,
      'keepAlive: expected true or false, got "yes"',
      'signal: expected an AbortSignal, got {}',
      'highWaterMark: expected a whole number of bytes, 1 or more, got -1',
      'transport: expected a Transport, such as nodeTransport, got an object with dial',
      `idleTimeout: expected ${MILLISECONDS}, got "30s"`,
      'hots: there is no such option; did you mean "host"?',
    ]);
  });

  test.each<[unknown, readonly string[]]>([
    [undefined, ['expected an object of options, got nothing']],
    [null, ['expected an object of options, got null']],
    ['port=1', ['expected an object of options, got "port=1"']],
    [[{ port: 1 }], ['expected an object of options, got an array of 1']],
    [{}, ['port: expected a port to connect to (1-65535), unless "path" or "fd" is given, got nothing']],
    [
      { port: undefined, host: 'h' },
      ['port: expected a port to connect to (1-65535), unless "path" or "fd" is given, got nothing'],
    ],
    [
      { port: 1, path: '/a', fd: 3 },
      ['path: expected nothing, since "port" is given, got "/a"', 'fd: expected nothing, since "port" is given, got 3'],
    ],
    [
      { path: '/a', family: 4, host: 'h' },
      [
        'host: expected nothing, since "path" is given, got "h"',
        'family: expected nothing, since "path" is given, got 4',
      ],
    ],
    [{ fd: 3, localPort: 1 }, ['localPort: expected nothing, since "fd" is given, got 1']],
    [
      { port: 1, highWaterMark: 10, maxQueued: 9 },
      ['maxQueued: expected at least "highWaterMark", which is 10, got 9'],
    ],
    [
      { port: 'x', connecttimeout: 1 },
      [
        'port: expected a port to connect to (1-65535), got "x"',
        'connecttimeout: there is no such option; did you mean "connectTimeout"?',
      ],
    ],
  ])('%j', (value, lines) => expect(problems(ConnectOptionsCodec, value)).toEqual(lines));

  test('keys from outside stay within their line, and their values are not shown', () => {
    const secret = 'hunter2';
    const lines = problems(
      ConnectOptionsCodec,
      JSON.parse(
        `{ "port": 1, "__proto__": { "host": "${secret}" }, "a\\nb\\u001b[2J": "${secret}", "${'k'.repeat(500)}": "${secret}" }`,
      ),
    );
    expect(lines).toEqual([
      '__proto__: there is no such option',
      String.raw`["a\nb\u001b[2J"]: there is no such option`,
      `["${'k'.repeat(64)}…"]: there is no such option`,
    ]);
  });

  test('many keys that mean nothing are a short message', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]));
    const lines = problems(ConnectOptionsCodec, { port: 1, ...many });
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe('there are 99992 more that are not known');
  });

  test('what is inherited is not given', () => {
    expect(problems(ConnectOptionsCodec, Object.create({ port: 1 }))[0]).toMatch(/^port: .* got nothing$/);
    expect(decoded(ConnectOptionsCodec, Object.assign(Object.create({ host: 'evil' }), { port: 1 }))).toEqual({
      port: 1,
    });
  });

  test('each option is read once', () => {
    let reads = 0;
    const options = {
      get port() {
        reads++;
        return reads === 1 ? 80 : 'something else';
      },
    };
    expect(decoded(ConnectOptionsCodec, options)).toEqual({ port: 80 });
  });

  test('what throws when it is looked at', () => {
    expect(problems(ConnectOptionsCodec, hostileProxy())).toEqual(['expected an object of options, got an object']);
    expect(problems(ConnectOptionsCodec, revokedProxy())).toEqual(['expected an object of options, got an object']);
    expect(problems(ConnectOptionsCodec, throwingGetter('port'))).toEqual([
      'port: expected something that can be read, got a getter that throws',
    ]);
    expect(problems(ConnectOptionsCodec, { port: 1, signal: hostileProxy() })).toEqual([
      'signal: expected something that can be read, got an object',
    ]);
  });
});

describe('ListenOptionsCodec and ServeOptionsCodec', () => {
  test('all that data can say', () => {
    const data = {
      port: 0,
      host: '::1',
      backlog: 1,
      exclusive: true,
      ipv6Only: true,
      reusePort: false,
      maxConnections: 1,
      whenFull: 'wait',
      throttle: { perSecond: 0.5, burst: 2, whenExceeded: 'drop' },
      unclaimedTimeout: 1,
      maxUnclaimed: 1,
      pauseOnConnect: true,
      budget: 1,
    };
    const options = decoded(ListenOptionsCodec, JSON.parse(JSON.stringify(data)));
    expect(ListenOptionsCodec.encode(options)).toEqual(data);
    const more = { ...data, drainTimeout: 5 };
    expect(ServeOptionsCodec.encode(decoded(ServeOptionsCodec, more))).toEqual(more);
    expect(problems(ListenOptionsCodec, more)).toEqual(['drainTimeout: there is no such option']);
  });

  test('a path and its modes', () => {
    const data = { path: '/run/app.sock', readableAll: true, writableAll: false };
    expect(decoded(ServeOptionsCodec, data)).toEqual(data);
    expect(problems(ServeOptionsCodec, { port: 1, readableAll: true })).toEqual([
      'readableAll: expected nothing, since "port" is given, got true',
    ]);
    expect(problems(ServeOptionsCodec, { fd: 3, ipv6Only: true, writableAll: true })).toEqual([
      'ipv6Only: expected nothing, since "fd" is given, got true',
      'writableAll: expected nothing, since "fd" is given, got true',
    ]);
  });

  test.runIf(process.platform === 'linux')('an abstract socket has no modes', () => {
    expect(problems(ServeOptionsCodec, { path: '\0app', readableAll: true })).toEqual([
      'readableAll: expected left out or false when "path" is an abstract socket, got true',
    ]);
  });

  test('no limit is a limit, too', () => {
    expect(decoded(ServeOptionsCodec, { port: 1, maxConnections: Number.POSITIVE_INFINITY })).toEqual({
      port: 1,
      maxConnections: Number.POSITIVE_INFINITY,
    });
  });

  test('a throttle is checked to its ground', () => {
    expect(problems(ServeOptionsCodec, { port: 1, throttle: { burst: 1.5, rate: 1, whenExceeded: 'no' } })).toEqual([
      'throttle.burst: expected an integer, 1 or more, got 1.5',
      'throttle.whenExceeded: expected "wait" or "drop", got "no"',
      'throttle.rate: there is no such option',
      'throttle.perSecond: expected a number greater than 0, got nothing',
    ]);
    expect(problems(ServeOptionsCodec, { port: 1, throttle: 5 })).toEqual([
      'throttle: expected an object of options, got 5',
    ]);
    const throttle = throttleConnections({ perSecond: 1 });
    expect(decoded(ServeOptionsCodec, { port: 1, throttle }).throttle).toBe(throttle);
    const wrong = throttleConnections({ perSecond: 0 });
    expect(problems(ServeOptionsCodec, { port: 1, throttle: wrong })).toEqual([
      'throttle.perSecond: expected a number greater than 0, got 0',
    ]);
  });

  test('what ends a server is a signal or an Observable, and nothing that JSON can say', () => {
    const { signal } = new AbortController();
    const shutdown = of(1);
    expect(decoded(ServeOptionsCodec, { port: 1, shutdown: signal }).shutdown).toBe(signal);
    expect(decoded(ServeOptionsCodec, { port: 1, shutdown }).shutdown).toBe(shutdown);
    for (const value of [[], 'now', {}, { aborted: true }, true]) {
      expect(problems(ServeOptionsCodec, { port: 1, shutdown: value })[0]).toMatch(
        /^shutdown: expected an AbortSignal/,
      );
    }
  });
});

// ---- what is decoded is never refused

/** A transport on which nothing stands; it counts what came as far as it. */
function refusing(): { readonly transport: Transport; readonly used: () => number } {
  let used = 0;
  const refuse = (): never => {
    used++;
    throw new Error('used');
  };
  return {
    transport: { clock: new VirtualClock(), random: Math.random, dial: refuse, bind: refuse },
    used: () => used,
  };
}

/** Whether it came as far as the transport; options that are refused don't. */
function isAccepted(start: (transport: Transport) => Observable<unknown>): boolean {
  const { transport, used } = refusing();
  start(transport)
    .subscribe({ error: () => {} })
    .unsubscribe();
  return used() === 1;
}

const number = fc.oneof(
  fc.integer({ min: -1, max: 3 }),
  fc.constantFrom(0.5, 1e3, 65_535, 65_536, 2 ** 31, Number.POSITIVE_INFINITY, Number.NaN, -0),
);
const value = fc.oneof(
  { weight: 8, arbitrary: number },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(true, false, undefined, null, 'drop', 'wait', '80', 'h', '::1', '/a'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>({ perSecond: 1 }, { perSecond: 1, burst: 0 }, '', '\0x', 'ü', [], {}),
  },
);

const NAMES = [
  'port',
  'host',
  'path',
  'fd',
  'backlog',
  'exclusive',
  'ipv6Only',
  'readableAll',
  'localAddress',
  'localPort',
  'family',
  'hints',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'connectTimeout',
  'allowHalfOpen',
  'highWaterMark',
  'maxQueued',
  'idleTimeout',
  'deadline',
  'maxConnections',
  'whenFull',
  'throttle',
  'budget',
  'unclaimedTimeout',
  'maxUnclaimed',
  'drainTimeout',
] as const;

const candidates = fc
  .record(
    {
      place: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom({ port: 80 }, { port: '1' }, { path: '/a' }, { fd: 3 }, { port: 0 }) },
        { weight: 1, arbitrary: fc.constantFrom({}, { port: 1, path: '/a' }) },
      ),
      more: fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 4, noNullPrototype: true }),
    },
    { noNullPrototype: true },
  )
  .map(({ place, more }): object => ({ ...more, ...place }));

describe('what is decoded is never refused, and comes back from what it is encoded to', () => {
  const both = <A extends object>(
    codec: t.Type<A, unknown>,
    data: object,
    start: (options: A, transport: Transport) => Observable<unknown>,
  ): boolean => {
    const result = codec.decode(data);
    if (result._tag === 'Left') {
      expect(problemReporter.report(result).length).toBeGreaterThan(0);
      return false;
    }
    const options = result.right;
    expect(isAccepted((transport) => start(options, transport))).toBe(true);
    expect(codec.is(options)).toBe(true);
    // The JSON of it, too, as long as there is no Infinity in it.
    expect(codec.decode(codec.encode(options))).toEqual(result);
    return true;
  };

  check.prop([fc.array(candidates, { minLength: 60, maxLength: 60 })], { numRuns: 10 })('', (all) => {
    const accepted = all.filter((data) => {
      const connects = both(ConnectOptionsCodec, data, (options, transport) => connect({ ...options, transport }));
      const listens = both(ListenOptionsCodec, data, (options, transport) => listen({ ...options, transport }));
      const serves = both(ServeOptionsCodec, data, (options, transport) =>
        serve({ ...options, transport }, () => EMPTY),
      );
      return connects || listens || serves;
    });
    // Otherwise this says nothing.
    expect(accepted.length).toBeGreaterThan(0);
  });

  check.prop([fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), hostile)], { numRuns: 500 })(
    'values that do their worst end in readable problems',
    (makers) => {
      const data = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()]));
      for (const codec of [ConnectOptionsCodec, ListenOptionsCodec, ServeOptionsCodec]) {
        const result = codec.decode(data);
        codec.is(data);
        if (result._tag === 'Right') continue;
        for (const line of problemReporter.report(result)) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(line.length).toBeLessThan(1_000);
        }
      }
    },
  );
});
