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

  /** Queues an item, or returns the failure when there is no room for it. */
  push(item: T): BufferOverflow | undefined {
    const { operator, items, bytes } = this.limits;
    const weight = this.bytes + weigh(this.valueOf(item));
    if (this.items.size >= items) return overflow(operator, 'items', this.items.size + 1, items);
    // A single item larger than the bound is let through: it is in memory anyhow, and nothing waits beside it.
    if (weight > bytes && !this.items.isEmpty) return overflow(operator, 'bytes', weight, bytes);
    this.bytes = weight;
    this.items.push(item);
    return undefined;
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

function overflow(operator: string, unit: 'items' | 'bytes', queued: number, limit: number): BufferOverflow {
  const option = unit === 'items' ? 'highWaterMark' : 'highWaterMarkBytes';
  return new BufferOverflow({
    limit,
    queued,
    unit,
    message:
      `${operator} has ${queued} ${unit} waiting, the limit is ${limit}: what feeds it can't be made to wait; ` +
      `slow it down, drop what may be dropped before it (sampleTime, throttleTime …), or raise ${option}`,
  });
}
