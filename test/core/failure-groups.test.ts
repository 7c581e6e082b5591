import { describe, expect, test } from 'vitest';

import {
  ConnectionReset,
  connectionLost,
  FrameTooLarge,
  type FailureTag,
  IdleTimeout,
  localFailure,
  overload,
  protocolFailure,
  timeLimit,
  unanswered,
  unreachable,
} from '../../src/core/failures/index.ts';
import * as failures from '../../src/core/failures/index.ts';
import { isFailureTag } from '../../src/core/failures/is-net-failure.ts';

const groups = { connectionLost, localFailure, overload, protocolFailure, timeLimit, unanswered, unreachable };

/** The names of all classes of failures, which are their tags. */
const classes = Object.entries(failures)
  .filter(([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name) && name !== 'Failure')
  .map(([name]) => name);

describe('groups of failures', () => {
  test('every failure is in exactly one', () => {
    const tags: FailureTag[] = Object.values(groups).flatMap((group) => group.tags);
    expect(tags.toSorted()).toEqual(classes.toSorted());
    expect(new Set(tags).size).toBe(tags.length);
    expect(tags.every(isFailureTag)).toBe(true);
  });

  test('every group that there is, is one of these', () => {
    const all = Object.entries(failures).filter(([, value]) => typeof value === 'object' && 'tags' in value);
    expect(all.map(([name]) => name).toSorted()).toEqual(Object.keys(groups).toSorted());
  });

  test('a group knows its failures, by tag and shape', () => {
    const reset = new ConnectionReset();
    expect(connectionLost.has(reset)).toBe(true);
    expect(timeLimit.has(reset)).toBe(false);
    expect(timeLimit.has(new IdleTimeout({ limit: 5 }))).toBe(true);
    expect(protocolFailure.has(new FrameTooLarge({ limit: 5, size: 6 }))).toBe(true);
    // One of another copy of the package.
    const { message, code, syscall, address, port } = reset;
    const copy = { _tag: 'ConnectionReset', name: 'ConnectionReset', message, code, syscall, address, port };
    expect(connectionLost.has(copy)).toBe(true);
  });

  const trap = new Proxy(new ConnectionReset(), {
    get: () => {
      throw new Error('a trap');
    },
  });
  test.each<[what: string, value: () => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a tag', () => 'ConnectionReset'],
    ['an object with a tag', () => ({ _tag: 'ConnectionReset' })],
    ['an error with a tag', () => Object.assign(new Error('not one of ours'), { _tag: 'ConnectionReset' })],
    ['a proxy that throws', () => trap],
  ])('%s is in none', (_, make) => {
    const value = make();
    for (const group of Object.values(groups)) expect(group.has(value)).toBe(false);
  });

  test('a group can not be changed', () => {
    for (const group of Object.values(groups)) {
      expect(Object.isFrozen(group)).toBe(true);
      expect(Object.isFrozen(group.tags)).toBe(true);
    }
  });
});
