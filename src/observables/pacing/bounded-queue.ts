import type { Room } from '../../core/demand.ts';
import { BufferOverflow, InvalidOptions } from '../../core/failures/index.ts';
import { Fifo } from './fifo.ts';
import { type Limits, MARK_BYTES } from './limits.ts';
import { weigh } from './weight.ts';

/**
 * A queue with a bound on its items and on their bytes, and a mark below that at which its sources
 * are to be paused.
 */
export class BoundedQueue<T> {
  private readonly limits: Limits;
  private readonly valueOf: (item: T) => unknown;
  private readonly sizeOf: (value: unknown) => number;
  private readonly items = new Fifo<T>();
  private readonly weights = new Fifo<number>();
  private bytes = 0;

  /** `valueOf` returns what an item weighs: as much as its value, by `sizeOf`. */
  constructor(limits: Limits, valueOf: (item: T) => unknown, sizeOf: (value: unknown) => number = weigh) {
    this.limits = limits;
    this.valueOf = valueOf;
    this.sizeOf = sizeOf;
  }

  get size(): number {
    return this.items.size;
  }

  get isEmpty(): boolean {
    return this.items.isEmpty;
  }

  /** Whether so much waits that the source is to be paused. */
  get isAboveMark(): boolean {
    return this.items.size >= this.limits.highWaterMark || this.bytes >= Math.min(MARK_BYTES, this.limits.bytes);
  }

  /**
   * Whether so little waits that a paused source may go on: to pause and resume a socket with each
   * value is expensive.
   */
  get isBelowMark(): boolean {
    return this.items.isEmpty || (2 * this.items.size <= this.limits.highWaterMark && 2 * this.bytes <= MARK_BYTES);
  }

  /** The room that is left below its bounds. */
  get room(): Room {
    return { items: this.limits.items - this.items.size, bytes: this.limits.bytes - this.bytes };
  }

  /** Whether it has reached one of its bounds. */
  get isFull(): boolean {
    return this.items.size >= this.limits.items || this.bytes >= this.limits.bytes;
  }

  /** Whether it has no more than half of what it may have. */
  get isHalfEmpty(): boolean {
    return 2 * this.items.size <= this.limits.items && 2 * this.bytes <= this.limits.bytes;
  }

  /** Whether there is room for an item. */
  fits(item: T): boolean {
    return this.hasRoomFor(this.weigh(item));
  }

  private hasRoomFor(weight: number): boolean {
    if (this.items.size >= this.limits.items) return false;
    // A single item larger than the bound is let through: it is in memory anyhow, and nothing waits beside it.
    return this.items.isEmpty || this.bytes + weight <= this.limits.bytes;
  }

  private weigh(item: T): number {
    const weight = this.sizeOf(this.valueOf(item));
    if (typeof weight === 'number' && weight >= 0) return weight;
    throw new InvalidOptions({ option: 'sizeOf', value: weight, allowed: 'a function that returns a number of bytes' });
  }

  /**
   * Queues an item, or returns the failure: there is no room for it, or the option `sizeOf` threw.
   */
  push(item: T): unknown {
    let weight: number;
    try {
      weight = this.weigh(item);
    } catch (error) {
      return error ?? new TypeError(`the option "sizeOf" of ${this.limits.operator} threw ${String(error)}`);
    }
    if (!this.hasRoomFor(weight)) return overflow(this.limits, this.items.size, this.bytes + weight);
    this.add(item, weight);
    return undefined;
  }

  /** Queues an item although there may be no room for it: it is in memory already, and the next one is waited for. */
  pushBeyond(item: T): void {
    this.add(item, this.weigh(item));
  }

  private add(item: T, weight: number): void {
    this.bytes += weight;
    this.items.push(item);
    this.weights.push(weight);
  }

  /** The items, first to last; takes none. */
  toArray(): T[] {
    return this.items.toArray();
  }

  /** Takes the first item; only when it isn't empty. */
  shift(): T {
    this.bytes -= this.weights.shift();
    return this.items.shift();
  }

  clear(): void {
    this.items.clear();
    this.weights.clear();
    this.bytes = 0;
  }
}

function overflow(limits: Limits, size: number, weight: number): BufferOverflow {
  const { operator, items, bytes, names = LIMIT_NAMES } = limits;
  const [unit, queued, limit] =
    size >= items ? (['items', size + 1, items] as const) : (['bytes', weight, bytes] as const);
  return new BufferOverflow({
    limit,
    queued,
    unit,
    message:
      `${operator} has ${queued} ${unit} waiting, the limit is ${limit}: its source can't be made to wait; ` +
      `slow it down, drop what may be dropped before it (paced, sampleTime …), or raise ${names[unit]}`,
  });
}

const LIMIT_NAMES = { items: 'maxBuffered', bytes: 'maxBufferedBytes' };
