import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BLOCK = 65_536;

/** Bytes that are the same for the same seed, 64 KiB at a time; each block begins with its number, so none is like another. */
export function* blocks(total: number, seed = 1): Generator<Buffer, void, undefined> {
  const pattern = Buffer.allocUnsafe(BLOCK);
  // xorshift32
  let state = seed;
  for (let index = 0; index < BLOCK; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    pattern[index] = state;
  }
  for (let made = 0, number = 0; made < total; number++) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, total - made));
    pattern.copy(block);
    if (block.length >= 4) block.writeUInt32BE(number);
    made += block.length;
    yield block;
  }
}

/** What went through: how much, and the SHA-256 of it. */
export interface Sum {
  readonly bytes: number;
  readonly sha256: string;
}

export async function sumOf(source: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<Sum> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** What arrives until the stream ends. */
export const received = (from: Readable): Promise<Sum> => sumOf(from as AsyncIterable<Buffer>);

/** Sends `total` bytes with backpressure, and ends the stream. */
export const send = (total: number, seed: number, to: Writable): Promise<void> =>
  pipeline(Readable.from(blocks(total, seed)), to);
