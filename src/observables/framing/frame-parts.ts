import type { Chunk } from '../../core/transport.ts';
import type { Frame } from './framing.ts';

/** Below this many bytes a copy costs less than a chunk of its own. */
export const SMALL = 1_024;

/** Whether a frame has several chunks. */
export function isParts(frame: Frame): frame is readonly Chunk[] {
  return Array.isArray(frame);
}

/** A chunk as a Buffer: bytes are not copied. */
export function toBuffer(chunk: Chunk): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** The bytes of a frame in one piece; a frame that is one piece of bytes is not copied. */
export function joinFrame(frame: Frame): Buffer {
  return isParts(frame) ? Buffer.concat(frame.map(toBuffer)) : toBuffer(frame);
}

/** The bytes of a frame, counted. */
export function sizeOfFrame(frame: Frame): number {
  if (!isParts(frame)) return sizeOfChunk(frame);
  let size = 0;
  for (const chunk of frame) size += sizeOfChunk(chunk);
  return size;
}

/** The bytes of a chunk, counted. */
export function sizeOfChunk(chunk: Chunk): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
}

/** A message behind a prefix and in front of a suffix: in one piece where it is small, else as it is. */
export function surround(prefix: Uint8Array, message: Chunk, size: number, suffix: Uint8Array): Frame {
  if (size >= SMALL) return [prefix, message, suffix].filter((chunk) => chunk.length > 0);
  const bytes = Buffer.allocUnsafe(prefix.length + size + suffix.length);
  bytes.set(prefix, 0);
  if (typeof message === 'string') bytes.write(message, prefix.length);
  else bytes.set(message, prefix.length);
  bytes.set(suffix, prefix.length + size);
  return bytes;
}

const NOTHING = new Uint8Array(0);

/** A message of `size` bytes behind a prefix. */
export function withPrefix(prefix: Uint8Array, message: Chunk, size: number): Frame {
  return surround(prefix, message, size, NOTHING);
}

/** A message of `size` bytes in front of a suffix. */
export function withSuffix(message: Chunk, size: number, suffix: Uint8Array): Frame {
  return surround(NOTHING, message, size, suffix);
}
