import type { Observable, Subscriber } from 'rxjs';

import { BufferOverflow, FrameTooLarge, FrameTruncated, InvalidOptions } from '../../core/failures/index.ts';
import { currentUpstream, enterUpstream, leaveUpstream, type Upstream } from '../demand.ts';
import { SmallPieces } from '../internal/small-pieces.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';

const LF = 0x0a;
const CR = 0x0d;

const NOTHING = Buffer.alloc(0);

/** What may wait in front of a decoder whose source can't be held, in bytes. */
const MOST_WAITING = 1_048_576;

/**
 * One subscription of `lines`.
 *
 * A chunk is worked through in three parts: what ends the line that earlier chunks began, the whole lines after it, and the beginning
 * of the next. The whole lines are decoded at once, since a LF is never part of a longer character: that is several times faster than
 * line by line. Where a line began in bytes is found again only when somebody gives up in the middle.
 *
 * ```
 *  carry          chunk
 *  ┌────────┐┌──────┬─────────────────┬────────┐
 *  │ beginn ││ ing↵ │ line↵line↵line↵ │ beginn │ ──▶ carry
 *  └────────┘└──────┴─────────────────┴────────┘
 * ```
 */
export class LinesRun implements Upstream, SourceHandler<Uint8Array> {
  readonly emitting = undefined;
  private readonly subscriber: Subscriber<string>;
  private readonly maxLength: number;
  private readonly requireTerminator: boolean;
  private readonly source: SourceReceiver<Uint8Array> = new SourceReceiver<Uint8Array>(this);

  /** The beginning of a line, in pieces: joining them with each chunk would be quadratic. */
  private carry: Buffer[] = [];
  private carryLength = 0;
  private readonly smallOfCarry = new SmallPieces();

  /** The chunk that is being worked through, and where its whole lines begin and end. */
  private chunk: Buffer | undefined = undefined;
  private blockStart = 0;
  private blockEnd = 0;
  /** The whole lines as text, once decoded; `position` is where the next one begins. */
  private text: string | undefined = undefined;
  private position = 0;
  private emittedLines = 0;
  /** Which line of the block is longer than allowed, -1 for none, and its bytes. */
  private tooLongLine = -1;
  private tooLongSize = 0;

  /** Chunks of a source that can't be held, while we are. */
  private waiting: Buffer[] = [];
  private waitingLength = 0;
  private readonly smallOfWaiting = new SmallPieces();

  private holds = 0;
  /** Who delivered the last chunk, and is held when we are. */
  private feeder: Upstream | null = null;
  private releaseFeeder: (() => void) | undefined = undefined;
  /** Who takes bytes back: only if all that we have came from there as it was. */
  private origin: Upstream | null = null;
  private working = false;
  /** How the source ended. */
  private over: 'complete' | { readonly error: unknown } | undefined = undefined;
  /** What was found wrong with the bytes; told when nobody is on the stack as the one to hold. */
  private broken: FrameTooLarge | undefined = undefined;
  private closed = false;

  constructor(subscriber: Subscriber<string>, maxLength: number, requireTerminator: boolean) {
    this.subscriber = subscriber;
    this.maxLength = maxLength;
    this.requireTerminator = requireTerminator;
  }

  start(source: Observable<Uint8Array>): void {
    source.subscribe(this.source);
  }

  // ---- from the source

  sourceNext(bytes: Uint8Array): void {
    if (!((bytes as unknown) instanceof Uint8Array)) {
      this.fail(new InvalidOptions({ option: 'chunk', value: bytes, allowed: 'bytes (a Uint8Array)' }));
      return;
    }
    if (bytes.length === 0) return;
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const upstream = currentUpstream();
    this.feeder = upstream;
    const origin = upstream !== null && upstream.emitting === bytes ? upstream : null;
    if (this.carryLength === 0 && this.chunk === undefined && this.waiting.length === 0) this.origin = origin;
    else if (this.origin !== origin) this.origin = null;
    if (this.holds > 0 || this.working) this.wait(chunk);
    else this.work(chunk);
  }

  sourceError(error: unknown): void {
    this.over = { error };
    if (this.holds === 0 && !this.working) this.work();
  }

  sourceComplete(): void {
    this.over = 'complete';
    if (this.holds === 0 && !this.working) this.work();
  }

  /** A chunk although we are held: it can't be helped, but it can be bounded. */
  private wait(chunk: Buffer): void {
    this.smallOfWaiting.addTo(this.waiting, chunk);
    this.waitingLength += chunk.length;
    if (this.waitingLength > MOST_WAITING) {
      this.fail(new BufferOverflow({ limit: MOST_WAITING, queued: this.waitingLength }));
    } else if (this.holds > 0) {
      this.holdFeeder();
    }
  }

  // ---- what is at hand

  /** Works through it as far as nobody holds or gives up, then lets the source go on. */
  private work(chunk?: Buffer): void {
    this.working = true;
    const outer = enterUpstream(this);
    try {
      if (chunk === undefined) this.emitBlock();
      else this.take(chunk);
      while (this.isFree) {
        const next = this.waiting.shift();
        if (next === undefined) break;
        if (this.waiting.length === 0) this.smallOfWaiting.clear();
        this.waitingLength -= next.length;
        this.take(next);
      }
      if (this.isFree && this.over === 'complete' && !this.requireTerminator && !this.endedEarly) this.emitLast();
    } finally {
      leaveUpstream(outer);
      this.working = false;
    }
    if (this.broken !== undefined) this.fail(this.broken);
    if (!this.isFree) return;
    this.letFeederGo();
    if (this.over !== undefined) this.finish(this.over);
  }

  private get isFree(): boolean {
    return this.holds === 0 && !this.closed && this.chunk === undefined && this.broken === undefined;
  }

  private take(chunk: Buffer): void {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.keep(chunk);
      return;
    }
    this.chunk = chunk;
    this.blockStart = 0;
    this.blockEnd = last + 1;
    this.text = undefined;
    this.position = 0;
    this.emittedLines = 0;
    this.tooLongLine = -1;
    if (this.carryLength > 0) this.emitFirst(chunk);
    this.emitBlock();
  }

  /** The line that began in earlier chunks. */
  private emitFirst(chunk: Buffer): void {
    const first = chunk.indexOf(LF);
    const bytes = this.takeCarry(chunk.subarray(0, first));
    this.blockStart = first + 1;
    const end = lengthOf(bytes);
    if (end > this.maxLength) this.tooLong(end);
    else this.subscriber.next(bytes.toString('utf8', 0, end));
  }

  /** The whole lines, as far as nobody holds or gives up. */
  private emitBlock(): void {
    const { chunk } = this;
    if (chunk === undefined || this.closed || this.broken !== undefined) return;
    if (this.text === undefined) {
      if (this.holds > 0) return;
      this.text = chunk.toString('utf8', this.blockStart, this.blockEnd);
      if (this.blockEnd - this.blockStart > this.maxLength) this.tooLongLine = this.findTooLong(chunk);
    }
    const { text } = this;
    while (this.mayEmit()) {
      const { position } = this;
      const end = text.indexOf('\n', position);
      if (end < 0) {
        this.finishBlock(chunk);
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

  private mayEmit(): boolean {
    return this.holds === 0 && !this.closed;
  }

  private finishBlock(chunk: Buffer): void {
    const rest = chunk.subarray(this.blockEnd);
    this.chunk = undefined;
    this.text = undefined;
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
    this.broken = new FrameTooLarge({ limit: this.maxLength, size });
  }

  /** The source has ended in a line without its terminator. */
  private emitLast(): void {
    if (this.carryLength === 0) return;
    const bytes = this.takeCarry(NOTHING);
    this.subscriber.next(bytes.toString('utf8', 0, lengthOf(bytes)));
  }

  // ---- demand

  hold(): () => void {
    if (this.closed) return () => {};
    this.holds++;
    this.holdFeeder();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0 && !this.closed && !this.working) this.work();
    };
  }

  /** We have stopped reading, and the peer may be in the middle of a line: that one is not over. */
  get endedEarly(): boolean {
    return this.feeder?.endedEarly === true;
  }

  private holdFeeder(): void {
    if (this.feeder !== null) this.releaseFeeder ??= this.feeder.hold();
  }

  private letFeederGo(): void {
    const release = this.releaseFeeder;
    this.releaseFeeder = undefined;
    release?.();
  }

  // ---- the end

  /** The source has ended, and everything that came before is out. */
  private finish(over: 'complete' | { readonly error: unknown }): void {
    if (this.closed) return;
    const pending = this.carryLength;
    if (over !== 'complete') {
      this.fail(over.error);
    } else if (pending > 0 && !this.endedEarly) {
      this.fail(new FrameTruncated({ pending }));
    } else {
      // What is pending goes back.
      this.stop();
      this.subscriber.complete();
    }
  }

  private fail(failure: unknown): void {
    this.origin = null;
    this.stop();
    this.subscriber.error(failure);
  }

  /** Over, for whatever reason; what was taken and not emitted goes back. */
  stop(): void {
    if (this.closed) return;
    this.closed = true;
    const left = this.origin === null ? undefined : this.leftOver();
    this.source.unsubscribe();
    if (left !== undefined && left.length > 0) this.origin?.unread?.(left);
    this.letFeederGo();
    this.carry = [];
    this.smallOfCarry.clear();
    this.waiting = [];
    this.smallOfWaiting.clear();
    this.chunk = undefined;
    this.text = undefined;
  }

  private leftOver(): Buffer {
    const { chunk, carry } = this;
    if (chunk !== undefined) {
      let start = this.blockStart;
      for (let line = 0; line < this.emittedLines; line++) start = chunk.indexOf(LF, start) + 1;
      return Buffer.concat([chunk.subarray(start), ...this.waiting]);
    }
    return Buffer.concat([...carry, ...this.waiting]);
  }
}

/** Without the CR of its terminator. */
function lengthOf(line: Buffer): number {
  return line.at(-1) === CR ? line.length - 1 : line.length;
}
