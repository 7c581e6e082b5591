import * as net from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { canonicalIP, isIP, isIPv4, isIPv6, isMappedIP, mappedIP, unmappedIP } from '../../src/core/ip.ts';

const samples = [
  '127.0.0.1',
  '255.255.255.255',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.4 ',
  '::',
  '::1',
  '1::',
  ':::',
  ':1',
  '1:',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  '1:2:3:4::5:6:7:8',
  '1::2::3',
  '::ffff:127.0.0.1',
  '::127.0.0.1',
  '1:2:3:4:5:6:1.2.3.4',
  '1:2:3:4:5:6:7:1.2.3.4',
  '1.2.3.4::',
  '::1.2.3.4:5',
  '12345::',
  'fe80::1%eth0',
  'fe80::1%eth0.0',
  'fe80::1%1',
  'fe80::1%',
  'fe80::1%eth0@1',
  'fe80::1%a%b',
  '%eth0',
  'localhost',
  '',
  '::1\n',
];

describe('agrees with node:net', () => {
  test.each(samples)('%j', (text) => {
    expect([isIP(text), isIPv4(text), isIPv6(text)]).toEqual([net.isIP(text), net.isIPv4(text), net.isIPv6(text)]);
  });

  test('on addresses, on what is nearly one, and on anything', () => {
    const nearly = fc
      .array(fc.constantFrom(':', '::', '.', '%', '0', '1', '255', '256', 'f', 'ffff', 'fffff', 'eth0'), {
        maxLength: 18,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly, fc.string()), (text) => {
        expect(isIP(text)).toBe(net.isIP(text));
      }),
      { numRuns: 2000 },
    );
  });
});

test('text of any length is answered at once', () => {
  const start = performance.now();
  for (const text of ['1:'.repeat(1e6), ':'.repeat(1e6), '1.'.repeat(1e6), `::%${'a'.repeat(1e6)}`])
    expect(isIP(text)).toBe(0);
  expect(performance.now() - start).toBeLessThan(1000);
});

describe('canonicalIP', () => {
  /** How the platform spells an address: by `SocketAddress`, which goes through the system's own functions. */
  const bySystem = (text: string): string => {
    const family = net.isIPv6(text) ? 'ipv6' : 'ipv4';
    return new net.SocketAddress({ address: text.split('%')[0] ?? '', family }).address;
  };

  test.each([
    ...samples.filter((text) => net.isIP(text) !== 0),
    '1:0:0:2::3',
    '1:0:2:0:3:0:4:0',
    '0:0:0:0:0:ffff:7f00:1',
  ])('%j', (text) => {
    expect(canonicalIP(text)).toBe(bySystem(text));
  });

  test('is what the platform prints, for every spelling', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }), fc.constant(0xffff));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (groups, long, upper) => {
          const spelt = groups.map((each) => each.toString(16).padStart(long ? 4 : 1, '0')).join(':');
          const text = upper ? spelt.toUpperCase() : spelt;
          expect(canonicalIP(text)).toBe(bySystem(text));
          expect(canonicalIP(canonicalIP(text) ?? '')).toBe(canonicalIP(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('what is no address has no canonical form', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(canonicalIP(text) === undefined).toBe(net.isIP(text) === 0);
      }),
    );
  });

  test('mapped addresses stand for addresses of IPv4', () => {
    expect(canonicalIP('::FFFF:7f00:1')).toBe('::ffff:127.0.0.1');
    expect(unmappedIP('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(mappedIP('127.0.0.1')).toBe('::ffff:127.0.0.1');
    expect([mappedIP('::1'), unmappedIP('::1'), unmappedIP('127.0.0.1')]).toEqual(['::1', '::1', '127.0.0.1']);
    // Only the first 96 bits make it one.
    expect(['::ffff:1:2:3', '::1.2.3.4', '1.2.3.4'].map((text) => isMappedIP(canonicalIP(text) ?? ''))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
