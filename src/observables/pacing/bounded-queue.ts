import { BufferOverflow } from '../../core/failures/index.ts';
import { Fifo } from './fifo.ts';
import type { Limits } from './limits.ts';

/** A queue with a bound on its items, and on their bytes where they are bytes or strings. */
export class BoundedQueue<T> {
  private readonly limits: Limits;
  private readonly valueOf: (item: T) => unknown;
  private readonly items = new Fifo<T>();
  private bytes = 0;

  /** `valueOf` says what an item weighs: as much as its value. */
  constructor(limits: Limits, valueOf: (item: T) => unknown) {
    this.limits = limits;
    this.valueOf = valueOf;
  }

  get size(): number {
    return this.items.size;
  }

  get isEmpty(): boolean {
    return this.items.isEmpty;
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
    if (this.items.size >= this.limits.items) return false;
    // A single item larger than the bound is let through: it is in memory anyhow, and nothing waits beside it.
    return this.items.isEmpty || this.bytes + weigh(this.valueOf(item)) <= this.limits.bytes;
  }

  /** Queues an item, or returns the failure when there is no room for it. */
  push(item: T): BufferOverflow | undefined {
    const weight = this.bytes + weigh(this.valueOf(item));
    if (!this.fits(item)) return overflow(this.limits, this.items.size, weight);
    this.bytes = weight;
    this.items.push(item);
    return undefined;
  }

  /** Queues an item although there may be no room for it: it is in memory already, and the next one is waited for. */
  pushBeyond(item: T): void {
    this.bytes += weigh(this.valueOf(item));
    this.items.push(item);
  }

  /** The items, first to last; takes none. */
  toArray(): T[] {
    return this.items.toArray();
  }

  /** Takes the first item; only when it isn't empty. */
  shift(): T {
    const item = this.items.shift();
    this.bytes -= weigh(this.valueOf(item));
    return item;
  }

  clear(): void {
    this.items.clear();
    this.bytes = 0;
  }
}

function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
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
      `${operator} has ${queued} ${unit} waiting, the limit is ${limit}: what feeds it can't be made to wait; ` +
      `slow it down, drop what may be dropped before it (paced, sampleTime …), or raise ${names[unit]}`,
  });
}

const LIMIT_NAMES = { items: 'highWaterMark', bytes: 'highWaterMarkBytes' };
