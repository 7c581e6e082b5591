import type { DecodeFailed, FrameTooLarge, FrameTruncated } from '../../core/failures/index.ts';
import type { Chunk } from '../../core/transport.ts';
import type { Op } from '../flow.ts';
import type { ByteWindow, Incomplete } from './byte-window.ts';

/** What a framing writes for one message: bytes or text; several chunks leave as one write. */
export type Frame = Chunk | readonly Chunk[];

/**
 * The state of one stream that is being decoded: it says where messages end, and what they are.
 *
 * It must not keep bytes of its own: those of a message that is not complete stay in the window, so that they can be given back to
 * the connection. What it throws ends the stream: a failure of the library is passed on as such, anything else is a defect.
 */
export interface Decoder<out In> {
  /**
   * The next message, whose bytes it takes off the window; or `incomplete`, and then it takes none. There is at least one byte. After
   * `incomplete` it is called again when there are more of them behind those that it has seen, so it can go on searching from there.
   */
  decode(window: ByteWindow): In | Incomplete;
  /**
   * As `decode`, when the stream has ended: no more bytes will come. Called until it says `incomplete`, or the window is
   * empty; if bytes are left then, the stream was cut in a message, and it fails with `FrameTruncated`. What is no message may be taken off.
   *
   * @defaultValue says `incomplete`
   */
  decodeEnd?(window: ByteWindow): In | Incomplete;
}

/**
 * How messages are told apart in a stream of bytes: an operator from bytes to messages, and a function from a message to bytes.
 *
 * The operator is the framing itself: `connection.incoming.pipe(framing)`. A framing has no state and serves any number of streams.
 *
 * `X` is what decoding can add to the failures of a flow. Wrong options of a framing fail with `InvalidOptions` when it is
 * used: on subscription, and in `encode` and `decoder`.
 */
export interface Framing<In, Out = In, X = FrameTooLarge | FrameTruncated | DecodeFailed> extends Op<
  Uint8Array,
  In,
  X
> {
  /** From bytes to messages; the framing itself, by a name. */
  readonly decode: Op<Uint8Array, In, X>;
  /** The longest message, in bytes; 0 when the options are wrong. */
  readonly maxLength: number;
  /** The state of one stream, for framings that are made of others. */
  readonly decoder: () => Decoder<In>;
  /**
   * What one message is on the wire. Bytes of the message are not copied: they must not change before they have left.
   *
   * It throws `InvalidOptions` for a message that is too long or that the framing can't express, and
   * `DecodeFailed` for one that a schema refuses.
   */
  readonly encode: (message: Out) => Frame;
}
