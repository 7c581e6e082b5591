// Inputs that do their worst when they are looked at. They are made when they are used: fast-check looks at values, too.
import { fc } from '@fast-check/vitest';

const thrower = (): never => {
  throw new Error('looked at');
};

/** A proxy of which every operation throws. */
export const hostileProxy = (): object => new Proxy({}, new Proxy({}, { get: () => thrower }));

export const revokedProxy = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

export const cyclic = (): object => {
  const self: Record<string, unknown> = {};
  self['port'] = self;
  self['host'] = [self];
  return self;
};

export const throwingGetter = (name: string): object =>
  Object.defineProperty({}, name, { enumerable: true, get: thrower });

/** It can't be turned into text. */
export const unprintable = (): object => ({ toString: thrower, [Symbol.toPrimitive]: thrower, toJSON: thrower });

export const plain = (values: fc.Arbitrary<unknown>): fc.Arbitrary<() => unknown> => values.map((value) => () => value);

export const hostile: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.constantFrom<() => unknown>(
    hostileProxy,
    revokedProxy,
    cyclic,
    unprintable,
    () => Symbol('a\nb'),
    () => 10n ** 200n,
    () => thrower,
    () => Map,
    () => new Error('a\nb'),
    () => 'x'.repeat(100_000),
    () => '\u001b[2J\u0007',
    () => '\u202e80',
    () => '\ud800',
    () => '::1\u0000',
    () => 'a\r\nLISTEN_PORT: fine',
  ),
  fc.string().map((name) => () => throwingGetter(name)),
  plain(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true }),
  ),
);
