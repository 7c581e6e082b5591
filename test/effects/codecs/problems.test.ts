// What is said of an input, whichever codec it was decoded with.
import { test as check } from '@fast-check/vitest';
import * as t from 'io-ts';
import { describe, expect, test } from 'vitest';

import { ConnectOptionsCodec, decodeInput, EndpointCodec, InvalidInput, Port } from '../../../src/effects/index.ts';
import { hostile } from '../support/hostile.ts';
import { problems } from './support/problems.ts';

describe('problemsOf', () => {
  test('the codecs here as parts of others', () => {
    const Config = t.type({
      upstream: ConnectOptionsCodec,
      endpoints: t.array(EndpointCodec),
      limit: t.union([t.number, t.null]),
    });
    expect(
      problems(Config, { upstream: { port: 0, hots: '' }, endpoints: ['tcp://a:1', 'x', { port: -1 }], limit: 'none' }),
    ).toEqual([
      'upstream.port: expected a port to connect to (1-65535), got 0',
      'upstream.hots: there is no such option; did you mean "host"?',
      'endpoints[1]: expected an endpoint such as tcp://host:1234, [::1]:80 or unix:/path, got "x"',
      'endpoints[2].port: expected a port (0-65535), got -1',
      'limit: expected (number | null), got "none"',
    ]);
  });

  test('a union whose member is known by its tag says what is wrong within it', () => {
    const Shape = t.union([
      t.type({ kind: t.literal('a'), size: t.number }),
      t.type({ kind: t.literal('b'), name: t.string }),
    ]);
    expect(problems(Shape, { kind: 'a', size: 'x' })).toEqual(['size: expected number, got "x"']);
    expect(problems(t.array(Shape), [5])).toEqual([
      '[0]: expected ({ kind: "a", size: number } | { kind: "b", name: string }), got 5',
    ]);
  });

  test('an intersection, and the same problem from two of its parts', () => {
    const Both = t.intersection([t.type({ a: t.number }), t.partial({ a: t.number, b: t.string })]);
    expect(problems(Both, { a: 'x', b: 1 })).toEqual(['a: expected number, got "x"', 'b: expected string, got 1']);
  });

  test('at most 32 lines', () => {
    const lines = problems(
      t.array(Port),
      Array.from({ length: 1_000 }, () => -1),
    );
    expect(lines).toHaveLength(32);
    expect(lines.at(-1)).toBe('and 969 more problems');
  });

  test('names and messages of other codecs stay within their line', () => {
    const Custom = new t.Type<string, string>(
      'a\nb',
      t.string.is,
      (value, context) => t.failure(value, context, 'bad\r\n\u001b[2Jthing'),
      (value) => value,
    );
    expect(problems(Custom, 1)).toEqual([String.raw`bad\u000d\u000a\u001b[2Jthing`]);
    expect(problems(t.type({ a: t.keyof({ 'x\ny': null }) }), { a: 1 })[0]).not.toContain('\n');
  });

  check.prop([hostile])('of any codec, for any input, without throwing', (make) => {
    const codec = t.union([Port, EndpointCodec, t.array(Port), t.record(t.string, EndpointCodec)]);
    const result = decodeInput(codec)({ value: make() });
    if (result._tag === 'Left') expect(result.left.problems.length).toBeGreaterThan(0);
  });
});

describe('decodeInput', () => {
  test('a failure with a tag', () => {
    const result = decodeInput(ConnectOptionsCodec)({ port: 0, x: 1 });
    expect(result).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput', name: 'InvalidInput' } });
    if (result._tag === 'Right') return;
    expect(result.left).toBeInstanceOf(InvalidInput);
    expect(result.left.problems).toEqual([
      'port: expected a port to connect to (1-65535), got 0',
      'x: there is no such option',
    ]);
    expect(result.left.message).toBe(result.left.problems.join('\n'));
  });

  test('what a codec throws is a problem with a cause', () => {
    const cause = new Error('no');
    const Throwing = new t.Type<string, string>(
      'Throwing',
      t.string.is,
      () => {
        throw cause;
      },
      (value) => value,
    );
    expect(decodeInput(Throwing)(1)).toMatchObject({
      left: { problems: ['expected Throwing, got something that throws when it is read'], cause },
    });
    const result = decodeInput(t.type({ port: Port }))(
      Object.defineProperty({}, 'port', {
        get: () => {
          throw cause;
        },
      }),
    );
    expect(result).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput', cause } });
  });
});
