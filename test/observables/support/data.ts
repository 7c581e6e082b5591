import { createHash, type Hash } from 'node:crypto';

/** Bytes without a short period, the same on every run. */
export function pattern(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let i = 0; i < size; i++) {
    // xorshift32
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

export function sha256(): Hash {
  return createHash('sha256');
}

/** `total` bytes in pieces whose sizes are those of `sizes`, in turn; `onPiece` sees each as it is asked for. */
export function* pieces(
  total: number,
  sizes: readonly number[],
  onPiece: (piece: Buffer) => void = () => {},
): Generator<Buffer> {
  const largest = Math.max(...sizes);
  // One stock of bytes, from which each piece is cut at another place.
  const stock = pattern(largest + 4_099);
  let left = total;
  for (let i = 0; left > 0; i++) {
    const size = Math.min(sizes[i % sizes.length] ?? 1, left);
    const start = (i * 31) % 4_099;
    const piece = stock.subarray(start, start + size);
    left -= size;
    onPiece(piece);
    yield piece;
  }
}
