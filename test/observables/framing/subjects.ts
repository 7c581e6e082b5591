import * as fc from 'fast-check';
import * as t from 'io-ts';
import * as v from 'valibot';
import { z } from 'zod';

import {
  type ByteWindow,
  choose,
  cobs,
  defineFraming,
  delimited,
  fixedLength,
  type Framing,
  incomplete,
  jsonLines,
  lengthPrefixed,
  lines,
  mapFraming,
  netstring,
  typed,
} from '../../../src/index.ts';

/** One framing, and what is to be known of it to try all that every framing promises. */
export interface Subject {
  readonly name: string;
  readonly make: (maxLength: number) => Framing<unknown, unknown, unknown>;
  /** Messages of at most so many bytes. */
  readonly messages: (maxLength: number) => fc.Arbitrary<unknown>;
  /** A message of exactly so many bytes. */
  readonly sized: (length: number) => unknown;
  /** What arrives of a message that was sent, as something that can be compared. */
  readonly seen: (message: unknown) => unknown;
  /** What the end of the stream makes of a last message that isn't over. */
  readonly cut: 'FrameTruncated' | 'emits it';
  /** Whether `maxLength` is something to choose. */
  readonly bounded: boolean;
  /** Bytes that bring this framing into trouble more often than any bytes do. */
  readonly troublesome: readonly (string | Uint8Array)[];
}

const bytesOf = (message: unknown): unknown => Buffer.from(message as string).toString('latin1');
const same = (message: unknown): unknown => message;

const anyBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: Math.min(maxLength, 40) });

const line = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'binary', maxLength: Math.min(40, Math.floor(maxLength / 4)) })
    .map((text) => text.replaceAll('\n', '¶').replace(/\r+$/, ''));

const json = (maxLength: number): fc.Arbitrary<unknown> =>
  fc.jsonValue({ maxDepth: 2 }).filter((value) => Buffer.byteLength(JSON.stringify(value)) <= maxLength);

/** As it is after a round trip: `-0` is `0` in JSON. */
const asJson = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

/** At most 20 bytes of JSON. */
const point = (): fc.Arbitrary<unknown> =>
  fc.record({ x: fc.nat(9), name: fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', ' ') }) });
const sizedPoint = (length: number): unknown => ({ x: 1, name: 'n'.repeat(length - '{"x":1,"name":""}'.length) });

function prefixed(name: string, options: object, most = 65_533): Subject {
  return {
    name: `lengthPrefixed, ${name}`,
    make: (maxLength) =>
      lengthPrefixed({ ...(options as { bytes: 4 }), maxLength: Math.min(most, maxLength) }) as unknown as Framing<
        unknown,
        unknown,
        unknown
      >,
    messages: anyBytes,
    sized: (length) => Buffer.alloc(length, 'x'),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: [Buffer.of(0), Buffer.of(255), Buffer.of(0x80), Buffer.of(3), Buffer.of(0, 0, 0, 4)],
  };
}

function split(delimiter: string): Subject {
  const tests = delimited(delimiter, { maxLength: 1_000_000 });
  return {
    name: `delimited by ${JSON.stringify(delimiter)}`,
    make: (maxLength) => delimited(delimiter, { maxLength }) as Framing<unknown, unknown, unknown>,
    // Made of what the delimiter is made of, so that it is nearly there all the time.
    messages: (maxLength) =>
      fc
        .string({ unit: fc.constantFrom(...delimiter.split(''), 'x'), maxLength: Math.min(maxLength, 12) })
        .filter((message) => {
          try {
            tests.encode(message);
            return true;
          } catch {
            return false;
          }
        }),
    sized: (length) => 'x'.repeat(length),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: [delimiter, delimiter.slice(0, 1), delimiter.slice(1), delimiter.slice(0, -1)],
  };
}

/** A framing as a user may write it: a byte says how many follow. */
const pascalStrings = (maxLength: number): Framing<Buffer, string> =>
  defineFraming({
    maxLength,
    decoder: () => ({
      decode(window: ByteWindow) {
        const length = 1 + (window.at(0) ?? 0);
        if (window.length >= length) return window.take(length).subarray(1);
        window.want(length);
        return incomplete;
      },
    }),
    encode: (message: string) => [Uint8Array.of(message.length), message],
  });

export const subjects: readonly Subject[] = [
  {
    name: 'lines',
    make: (maxLength) => lines({ maxLength }) as Framing<unknown, unknown, unknown>,
    messages: line,
    sized: (length) => 'x'.repeat(length),
    seen: same,
    cut: 'emits it',
    bounded: true,
    troublesome: ['\n', '\r', '\r\n', 'é'],
  },
  {
    name: 'lines with terminators',
    make: (maxLength) =>
      lines({ maxLength, requireTerminator: true, terminator: '\r\n' }) as Framing<unknown, unknown, unknown>,
    messages: line,
    sized: (length) => 'x'.repeat(length),
    seen: same,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['\n', '\r', '\r\n', 'é'],
  },
  {
    name: 'lines one by one',
    make: (maxLength) =>
      mapFraming(
        lines({ maxLength }),
        (text) => text,
        (text: string) => text,
      ) as Framing<unknown, unknown, unknown>,
    messages: line,
    sized: (length) => 'x'.repeat(length),
    seen: same,
    cut: 'emits it',
    bounded: true,
    troublesome: ['\n', '\r', '\r\n', 'é'],
  },
  prefixed('1 byte', { bytes: 1 }, 255),
  prefixed('2 bytes', { bytes: 2 }),
  prefixed('2 bytes, little-endian, counting itself', { bytes: 2, endianness: 'little', lengthIncludesItself: true }),
  prefixed('4 bytes', { bytes: 4 }),
  prefixed('4 bytes, little-endian', { bytes: 4, endianness: 'little' }),
  prefixed('varint', { bytes: 'varint' }),
  {
    ...prefixed('4 bytes behind 3', { bytes: 4, offset: 3, lengthIncludesItself: true }),
    messages: (maxLength) =>
      fc.record({ head: fc.uint8Array({ minLength: 3, maxLength: 3 }), body: anyBytes(maxLength) }),
    sized: (length) => ({ head: 'abc', body: 'x'.repeat(length) }),
    seen: (message) => {
      const { head, body } = message as { head: Uint8Array; body: Uint8Array };
      return [bytesOf(head), bytesOf(body)];
    },
  },
  split('\0'),
  split('\r\n\r\n'),
  split('aab'),
  split('aba'),
  {
    name: 'fixedLength',
    make: () => fixedLength(5) as Framing<unknown, unknown, unknown>,
    messages: () => fc.uint8Array({ minLength: 5, maxLength: 5 }),
    sized: (length) => Buffer.alloc(length),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: false,
    troublesome: [],
  },
  {
    name: 'netstring',
    make: (maxLength) => netstring({ maxLength }) as Framing<unknown, unknown, unknown>,
    messages: anyBytes,
    sized: (length) => 'x'.repeat(length),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['0', ':', ',', '1', '0:,', '3:abc,', '9'],
  },
  {
    name: 'jsonLines',
    make: (maxLength) => jsonLines({ maxLength }),
    messages: json,
    sized: (length) => 'x'.repeat(length - 2),
    seen: asJson,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['\n', '\r', '{}', '[', '"', '\\', '1', '{"a":', '\uFFFD', Buffer.of(0xff)],
  },
  {
    name: 'cobs',
    make: (maxLength) => cobs({ maxLength }) as Framing<unknown, unknown, unknown>,
    messages: (maxLength) =>
      fc.oneof(
        anyBytes(maxLength),
        fc.array(fc.constantFrom(0, 1), { maxLength: Math.min(maxLength, 20) }).map((bytes) => Uint8Array.from(bytes)),
        fc.integer({ min: 0, max: Math.min(600, maxLength) }).map((length) => new Uint8Array(length).fill(7)),
      ),
    sized: (length) => Buffer.alloc(length, 'x'),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: [Buffer.of(0), Buffer.of(1), Buffer.of(2), Buffer.of(255), Buffer.of(1, 1, 0)],
  },
  {
    name: 'typed with io-ts',
    make: (maxLength) =>
      typed(jsonLines({ maxLength }), t.type({ x: t.number, name: t.string })) as Framing<unknown, unknown, unknown>,
    messages: point,
    sized: sizedPoint,
    seen: asJson,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['{"x":1,"name":""}\n', '{"x":"1"}\n', 'null\n', '[]\n'],
  },
  {
    name: 'typed with zod',
    make: (maxLength) =>
      typed(jsonLines({ maxLength }), z.object({ x: z.number(), name: z.string() })) as Framing<
        unknown,
        unknown,
        unknown
      >,
    messages: point,
    sized: sizedPoint,
    seen: asJson,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['{"x":1,"name":""}\n', '{"x":"1"}\n', 'null\n', '[]\n'],
  },
  {
    name: 'typed with valibot',
    make: (maxLength) =>
      typed(jsonLines({ maxLength }), v.object({ x: v.number(), name: v.string() })) as Framing<
        unknown,
        unknown,
        unknown
      >,
    messages: point,
    sized: sizedPoint,
    seen: asJson,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['{"x":1,"name":""}\n', '{"x":"1"}\n', 'null\n', '[]\n'],
  },
  {
    name: 'choose',
    make: (maxLength) =>
      choose({
        text: { tag: 0x74, framing: lines({ maxLength, requireTerminator: true }) },
        data: { tag: 0, framing: lengthPrefixed({ bytes: 2, maxLength }) },
        value: { tag: 0x76, framing: jsonLines({ maxLength }) },
      }) as Framing<unknown, unknown, unknown>,
    messages: (maxLength) =>
      fc.oneof(
        fc.record({ type: fc.constant('text'), message: line(maxLength) }),
        fc.record({ type: fc.constant('data'), message: anyBytes(maxLength) }),
        fc.record({ type: fc.constant('value'), message: json(maxLength) }),
      ),
    sized: (length) => ({ type: 'data', message: 'x'.repeat(length) }),
    seen: (chosen) => {
      const { type, message } = chosen as { type: string; message: unknown };
      return [type, type === 'data' ? bytesOf(message) : asJson(message)];
    },
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['t', 'v', '\0', '\n', 't\n', '\0\0\x01', 'v{}\n', 'v\n'],
  },
  {
    name: 'one of the user’s own',
    make: pascalStrings as (maxLength: number) => Framing<unknown, unknown, unknown>,
    messages: (maxLength) => fc.string({ maxLength: Math.min(9, maxLength - 1), unit: 'grapheme-ascii' }),
    sized: (length) => 'x'.repeat(length - 1),
    seen: bytesOf,
    cut: 'FrameTruncated',
    bounded: true,
    troublesome: ['\0', '\x01', '\x01a', Buffer.of(255)],
  },
];
