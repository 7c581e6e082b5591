import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as t from 'io-ts';
import { from, map } from '../../../src/rx.ts';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  type ByteWindow,
  choose,
  DecodeFailed,
  defineFraming,
  fixedLength,
  type Framing,
  FrameTooLarge,
  incomplete,
  jsonLines,
  lengthPrefixed,
  lines,
  mapFraming,
  typed,
} from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { ChunkSource } from '../support-failures/chunk-source.ts';
import { record, Recording } from '../support-failures/record.ts';

const text = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part, 'latin1'));

/** What comes out of a stream that does not end by itself. */
function read<In>(framing: Framing<In, never, unknown>, ...parts: string[]): Recording<In> {
  return record(new ChunkSource(text(...parts), 'stay').bytes.pipe(framing));
}

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** A Standard Schema that takes and gives text. */
function standard(
  validate: StandardSchemaV1<string, string>['~standard']['validate'],
): StandardSchemaV1<string, string> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('typed', () => {
  const User = t.type({ name: t.string, address: t.type({ lines: t.array(t.string) }) });
  const ZodUser = z.object({ name: z.string(), address: z.object({ lines: z.array(z.string()) }) });
  const ValibotUser = v.object({ name: v.string(), address: v.object({ lines: v.array(v.string()) }) });
  type User = t.TypeOf<typeof User>;
  const framings: readonly (readonly [string, Framing<User, User>])[] = [
    ['io-ts', typed(jsonLines(), User)],
    ['zod', typed(jsonLines(), ZodUser)],
    ['valibot', typed(jsonLines(), ValibotUser)],
  ];
  const valid: User = { name: 'Ada', address: { lines: ['a', 'b'] } };
  const invalid = { name: 'Ada', address: { lines: ['a', 5] } };

  describe.each(framings)('with %s', (_name, framing) => {
    test('a valid message comes and goes', () => {
      const recording = read(framing, String(framing.encode(valid)));
      expect(recording.values).toEqual([valid]);
    });

    test('one that is not valid ends the stream, and says in one line where and why', async () => {
      const recording = read(framing, `${JSON.stringify(valid)}\n${JSON.stringify(invalid)}\n`);
      const failure = (await recording.failure()) as DecodeFailed;
      expect(recording.values).toEqual([valid]);
      expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: 'address.lines[1]' });
      expect(failure.message).toMatch(/^a message could not be decoded at address\.lines\[1\]: \S[^\n]*string/);
    });

    test('one that is to be sent is checked first', () => {
      const failure = thrown(() => framing.encode(invalid as unknown as User)) as DecodeFailed;
      expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: 'address.lines[1]' });
      expect(failure.message).toMatch(/^a message to be sent is not valid at address\.lines\[1\]: \S[^\n]*string/);
    });

    test('a message as a whole can be wrong, too', async () => {
      const failure = await read(framing, 'null\n').failure();
      expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: undefined });
      expect(thrown(() => framing.encode(null as unknown as User))).toMatchObject({ _tag: 'DecodeFailed' });
    });

    test('what is no JSON fails as JSON', async () => {
      expect(await read(framing, '{"name":}\n').failure()).toMatchObject({ _tag: 'DecodeFailed', where: 'position 8' });
    });
  });

  test('an io-ts type that has another form on the wire', () => {
    const Seconds = new t.Type<Date, number>(
      'Seconds',
      (value): value is Date => value instanceof Date,
      (value, context) => (typeof value === 'number' ? t.success(new Date(value * 1_000)) : t.failure(value, context)),
      (date) => date.getTime() / 1_000,
    );
    const framing = typed(jsonLines(), t.type({ at: Seconds, name: t.string }));
    const frame = framing.encode({ at: new Date(5_000), name: 'a' });
    expect(frame).toBe('{"at":5,"name":"a"}\n');
    expect(read(framing, String(frame)).values).toEqual([{ at: new Date(5_000), name: 'a' }]);
    // Only the name is wrong, though the date is not what `decode` takes.
    const failure = thrown(() => framing.encode({ at: new Date(5_000), name: 1 as unknown as string }));
    expect(failure).toMatchObject({ where: 'name' });
  });

  test.each<[string, t.Mixed, unknown, string | undefined, string]>([
    ['a union', t.type({ id: t.union([t.string, t.number]) }), { id: true }, 'id', 'must be (string | number)'],
    ['an intersection', t.intersection([t.type({ a: t.string }), t.type({ b: t.number })]), { a: 'x' }, 'b', 'number'],
    ['a key that is no name', t.type({ 'a b': t.string }), {}, '["a b"]', 'must be string, got undefined'],
    ['a refinement', t.type({ n: t.Int }), { n: 1.5 }, 'n', 'must be Int, got 1.5'],
    [
      'a tagged union',
      t.union([t.type({ type: t.literal('a'), n: t.number }), t.type({ type: t.literal('b') })]),
      { type: 'a', n: 'x' },
      'n',
      'must be number, got "x"',
    ],
    ['a record', t.record(t.string, t.number), { x: 'y' }, 'x', 'must be number'],
  ])('of %s it says where', async (_name, type, message, where, reason) => {
    const failure = await read(typed(jsonLines(), type), `${JSON.stringify(message)}\n`).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed', where });
    expect((failure as Error).message).toContain(reason);
  });

  test('a message of io-ts’s own is used, on one line', async () => {
    const Even = new t.Type<number>(
      'Even',
      (value): value is number => typeof value === 'number' && value % 2 === 0,
      (value, context) => t.failure(value, context, 'it is\nodd\u001b[31m'),
      t.identity,
    );
    const failure = (await read(typed(jsonLines(), Even), '1\n').failure()) as Error;
    expect(failure.message).toBe('a message could not be decoded: it is odd [31m');
  });

  test('a Standard Schema that changes what comes: its input is what is sent', () => {
    const framing = typed(jsonLines(), z.object({ n: z.string().transform(Number), d: z.number().default(3) }));
    expect(framing.encode({ n: '12' })).toBe('{"n":"12"}\n');
    expect(read(framing, '{"n":"12"}\n').values).toEqual([{ n: 12, d: 3 }]);
  });

  test('over text, with a schema of text', async () => {
    const framing = typed(lines(), z.string().max(3));
    expect(read(framing, 'abc\n').values).toEqual(['abc']);
    expect(await read(framing, 'abcd\n').failure()).toMatchObject({ _tag: 'DecodeFailed' });
    expect(thrown(() => framing.encode('abcd'))).toMatchObject({ _tag: 'DecodeFailed' });
  });

  test.each([
    ['of zod', z.string().refine(async () => Promise.resolve(true))],
    [
      'whose promise is rejected later, which must be no unhandled rejection',
      standard(() => Promise.reject(new Error())),
    ],
  ])('an asynchronous schema is refused: one %s', async (_name, schema) => {
    const framing = typed(jsonLines(), schema);
    expect(await read(framing, '"a"\n').failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'schema' });
    expect(thrown(() => framing.encode('a'))).toMatchObject({ _tag: 'InvalidOptions', option: 'schema' });
  });

  const error = new TypeError('mine');
  test.each([
    [
      'a Standard Schema',
      standard(() => {
        throw error;
      }),
    ],
    [
      'one of zod, which falls back to validating asynchronously',
      z.unknown().transform(() => {
        throw error;
      }),
    ],
    [
      'one of zod with a refinement that throws',
      z.unknown().refine(() => {
        throw error;
      }),
    ],
    [
      'an io-ts type',
      new t.Type<unknown>(
        'Throwing',
        (_value): _value is unknown => {
          throw error;
        },
        () => {
          throw error;
        },
        t.identity,
      ),
    ],
  ])('a schema that throws is a defect with its cause, in either direction: %s', async (_name, schema) => {
    const framing = typed(jsonLines(), schema as ReturnType<typeof standard>);
    const defect = { _tag: 'Defect', message: 'the schema threw: mine', cause: error };
    expect(await read(framing, '1\n').failure()).toMatchObject(defect);
    expect(thrown(() => framing.encode('a'))).toMatchObject(defect);
  });

  interface Tree {
    readonly children: readonly Tree[];
  }
  const ZodTree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(ZodTree) }));
  const IoTree: t.Type<Tree> = t.recursion('Tree', () => t.readonly(t.type({ children: t.readonlyArray(IoTree) })));
  test.each([
    ['zod', ZodTree],
    ['io-ts', IoTree],
  ])('a message that is nested too deeply is a failure, which a peer can cause: %s', async (_name, schema) => {
    const depth = 30_000;
    const message = `${'{"children":['.repeat(depth)}${']}'.repeat(depth)}\n`;
    const framing = typed(jsonLines(), schema as typeof ZodTree);
    const failure = await read(framing, message).failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed', cause: expect.any(RangeError) });
    expect((failure as Error).message).toContain('nested too deeply');
  });

  test('a schema that recurses for ever by itself is a defect', async () => {
    const endless = standard((value) => (endless as unknown as Endless)['~standard'].validate(value) as never);
    expect(await read(typed(jsonLines(), endless), '{"a":[1]}\n').failure()).toMatchObject({
      _tag: 'Defect',
      cause: expect.any(RangeError),
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'string'],
    ['an object', {}],
    ['a function', () => true],
    ['a class', Date],
    ['half an io-ts type', { decode: () => {}, encode: () => {} }],
    ['a Standard Schema without validate', { '~standard': { version: 1 } }],
  ])('a schema that is none is refused when it is used: %s', async (_name, schema) => {
    const framing = typed(jsonLines(), schema as unknown as typeof ZodUser);
    const refusal = { _tag: 'InvalidOptions', option: 'schema', value: schema };
    expect(await read(framing, '1\n').failure()).toMatchObject(refusal);
    expect(thrown(() => framing.encode(valid))).toMatchObject(refusal);
    expect(thrown(() => framing.decoder())).toMatchObject(refusal);
  });

  test('the limit of the framing below counts', () => {
    const framing = typed(jsonLines({ maxLength: 5 }), z.string());
    expect(framing.maxLength).toBe(5);
    expect(framing.encode('abc')).toBe('"abc"\n');
    expect(thrown(() => framing.encode('abcd'))).toMatchObject({ _tag: 'InvalidOptions', option: 'message' });
  });
});

interface Endless {
  readonly '~standard': { validate(value: unknown): unknown };
}

describe('mapFraming', () => {
  const numbers = mapFraming(
    lines({ maxLength: 10 }),
    (line) => (Number.isFinite(Number(line)) ? Number(line) : new DecodeFailed({ reason: 'no number' })),
    (number: number) => String(number),
  );

  test('maps both ways', () => {
    expect(numbers.encode(5)).toBe('5\n');
    expect(numbers.maxLength).toBe(10);
    expect(new Recording(from(text('1\n2', '3\n4')).pipe(numbers)).values).toEqual([1, 23, 4]);
  });

  test('a DecodeFailed that is returned ends the stream', async () => {
    const recording = read(numbers, '1\nx\n2\n');
    const failure = await recording.failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed' });
    expect((failure as Error).message).toBe('a message could not be decoded: no number');
    expect(recording.values).toEqual([1]);
  });

  test('what it throws is a defect, passed on as it is, and ends one stream only', async () => {
    const error = new Error('mine');
    const failing = mapFraming(
      lines(),
      (line) => {
        if (line === 'b') throw error;
        return line;
      },
      (line: string) => {
        throw new RangeError(line);
      },
    );
    const recording = read(failing, 'a\nb\nc\n');
    expect(await recording.failure()).toBe(error);
    expect(recording.values).toEqual(['a']);
    expect(read(failing, 'a\nc\n').values).toEqual(['a', 'c']);
    expect(thrown(() => failing.encode('a'))).toBeInstanceOf(RangeError);
  });

  test('null and undefined are messages', () => {
    const nothing = mapFraming(
      lines(),
      (line) => (line === '' ? null : undefined),
      () => '',
    );
    expect(new Recording(from(text('\na\n\nb')).pipe(nothing)).values).toEqual([null, undefined, null, undefined]);
    const nulls = mapFraming(
      jsonLines(),
      (message) => message,
      (message: unknown) => message,
    );
    expect(new Recording(from(text('null\n1\nnull\n')).pipe(nulls)).values).toEqual([null, 1, null]);
  });

  test('a message of the peer’s that looks like a failure is a message', () => {
    const fake = { _tag: 'DecodeFailed', name: 'DecodeFailed', message: '', code: 1, syscall: 1, address: 1, port: 1 };
    const json = mapFraming(
      jsonLines(),
      (message) => message,
      (message: unknown) => message,
    );
    expect(read(json, `${JSON.stringify(fake)}\n`).values).toEqual([fake]);
  });

  test('a last line without terminator is mapped as well', async () => {
    const recording = record(from(text('1\nx')).pipe(numbers));
    expect(await recording.failure()).toMatchObject({ _tag: 'DecodeFailed' });
  });

  test('over another mapping, and over what has wrong options', async () => {
    const twice = mapFraming(
      numbers,
      (number) => number * 2,
      (number: number) => number / 2,
    );
    expect(twice.encode(10)).toBe('5\n');
    expect(read(twice, '5\n').values).toEqual([10]);
    const wrong = mapFraming(
      lines({ maxLength: -1 }),
      (line) => line,
      (line: string) => line,
    );
    expect(await read(wrong, 'a\n').failure()).toMatchObject({ _tag: 'InvalidOptions', option: 'maxLength' });
    expect(thrown(() => wrong.encode('a'))).toMatchObject({ option: 'maxLength' });
  });
});

describe('choose', () => {
  const wire = choose({
    text: { tag: 0x74, framing: lines() },
    data: { tag: 0, framing: lengthPrefixed({ bytes: 1 }) },
    value: { tag: 0xff, framing: jsonLines() },
  });

  test('the tag says which framing a message has, in both directions', () => {
    const messages = [
      { type: 'text', message: 'hi' },
      { type: 'data', message: Buffer.from('tt') },
      { type: 'value', message: { a: 1 } },
      { type: 'text', message: '' },
    ] as const;
    const bytes = Buffer.concat(messages.map((message) => joinFrame(wire.encode(message))));
    expect(bytes.toString('latin1')).toBe('thi\n\0\x02tt\xff{"a":1}\nt\n');
    expect(new Recording(new ChunkSource([bytes]).bytes.pipe(wire)).values).toEqual(messages);
  });

  test('a byte that is no tag ends the stream', async () => {
    const recording = read(wire, 'thi\nx');
    const failure = await recording.failure();
    expect(failure).toMatchObject({ _tag: 'DecodeFailed', where: 'byte 0' });
    expect((failure as Error).message).toBe('a message could not be decoded at byte 0: 0x78 is the tag of nothing');
    expect(recording.values).toEqual([{ type: 'text', message: 'hi' }]);
  });

  test('a tag and nothing behind it is a message that was cut', async () => {
    for (const end of ['t', 'thi\nt', '\0', '\xff', '\xff\n', '\0\x02a']) {
      expect(await record(from(text(end)).pipe(wire)).failure()).toMatchObject({ _tag: 'FrameTruncated' });
    }
  });

  test('what may end a framing may end it here', () => {
    expect(new Recording(from(text('thi')).pipe(wire)).values).toEqual([{ type: 'text', message: 'hi' }]);
  });

  test('failures of a framing are passed on', async () => {
    expect(await read(wire, '\xff{]\n').failure()).toMatchObject({ _tag: 'DecodeFailed', where: 'position 1' });
    expect(await read(wire, `t${'x'.repeat(70_000)}`).failure()).toMatchObject({ _tag: 'FrameTooLarge' });
  });

  test('choices may be nested', () => {
    const nested = choose({ in: { tag: 1, framing: wire }, out: { tag: 2, framing: fixedLength(2) } });
    const messages = [
      { type: 'in', message: { type: 'text', message: 'a' } },
      { type: 'out', message: Buffer.from('bb') },
    ] as const;
    const bytes = Buffer.concat(messages.map((message) => joinFrame(nested.encode(message))));
    for (const chunks of [[bytes], [...bytes].map((byte) => Buffer.of(byte))]) {
      expect(new Recording(new ChunkSource(chunks).bytes.pipe(nested)).values).toEqual(messages);
    }
  });

  test.each([
    ['another type', { type: 'other', message: 'a' }],
    ['a name of every object', { type: 'toString', message: 'a' }],
    ['no type', { message: 'a' }],
    ['null', null],
    ['text', 'text'],
  ])('a message to be sent with %s is refused', (_name, message) => {
    expect(thrown(() => wire.encode(message as { type: 'text'; message: string }))).toMatchObject({
      _tag: 'InvalidOptions',
      option: 'message',
    });
  });

  test.each<[string, string, unknown]>([
    ['no choices', 'choices', {}],
    ['no object', 'options', null],
    ['a choice that is none', 'a', { a: 5 }],
    ['a tag that is no byte', 'a.tag', { a: { tag: 256, framing: lines() } }],
    ['a negative tag', 'a.tag', { a: { tag: -1, framing: lines() } }],
    ['a tag that is taken', 'b.tag', { a: { tag: 1, framing: lines() }, b: { tag: 1, framing: lines() } }],
    ['no framing', 'a.framing', { a: { tag: 1, framing: map(String) } }],
    ['a framing with wrong options', 'maxLength', { a: { tag: 1, framing: lines({ maxLength: 0 }) } }],
    ['something else', 'frame', { a: { tag: 1, framing: lines(), frame: 1 } }],
  ])('%s', async (_name, option, choices) => {
    const framing = choose(choices as { a: { tag: number; framing: Framing<string, string> } });
    expect(await read(framing, 'a').failure()).toMatchObject({ _tag: 'InvalidOptions', option });
    expect(thrown(() => framing.encode({ type: 'a', message: 'a' }))).toMatchObject({ option });
  });
});

describe('defineFraming', () => {
  test.each([[undefined], [5], [[5]], [['a', null]], [{ length: 1 }]])('an encode that returns %j', (frame) => {
    const framing = defineFraming({
      maxLength: 10,
      decoder: () => ({ decode: (): string | typeof incomplete => incomplete }),
      encode: (_message: string) => frame as unknown as string,
    });
    const refused = expect.objectContaining({ _tag: 'InvalidOptions', option: 'encode', value: frame }) as Error;
    expect(() => framing.encode('abc')).toThrow(refused);
  });

  /** Messages that end with a full stop; `decode` may be replaced. */
  const sentences = (decode?: (window: ByteWindow) => string | typeof incomplete): Framing<string, string> =>
    defineFraming({
      maxLength: 6,
      decoder: () => ({
        decode:
          decode ??
          ((window) => {
            const end = window.indexOf(46);
            return end < 0 ? incomplete : window.take(end + 1).toString();
          }),
      }),
      encode: (message: string) => message,
    });

  test('no more than maxLength bytes make or await a message, however they are cut', async () => {
    expect(read(sentences(), 'abcde.', 'a.').values).toEqual(['abcde.', 'a.']);
    for (const parts of [['abcdef.'], ['abc', 'def.'], ['abc', 'def', 'g']]) {
      expect(await read(sentences(), ...parts).failure()).toMatchObject({ _tag: 'FrameTooLarge', limit: 6, size: 7 });
    }
    expect(read(sentences(), 'abcdef').ending).toBeUndefined();
  });

  test('nor may it ask for more', async () => {
    const greedy = sentences((window) => {
      window.want(7);
      return incomplete;
    });
    expect(await read(greedy, 'a').failure()).toBeInstanceOf(FrameTooLarge);
  });

  test('what is left at the end is FrameTruncated, unless decodeEnd makes something of it', async () => {
    expect(await record(from(text('a.b')).pipe(sentences())).failure()).toMatchObject({
      _tag: 'FrameTruncated',
      pending: 1,
    });
    const lenient = defineFraming({
      maxLength: 6,
      decoder: () => ({
        decode: () => incomplete,
        decodeEnd: (window: ByteWindow) => window.take(1).toString(),
      }),
      encode: (message: string) => message,
    });
    expect(new Recording(from(text('ab', 'c')).pipe(lenient)).values).toEqual(['a', 'b', 'c']);
  });

  test('a message to be sent may have maxLength bytes, and no more', () => {
    expect(sentences().encode('éé.')).toBe('éé.');
    expect(thrown(() => sentences().encode('ééé.'))).toMatchObject({ _tag: 'InvalidOptions', option: 'message' });
  });

  test.each<[string, Error, boolean]>([
    ['a failure of the library is passed on as such', new DecodeFailed({ reason: 'mine' }), true],
    ['anything else is a defect, as it is', new TypeError('mine'), true],
  ])('what a decoder throws: %s', async (_name, error) => {
    const failing = sentences(() => {
      throw error;
    });
    const source = new ChunkSource(text('abc'), 'stay');
    expect(await record(source.bytes.pipe(failing)).failure()).toBe(error);
    expect(source.isSubscribed).toBe(false);
    // What is broken is not given back.
    expect(source.givenBack).toEqual([]);
  });

  test.each<[string, (window: ByteWindow) => string | typeof incomplete, string]>([
    ['gives a message and takes no bytes', () => 'again', 'took no bytes'],
    [
      'takes bytes and says incomplete',
      (window) => {
        window.skip(1);
        return incomplete;
      },
      'took bytes and said "incomplete"',
    ],
    [
      'takes more than there is',
      (window) => {
        window.skip(100);
        return 'a';
      },
      'took 100 bytes, and there are 3',
    ],
    ['takes a part of a byte', (window) => String(window.take(0.5)), 'took 0.5 bytes'],
    ['takes bytes back', (window) => String(window.take(-1)), 'took -1 bytes'],
  ])('a decoder that %s is a defect, and no endless loop', async (_name, decode, message) => {
    const failure = await read(sentences(decode), 'abc').failure();
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toContain(message);
    expect(failure).not.toHaveProperty('_tag');
  });

  test('so is a decodeEnd that gives messages for nothing', async () => {
    const endless = defineFraming({
      maxLength: 6,
      decoder: () => ({ decode: () => incomplete, decodeEnd: () => 'again' }),
      encode: (message: string) => message,
    });
    const failure = await record(from(text('a')).pipe(endless)).failure();
    expect((failure as Error).message).toContain('took no bytes');
  });

  test('the window: positions are counted from the first byte that belongs to no message yet', () => {
    const seen: unknown[] = [];
    const looking = sentences((window) => {
      if (window.length < 6) return incomplete;
      seen.push(
        window.length,
        window.at(0),
        window.at(5),
        window.at(6),
        window.at(-1),
        window.indexOf(98),
        window.indexOf(97, 1),
        window.indexOf(Buffer.from('ef')),
        window.indexOf(90),
        String(window.peek(1, 3)),
        String(window.peek(4, 100)),
      );
      return window.take(6).toString();
    });
    read(looking, 'xxxxxx', 'abc', 'def');
    expect(seen.slice(11)).toEqual([6, 97, 102, undefined, undefined, 1, -1, 4, -1, 'bc', 'ef']);
  });

  test('want: it is not asked again before there are so many bytes', () => {
    const asked: number[] = [];
    const patient = sentences((window) => {
      asked.push(window.length);
      if (window.length >= 5) return window.take(5).toString();
      window.want(5);
      return incomplete;
    });
    expect(read(patient, 'a', 'b', 'c', 'd', 'e', 'f').values).toEqual(['abcde']);
    expect(asked).toEqual([1, 5, 1]);
  });

  test('a decoder is made for each subscription', () => {
    let made = 0;
    const counting = defineFraming({
      maxLength: 6,
      decoder: () => {
        made++;
        return { decode: (window: ByteWindow) => window.take(1).toString() };
      },
      encode: (message: string) => message,
    });
    read(counting, 'a');
    read(counting, 'b');
    expect(made).toBe(2);
  });

  test.each<[string, unknown]>([
    ['maxLength', { maxLength: 0, decoder: () => ({ decode: () => incomplete }), encode: String }],
    ['maxLength', { decoder: () => ({ decode: () => incomplete }), encode: String }],
    ['decoder', { maxLength: 1, encode: String }],
    ['decoder', { maxLength: 1, decoder: () => ({}), encode: String }],
    ['decoder', { maxLength: 1, decoder: () => null, encode: String }],
    ['encode', { maxLength: 1, decoder: () => ({ decode: () => incomplete }) }],
    ['decode', { maxLength: 1, decoder: () => ({ decode: () => incomplete }), encode: String, decode: String }],
    ['options', undefined],
  ])('wrong options: %s', async (option, definition) => {
    const framing = defineFraming(definition as { maxLength: 1; decoder: () => never; encode: () => '' });
    expect(await read(framing, 'a').failure()).toMatchObject({ _tag: 'InvalidOptions', option });
  });
});
