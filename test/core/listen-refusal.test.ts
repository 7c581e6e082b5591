// What the running Node would not do, or would do in another way without a word.

import { describe, expect, test } from 'vitest';

import { listenRefusal, type Platform } from '../../src/core/node/listen-refusal.ts';
import { serve } from '../../src/index.ts';
import { record } from '../observables/support-failures/record.ts';

const platform = (version: string, permission?: boolean, flags: readonly string[] = ['--allow-net']): Platform => ({
  version,
  permission: permission === undefined ? undefined : { has: (scope) => scope !== 'net' || permission },
  flags: new Set(flags),
});

const tcp = { host: '127.0.0.1', port: 80 };

describe('reusePort', () => {
  test.each(['20.19.0', '21.7.3', '22.11.0', '23.0.0'])('Node %s does not have it: InvalidOptions', (version) => {
    const refusal = listenRefusal(tcp, { reusePort: true }, platform(version));
    expect(refusal).toMatchObject({ _tag: 'InvalidOptions', option: 'reusePort', value: true });
    expect(refusal?.message).toContain(version);
    expect(listenRefusal(tcp, { reusePort: false }, platform(version))).toBeUndefined();
  });

  test.each(['22.12.0', '22.23.3', '23.1.0', '24.0.0', '26.10.0'])('Node %s has it', (version) => {
    expect(listenRefusal(tcp, { reusePort: true }, platform(version))).toBeUndefined();
  });

  test('on this Node: two servers at one port, or InvalidOptions', async () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const has = major > 22 || (major === 22 && minor >= 12);
    const recording = record(serve({ port: 0, host: '127.0.0.1', reusePort: true }, () => []));
    if (has) await recording.count(1);
    else expect(await recording.failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'reusePort' });
    recording.unsubscribe();
  });
});

describe('the permission model', () => {
  test('without --allow-net listening by TCP is PermissionDenied', () => {
    const refusal = listenRefusal(tcp, {}, platform('26.10.0', false));
    expect(refusal).toMatchObject({
      _tag: 'PermissionDenied',
      code: 'ERR_ACCESS_DENIED',
      address: '127.0.0.1',
      port: 80,
    });
    expect(refusal?.message).toContain('--allow-net');
  });

  test.each<[string, Platform]>([
    ['it is off', platform('26.10.0')],
    ['the network is allowed', platform('26.10.0', true)],
    ['this Node does not restrict the network', platform('22.23.3', false, [])],
  ])('no refusal where %s', (_name, running) => {
    expect(listenRefusal(tcp, {}, running)).toBeUndefined();
  });

  test('paths are for Node to refuse, which it does by throwing', () => {
    expect(listenRefusal({ path: '/x' }, {}, platform('26.10.0', false))).toBeUndefined();
  });
});
