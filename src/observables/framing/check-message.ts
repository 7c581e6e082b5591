import { InvalidOptions } from '../../core/failures/index.ts';
import { refuse } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';

/**
 * The size of a message that is to be sent, in bytes.
 *
 * It refuses what is neither bytes nor text, and what is longer than `maxLength`.
 */
export function checkMessage(message: Chunk, maxLength: number): number {
  const size = sizeOf(message);
  if (size > maxLength) refuseSize(message, size, maxLength);
  return size;
}

function sizeOf(message: Chunk): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  if ((message as unknown) instanceof Uint8Array) return message.length;
  return refuse('message', message, 'bytes (a Uint8Array) or a string');
}

/** Fails for a message that is too long to be sent. */
export function refuseSize(message: unknown, size: number, maxLength: number): never {
  const allowed = `at most ${maxLength} bytes long (maxLength)`;
  throw new InvalidOptions({
    message: `option "message" must be ${allowed}, got ${size} bytes`,
    option: 'message',
    value: message,
    allowed,
  });
}
