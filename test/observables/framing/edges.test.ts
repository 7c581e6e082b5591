import { map, merge, of, Subject, throwError } from '../../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import {
  cobs,
  currentUpstream,
  delimited,
  fixedLength,
  type Framing,
  jsonLines,
  lengthPrefixed,
  lines,
  netstring,
} from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { ChunkSource, cutAt } from '../support-failures/chunk-source.ts';
import { record, Recording } from '../support-failures/record.ts';

const text = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part, 'latin1'));

interface Reading {
  readonly messages: readonly unknown[];
  readonly ending: string;
}

/** Messages as text; how it ended. `stay`: the stream does not end. */
function read(
  framing: Framing<unknown, never, unknown>,
  chunks: readonly Uint8Array[],
  ending: 'complete' | 'stay' = 'complete',
): Reading {
  const recording = new Recording(new ChunkSource(chunks, ending).bytes.pipe(framing));
  const { values } = recording;
  const end = recording.ending;
  return {
    messages: values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)),
    ending: end === undefined ? 'open' : end.kind === 'complete' ? 'complete' : (end.error as Error).name,
  };
}

const complete = (...messages: unknown[]): Reading => ({ messages, ending: 'complete' });
const open = (...messages: unknown[]): Reading => ({ messages, ending: 'open' });
const failed = (ending: string, ...messages: unknown[]): Reading => ({ messages, ending });

describe('delimited', () => {
  const nine = delimited(';', { maxLength: 9 });

  test.each<[string, readonly string[], Reading]>([
    ['nothing', [], open()],
    ['empty messages', [';;a;'], open('', '', 'a')],
    ['underrun: the end comes later than the message', ['123', '456', '789', ';'], open('123456789')],
    ['burst: several messages and the beginning of one', ['1;22;333;4', '4;'], open('1', '22', '333', '44')],
    ['big burst: all of it in one chunk', ['1;22;;4444;123456789;x;'], open('1', '22', '', '4444', '123456789', 'x')],
    ['the delimiter between two chunks of whole messages', ['aaaaaaaaa', ';', 'b', ';'], open('aaaaaaaaa', 'b')],
    ['too long before its delimiter came', ['123456789', '0'], failed('FrameTooLarge')],
    ['too long with its delimiter', ['1234567890;'], failed('FrameTooLarge')],
    ['too long after messages', ['a;b;1234567890;c;'], failed('FrameTooLarge', 'a', 'b')],
  ])('%s', (_name, chunks, expected) => {
    expect(read(nine, text(...chunks), 'stay')).toEqual(expected);
  });

  test('a delimiter of several bytes, cut everywhere', () => {
    const all = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nx\r\n\r\n');
    const expected = complete('GET / HTTP/1.1\r\nHost: a', '', 'x');
    for (let first = 0; first < all.length; first++) {
      for (let second = first; second < all.length; second++) {
        expect(read(delimited('\r\n\r\n'), cutAt(all, [first, second]))).toEqual(expected);
      }
    }
  });

  test.each<[string, string, string, readonly string[]]>([
    ['aab', 'aaab', 'aaab', ['a']],
    ['aab', 'twice', 'aabaaab', ['', 'a']],
    ['aba', 'overlapping occurrences: the first one counts', 'ababaaba', ['', 'ba']],
    ['aa', 'a run of them', 'aaaaaa', ['', '', '']],
  ])('a delimiter that overlaps itself, %s: %s', (delimiter, _name, all, expected) => {
    for (let cut = 0; cut < all.length; cut++) {
      expect(read(delimited(delimiter), cutAt(Buffer.from(all), [cut])).messages).toEqual(expected);
    }
  });

  test('a long delimiter allows what may be the beginning of it, and no more', () => {
    const framing = delimited('----', { maxLength: 3 });
    expect(read(framing, text('abc---'), 'stay')).toEqual(open());
    expect(read(framing, text('abc---', '-'), 'stay')).toEqual(open('abc'));
    expect(read(framing, text('abc---', 'x'), 'stay')).toEqual(failed('FrameTooLarge'));
    expect(read(framing, text('abcd----'), 'stay')).toEqual(failed('FrameTooLarge'));
  });

  test.each<[string, string | Uint8Array]>([
    ['a string', '\0'],
    ['bytes', Buffer.of(0)],
    ['a plain Uint8Array', Uint8Array.of(0)],
  ])('the delimiter may be %s', (_name, delimiter) => {
    expect(read(delimited(delimiter), text('a\0b\0'))).toEqual(complete('a', 'b'));
    expect(joinFrame(delimited(delimiter).encode('a')).toString()).toBe('a\0');
  });

  test('bytes of a delimiter that change afterwards change nothing', () => {
    const delimiter = Buffer.from(';');
    const framing = delimited(delimiter);
    delimiter[0] = 0;
    expect(read(framing, text('a;'))).toEqual(complete('a'));
  });

  test.each([
    ['that holds the delimiter', 'aab', 'xaabx'],
    ['that is the delimiter', 'aab', 'aab'],
    ['that makes one together with it', 'aba', 'xab'],
    ['that makes one together with it, and is shorter', 'aa', 'a'],
    ['in bytes', ';', Buffer.from('a;')],
  ])('a message %s is refused', (_name, delimiter, message) => {
    expect(() => delimited(delimiter).encode(message)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'message', value: message }),
    );
  });

  test('a message that ends like the delimiter begins arrives', () => {
    const framing = delimited('aab');
    expect(read(framing, [joinFrame(framing.encode('xaa'))])).toEqual(complete('xaa'));
  });
});

describe('lengthPrefixed', () => {
  const u16 = lengthPrefixed({ bytes: 2, maxLength: 5 });

  test.each<[string, readonly string[], Reading]>([
    ['nothing', [], open()],
    ['one message', ['\0\x03abc'], open('abc')],
    ['several in one chunk', ['\0\x03abc\0\0\0\x01d'], open('abc', '', 'd')],
    ['one in several chunks', ['\0', '\x03', 'a', 'b', 'c'], open('abc')],
    ['an incomplete head', ['\0'], open()],
    ['an incomplete head after a message', ['\0\x01a\0'], open('a')],
    ['an incomplete payload', ['\0\x03ab'], open()],
    ['the longest', ['\0\x05abcde'], open('abcde')],
    ['a declared length above the limit, before any of the body', ['\0\x06'], failed('FrameTooLarge')],
    ['a declared length above the limit, after a message', ['\0\x01a\xff\xff'], failed('FrameTooLarge', 'a')],
  ])('%s', (_name, chunks, expected) => {
    expect(read(u16, text(...chunks), 'stay')).toEqual(expected);
  });

  test('the failure says what was declared', async () => {
    const recording = record(new ChunkSource(text('\x12\x34'), 'stay').bytes.pipe(u16));
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'FrameTooLarge', limit: 5, size: 0x1234 });
  });

  test.each<[string, Framing<unknown, string, unknown>, string]>([
    ['1 byte', lengthPrefixed({ bytes: 1 }), '\x02hi'],
    ['2 bytes', lengthPrefixed({ bytes: 2 }), '\0\x02hi'],
    ['2 bytes, little-endian', lengthPrefixed({ bytes: 2, endianness: 'little' }), '\x02\0hi'],
    ['4 bytes', lengthPrefixed({ bytes: 4 }), '\0\0\0\x02hi'],
    ['4 bytes, little-endian', lengthPrefixed({ bytes: 4, endianness: 'little' }), '\x02\0\0\0hi'],
    ['4 bytes, counting itself', lengthPrefixed({ bytes: 4, lengthIncludesItself: true }), '\0\0\0\x06hi'],
    ['varint', lengthPrefixed({ bytes: 'varint' }), '\x02hi'],
  ])('%s is written so', (_name, framing, expected) => {
    expect(joinFrame(framing.encode('hi')).toString('latin1')).toBe(expected);
    expect(read(framing, text(expected))).toEqual(complete('hi'));
  });

  test('a varint has as many bytes as it needs', () => {
    const framing = lengthPrefixed({ bytes: 'varint' });
    const head = (length: number): string =>
      joinFrame(framing.encode('x'.repeat(length)))
        .subarray(0, -length)
        .toString('hex');
    expect(head(127)).toBe('7f');
    expect(head(128)).toBe('8001');
    expect(head(300)).toBe('ac02');
    expect(head(16_383)).toBe('ff7f');
    expect(head(16_384)).toBe('808001');
  });

  test.each<[string, string, string]>([
    ['that is longer than it need be', '8000', 'shortest form'],
    ['that is longer than it need be, though it is not zero', '8100', 'shortest form'],
    ['of more than 2^53 - 1', '8080808080808010', '2^53'],
    ['that does not end', '8080808080808080', '2^53'],
  ])('a varint %s is refused', async (_name, hex, reason) => {
    const source = new ChunkSource([Buffer.from(hex, 'hex')], 'stay');
    const failure = await record(source.bytes.pipe(lengthPrefixed({ bytes: 'varint' }))).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed' });
    expect((failure as Error).message).toContain(reason);
  });

  test('a varint of 2^53 - 1 is a length, and above the limit', async () => {
    const source = new ChunkSource([Buffer.from('ffffffffffffff0f', 'hex')], 'stay');
    const failure = await record(source.bytes.pipe(lengthPrefixed({ bytes: 'varint' }))).failure();
    expect(failure).toMatchObject({ _tag: 'FrameTooLarge', size: Number.MAX_SAFE_INTEGER });
  });

  test('a length that does not even count itself is refused', async () => {
    const framing = lengthPrefixed({ bytes: 4, lengthIncludesItself: true });
    const failure = await record(new ChunkSource(text('\0\0\0\x03'), 'stay').bytes.pipe(framing)).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed' });
    expect(read(framing, text('\0\0\0\x04'))).toEqual(complete(''));
  });

  test('an offset gives head and body, both as they came', () => {
    const framing = lengthPrefixed({ bytes: 2, offset: 3 });
    const recording = new Recording(new ChunkSource(text('abc\0\x02hixyz\0\0')).bytes.pipe(framing));
    expect(recording.values.map(({ head, body }) => [String(head), String(body)])).toEqual([
      ['abc', 'hi'],
      ['xyz', ''],
    ]);
    expect(joinFrame(framing.encode({ head: 'abc', body: 'hi' })).toString('latin1')).toBe('abc\0\x02hi');
    expect(lengthPrefixed({ bytes: 1, offset: 0 }).encode({ head: '', body: 'a' })).toEqual(Buffer.from('\x01a'));
  });

  test.each([
    ['a head that is too short', { head: 'ab', body: '' }],
    ['a head that is too long', { head: 'abcd', body: '' }],
    ['no head', { body: '' }],
    ['no body', { head: 'abc' }],
    ['no object', 'abc'],
    ['null', null],
  ])('with an offset, %s is refused', (_name, message) => {
    expect(() => lengthPrefixed({ bytes: 2, offset: 3 }).encode(message as { head: string; body: string })).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'message' }),
    );
  });

  test('a large message leaves as it is, behind its header', () => {
    const message = Buffer.alloc(100_000);
    const frame = lengthPrefixed({ bytes: 4 }).encode(message);
    expect(frame).toHaveLength(2);
    expect((frame as readonly unknown[])[1]).toBe(message);
  });
});

describe('netstring', () => {
  test.each<[string, readonly string[], Reading]>([
    ['messages', ['5:hello,0:,1:,,'], complete('hello', '', ',')],
    ['cut everywhere', '5:hello,0:,12:hello world!,'.split(''), complete('hello', '', 'hello world!')],
    ['a leading zero', ['05:hello,'], failed('DecodeFailed')],
    ['two zeros', ['00:,'], failed('DecodeFailed')],
    ['no length', [':hello,'], failed('DecodeFailed')],
    ['a sign', ['+5:hello,'], failed('DecodeFailed')],
    ['a negative length', ['-1:,'], failed('DecodeFailed')],
    ['a blank', [' 5:hello,'], failed('DecodeFailed')],
    ['hexadecimal', ['a:helloworld,'], failed('DecodeFailed')],
    ['no comma', ['5:hello;'], failed('DecodeFailed')],
    ['a length that is too small', ['4:hello,'], failed('DecodeFailed')],
    ['a length above the limit', ['21'], failed('FrameTooLarge')],
    ['a length above all limits', ['9'.repeat(400)], failed('FrameTooLarge')],
    ['after messages', ['1:a,1:b,x'], failed('DecodeFailed', 'a', 'b')],
    ['the end in a length', ['1:a,2'], failed('FrameTruncated', 'a')],
    ['the end before the comma', ['1:a,2:bc'], failed('FrameTruncated', 'a')],
  ])('%s', (_name, chunks, expected) => {
    expect(read(netstring({ maxLength: 20 }), text(...chunks))).toEqual(expected);
  });
});

describe('fixedLength', () => {
  test.each<[string, readonly string[], Reading]>([
    ['underrun', ['a', 'b', 'c'], complete('abc')],
    ['burst', ['abcdefg', 'hi'], complete('abc', 'def', 'ghi')],
    ['cut', ['abcd'], failed('FrameTruncated', 'abc')],
  ])('%s', (_name, chunks, expected) => {
    expect(read(fixedLength(3), text(...chunks))).toEqual(expected);
  });

  test.each([
    ['too short', 'ab'],
    ['too long', 'abcd'],
    ['too long in bytes', 'aéé'],
    ['no bytes', 5],
  ])('a message that is %s is refused', (_name, message) => {
    expect(() => fixedLength(3).encode(message as string)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'message' }),
    );
  });
});

describe('jsonLines', () => {
  test.each<[string, readonly string[], Reading]>([
    ['any value', ['1\n"a"\nnull\n[]\n{}\ntrue\n'], complete(1, 'a', null, [], {}, true)],
    ['CR LF', ['1\r\n2\r', '\n'], complete(1, 2)],
    ['white space around', [' 1 \n\t[ 2 ]\n'], complete(1, [2])],
    ['empty lines, of either kind', ['\n\r\n1\n\n\n\r', '\n2\n\n'], complete(1, 2)],
    ['only empty lines', ['\n\n'], complete()],
    ['a line of white space is no empty line', ['  \n'], failed('DecodeFailed')],
    ['no terminator at the end, for it may be half of a number', ['1\n12'], failed('FrameTruncated', 1)],
    ['a byte order mark', ['\xef\xbb\xbf1\n'], failed('DecodeFailed')],
    ['a lone CR does not end a line', ['1\r2\n'], failed('DecodeFailed')],
    ['bytes that are no UTF-8', ['"\xff"\n'], failed('DecodeFailed')],
    ['as long as is allowed', [`"${'x'.repeat(18)}"\r\n`], complete('x'.repeat(18))],
    ['as many empty lines as are allowed', [`${'\n'.repeat(20)}1\n`], complete(1)],
    ['more empty lines than are allowed', ['\n'.repeat(21)], failed('FrameTooLarge')],
  ])('%s', (_name, chunks, expected) => {
    expect(read(jsonLines({ maxLength: 20 }), text(...chunks))).toEqual(expected);
  });

  test('text with U+FFFD in it is text', () => {
    expect(read(jsonLines(), [Buffer.from('"\uFFFD"\n')])).toEqual(complete('\uFFFD'));
  });

  test.each<[string, string]>([
    ['{"a":}', 'position 5'],
    ['{"a" 1}', 'position 5'],
    ['{a:1}', 'position 1'],
    ['[1,]', 'position 3'],
    ['[1 2]', 'position 3'],
    ['1 2', 'position 2'],
    ['', 'position 0'],
    ['nul', 'position 0'],
    ['"a', 'position 2'],
    ['"a\\x"', 'position 2'],
    ['"a\u0001"', 'position 2'],
    ['{"a":1', 'position 6'],
    ['{"a":1]', 'position 6'],
    ['[}', 'position 1'],
    ['{]', 'position 1'],
    [',', 'position 0'],
    ['[,1]', 'position 1'],
    ['{"a":1,}', 'position 7'],
    ['{"a":1}}', 'position 7'],
    ['01', 'position 1'],
    ['-', 'position 0'],
    ['1.e5', 'position 1'],
    ['undefined', 'position 0'],
    ['[NaN]', 'position 1'],
    ["'a'", 'position 0'],
    ['[[[[', 'position 4'],
    ['{"a":{"b":[1,{"c":tru}]}}', 'position 18'],
  ])('of %j it says where it is wrong', async (json, where) => {
    // White space, so that it is a line at all.
    const line = json === '' ? ' ' : json;
    const failure = await record(new ChunkSource([Buffer.from(`${line}\n`)]).bytes.pipe(jsonLines())).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: json === '' ? 'position 1' : where });
    expect((failure as Error).message).not.toContain('\n');
    expect((failure as Error).cause).toBeInstanceOf(SyntaxError);
  });

  test('of bytes that are no UTF-8 it says where they are', async () => {
    const line = Buffer.concat([Buffer.from('"é\uFFFD'), Buffer.of(0xc3), Buffer.from('"\n')]);
    const failure = await record(new ChunkSource([line]).bytes.pipe(jsonLines())).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: 'byte 6' });
  });

  test('a text of megabytes with a mistake behind it', async () => {
    const line = Buffer.from(`["${'x'.repeat(4_000_000)}",]\n`);
    const framing = jsonLines({ maxLength: 5_000_000 });
    await expect(record(new ChunkSource([line]).bytes.pipe(framing)).failure()).resolves.toMatchObject({
      _tag: 'DecodeFailed',
      where: 'position 4000004',
    });
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a bigint', 1n],
    [
      'a cycle',
      (() => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      })(),
    ],
  ])('what JSON has no word for is refused: %s', (_name, message) => {
    expect(() => jsonLines().encode(message)).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'message' }),
    );
  });

  test('what a toJSON throws is passed on as it is', () => {
    const error = new RangeError('mine');
    const message = {
      toJSON() {
        throw error;
      },
    };
    expect(() => jsonLines().encode(message)).toThrow(error);
  });
});

describe('cobs', () => {
  // The examples of the paper and of its article in the encyclopaedia.
  const run = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  test.each<[string, readonly number[], readonly number[]]>([
    ['nothing', [], [1, 0]],
    ['a zero', [0], [1, 1, 0]],
    ['two zeros', [0, 0], [1, 1, 1, 0]],
    ['a zero among zeros', [0, 0x11, 0], [1, 2, 0x11, 1, 0]],
    ['a zero in between', [0x11, 0x22, 0, 0x33], [3, 0x11, 0x22, 2, 0x33, 0]],
    ['no zero', [0x11, 0x22, 0x33, 0x44], [5, 0x11, 0x22, 0x33, 0x44, 0]],
    ['zeros at the end', [0x11, 0, 0, 0], [2, 0x11, 1, 1, 1, 0]],
    ['254 bytes', run(1, 254), [0xff, ...run(1, 254), 0]],
    ['a zero and 254 bytes', [0, ...run(1, 254)], [1, 0xff, ...run(1, 254), 0]],
    ['255 bytes', run(1, 255), [0xff, ...run(1, 254), 2, 0xff, 0]],
    ['254 bytes and a zero', [...run(2, 255), 0], [0xff, ...run(2, 255), 1, 1, 0]],
    ['253 bytes, a zero and one more', [...run(3, 255), 0, 1], [0xfe, ...run(3, 255), 2, 1, 0]],
  ])('%s', (_name, message, stuffed) => {
    expect([...joinFrame(cobs().encode(Uint8Array.from(message)))]).toEqual(stuffed);
    const recording = new Recording(new ChunkSource([Uint8Array.from(stuffed)]).bytes.pipe(cobs()));
    expect(recording.values.map((each) => [...each])).toEqual([message]);
  });

  test.each<[string, readonly number[]]>([
    ['a block that goes on behind the end', [3, 1, 0]],
    ['nothing between two zeros', [1, 0, 0]],
  ])('%s is refused', (_name, bytes) => {
    expect(read(cobs(), [Uint8Array.from(bytes)]).ending).toBe('DecodeFailed');
  });

  test('254 bytes may be followed by an empty block, as some write it', () => {
    const message = Buffer.alloc(254, 1);
    const bytes = Buffer.concat([Buffer.of(0xff), message, Buffer.of(1, 0)]);
    expect(read(cobs({ maxLength: 254 }), [bytes])).toEqual(complete(message.toString()));
  });
});

describe('memory of the messages', () => {
  const sharesWith = (view: Uint8Array, chunk: Uint8Array): boolean =>
    view.buffer === chunk.buffer &&
    view.byteOffset >= chunk.byteOffset &&
    view.byteOffset + view.byteLength <= chunk.byteOffset + chunk.byteLength;

  test.each<[string, Framing<Buffer, string, unknown>]>([
    ['lengthPrefixed', lengthPrefixed({ bytes: 4 })],
    ['delimited', delimited('\r\n')],
    ['netstring', netstring()],
    ['fixedLength', fixedLength(6)],
  ])(
    '%s: a message that is whole in its chunk is a view of it, also behind one that began earlier',
    (_name, framing) => {
      const frame = joinFrame(framing.encode('abcdef'));
      const first = Buffer.from(Buffer.concat([frame, frame.subarray(0, 2)]));
      const second = Buffer.from(Buffer.concat([frame.subarray(2), frame, frame, frame.subarray(0, 3)]));
      const recording = new Recording(new ChunkSource([first, second], 'stay').bytes.pipe(framing));
      expect(recording.values.map(String)).toEqual(['abcdef', 'abcdef', 'abcdef', 'abcdef']);
      expect(recording.values.map((value) => sharesWith(value, first))).toEqual([true, false, false, false]);
      expect(recording.values.map((value) => sharesWith(value, second))).toEqual([false, false, true, true]);
    },
  );

  test('nothing is written to a message that is out, nor to a chunk', () => {
    const framing = lengthPrefixed({ bytes: 1 });
    const source = new Subject<Uint8Array>();
    const messages: Buffer[] = [];
    source.pipe(framing).subscribe((message) => messages.push(message));
    const chunks = text('\x03a', 'bc\x02d', 'e\x04f', 'gh', 'i\x01', 'j');
    const copies = chunks.map((chunk) => Buffer.from(chunk));
    for (const chunk of chunks) source.next(chunk);
    expect(messages.map(String)).toEqual(['abc', 'de', 'fghi', 'j']);
    expect(chunks).toEqual(copies);
  });

  test('what is given back is the rest of the chunk itself', () => {
    const chunk = Buffer.from('\x01a\x02bcd');
    const source = new ChunkSource([chunk], 'stay');
    let count = 0;
    let given: Uint8Array | undefined;
    source.unread = (bytes) => {
      given = bytes;
    };
    const subscription = source.bytes.pipe(lengthPrefixed({ bytes: 1 })).subscribe(() => {
      count++;
      currentUpstream()?.hold();
    });
    subscription.unsubscribe();
    expect(count).toBe(1);
    expect(given).toBeDefined();
    expect(sharesWith(given as Uint8Array, chunk)).toBe(true);
  });

  test('a message of many chunks does not take its memory before its bytes come', () => {
    // 2 GiB are declared: nothing near it may be had.
    const framing = lengthPrefixed({ bytes: 4, maxLength: 2 ** 31 });
    const before = process.memoryUsage().arrayBuffers;
    const recording = new Recording(new ChunkSource(text('\x7f\xff\xff\xff', 'abc'), 'stay').bytes.pipe(framing));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576);
    expect(recording.ending).toBeUndefined();
    recording.unsubscribe();
  });

  test('a megabyte, one byte at a time', () => {
    const message = Buffer.alloc(1_048_576, 'abcdefg');
    const framing = lengthPrefixed({ bytes: 4 });
    const source = new Subject<Uint8Array>();
    const messages: Buffer[] = [];
    source.pipe(framing).subscribe((each) => messages.push(each));
    for (const byte of joinFrame(framing.encode(message))) source.next(Uint8Array.of(byte));
    expect(messages).toHaveLength(1);
    expect(messages[0]?.equals(message)).toBe(true);
  });
});

describe.each<[string, Framing<unknown, never, unknown>]>([
  ['a decoder', lengthPrefixed({ bytes: 1 })],
  ['lines', lines()],
])('a source that misbehaves, before %s', (_name, framing) => {
  test.each([
    ['a string', 'text'],
    ['null', null],
    ['a number', 5],
  ])('what is no bytes is refused: %s', async (_what, value) => {
    const recording = record(of(value as unknown as Uint8Array).pipe(framing));
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'InvalidOptions', option: 'chunk', value });
  });

  test('its error is passed on as it is', async () => {
    const error = new Error('boom');
    await expect(record(throwError(() => error).pipe(framing)).failure()).resolves.toBe(error);
  });

  test('empty chunks are nothing', () => {
    expect(read(framing, [Buffer.alloc(0), Buffer.from('\x01\n'), Buffer.alloc(0)]).ending).toBe('complete');
  });
});

test('behind an operator that changes the bytes, nothing is given back', () => {
  const source = new ChunkSource(text('\x01a\x02b'), 'stay');
  const changed = source.bytes.pipe(map((chunk) => Buffer.from(chunk)));
  const recording = new Recording(changed.pipe(lengthPrefixed({ bytes: 1 })));
  recording.unsubscribe();
  expect(source.givenBack).toEqual([]);
});

test('a message that came from two sources is given back to neither', () => {
  const first = new ChunkSource(text('\x05a'), 'stay');
  const second = new ChunkSource(text('b'), 'stay');
  const recording = new Recording(merge(first.bytes, second.bytes).pipe(lengthPrefixed({ bytes: 1 })));
  recording.unsubscribe();
  expect([...first.givenBack, ...second.givenBack]).toEqual([]);
});

test('a source that cannot be held is bounded, and fails above 1 MiB', () => {
  const source = new Subject<Uint8Array>();
  let failure: unknown;
  source.pipe(fixedLength(2)).subscribe({
    next: () => currentUpstream()?.hold(),
    error: (error: unknown) => {
      failure = error;
    },
  });
  const chunk = Buffer.alloc(65_536);
  for (let each = 0; each <= 16; each++) source.next(chunk);
  expect(failure).toBeUndefined();
  source.next(chunk);
  expect(failure).toMatchObject({ _tag: 'BufferOverflow', limit: 1_048_576 });
  expect(source.observed).toBe(false);
});

test('a source that delivers more while a message is being delivered is read in order', () => {
  const source = new Subject<Uint8Array>();
  const taken: string[] = [];
  source.pipe(lengthPrefixed({ bytes: 1 })).subscribe((message) => {
    taken.push(String(message));
    if (String(message) === 'a') source.next(Buffer.from('d\x01e'));
  });
  source.next(Buffer.from('\x01a\x02bc\x01'));
  expect(taken).toEqual(['a', 'bc', 'd', 'e']);
});
