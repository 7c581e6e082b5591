import type { Observable, Subscriber, Subscription } from 'rxjs';

import { BufferOverflow, FrameTooLarge, FrameTruncated, InvalidOptions } from '../../core/failures/index.ts';
import { currentUpstream, enterUpstream, leaveUpstream, type Upstream } from '../demand.ts';

const LF = 0x0a;
const CR = 0x0d;

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
export class LinesRun implements Upstream {
  readonly emitting = undefined;
  private readonly subscriber: Subscriber<string>;
  private readonly maxLength: number;
  private readonly requireTerminator: boolean;
  private subscription: Subscription | undefined = undefined;

  /** The beginning of a line, in pieces: joining them with each chunk would be quadratic. */
  private carry: Buffer[] = [];
  private carryLength = 0;

  /** The chunk that is being worked through, and where its whole lines begin and end. */
  private chunk: Buffer | undefined = undefined;
  private blockStart = 0;
  private blockEnd = 0;
  /** The whole lines as text, once decoded; `position` is where the next one begins. */
  private text: string | undefined = undefined;
  private position = 0;
  private emittedLines = 0;
  /** Which line of the block is longer than allowed; -1 for none. */
  private tooLongLine = -1;

  /** Chunks of a source that can't be held, while we are. */
  private waiting: Buffer[] = [];
  private waitingLength = 0;

  private holds = 0;
  /** Who delivered the last chunk, and is held when we are. */
  private feeder: Upstream | null = null;
  private releaseFeeder: (() => void) | undefined = undefined;
  /** Who takes bytes back: only if all that we have came from there as it was. */
  private origin: Upstream | null = null;
  private working = false;
  private sourceEnded = false;
  private sourceError: { readonly error: unknown } | undefined = undefined;
  private closed = false;

  constructor(subscriber: Subscriber<string>, maxLength: number, requireTerminator: boolean) {
    this.subscriber = subscriber;
    this.maxLength = maxLength;
    this.requireTerminator = requireTerminator;
  }

  start(source: Observable<Uint8Array>): void {
    this.subscription = source.subscribe(this);
    if (this.closed) this.subscription.unsubscribe();
  }

  // ---- from the source

  next(bytes: Uint8Array): void {
    if (!((bytes as unknown) instanceof Uint8Array)) {
      this.fail(new InvalidOptions({ option: 'chunk', value: bytes, allowed: 'bytes (a Uint8Array)' }));
      return;
    }
    if (bytes.length === 0) return;
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const upstream = currentUpstream();
    this.feeder = upstream;
    const origin = upstream !== null && upstream.emitting === bytes ? upstream : null;
    if (this.carryLength === 0 && this.chunk === undefined) this.origin = origin;
    else if (this.origin !== origin) this.origin = null;
    if (this.holds > 0 || this.working) this.wait(chunk);
    else this.take(chunk);
  }

  error(error: unknown): void {
    this.sourceError = { error };
    this.finish();
  }

  complete(): void {
    this.sourceEnded = true;
    this.finish();
  }

  /** A chunk although we are held: it can't be helped, but it can be bounded. */
  private wait(chunk: Buffer): void {
    this.waiting.push(chunk);
    this.waitingLength += chunk.length;
    if (this.waitingLength > MOST_WAITING) {
      this.fail(new BufferOverflow({ limit: MOST_WAITING, queued: this.waitingLength }));
    } else if (this.holds > 0) {
      this.holdFeeder();
    }
  }

  // ---- one chunk

  private take(chunk: Buffer): void {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.keep(chunk);
      return;
    }
    this.working = true;
    this.chunk = chunk;
    this.blockStart = 0;
    this.blockEnd = last + 1;
    this.text = undefined;
    this.position = 0;
    this.emittedLines = 0;
    this.tooLongLine = -1;
    const outer = enterUpstream(this);
    try {
      if (this.carryLength > 0) this.emitFirst(chunk);
      this.emitBlock();
    } finally {
      leaveUpstream(outer);
      this.working = false;
    }
  }

  /** The line that began in earlier chunks. */
  private emitFirst(chunk: Buffer): void {
    const first = chunk.indexOf(LF);
    const bytes = Buffer.concat([...this.carry, chunk.subarray(0, first)]);
    this.carry = [];
    this.carryLength = 0;
    this.blockStart = first + 1;
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    if (end > this.maxLength) this.tooLong(end);
    else this.subscriber.next(bytes.toString('utf8', 0, end));
  }

  /** The whole lines, as far as nobody holds or gives up. */
  private emitBlock(): void {
    const { chunk } = this;
    if (chunk === undefined || this.closed) return;
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
        this.tooLong(end - position);
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
    this.carry.push(bytes);
    this.carryLength += bytes.length;
    const { carryLength, maxLength } = this;
    if (carryLength <= maxLength) return;
    // A CR may still turn out to belong to the terminator.
    if (carryLength > maxLength + 1 || bytes.at(-1) !== CR) this.tooLong(carryLength);
  }

  /** Counted in bytes, which text doesn't tell; only for a block that is longer than one line may be. */
  private findTooLong(chunk: Buffer): number {
    let start = this.blockStart;
    for (let line = 0; start < this.blockEnd; line++) {
      const end = chunk.indexOf(LF, start);
      const length = end > start && chunk[end - 1] === CR ? end - 1 - start : end - start;
      if (length > this.maxLength) return line;
      start = end + 1;
    }
    return -1;
  }

  private tooLong(size: number): void {
    this.fail(new FrameTooLarge({ limit: this.maxLength, size }));
  }

  private fail(failure: unknown): void {
    this.origin = null;
    this.stop();
    this.subscriber.error(failure);
  }

  // ---- demand

  hold(): () => void {
    this.holds++;
    this.holdFeeder();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0 && !this.closed && !this.working) this.goOn();
    };
  }

  private holdFeeder(): void {
    if (this.feeder !== null) this.releaseFeeder ??= this.feeder.hold();
  }

  /** Released: first what is left here, then more from the source. */
  private goOn(): void {
    this.working = true;
    const outer = enterUpstream(this);
    try {
      this.emitBlock();
    } finally {
      leaveUpstream(outer);
      this.working = false;
    }
    while (this.isFree) {
      const chunk = this.waiting.shift();
      if (chunk === undefined) break;
      this.waitingLength -= chunk.length;
      this.take(chunk);
    }
    if (!this.isFree) return;
    this.letFeederGo();
    this.finish();
  }

  private get isFree(): boolean {
    return this.holds === 0 && !this.closed && this.chunk === undefined;
  }

  private letFeederGo(): void {
    const release = this.releaseFeeder;
    this.releaseFeeder = undefined;
    release?.();
  }

  // ---- the end

  /** The source has ended, and everything that came before is out. */
  private finish(): void {
    if (!this.isFree || this.waiting.length > 0 || this.working) return;
    if (this.sourceError !== undefined) {
      const { error } = this.sourceError;
      this.stop();
      this.subscriber.error(error);
    } else if (this.sourceEnded) {
      this.finishInOrder();
    }
  }

  private finishInOrder(): void {
    const pending = this.carryLength;
    if (pending > 0 && this.requireTerminator) {
      this.fail(new FrameTruncated({ pending }));
      return;
    }
    if (pending > 0) {
      const bytes = Buffer.concat(this.carry);
      this.carry = [];
      this.carryLength = 0;
      const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
      this.subscriber.next(bytes.toString('utf8', 0, end));
    }
    if (this.closed) return;
    this.stop();
    this.subscriber.complete();
  }

  /** Over, for whatever reason; what was taken and not emitted goes back. */
  stop(): void {
    if (this.closed) return;
    this.closed = true;
    const left = this.origin === null ? undefined : this.leftOver();
    this.subscription?.unsubscribe();
    if (left !== undefined && left.length > 0) this.origin?.unread?.(left);
    this.letFeederGo();
    this.carry = [];
    this.waiting = [];
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
