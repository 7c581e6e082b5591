import type { Chunk } from '../core/transport.ts';
import { nodeError } from './node-error.ts';

/** A link takes bytes, and text as UTF-8. */
export function asChunk(chunk: string | Uint8Array, encoding: string): Chunk {
  if (typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'utf-8') return chunk;
  if (encoding === 'buffer') throw nodeError('ERR_INVALID_ARG_TYPE', 'Second argument must be a buffer', TypeError);
  return Buffer.from(chunk, encoding as BufferEncoding);
}

/** How many bytes it is on the wire. */
export function sizeOf(data: Chunk | readonly Chunk[]): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (data instanceof Uint8Array) return data.byteLength;
  return data.reduce((size, chunk) => size + sizeOf(chunk), 0);
}
