// What may be bound beside what, and where a dial goes: the simulated network against the operating system, over all pairs of kinds.
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';

import { createNodeTransport } from '../../../src/core/node/index.ts';
import type { LookupFunction } from '../../../src/core/transport.ts';
import { boundTo } from '../../../src/testing/bound-address.ts';
import { simulateNetwork } from '../../../src/testing/index.ts';
import { Ports } from '../../../src/testing/ports.ts';
import { play, type Scene, type Step } from './scene.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

/** Below the ports that systems choose by themselves. Of other programs, one may have a port all the same. */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_000;
const TRIES = 3;

let nextPort = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));

function freshPorts(): number[] {
  return [1, 2, 3].map(() => {
    nextPort = nextPort >= LAST_PORT ? FIRST_PORT : nextPort + 1;
    return nextPort;
  });
}

const system = createNodeTransport({});

async function simulated(scene: Scene): Promise<string[]> {
  const network = simulateNetwork({ report: () => {} });
  const { transport } = network.host('machine');
  return network.run(() => play(transport, scene, [20_001, 20_002, 20_003]));
}

/** The steps of scenes that come to something else on the simulated network, with both results. */
async function differences(scenes: readonly Scene[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const scene of scenes) {
    const ours = await simulated(scene);
    let theirs: string[] = [];
    for (let tries = 0; tries < TRIES && String(theirs) !== String(ours); tries++)
      theirs = await play(system, scene, freshPorts());
    if (String(theirs) !== String(ours)) found.push(JSON.stringify({ scene, theirs, ours }));
  }
  return found;
}

const isSix = (host: string | undefined): boolean => host === undefined || host.includes(':');

/** Addresses of this machine, in several spellings, and what is none of it. */
const HOSTS = [
  '127.0.0.1',
  '127.0.0.2',
  '0.0.0.0',
  '127.1',
  '0x7f.0.0.1',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0::0001',
  '::1%lo',
  '::',
  '0:0::0',
  '::ffff:127.0.0.1',
  '::FFFF:7f00:1',
  '0:0:0:0:0:ffff:127.0.0.2',
  '::ffff:0.0.0.0',
  'fe80::1',
  'fe80::1%lo',
  'ff02::1',
  '224.0.0.1',
  '255.255.255.255',
].filter((host) => hasIPv6 || !isSix(host));

/** These are bound only: a dial would leave this machine. */
const ELSEWHERE = ['192.0.2.77', '2001:db8::99', '::127.0.0.1'].filter((host) => hasIPv6 || !isSix(host));

const BINDS: readonly Extract<Step, { bind: unknown }>[] = [
  ...[...(hasIPv6 ? [undefined] : []), ...HOSTS, ...ELSEWHERE].map((bind) => ({ bind })),
  ...[undefined, '::', '::1', '::ffff:127.0.0.1', '::ffff:0.0.0.0', '0.0.0.0']
    .filter((host) => hasIPv6 || !isSix(host))
    .map((bind) => ({ bind, ipv6Only: true })),
];

const title = (step: { readonly bind: string | undefined; readonly ipv6Only?: boolean }): string =>
  `${step.bind ?? 'no host'}${step.ipv6Only === true ? ' for IPv6 only' : ''}`;

/** Answers as `dns.lookup` does, with these addresses. */
const answering =
  (...all: readonly (readonly [address: string, family: number])[]): LookupFunction =>
  (_name, options, callback) => {
    const [[address, family] = ['', 0]] = all;
    if (options.all === true)
      callback(
        null,
        all.map((each) => ({ address: each[0], family: each[1] })),
      );
    else callback(null, address, family);
  };

describe.runIf(process.platform === 'linux')('as on Linux', () => {
  test.runIf(!hasIPv6)('SKIPPED: everything of IPv6, which this machine does not have', () => {});

  describe('two binds at one port', () => {
    test.each(BINDS.map((first) => [title(first), first] as const))('%s, then another', async (_title, first) => {
      expect(await differences(BINDS.map((second) => [first, second]))).toEqual([]);
    });
  });

  describe('a bind, then a dial', () => {
    test.each(BINDS.map((first) => [title(first), first] as const))('%s', async (_title, first) => {
      expect(await differences(HOSTS.map((dial) => [first, { dial }]))).toEqual([]);
    });
  });

  const sources = [...HOSTS.filter((host) => !host.startsWith('0x') && host !== '127.1'), ...ELSEWHERE];

  describe('a dial from an address of its own', () => {
    test.each(sources)('%s', async (localAddress) => {
      const listener = { bind: hasIPv6 ? '::' : '0.0.0.0' };
      const scenes = HOSTS.flatMap((dial): Scene[] => [
        [listener, { dial, localAddress }],
        [listener, { dial, localAddress, localPort: 2 }],
      ]);
      expect(await differences(scenes)).toEqual([]);
    });
  });

  describe('a dial from a port of its own', () => {
    test.each(BINDS.map((there) => [title(there), there] as const))('that %s listens on', async (_title, there) => {
      const listener = { bind: hasIPv6 ? '::' : '0.0.0.0' };
      const dials = HOSTS.map((dial): Scene => [listener, { ...there, port: 2 }, { dial, localPort: 2 }]);
      expect(await differences(dials)).toEqual([]);
    });

    test.each(HOSTS)('that a dial to %s has', async (first) => {
      const listener = { bind: hasIPv6 ? '::' : '0.0.0.0' };
      const dials = HOSTS.map((dial): Scene => [listener, { dial: first, localPort: 2 }, { dial, localPort: 2 }]);
      expect(await differences(dials)).toEqual([]);
    });
  });

  describe('a bind at the port of a dial', () => {
    test.each(BINDS.map((there) => [title(there), there] as const))('%s', async (_title, there) => {
      const listener = { bind: '127.0.0.1' };
      const binds = (['clients first', 'servers first', 'reset', undefined] as const).flatMap((close): Scene[] => {
        const closed: Step[] = close === undefined ? [] : [{ close }];
        return [
          [listener, { dial: '127.0.0.1' }, ...closed, { ...there, port: 'client' }],
          [listener, { dial: '127.0.0.1', localPort: 2 }, ...closed, { ...there, port: 2 }],
          [listener, { dial: '127.0.0.1', localAddress: '127.0.0.1' }, ...closed, { ...there, port: 'client' }],
        ];
      });
      expect(await differences(binds)).toEqual([]);
    });
  });

  const here = { bind: '127.0.0.1' };
  const there = { bind: '127.0.0.1', port: 2 };

  test('one local port towards several peers, and a pair of ends only once', async () => {
    expect(
      await differences([
        [here, there, { dial: '127.0.0.1', localPort: 3 }, { dial: '127.0.0.1', port: 2, localPort: 3 }],
        [here, { dial: '127.0.0.1', localPort: 3 }, { dial: '127.0.0.1', localPort: 3, localAddress: '127.0.0.2' }],
        [here, { dial: '127.0.0.1' }, { dial: '127.0.0.1', localPort: 'client' }],
        [here, { dial: '127.0.0.1' }, { dial: '127.0.0.1', localPort: 'client', localAddress: '127.0.0.2' }],
        [here, { dial: '127.0.0.1', localPort: 3 }, { bind: '127.0.0.1', port: 3 }, { dial: '127.0.0.1', port: 3 }],
      ]),
    ).toEqual([]);
  });

  test('after a close: the port again, and the pair of ends again', async () => {
    const dial = { dial: '127.0.0.1', localPort: 3 } as const;
    const free = { dial: '127.0.0.1' } as const;
    const ends = (['clients first', 'servers first', 'reset'] as const).flatMap((close): Scene[] => [
      [here, dial, { close }, dial],
      [here, dial, { close }, { close: 'listeners' }, here, dial],
      [here, dial, { close }, there, { ...dial, port: 2 }],
      [here, free, { close }, { ...dial, localPort: 'client' }],
      [here, free, { close }, { close: 'listeners' }, { bind: '0.0.0.0' }, free],
    ]);
    expect(
      await differences([
        ...ends,
        [here, free, { close: 'listeners' }, here, free],
        [here, { close: 'listeners' }, free, here, free],
        [here, free, { close: 'listeners' }, free],
      ]),
    ).toEqual([]);
  });

  /** Where one can listen. */
  const doors = BINDS.filter(
    ({ bind, ipv6Only }: { readonly bind: string | undefined; readonly ipv6Only?: boolean }) =>
      bind === undefined ||
      (/^(?:127|0|:)/.test(bind) && !ELSEWHERE.includes(bind) && !(ipv6Only === true && /ffff/i.test(bind))),
  );

  test('a dial to what is shown', async () => {
    const scenes = doors.flatMap((door): Scene[] =>
      (['listener', 'remote', 'acceptedLocal'] as const).map((shown) => [
        door,
        { dial: { shown: 'listener' } },
        { dial: { shown } },
      ]),
    );
    const toIPv4 = doors
      .filter(({ bind }) => bind === undefined || bind === '::')
      .map((door): Scene => [
        door,
        { dial: door.ipv6Only === true ? '::1' : '127.0.0.1' },
        { dial: { shown: 'acceptedLocal' } },
      ]);
    expect(await differences([...scenes, ...toIPv4])).toEqual([]);
  });

  test('port 0 is any, on each kind of address', async () => {
    const scenes = doors.map((door): Scene => [
      { ...door, port: 0 },
      { dial: { shown: 'listener' } },
      { ...door, port: 0 },
    ]);
    expect(await differences(scenes)).toEqual([]);
  });

  test('a socket that is connected with itself', async () => {
    const hosts = HOSTS.filter((host) => /^(?:127\.0|0\.0|::1$|::$|::ffff:127)/.test(host));
    expect(await differences(hosts.map((dial) => [{ dial, localPort: 1 }]))).toEqual([]);
  });

  test('a name with addresses of both families', async () => {
    const lookups = [
      answering(['127.0.0.1', 4], ...(hasIPv6 ? [['::1', 6] as const] : [])),
      ...(hasIPv6
        ? [
            answering(['::1', 6], ['127.0.0.1', 4]),
            answering(['::ffff:127.0.0.1', 6]),
            answering(['0:0:0:0:0:0:0:1', 6], ['0.0.0.0', 4]),
            answering(['::', 6]),
          ]
        : []),
    ];
    const options = [
      {},
      { autoSelectFamily: false },
      { localPort: 2 },
      { localAddress: '127.0.0.1' },
      ...(hasIPv6 ? [{ localAddress: '::1' }, { localAddress: '::1', localPort: 2 }] : []),
    ];
    const binds: Step[] = [here, { bind: '0.0.0.0' }, ...(hasIPv6 ? [{ bind: '::1' }, { bind: '::' }] : [])];
    const scenes = lookups.flatMap((lookup) =>
      options.flatMap((option) =>
        binds.flatMap((bind): Scene[] => [
          [bind, { dial: 'some.name', lookup, ...option }],
          [bind, { ...here, port: 2 }, { dial: 'some.name', lookup, ...option }],
        ]),
      ),
    );
    expect(await differences([...scenes, ...lookups.map((lookup): Scene => [{ dial: 'some.name', lookup }])])).toEqual(
      [],
    );
  });

  test('an option that the host leaves without effect', async () => {
    const scenes = HOSTS.flatMap((dial): Scene[] => [
      [{ bind: hasIPv6 ? '::' : '0.0.0.0' }, { dial, family: 4 }],
      [{ bind: hasIPv6 ? '::' : '0.0.0.0' }, { dial, family: 4, autoSelectFamily: false }],
    ]);
    expect(await differences(scenes)).toEqual([]);
  });
});

describe('names of a simulated network', () => {
  const at = (bind: string, dial: string): Promise<string[]> => simulated([{ bind }, { dial, family: 4 }]);

  test.each(['machine', 'MACHINE', 'Machine'])('%s is the host, whatever its case', async (name) => {
    const network = simulateNetwork();
    const server = network.host('machine').transport;
    const results = await network.run(() => play(server, [{ bind: name }, { dial: name, family: 4 }], [80, 81, 82]));
    expect(results.map((each) => each.split(' ')[0])).toEqual(['listens', 'IPv4']);
  });

  test.each(['localhost', 'LOCALHOST', 'LocalHost'])('%s is this machine', async (name) => {
    expect(await at(name, name)).toEqual(await at('localhost', 'localhost'));
    expect((await at(name, name))[1]).toContain('accepted');
  });

  test.each(['127.0.0.256', '0x7f.0.0.0.1', '127.0.0.08', '1.2.3.4.5', '4294967296', '0x'])(
    '%s is no address in an old notation',
    async (name) => {
      expect((await simulated([{ dial: name }]))[0]).toContain('HostNotFound');
    },
  );
});

test('more connections than there are ports, to two peers', () => {
  const ports = new Ports(() => 0);
  const local = '10.0.0.1';
  const count = 60_999 - 32_768 + 1;
  const open = (remotePort: number): number | undefined => {
    const port = ports.towards(local, '10.0.0.2', remotePort);
    if (port === undefined) return undefined;
    const use = { bound: boundTo(local), isListening: false, isAutomatic: true, sharesPort: false };
    const end = { address: local, family: 'IPv4' as const, port };
    ports.opened(end, { address: '10.0.0.2', family: 'IPv4', port: remotePort }, use);
    return port;
  };
  for (const remotePort of [80, 81]) {
    const got = new Set(Array.from({ length: count }, () => open(remotePort)));
    expect(got.size).toBe(count);
    expect(got.has(undefined)).toBe(false);
    expect(open(remotePort)).toBeUndefined();
  }
});
