import type { Subscriber } from 'rxjs';

import { FrameTooLarge } from '../../core/failures/index.ts';
import { SmallPieces } from '../internal/small-pieces.ts';
import { FramingRun } from './framing-run.ts';

const LF = 0x0a;
const CR = 0x0d;

/** The first block of a chunk, in bytes, and how much larger each following one may be. */
const FIRST_BLOCK = 512;
const BLOCK_GROWTH = 16;

const NOTHING = Buffer.alloc(0);

/**
 * One subscription of `lines`.
 *
 * A chunk is worked through in three parts: what ends the line that earlier chunks began, the whole
 * lines after it, and the beginning of the next. Whole lines are decoded in blocks, since a LF is
 * never part of a longer character: that is several times faster than line by line. The first block
 * is small and the following ones grow, so a subscriber that takes a single line and leaves does
 * not pay for the whole chunk. Where a line began in bytes is found again only on an unsubscription
 * in the middle.
 *
 * ```
 *  carry          chunk
 *  ┌────────┐┌──────┬─────────────────┬────────┐
 *  │ beginn ││ ing↵ │ line↵line↵line↵ │ beginn │ ──▶ carry
 *  └────────┘└──────┴─────────────────┴────────┘
 * ```
 */
export class LinesRun extends FramingRun<string> {
  private readonly maxLength: number;
  private readonly requireTerminator: boolean;

  /** The beginning of a line, in pieces: joining them with each chunk would be quadratic. */
  private carry: Buffer[] = [];
  private carryLength = 0;
  private readonly smallOfCarry = new SmallPieces();

  /**
   * The chunk that is being worked through, and where the block of whole lines in it begins and
   * ends.
   */
  private chunk: Buffer | undefined = undefined;
  /** How large the next block may be, in bytes, unless a line is longer. */
  private blockSize = 0;
  private blockStart = 0;
  private blockEnd = 0;
  /** The block as text, once decoded; `position` is where the next one begins. */
  private text: string | undefined = undefined;
  private position = 0;
  private emittedLines = 0;
  /** Which line of the block is longer than allowed, -1 for none, and its bytes. */
  private tooLongLine = -1;
  private tooLongSize = 0;

  constructor(subscriber: Subscriber<string>, maxLength: number, requireTerminator: boolean) {
    super(subscriber);
    this.maxLength = maxLength;
    this.requireTerminator = requireTerminator;
  }

  protected get isBusy(): boolean {
    return this.chunk !== undefined;
  }

  protected get pending(): number {
    return this.carryLength;
  }

  protected take(chunk: Buffer): void {
    this.chunk = chunk;
    this.blockSize = FIRST_BLOCK;
    this.blockStart = 0;
    this.blockEnd = 0;
    this.text = undefined;
    if (this.carryLength > 0 && !this.emitFirst(chunk)) return;
    this.goOn();
  }

  /**
   * The line that began in earlier chunks.
   *
   * @returns false when it does not end in this one.
   */
  private emitFirst(chunk: Buffer): boolean {
    const first = chunk.indexOf(LF);
    if (first < 0) {
      this.finishChunk(chunk);
      return false;
    }
    const bytes = this.takeCarry(chunk.subarray(0, first));
    this.blockStart = first + 1;
    this.blockEnd = first + 1;
    const end = lengthOf(bytes);
    if (end > this.maxLength) this.tooLong(end);
    else this.subscriber.next(bytes.toString('utf8', 0, end));
    return true;
  }

  /** The whole lines, as far as the consumer takes them. */
  protected goOn(): void {
    const { chunk } = this;
    if (chunk === undefined) return;
    while (this.mayEmit()) {
      this.text ??= this.nextBlock(chunk);
      if (this.text === undefined) {
        this.finishChunk(chunk);
        return;
      }
      this.emitBlock(this.text);
    }
  }

  private emitBlock(text: string): void {
    while (this.mayEmit()) {
      const { position } = this;
      const end = text.indexOf('\n', position);
      if (end < 0) {
        this.text = undefined;
        this.blockStart = this.blockEnd;
        return;
      }
      if (this.emittedLines === this.tooLongLine) {
        this.tooLong(this.tooLongSize);
        return;
      }
      this.position = end + 1;
      this.emittedLines++;
      const length = end > position && text.charCodeAt(end - 1) === CR ? end - 1 : end;
      this.subscriber.next(text.slice(position, length));
    }
  }

  /** @returns the text of the next whole lines; undefined when there are none. */
  private nextBlock(chunk: Buffer): string | undefined {
    const { blockStart } = this;
    const end = this.endOfBlock(chunk, blockStart);
    if (end === blockStart) return undefined;
    this.blockEnd = end;
    this.blockSize *= BLOCK_GROWTH;
    this.position = 0;
    this.emittedLines = 0;
    this.tooLongLine = end - blockStart > this.maxLength ? this.findTooLong(chunk) : -1;
    return chunk.toString('utf8', blockStart, end);
  }

  /**
   * Behind the last LF of the block, or the first one if that is farther; `start` when there is
   * none.
   */
  private endOfBlock(chunk: Buffer, start: number): number {
    const limit = start + this.blockSize;
    if (limit >= chunk.length) return Math.max(start, chunk.lastIndexOf(LF) + 1);
    const last = chunk.subarray(start, limit).lastIndexOf(LF);
    if (last >= 0) return start + last + 1;
    const first = chunk.indexOf(LF, limit);
    return first < 0 ? start : first + 1;
  }

  private finishChunk(chunk: Buffer): void {
    const rest = this.blockStart === 0 ? chunk : chunk.subarray(this.blockStart);
    this.chunk = undefined;
    if (rest.length > 0) this.keep(rest);
  }

  /** The beginning of a line: more of it is to come. */
  private keep(bytes: Buffer): void {
    this.smallOfCarry.addTo(this.carry, bytes);
    this.carryLength += bytes.length;
    const { carryLength, maxLength } = this;
    if (carryLength <= maxLength) return;
    // A CR may still turn out to belong to the terminator.
    if (carryLength > maxLength + 1 || bytes.at(-1) !== CR) this.tooLong(carryLength);
  }

  /** The line that began there, with the rest of it. */
  private takeCarry(rest: Buffer): Buffer {
    const bytes = Buffer.concat([...this.carry, rest]);
    this.carry = [];
    this.carryLength = 0;
    this.smallOfCarry.clear();
    return bytes;
  }

  /** Counted in bytes, which text doesn't tell; only for a block that is longer than one line may be. */
  private findTooLong(chunk: Buffer): number {
    let start = this.blockStart;
    for (let line = 0; start < this.blockEnd; line++) {
      const end = chunk.indexOf(LF, start);
      const length = end > start && chunk[end - 1] === CR ? end - 1 - start : end - start;
      if (length > this.maxLength) {
        this.tooLongSize = length;
        return line;
      }
      start = end + 1;
    }
    return -1;
  }

  private tooLong(size: number): void {
    this.breakOff(new FrameTooLarge({ limit: this.maxLength, size }));
  }

  /** The source has ended in a line without its terminator. */
  protected emitLast(): void {
    if (this.requireTerminator) return;
    const bytes = this.takeCarry(NOTHING);
    this.subscriber.next(bytes.toString('utf8', 0, lengthOf(bytes)));
  }

  protected leftOver(): Buffer[] {
    const { chunk, carry } = this;
    if (chunk === undefined) return carry;
    let start = this.blockStart;
    const emitted = this.text === undefined ? 0 : this.emittedLines;
    for (let line = 0; line < emitted; line++) start = chunk.indexOf(LF, start) + 1;
    return start < chunk.length ? [chunk.subarray(start)] : [];
  }

  protected clear(): void {
    this.carry = [];
    this.smallOfCarry.clear();
    this.chunk = undefined;
    this.text = undefined;
  }
}

/** Without the CR of its terminator. */
function lengthOf(line: Buffer): number {
  return line.at(-1) === CR ? line.length - 1 : line.length;
}
