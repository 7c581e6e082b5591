// Framings: what they read, what they write, and what each adds to the failures.
import * as t from 'io-ts';
import { from, type Observable, toArray } from 'rxjs-net/rx';
import {
  type ByteWindow,
  choose,
  cobs,
  type Connection,
  type DecodeFailed,
  DecodeFailed as DecodeFailure,
  type Decoder,
  defineFraming,
  delimited,
  fixedLength,
  type Flow,
  type Frame,
  type FrameTooLarge,
  type FrameTruncated,
  type Framing,
  type HeadAndBody,
  incomplete,
  jsonLines,
  lengthPrefixed,
  lines,
  mapFraming,
  netstring,
  type Op,
  type ReadFailure,
  typed,
} from 'rxjs-net';
import * as v from 'valibot';
import { z } from 'zod';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

declare const connection: Connection;

// ---- lines

expectType<Framing<string, string, FrameTooLarge>>(lines());
expectType<Framing<string, string, FrameTooLarge>>(lines({ terminator: '\r\n' }));
expectType<Framing<string, string, FrameTooLarge | FrameTruncated>>(lines({ requireTerminator: true }));
expectAssignable<Op<Uint8Array, string, FrameTooLarge>>(lines());
expectType<Frame>(lines().encode('a'));
expectType<Decoder<string>>(lines().decoder());
expectType<Flow<string, ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines()));
expectType<Flow<string, ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines().decode));
expectType<Flow<string[], ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines(), toArray()));
expectError(lines({ terminator: '\r' }));
expectError(lines().encode(Buffer.from('a')));
expectError((lines().maxLength = 5));

// ---- a framing in general

const decoded = <In, Out, X>(framing: Framing<In, Out, X>): Flow<In, ReadFailure | X> =>
  connection.incoming.pipe(framing);
expectType<Flow<string, ReadFailure | FrameTooLarge>>(decoded(lines()));
// One that reads less than is asked for, or writes more, is another; one that adds fewer failures will do.
expectAssignable<Framing<string | number, string, FrameTooLarge>>(lines());
expectNotAssignable<Framing<number, string, FrameTooLarge>>(lines());
expectNotAssignable<Framing<string, string | number, FrameTooLarge>>(lines());
expectAssignable<Framing<string, string, FrameTooLarge | FrameTruncated>>(lines());
expectNotAssignable<Framing<string>>((source: Observable<Uint8Array>) => from(source).pipe(lines()));

// ---- bytes

type Bytes = Uint8Array | string;
type Sized = FrameTooLarge | FrameTruncated;

expectType<Framing<Buffer, Bytes, Sized>>(delimited('\0'));
expectType<Framing<Buffer, Bytes, Sized>>(delimited(Buffer.of(0), { maxLength: 5 }));
expectType<Framing<Buffer, Bytes, FrameTruncated>>(fixedLength(5));
expectType<Framing<Buffer, Bytes, Sized | DecodeFailed>>(netstring());
expectType<Framing<Buffer, Bytes, Sized | DecodeFailed>>(cobs());
expectType<Flow<Buffer, ReadFailure | FrameTruncated>>(connection.incoming.pipe(fixedLength(5)));
expectError(delimited());
expectError(delimited(0));
expectError(delimited('\0', { max: 5 }));
expectError(fixedLength('5'));
expectError(fixedLength(5).encode(5));
expectError(netstring({ maxLenght: 5 }));

// ---- a length in front; DecodeFailed only where a length can be wrong

expectType<Framing<Buffer, Bytes, Sized>>(lengthPrefixed({ bytes: 4 }));
expectType<Framing<Buffer, Bytes, Sized>>(lengthPrefixed({ bytes: 2, endianness: 'little', maxLength: 5 }));
expectType<Framing<Buffer, Bytes, Sized>>(lengthPrefixed({ bytes: 1, lengthIncludesItself: false }));
expectType<Framing<Buffer, Bytes, Sized | DecodeFailed>>(lengthPrefixed({ bytes: 4, lengthIncludesItself: true }));
expectType<Framing<Buffer, Bytes, Sized | DecodeFailed>>(lengthPrefixed({ bytes: 'varint' }));
expectType<Framing<HeadAndBody, HeadAndBody<Bytes>, Sized>>(lengthPrefixed({ bytes: 4, offset: 1 }));
expectType<Framing<HeadAndBody, HeadAndBody<Bytes>, Sized | DecodeFailed>>(
  lengthPrefixed({ bytes: 'varint', offset: 1 }),
);
expectType<Framing<HeadAndBody, HeadAndBody<Bytes>, Sized | DecodeFailed>>(
  lengthPrefixed({ bytes: 4, offset: 1, lengthIncludesItself: true }),
);
expectError(lengthPrefixed());
expectError(lengthPrefixed({}));
expectError(lengthPrefixed({ bytes: 3 }));
expectError(lengthPrefixed({ bytes: 4, endianess: 'little' }));
expectError(lengthPrefixed({ bytes: 'varint', endianness: 'little' }));
expectError(lengthPrefixed({ bytes: 'varint', lengthIncludesItself: true }));
expectError(lengthPrefixed({ bytes: 4, offset: '1' }));
expectError(lengthPrefixed({ bytes: 4, offset: 1 }).encode('a'));

// ---- JSON, and schemas

expectType<Framing<unknown>>(jsonLines());
expectType<Flow<unknown, ReadFailure | Sized | DecodeFailed>>(connection.incoming.pipe(jsonLines()));

const User = t.type({ name: t.string, age: t.number });
type User = t.TypeOf<typeof User>;
expectType<Framing<User, User, Sized | DecodeFailed>>(typed(jsonLines(), User));
expectType<Framing<Date, Date, Sized | DecodeFailed>>(typed(jsonLines(), {} as t.Type<Date, string>));
expectType<Framing<string, string, FrameTooLarge | DecodeFailed>>(typed(lines(), t.string));
expectType<Framing<{ n: number }, { n: string }, Sized | DecodeFailed>>(
  typed(jsonLines(), z.object({ n: z.string().transform(Number) })),
);
expectType<Framing<{ n: number }, { n: number }, Sized | DecodeFailed>>(
  typed(jsonLines(), v.object({ n: v.number() })),
);
expectError(typed(jsonLines(), User).encode({ name: 'a' }));
expectError(typed(jsonLines(), User).encode({ name: 'a', age: '1' }));
expectError(typed(jsonLines(), z.object({ n: z.string().transform(Number) })).encode({ n: 1 }));
// What the schema writes must be something that the framing can write.
expectError(typed(lines(), t.number));
expectError(typed(lines(), z.number()));
expectError(typed(jsonLines(), String));
expectError(typed(jsonLines(), {}));
expectError(typed(User, jsonLines()));

// ---- mapping

expectType<Framing<number, number, FrameTooLarge>>(mapFraming(lines(), Number, (n: number) => String(n)));
expectType<Framing<number, Date, FrameTooLarge | DecodeFailed>>(
  mapFraming(
    lines(),
    (line) => (line === '' ? new DecodeFailure() : line.length),
    (date: Date) => date.toISOString(),
  ),
);
expectError(mapFraming(lines(), (line: number) => line, String));
expectError(mapFraming(lines(), Number, (n: number) => n));
expectError(mapFraming(lines(), Number));

// ---- a choice is a discriminated union, in both directions

const wire = choose({
  text: { tag: 1, framing: lines() },
  data: { tag: 2, framing: lengthPrefixed({ bytes: 4 }) },
  none: { tag: 3, framing: fixedLength(1) },
});
expectType<FrameTooLarge | FrameTruncated | DecodeFailed>(
  {} as typeof wire extends Framing<infer _, never, infer X> ? X : 0,
);
connection.incoming.pipe(wire).subscribe((frame) => {
  switch (frame.type) {
    case 'text':
      expectType<string>(frame.message);
      break;
    case 'data':
    case 'none':
      expectType<Buffer>(frame.message);
      break;
  }
});
expectType<Frame>(wire.encode({ type: 'text', message: 'a' }));
expectType<Frame>(wire.encode({ type: 'data', message: Buffer.of(1) }));
expectError(wire.encode({ type: 'text', message: Buffer.of(1) }));
expectError(wire.encode({ type: 'other', message: 'a' }));
expectError(wire.encode('a'));
expectError(choose({ text: lines() }));
expectError(choose({ text: { framing: lines() } }));

// ---- one's own

const words = defineFraming({
  maxLength: 10,
  decoder: () => ({ decode: (window: ByteWindow) => (window.length < 3 ? incomplete : window.take(3).toString()) }),
  encode: (word: string) => word,
});
expectType<Framing<string, string, Sized | DecodeFailed>>(words);
expectType<Framing<string, number, FrameTruncated>>(
  defineFraming<string, number, FrameTruncated>({
    maxLength: 10,
    decoder: () => ({ decode: (window) => window.take(1).toString() }),
    encode: String,
  }),
);
expectError(defineFraming({ decoder: () => ({ decode: () => incomplete }), encode: String }));
expectError(defineFraming({ maxLength: 1, decoder: () => ({}), encode: String }));
expectError(defineFraming({ maxLength: 1, decoder: () => ({ decode: () => incomplete }), encode: () => 5 }));
expectAssignable<Decoder<string | number>>(words.decoder());
expectNotAssignable<Decoder<number>>(words.decoder());
