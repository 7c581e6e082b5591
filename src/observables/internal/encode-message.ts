import { InvalidOptions } from '../../core/failures/index.ts';
import type { Frame } from '../framing/framing.ts';

/** The part of a framing that the way out needs. */
export interface Encoder {
  /** What a message is on the wire; what it gets is what the caller's types say that it takes. */
  readonly encode: (message: never) => Frame;
}

/** What a message is on the wire; throws before a byte of it can have left. */
export function encodeMessage(encoder: Encoder, message: unknown): Frame {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the types of whoever has a message to send
  const frame: unknown = encoder.encode(message as never);
  if (isFrame(frame)) return frame;
  const allowed = 'a function that returns bytes (a Uint8Array), a string, or an array of them';
  throw new InvalidOptions({ option: 'encode', value: frame, allowed });
}

function isFrame(value: unknown): value is Frame {
  if (typeof value === 'string' || value instanceof Uint8Array) return true;
  return Array.isArray(value) && value.every((chunk) => typeof chunk === 'string' || chunk instanceof Uint8Array);
}
