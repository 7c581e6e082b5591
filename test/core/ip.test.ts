import * as net from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isIP, isIPv4, isIPv6 } from '../../src/core/ip.ts';

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
