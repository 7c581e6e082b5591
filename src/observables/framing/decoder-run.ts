import type { Subscriber } from 'rxjs';

import { incomplete, type Incomplete, Window } from './byte-window.ts';
import type { Decoder } from './framing.ts';
import { FramingRun } from './framing-run.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** The first memory for a message in several chunks, in bytes. */
const LEAST_MEMORY = 64;

/** So many bytes of a chunk are joined to the beginning of a message at least, when nobody knows how many it lacks. */
const LEAST_PIECE = 512;

/**
 * One subscription of a framing that has a decoder.
 *
 * The decoder sees one window. It lies over the chunk itself, so that a message which is whole in its chunk is a view of it. What a chunk
 * leaves over is copied to memory of our own, which grows by doubling; of the next chunk so much is copied behind it as the message
 * lacks, and where that isn't known, as much as is there already. As soon as the message is out, the window lies over the chunk again.
 * So no byte is copied more than a few times, however the stream is cut, and none that is in one piece is copied at all.
 *
 * ```
 *  memory                        chunk
 *  ┌────────┬───────┐           ┌───────┬─────────┬─────────┬────────┐
 *  │ beginn │ ing   │ ◀─ copy ─ │ ing   │ message │ message │ beginn │ ──▶ memory
 *  └────────┴───────┘           └───────┴─────────┴─────────┴────────┘
 * ```
 *
 * Memory in which bytes of a message have been emitted is never written to again: there is always a new one.
 */
export class DecoderRun<In> extends FramingRun<In> {
  private readonly decoder: Decoder<In>;
  private readonly window = new Window();
  /** The decoder may find more in the window, or there is more of the chunk. */
  protected isBusy = false;

  /** Where the window lies if it does not lie over a chunk: bytes up to `used` are there. */
  private memory = NOTHING;
  private used = 0;
  /** So many bytes the window must have before the decoder is asked; 0 when one more is enough. */
  private wanted = 0;

  /** The chunk whose beginning is being joined to the memory, how much of it was, and where it lies there. */
  private chunk: Buffer | undefined = undefined;
  private joined = 0;
  private joinedAt = 0;

  constructor(subscriber: Subscriber<In>, decoder: Decoder<In>) {
    super(subscriber);
    this.decoder = decoder;
  }

  protected get pending(): number {
    return this.window.length;
  }

  protected take(chunk: Buffer): void {
    this.isBusy = true;
    if (this.used === 0) {
      this.window.set(chunk, 0);
      this.goOn();
    } else {
      this.chunk = chunk;
      this.joined = 0;
      this.joinedAt = this.used;
      if (this.join(chunk)) this.goOn();
      else this.rest();
    }
  }

  protected goOn(): void {
    if (!this.isBusy) return;
    const { window } = this;
    while (this.mayEmit()) {
      const before = window.start;
      window.wanted = 0;
      const message = window.length === 0 ? incomplete : this.decodeNext();
      if (message === incomplete) {
        if (window.start !== before) this.breakOff(new Error('a decoder took bytes and said "incomplete"'));
        if (!this.mayEmit()) return;
        this.wanted = window.wanted;
        if (this.chunk !== undefined && this.join(this.chunk)) continue;
        this.rest();
        return;
      }
      if (window.start <= before) {
        this.breakOff(new Error('a decoder gave a message and took no bytes for it'));
        return;
      }
      if (this.chunk !== undefined) this.leaveMemory(this.chunk);
      this.subscriber.next(message);
    }
  }

  private decodeNext(): In | Incomplete {
    try {
      return this.decoder.decode(this.window);
    } catch (error) {
      this.breakOff(error);
      return incomplete;
    }
  }

  /** Nothing more is whole: the beginning of a message is kept, and the chunk is not. */
  private rest(): void {
    const { window } = this;
    this.isBusy = false;
    this.chunk = undefined;
    if (this.used > 0 || window.length === 0) {
      if (window.length === 0) this.clear();
      return;
    }
    const { bytes, start } = window;
    window.clear();
    this.append(bytes, start, bytes.length);
  }

  // ---- memory

  /**
   * Joins what the message lacks, or a part of it, to its beginning.
   *
   * @returns whether the decoder is to be asked.
   */
  private join(chunk: Buffer): boolean {
    const left = chunk.length - this.joined;
    if (left === 0) return false;
    const { length } = this.window;
    const lacking = this.wanted > length ? this.wanted - length : Math.max(LEAST_PIECE, length);
    const end = this.joined + Math.min(lacking, left);
    this.append(chunk, this.joined, end);
    this.joined = end;
    return this.window.length >= this.wanted;
  }

  private append(bytes: Buffer, start: number, end: number): void {
    const { window } = this;
    if (this.used + end - start > this.memory.length) this.grow(window.length + end - start);
    this.used += bytes.copy(this.memory, this.used, start, end);
    window.bytes = this.memory.subarray(0, this.used);
  }

  /** New memory, with what is in the window at its beginning. */
  private grow(needed: number): void {
    const { window, wanted } = this;
    const doubled = Math.max(LEAST_MEMORY, 2 * needed);
    const memory = Buffer.allocUnsafe(wanted < needed ? doubled : Math.min(doubled, wanted));
    const { start } = window;
    this.joinedAt -= start;
    this.used = window.bytes.copy(memory, 0, start);
    this.memory = memory;
    window.set(memory, 0);
  }

  /** The beginning that was in memory has become a message: what follows is in the chunk as well. */
  private leaveMemory(chunk: Buffer): void {
    const { window } = this;
    if (window.start < this.joinedAt) return;
    window.set(chunk, window.start - this.joinedAt);
    this.forgetMemory();
  }

  private forgetMemory(): void {
    this.memory = NOTHING;
    this.used = 0;
    this.chunk = undefined;
    this.wanted = 0;
  }

  // ---- the end

  protected emitLast(): void {
    const { window } = this;
    while (this.mayEmit() && window.length > 0) {
      const before = window.start;
      const message = this.decodeLast();
      if (message === incomplete) return;
      if (window.start <= before) {
        this.breakOff(new Error('a decoder gave a message and took no bytes for it'));
        return;
      }
      this.subscriber.next(message);
    }
  }

  private decodeLast(): In | Incomplete {
    const { decoder } = this;
    if (decoder.decodeEnd === undefined) return incomplete;
    try {
      return decoder.decodeEnd(this.window);
    } catch (error) {
      this.breakOff(error);
      return incomplete;
    }
  }

  protected leftOver(): Buffer[] {
    const { window, chunk } = this;
    const pieces = [window.bytes.subarray(window.start)];
    if (chunk !== undefined) pieces.push(chunk.subarray(this.joined));
    return pieces.filter((piece) => piece.length > 0);
  }

  protected clear(): void {
    this.window.clear();
    this.forgetMemory();
  }
}
