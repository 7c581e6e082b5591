import { constants } from 'node:buffer';

import { map } from '../../../src/rx.ts';
import { expect, test } from 'vitest';

import {
  choose,
  cobs,
  delimited,
  fixedLength,
  type Framing,
  jsonLines,
  lines,
  lengthPrefixed,
  mapFraming,
  netstring,
  typed,
} from '../../../src/index.ts';
import { ChunkSource } from '../support-failures/chunk-source.ts';
import { record } from '../support-failures/record.ts';

type Loose = (...args: unknown[]) => Framing<unknown, string, unknown>;

function loose(make: unknown): Loose {
  return make as Loose;
}

const [texts, chosen, prefixed, split, fixed, net, json, stuffed, mapped, schema] = [
  lines,
  choose,
  lengthPrefixed,
  delimited,
  fixedLength,
  netstring,
  jsonLines,
  cobs,
  mapFraming,
  typed,
].map(loose) as [Loose, Loose, Loose, Loose, Loose, Loose, Loose, Loose, Loose, Loose];

/** What no limit can be. */
const LIMITS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null, 2 ** 53, 5n];

const limited = LIMITS.flatMap((maxLength): [string, string, () => Framing<unknown, string, unknown>][] => [
  ['lengthPrefixed', 'maxLength', () => prefixed({ bytes: 4, maxLength })],
  ['lengthPrefixed, varint', 'maxLength', () => prefixed({ bytes: 'varint', maxLength })],
  ['delimited', 'maxLength', () => split(';', { maxLength })],
  ['fixedLength', 'length', () => fixed(maxLength)],
  ['netstring', 'maxLength', () => net({ maxLength })],
  ['jsonLines', 'maxLength', () => json({ maxLength })],
  ['cobs', 'maxLength', () => stuffed({ maxLength })],
  ['lines', 'maxLength', () => texts({ maxLength })],
]);

const identity = (message: unknown): unknown => message;

test.each<[string, string, () => Framing<unknown, string, unknown>]>([
  ...limited,
  ['lines, a limit that no string reaches', 'maxLength', () => texts({ maxLength: constants.MAX_STRING_LENGTH + 1 })],
  ['choose, a choice that is no object', 'data', () => chosen({ data: 5 })],
  ['lengthPrefixed, a limit that 1 byte can not say', 'maxLength', () => prefixed({ bytes: 1, maxLength: 256 })],
  ['lengthPrefixed, a limit that 2 bytes can not say', 'maxLength', () => prefixed({ bytes: 2, maxLength: 65_536 })],
  [
    'lengthPrefixed, a limit that 1 byte can not say if it counts itself',
    'maxLength',
    () => prefixed({ bytes: 1, lengthIncludesItself: true, maxLength: 255 }),
  ],
  ...[3, 0, 8, '4', undefined].map((bytes): [string, string, () => Framing<unknown, string, unknown>] => [
    `lengthPrefixed, ${String(bytes)} bytes`,
    'bytes',
    () => prefixed({ bytes }),
  ]),
  ['lengthPrefixed, no options', 'options', () => prefixed()],
  ['lengthPrefixed, null', 'options', () => prefixed(null)],
  ['lengthPrefixed, a misspelt option', 'endianess', () => prefixed({ bytes: 4, endianess: 'little' })],
  ['lengthPrefixed, an order that is none', 'endianness', () => prefixed({ bytes: 4, endianness: 'middle' })],
  ['lengthPrefixed, an order of a varint', 'endianness', () => prefixed({ bytes: 'varint', endianness: 'big' })],
  ['lengthPrefixed, merely truthy', 'lengthIncludesItself', () => prefixed({ bytes: 4, lengthIncludesItself: 1 })],
  [
    'lengthPrefixed, a varint that counts itself',
    'lengthIncludesItself',
    () => prefixed({ bytes: 'varint', lengthIncludesItself: true }),
  ],
  ...[-1, 1.5, '1', 65_537, null].map((offset): [string, string, () => Framing<unknown, string, unknown>] => [
    `lengthPrefixed, offset ${String(offset)}`,
    'offset',
    () => prefixed({ bytes: 4, offset }),
  ]),
  ...['', Buffer.alloc(0), 59, null, undefined, ['a']].map(
    (delimiter): [string, string, () => Framing<unknown, string, unknown>] => [
      `delimited by ${String(delimiter)}`,
      'delimiter',
      () => split(delimiter),
    ],
  ),
  ['delimited, null', 'options', () => split(';', null)],
  ['delimited, a misspelt option', 'max', () => split(';', { max: 5 })],
  ['netstring, a misspelt option', 'maxLenght', () => net({ maxLenght: 5 })],
  ['jsonLines, a misspelt option', 'limit', () => json({ limit: 5 })],
  ['cobs, a misspelt option', 'maxLen', () => stuffed({ maxLen: 5 })],
  ['mapFraming, no framing', 'framing', () => mapped(map(identity), identity, identity)],
  ['mapFraming, no decode', 'decode', () => mapped(net(), undefined, identity)],
  ['mapFraming, no encode', 'encode', () => mapped(net(), identity)],
  ['typed, no framing', 'framing', () => schema(identity, identity)],
])('%s: %s', async (_name, option, make) => {
  // Making it throws nothing: wrong options are told where failures are handled.
  const framing = make();
  const failure = { _tag: 'InvalidOptions', option };
  const source = new ChunkSource([Buffer.from('abc')], 'stay');
  await expect(record(source.bytes.pipe(framing)).failure()).resolves.toMatchObject(failure);
  expect(source.rest.toString()).toBe('abc');
  expect(() => framing.encode('abc')).toThrow(expect.objectContaining(failure));
  expect(() => framing.decoder()).toThrow(expect.objectContaining(failure));
  expect(framing.maxLength).toBe(0);
});

test('defaults', () => {
  expect(netstring().maxLength).toBe(1_048_576);
  expect(delimited(';').maxLength).toBe(1_048_576);
  expect(jsonLines().maxLength).toBe(1_048_576);
  expect(cobs().maxLength).toBe(1_048_576);
  expect(lengthPrefixed({ bytes: 4 }).maxLength).toBe(1_048_576);
  expect(lengthPrefixed({ bytes: 'varint' }).maxLength).toBe(1_048_576);
  expect(lengthPrefixed({ bytes: 2 }).maxLength).toBe(65_535);
  expect(lengthPrefixed({ bytes: 2, lengthIncludesItself: true }).maxLength).toBe(65_533);
  expect(lengthPrefixed({ bytes: 1 }).maxLength).toBe(255);
  expect(fixedLength(7).maxLength).toBe(7);
});

test.each([
  ['lengthPrefixed', lengthPrefixed({ bytes: 4 })],
  ['delimited', delimited(';')],
  ['netstring', netstring()],
  ['cobs', cobs()],
  ['fixedLength', fixedLength(2)],
])('what is neither bytes nor text is not sent: %s', (_name, framing) => {
  for (const message of [undefined, null, 5, {}, [1, 2], new DataView(new ArrayBuffer(2)), new ArrayBuffer(2)]) {
    expect(() => framing.encode(message as string)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'message', value: message }),
    );
  }
});
