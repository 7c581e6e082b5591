import { SmallPieces } from './small-pieces.ts';

/** Chunks that wait for their reader, first to last; small ones are joined. */
export class KeptBytes {
  /** Size of all of them. */
  length = 0;
  private readonly pieces: Buffer[] = [];
  private readonly small = new SmallPieces();

  add(chunk: Buffer): void {
    this.small.addTo(this.pieces, chunk);
    this.length += chunk.length;
  }

  /** Takes the first piece; `undefined` when there is none. */
  shift(): Buffer | undefined {
    const piece = this.pieces.shift();
    if (piece === undefined) return undefined;
    this.length -= piece.length;
    if (this.length === 0) this.small.clear();
    return piece;
  }

  clear(): void {
    this.pieces.length = 0;
    this.length = 0;
    this.small.clear();
  }
}
