import { flushSoon, type Flushable, peerHolder, type Upstream } from '../../core/demand.ts';
import { callEach } from '../../core/report-defect.ts';
import type { Chunk, Link } from '../../core/transport.ts';
import type { Budget } from '../byte-budget.ts';
import type { DirectEncoder } from '../framing/direct-encoder.ts';
import { JoinedBytes, SMALL } from './joined-bytes.ts';

/** What an outbox tells its connection. */
export interface OutboxOwner {
  readonly link: Link;
  /** The link didn't take all of a write at once. */
  onOutstanding(): void;
  /** A sender that was told, or an upstream that was released, threw. */
  defect(thrown: unknown): void;
  /** Bytes left for the kernel, and `drained` if none are left. */
  onFlushed(drained: boolean): void;
}

/** Waits until all that was written before it has been handed to the kernel. */
export interface FlushWaiter {
  flushed(): void;
}

/** An upstream that waits for room. */
interface Hold {
  readonly upstream: Upstream;
  /** Who wrote what came from it. */
  readonly by: object;
  readonly release: () => void;
}

/**
 * Above this, in bytes, one write is divided: what has left is counted write by write, and is exact
 * to this much.
 */
const LARGEST_WRITE = 64 * 1024;

/**
 * The way out of one connection: joins what is written in one delivery, keeps what the kernel doesn't take,
 * and holds the upstreams that caused it.
 *
 * Sizes are bytes for bytes and UTF-16 units for text, whose bytes nobody has counted yet.
 */
export class Outbox implements Flushable {
  private readonly owner: OutboxOwner;
  /** First thing to leave next; text is joined to text, and small bytes to small bytes. */
  private head: Chunk | undefined = undefined;
  private rest: Chunk[] | undefined = undefined;
  /** Small bytes that follow `head` and `rest`. */
  private joined: JoinedBytes | undefined = undefined;
  /** How many bytes were joined last time. */
  private joinedBefore = 0;
  private joinedNow = 0;
  /** Size of `head`, `rest` and `joined`. */
  private waiting = 0;
  /** Size of what the link has and the kernel not yet. */
  private outstanding = 0;
  private outstandingData: Chunk | readonly Chunk[] | undefined = undefined;
  /** Size of all that the link was ever given. */
  private taken = 0;
  private scheduled = false;
  private waiters: Set<FlushWaiter> | undefined = undefined;
  private holds: Hold[] | undefined = undefined;
  private readonly highWaterMark: number;
  private readonly budget: Budget | undefined;
  /** Below this there is room, whatever else is to be looked at. */
  private readonly ampleBelow: number;
  /** What the budget knows of. */
  private counted = 0;
  private closed = false;

  constructor(owner: OutboxOwner, highWaterMark: number, maxQueued: number, budget: Budget | undefined) {
    this.owner = owner;
    this.highWaterMark = highWaterMark;
    this.budget = budget;
    this.ampleBelow = budget === undefined ? Math.min(highWaterMark, maxQueued) : 0;
  }

  /** What waits, in the outbox and in the link. */
  get size(): number {
    return this.waiting + this.outstanding;
  }

  get isEmpty(): boolean {
    return this.waiting === 0 && this.outstanding === 0;
  }

  get isCongested(): boolean {
    return this.waiting + this.outstanding >= this.highWaterMark || this.isShort;
  }

  /** Others have left it too little of what they share. */
  private get isShort(): boolean {
    return this.budget !== undefined && this.budget.isShortFor(this.counted);
  }

  /** What is shared is used up, and this one has more than its part of it. */
  get isOverBudget(): boolean {
    return this.budget !== undefined && this.budget.isExceededBy(this.counted);
  }

  private account(): void {
    if (this.budget === undefined) return;
    const size = this.closed ? 0 : this.waiting + this.outstanding;
    this.budget.changed(this.counted, size);
    this.counted = size;
  }

  /** Where the next write begins, counted from the first. */
  get position(): number {
    return this.taken + this.waiting;
  }

  /** What was given to the link, counted likewise: whatever begins there or later has not left. */
  get givenAway(): number {
    return this.taken;
  }

  /** The exact bytes that wait. */
  get bytes(): number {
    let bytes = byteLength(this.outstandingData) + byteLength(this.head);
    if (this.rest !== undefined) bytes += byteLength(this.rest);
    return bytes + (this.joined?.length ?? 0);
  }

  /**
   * Puts text behind the text that waits for the delivery to return, when there is nothing else to it and room for more: the one step of
   * an output of many short texts, which `write` would take with a dozen questions.
   *
   * @returns whether it was done; else `write` does it.
   */
  appendText(chunk: unknown): boolean {
    const { head } = this;
    if (!this.scheduled || typeof chunk !== 'string' || typeof head !== 'string') return false;
    const waiting = this.waiting + chunk.length;
    if (waiting >= this.ampleBelow || this.rest !== undefined || this.joined !== undefined) return false;
    this.head = head + chunk;
    this.waiting = waiting;
    return true;
  }

  /** @returns whether there is room for more. */
  write(chunk: Chunk): boolean {
    const size = chunk.length;
    if (size === 0 || this.closed) return !this.isCongested;
    this.append(chunk);
    this.waiting += size;
    this.flushInTime();
    return !this.isCongested;
  }

  /** Writes several as one: nothing that somebody else writes gets in between. */
  writeAll(chunks: readonly Chunk[]): boolean {
    if (this.closed) return !this.isCongested;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.append(chunk);
      this.waiting += chunk.length;
    }
    if (this.waiting > 0) this.flushInTime();
    return !this.isCongested;
  }

  /** Whether a message of so many bytes on the wire is better written in place than made a chunk of. */
  joins(size: number): boolean {
    return this.waiting > 0 && size < SMALL && !this.closed;
  }

  /** As `write`, for a message that `joins`. */
  writeDirectly(message: unknown, size: number, encoder: DirectEncoder): boolean {
    this.roomFor(size).addMessage(message, size, encoder);
    this.waiting += size;
    this.flushInTime();
    return !this.isCongested;
  }

  private flushInTime(): void {
    this.account();
    if (this.outstanding === 0) {
      // Enough to fill a packet or many: nothing is gained by waiting for more. Nor where others wait for what this one has.
      if (this.waiting >= this.highWaterMark || this.isShort) this.flush();
      else if (!this.scheduled) {
        this.scheduled = true;
        flushSoon(this);
      }
    }
  }

  private append(chunk: Chunk): void {
    if (this.waiting > 0 && isSmall(chunk)) {
      this.join(chunk);
      return;
    }
    if (this.joined !== undefined && this.joined.length > 0) this.push(this.joined.take());
    const { head, rest } = this;
    if (rest === undefined && typeof head === 'string' && typeof chunk === 'string') {
      this.head = head + chunk;
      return;
    }
    const tail = rest?.at(-1);
    if (rest !== undefined && typeof tail === 'string' && typeof chunk === 'string')
      rest[rest.length - 1] = tail + chunk;
    else this.push(chunk);
  }

  /** Adds a piece behind `head` and `rest`. */
  private push(piece: Chunk): void {
    if (this.head === undefined) this.head = piece;
    else if (this.rest === undefined) this.rest = [piece];
    else this.rest.push(piece);
  }

  /** Adds small bytes to those that came just before. */
  private join(bytes: Uint8Array): void {
    this.roomFor(bytes.length).add(bytes);
  }

  /** Where so many small bytes can be put, which are the next to leave after all that waits. */
  private roomFor(size: number): JoinedBytes {
    const joined = (this.joined ??= new JoinedBytes(this.joinedBefore));
    const { head } = this;
    if (joined.length === 0 && this.rest === undefined && head !== undefined && isSmall(head)) {
      // It was kept as it was for as long as it was the only one.
      this.head = undefined;
      this.roomIn(joined, head.length).add(head);
    }
    return this.roomIn(joined, size);
  }

  private roomIn(joined: JoinedBytes, size: number): JoinedBytes {
    if (!joined.fits(size)) {
      if (joined.length > 0) this.push(joined.take());
      joined.grow();
    }
    this.joinedNow += size;
    return joined;
  }

  /** Hands on what waits, as one write where it is not very large. */
  flush(): void {
    this.scheduled = false;
    if (this.outstanding !== 0 || this.waiting === 0 || this.closed) return;
    do {
      const data = this.takeNext();
      this.taken += this.outstanding;
      if (!this.owner.link.write(data)) {
        this.outstandingData = data;
        this.account();
        this.owner.onOutstanding();
        return;
      }
      this.outstanding = 0;
    } while (this.waiting > 0);
    this.settle();
  }

  /** The link's outstanding write has been handed to the kernel. */
  written(): void {
    this.outstanding = 0;
    this.outstandingData = undefined;
    if (this.waiting > 0) {
      this.flush();
      if (this.outstanding !== 0) this.owner.onFlushed(false);
    } else {
      this.settle();
    }
  }

  private takeNext(): Chunk | readonly Chunk[] {
    if (this.joined !== undefined && this.joined.length > 0) this.push(this.joined.take());
    const { rest } = this;
    let head = this.head ?? '';
    if (head.length > LARGEST_WRITE) {
      const bytes = typeof head === 'string' ? Buffer.from(head) : head;
      const left = bytes.subarray(LARGEST_WRITE);
      this.waiting += left.length - head.length;
      this.head = left.length > 0 ? left : undefined;
      if (left.length === 0 && rest !== undefined) this.shift(rest);
      head = bytes.subarray(0, LARGEST_WRITE);
      this.outstanding = head.length;
      return head;
    }
    if (rest === undefined) {
      this.head = undefined;
      this.outstanding = this.waiting;
      this.waiting = 0;
      return head;
    }
    // Several, up to the largest write; a larger piece that follows gets its own turn.
    const pieces: Chunk[] = [head];
    let size = head.length;
    let taken = 0;
    for (const piece of rest) {
      if (size + piece.length > LARGEST_WRITE) break;
      pieces.push(piece);
      size += piece.length;
      taken++;
    }
    this.outstanding = size;
    this.waiting -= size;
    rest.splice(0, taken);
    this.shift(rest);
    return pieces.length === 1 ? head : pieces;
  }

  /** The first of `rest` becomes the head. */
  private shift(rest: Chunk[]): void {
    this.head = rest.shift();
    if (rest.length === 0) this.rest = undefined;
  }

  /** Nothing waits any more. */
  private settle(): void {
    // Not those that begin to wait now: who is released may send, and complete, before that returns.
    const { waiters } = this;
    this.waiters = undefined;
    this.forgetJoined();
    this.account();
    this.releaseAll();
    if (waiters !== undefined) this.each(waiters, tellFlushed);
    // Who was released or told may have written again.
    this.owner.onFlushed(this.isEmpty);
  }

  /** Holds the upstream until everything has left, or `by` lets go; one that is held already is not held twice. */
  hold(upstream: Upstream, by: object): void {
    if (this.holds?.some((each) => each.upstream === upstream) === true) return;
    (this.holds ??= []).push({ upstream, by, release: upstream.hold(peerHolder) });
  }

  /** Releases what was held for `by`, which writes no more, except for one. */
  letGo(by: object, except: Upstream | null): void {
    const { holds } = this;
    if (holds === undefined) return;
    const goes = (each: Hold): boolean => each.by === by && each.upstream !== except;
    this.holds = holds.filter((each) => !goes(each));
    this.each(holds.filter(goes), release);
  }

  /** Calls the waiter when all that was written so far has left: at once when nothing waits. */
  whenFlushed(waiter: FlushWaiter): void {
    if (this.isEmpty) waiter.flushed();
    else (this.waiters ??= new Set()).add(waiter);
  }

  forget(waiter: FlushWaiter): void {
    this.waiters?.delete(waiter);
  }

  private releaseAll(): void {
    const { holds } = this;
    if (holds === undefined) return;
    this.holds = undefined;
    this.each(holds, release);
  }

  /** Each is a party of its own: what one throws must not keep the others waiting. */
  private each<T>(parties: Iterable<T>, call: (party: T) => void): void {
    callEach(parties, call, (thrown) => this.owner.defect(thrown));
  }

  /** Nothing leaves any more; what waits stays counted, for the ledger. */
  close(): void {
    this.closed = true;
    this.scheduled = false;
    this.account();
    this.waiters = undefined;
    this.releaseAll();
  }

  /** An idle connection keeps no memory for it, only how much it was. */
  private forgetJoined(): void {
    this.joined = undefined;
    this.joinedBefore = this.joinedNow;
    this.joinedNow = 0;
  }
}

function tellFlushed(waiter: FlushWaiter): void {
  waiter.flushed();
}

function release(hold: Hold): void {
  hold.release();
}

function isSmall(chunk: Chunk): chunk is Uint8Array {
  return typeof chunk !== 'string' && chunk.length < SMALL;
}

function byteLength(data: Chunk | readonly Chunk[] | undefined): number {
  if (data === undefined) return 0;
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (data instanceof Uint8Array) return data.byteLength;
  let size = 0;
  for (const chunk of data) size += byteLength(chunk);
  return size;
}
