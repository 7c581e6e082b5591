import { constants } from 'node:buffer';

import { DecodeFailed, FrameTooLarge, type FrameTruncated } from '../../core/failures/index.ts';
import { checkBoolean, checkInteger, checkOneOf, refuse, refuseUnknown } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkMessage } from './check-message.ts';
import { checkMaxLength, DEFAULT_MAX_LENGTH } from './check-options.ts';
import { type DirectEncoder, encodesDirectly } from './direct-encoder.ts';
import type { Decoder, Frame, Framing } from './framing.ts';
import { fixedFields, type LengthField, varintField } from './length-field.ts';
import { joinFrame, sizeOfChunk, SMALL, withPrefix } from './frame-parts.ts';
import { makeFraming } from './make-framing.ts';

interface MessageOptions {
  /**
   * The longest message, in bytes, without its header. A longer one fails with `FrameTooLarge` as
   * soon as its header is there.
   *
   * @defaultValue 1,048,576 bytes, or what the length can say if that is less
   */
  readonly maxLength?: number | undefined;
}

/** Options of `lengthPrefixed` for a length of one, two or four bytes: an unsigned number. */
export interface FixedFieldOptions extends MessageOptions {
  /** How many bytes the length has. */
  readonly bytes: 1 | 2 | 4;
  /**
   * Which byte of the length comes first: the highest (`'big'`) or the lowest.
   *
   * @defaultValue `'big'`, the order of the Internet's protocols
   */
  readonly endianness?: 'big' | 'little' | undefined;
  /**
   * Whether the length counts its own bytes, too. Those before it (`offset`) it never counts.
   *
   * @defaultValue `false`
   */
  readonly lengthIncludesItself?: boolean | undefined;
}

/** Options of `lengthPrefixed` for a length that takes as many bytes as it needs. */
export interface VarintOptions extends MessageOptions {
  /**
   * An unsigned LEB128 of one to eight bytes, as Protocol Buffers have it. One that is not in its
   * shortest form is refused.
   */
  readonly bytes: 'varint';
}

/** Options of `lengthPrefixed` for a length that is not the first thing in a message. */
export interface OffsetOptions {
  /** How many bytes come before the length. A message is then its `head` and its `body`. */
  readonly offset: number;
}

/** Options of `lengthPrefixed`. */
export type LengthPrefixedOptions = (FixedFieldOptions | VarintOptions) & (OffsetOptions | WithoutOffset);

/** Every length is a possible one. */
interface Plain {
  readonly bytes: 1 | 2 | 4;
  readonly lengthIncludesItself?: false | undefined;
}

interface WithoutOffset {
  readonly offset?: undefined;
}

/** A message whose length is not the first thing in it. */
export interface HeadAndBody<Bytes = Buffer> {
  /** The bytes before the length: as many as `offset` says. */
  readonly head: Bytes;
  /** The bytes behind it: as many as it says. */
  readonly body: Bytes;
}

type Sized = FrameTooLarge | FrameTruncated;
type Failures = Sized | DecodeFailed;

/**
 * Messages of bytes with their length in front.
 *
 * A message is a view of the chunk it came in, and is copied only when it came in several. It
 * belongs to who receives it; one that is kept for long keeps its chunk alive (up to 64 KiB),
 * unless it is copied. A text that is to be sent is encoded as UTF-8.
 *
 * It adds `FrameTooLarge`, `FrameTruncated` when the stream ends in a message, and `DecodeFailed`
 * where a length can be wrong: with `'varint'`, and with `lengthIncludesItself`.
 *
 * @example
 * ```ts
 * import { lengthPrefixed } from 'rxjs-net';
 * import { from, map } from 'rxjs-net/rx';
 *
 * const framing = lengthPrefixed({ bytes: 2 });
 * console.log(framing.encode('hello')); // => <Buffer 00 05 68 65 6c 6c 6f>
 *
 * from([Buffer.from([0, 5, 0x68, 0x65]), Buffer.from([0x6c, 0x6c, 0x6f, 0, 0])])
 *   .pipe(framing, map(String))
 *   .subscribe((message) => console.log([message]));
 * // => [ 'hello' ]
 * // => [ '' ]
 * ```
 *
 * @example A type in front of the length, as PostgreSQL has it
 * ```ts
 * import { lengthPrefixed } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * const postgres = lengthPrefixed({ bytes: 4, offset: 1, lengthIncludesItself: true });
 *
 * from([Buffer.from('Q\0\0\0\x0dSELECT 1\0')])
 *   .pipe(postgres)
 *   .subscribe(({ head, body }) => console.log(`${head}: ${body.length} bytes`)); // => Q: 9 bytes
 * ```
 */
export function lengthPrefixed(options: FixedFieldOptions & Plain & WithoutOffset): Framing<Buffer, Chunk, Sized>;
export function lengthPrefixed(
  options: (FixedFieldOptions | VarintOptions) & WithoutOffset,
): Framing<Buffer, Chunk, Failures>;
export function lengthPrefixed(
  options: FixedFieldOptions & Plain & OffsetOptions,
): Framing<HeadAndBody, HeadAndBody<Chunk>, Sized>;
export function lengthPrefixed(
  options: (FixedFieldOptions | VarintOptions) & OffsetOptions,
): Framing<HeadAndBody, HeadAndBody<Chunk>, Failures>;
export function lengthPrefixed(
  options: LengthPrefixedOptions,
): Framing<Buffer, Chunk, Failures> | Framing<HeadAndBody, HeadAndBody<Chunk>, Failures> {
  return hasOffset(options) ? headsAndBodies(options) : bodies(options);
}

function bodies(options: LengthPrefixedOptions): Framing<Buffer, Chunk, Failures> {
  return makeFraming(() => {
    const header = readHeader(options);
    const encoder = new BodyEncoder(header);
    return {
      maxLength: header.maxLength,
      decoder: () => new BodyDecoder(header),
      encode: encodesDirectly((message: Chunk) => encoder.encode(message), encoder),
    };
  });
}

function headsAndBodies(options: LengthPrefixedOptions): Framing<HeadAndBody, HeadAndBody<Chunk>, Failures> {
  return makeFraming(() => {
    const header = readHeader(options);
    return {
      maxLength: header.maxLength,
      decoder: () => new HeadAndBodyDecoder(header),
      encode: (message) => encodeHeadAndBody(message, header),
    };
  });
}

function hasOffset(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'offset' in options && options.offset !== undefined;
}

// ---- options

/** What comes before a body. */
interface Header {
  readonly offset: number;
  readonly field: LengthField;
  readonly countsItself: boolean;
  readonly maxLength: number;
}

/** More than this before a length is no header any more. */
const LARGEST_OFFSET = 65_536;

function readHeader(options: LengthPrefixedOptions): Header {
  refuseUnknown(options, ['bytes', 'endianness', 'lengthIncludesItself', 'offset', 'maxLength']);
  const { offset = 0 } = options;
  checkInteger('offset', offset, 0, LARGEST_OFFSET);
  const { field, countsItself } = readField(options);
  const most = Math.min(constants.MAX_LENGTH, field.most - (countsItself ? field.least : 0));
  const { maxLength = Math.min(DEFAULT_MAX_LENGTH, most) } = options;
  return { offset, field, countsItself, maxLength: checkMaxLength(maxLength, most) };
}

function readField(options: LengthPrefixedOptions): Pick<Header, 'field' | 'countsItself'> {
  checkOneOf('bytes', options.bytes, [1, 2, 4, 'varint']);
  if (options.bytes === 'varint') {
    const { endianness, lengthIncludesItself }: Partial<FixedFieldOptions> = { ...options, bytes: 1 };
    if (endianness !== undefined) refuse('endianness', endianness, 'left out: a varint has no other order');
    if (lengthIncludesItself !== undefined && lengthIncludesItself) {
      refuse('lengthIncludesItself', lengthIncludesItself, 'false for a varint, whose size depends on the length');
    }
    return { field: varintField, countsItself: false };
  }
  const { bytes, endianness = 'big', lengthIncludesItself = false } = options;
  checkOneOf('endianness', endianness, ['big', 'little']);
  checkBoolean('lengthIncludesItself', lengthIncludesItself);
  return { field: fixedFields[endianness][bytes], countsItself: lengthIncludesItself };
}

// ---- reading

abstract class PrefixDecoder<In> implements Decoder<In> {
  private readonly header: Header;

  constructor(header: Header) {
    this.header = header;
  }

  decode(window: Window): In | Incomplete {
    const { offset, field, countsItself, maxLength } = this.header;
    const { bytes, start } = window;
    const value = field.read(bytes, start + offset);
    if (value < 0) {
      window.wanted = offset + field.least;
      return incomplete;
    }
    const size = field.sizeOf(value);
    const length = countsItself ? value - size : value;
    if (length < 0)
      throw new DecodeFailed({ reason: `its length is ${value}, which is less than its own ${size} bytes` });
    if (length > maxLength) throw new FrameTooLarge({ limit: maxLength, size: length });
    const body = start + offset + size;
    const end = body + length;
    if (end > bytes.length) {
      window.wanted = end - start;
      return incomplete;
    }
    window.start = end;
    return this.make(bytes, start, body, end);
  }

  protected abstract make(bytes: Buffer, start: number, body: number, end: number): In;
}

class BodyDecoder extends PrefixDecoder<Buffer> {
  protected make(bytes: Buffer, _start: number, body: number, end: number): Buffer {
    return bytes.subarray(body, end);
  }
}

class HeadAndBodyDecoder extends PrefixDecoder<HeadAndBody> {
  private readonly offset: number;

  constructor(header: Header) {
    super(header);
    this.offset = header.offset;
  }

  protected make(bytes: Buffer, start: number, body: number, end: number): HeadAndBody {
    return { head: bytes.subarray(start, start + this.offset), body: bytes.subarray(body, end) };
  }
}

// ---- writing

class BodyEncoder implements DirectEncoder {
  private readonly header: Header;

  constructor(header: Header) {
    this.header = header;
  }

  encode(message: Chunk): Frame {
    const size = this.sizeOf(message);
    if (size >= SMALL) return [lengthBytes(sizeOfChunk(message), this.header), message];
    const bytes = Buffer.allocUnsafe(size);
    this.write(message, bytes, 0);
    return bytes;
  }

  sizeOf(message: Chunk): number {
    const length = checkMessage(message, this.header.maxLength);
    return this.header.field.sizeOf(length) + length;
  }

  write(message: Chunk, memory: Buffer, position: number): void {
    const { field, countsItself } = this.header;
    const length = sizeOfChunk(message);
    const size = field.sizeOf(length);
    field.write(memory, position, countsItself ? length + size : length);
    if (typeof message === 'string') memory.write(message, position + size);
    else memory.set(message, position + size);
  }
}

function encodeHeadAndBody(message: HeadAndBody<Chunk>, header: Header): Frame {
  if (typeof message !== 'object' || (message as unknown) === null) {
    return refuse('message', message, 'an object with head and body');
  }
  const { head, body } = message;
  const length = checkMessage(body, header.maxLength);
  if (checkMessage(head, Number.POSITIVE_INFINITY) !== header.offset) {
    refuse('message', message, `an object whose head has ${header.offset} bytes (offset)`);
  }
  const before = Buffer.concat([joinFrame(head), lengthBytes(length, header)]);
  return withPrefix(before, body, length);
}

function lengthBytes(length: number, { field, countsItself }: Header): Buffer {
  const size = field.sizeOf(length);
  const bytes = Buffer.allocUnsafe(size);
  field.write(bytes, 0, countsItself ? length + size : length);
  return bytes;
}
