import { type DecodeFailed, FrameTooLarge, type FrameTruncated } from '../../core/failures/index.ts';
import { checkFunction, refuse, refuseUnknown } from '../../core/options/index.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { refuseSize } from './check-message.ts';
import { checkMaxLength } from './check-options.ts';
import { isParts, sizeOfFrame } from './frame-parts.ts';
import type { Decoder, Frame, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/** What a framing of one's own is made of. */
export interface FramingDefinition<In, Out> {
  /**
   * The longest message, in bytes, as it is on the wire with all that belongs to it. Longer ones
   * fail, in either direction.
   */
  readonly maxLength: number;
  /** The state of one stream; called once for each subscription. */
  readonly decoder: () => Decoder<In>;
  /**
   * What one message is on the wire. A message that it can't express it refuses by throwing
   * `InvalidOptions`.
   */
  readonly encode: (message: Out) => Frame;
}

/**
 * A framing of one's own, with what all framings promise: the same messages however the bytes are
 * cut, bytes that are given back, messages that stop when they are held, and a bound.
 *
 * The decoder is asked for one message at a time. It sees a window of bytes; it takes a message off
 * it, or says `incomplete`, and then the bytes stay. What it throws ends the stream: a failure of
 * the library (`DecodeFailed`) as such, anything else as a defect. `FrameTooLarge` and
 * `FrameTruncated` it need not throw: more than `maxLength` bytes without a message, and a stream
 * that ends with bytes left over, are seen without it.
 *
 * @example Pairs of a type and a length, as in TLV, one byte each
 * ```ts
 * import { type ByteWindow, defineFraming, incomplete } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * interface Field {
 *   readonly type: number;
 *   readonly value: Uint8Array;
 * }
 *
 * const fields = defineFraming({
 *   maxLength: 2 + 255,
 *   decoder: () => ({
 *     decode(window: ByteWindow): Field | typeof incomplete {
 *       const [type, length] = [window.at(0), window.at(1)];
 *       if (type === undefined || length === undefined) return incomplete;
 *       if (window.length < 2 + length) return incomplete;
 *       window.skip(2);
 *       return { type, value: window.take(length) };
 *     },
 *   }),
 *   encode: ({ type, value }: Field) => [Uint8Array.of(type, value.length), value],
 * });
 *
 * from([Buffer.of(7, 2, 0x61), Buffer.of(0x62, 8, 0)])
 *   .pipe(fields)
 *   .subscribe(({ type, value }) => console.log(`${type}: [${value}]`));
 * // => 7: [ab]
 * // => 8: []
 * ```
 */
export function defineFraming<In, Out = In, X = DecodeFailed | FrameTooLarge | FrameTruncated>(
  definition: FramingDefinition<In, Out>,
): Framing<In, Out, X> {
  return makeFraming(() => {
    refuseUnknown(definition, ['maxLength', 'decoder', 'encode']);
    const { decoder, encode } = definition;
    const maxLength = checkMaxLength(definition.maxLength);
    checkFunction('decoder', decoder);
    checkFunction('encode', encode);
    return {
      maxLength,
      decoder: () => new LimitedDecoder(checkDecoder(decoder()), maxLength),
      encode(message) {
        const frame = checkFrame(encode(message));
        const size = sizeOfFrame(frame);
        return size <= maxLength ? frame : refuseSize(message, size, maxLength);
      },
    };
  });
}

function checkFrame(frame: Frame): Frame {
  const is = isParts(frame) ? frame.every(isChunk) : isChunk(frame);
  return is ? frame : refuse('encode', frame, 'a function that returns bytes, text or an array of them');
}

const isChunk = (value: unknown): boolean => typeof value === 'string' || value instanceof Uint8Array;

function checkDecoder<In>(decoder: Decoder<In>): Decoder<In> {
  const candidate: unknown = decoder;
  const is =
    typeof candidate === 'object' &&
    candidate !== null &&
    'decode' in candidate &&
    typeof candidate.decode === 'function';
  return is ? decoder : refuse('decoder', candidate, 'a function that returns an object with a method decode');
}

/**
 * Whatever the decoder does, no message is longer than the limit, and no more than that waits for
 * one.
 */
class LimitedDecoder<In> implements Decoder<In> {
  private readonly inner: Decoder<In>;
  private readonly maxLength: number;

  constructor(inner: Decoder<In>, maxLength: number) {
    this.inner = inner;
    this.maxLength = maxLength;
  }

  decode(window: Window): In | Incomplete {
    const { start } = window;
    const message = this.inner.decode(window);
    this.check(message === incomplete ? Math.max(window.length, window.wanted) : window.start - start);
    return message;
  }

  decodeEnd(window: Window): In | Incomplete {
    const { start } = window;
    const message = this.inner.decodeEnd === undefined ? incomplete : this.inner.decodeEnd(window);
    if (message !== incomplete) this.check(window.start - start);
    return message;
  }

  private check(size: number): void {
    if (size > this.maxLength) throw new FrameTooLarge({ limit: this.maxLength, size });
  }
}
