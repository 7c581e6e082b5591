import type { Frame } from './framing.ts';

/**
 * Writes a message straight into memory of the connection's. To make a chunk of each small message would cost more than all else
 * that is done with it.
 */
export interface DirectEncoder {
  /** How many bytes the message has on the wire; throws what `encode` throws. */
  sizeOf(message: unknown): number;
  /** Writes it at a position, where there is room for what `sizeOf` said. */
  write(message: unknown, memory: Buffer, position: number): void;
}

type Encode = (message: never) => Frame;

/** By function, and not as a property of the framing: who makes a framing of another one's parts must not inherit it with another `encode`. */
const direct = new WeakMap<Encode, DirectEncoder>();

/** Says that what `encode` returns is what `encoder` writes. */
export function encodesDirectly<E extends Encode>(encode: E, encoder: DirectEncoder): E {
  direct.set(encode, encoder);
  return encode;
}

export function directEncoderOf(encode: Encode): DirectEncoder | undefined {
  return direct.get(encode);
}
