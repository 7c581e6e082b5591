import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Holder, type Upstream, type Waits } from '../../core/demand.ts';
import { BufferOverflow } from '../../core/failures/index.ts';
import { Holdable } from '../pacing/holdable.ts';
import { Holds } from '../pacing/holds.ts';
import type { Limits } from '../pacing/limits.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';

/** Requests that wait before their source is paused, unless `highWaterMark` says otherwise. */
export const REQUEST_MARK = 1_024;
/** And their bytes. */
const MARK_BYTES = 1_048_576;

/** One request of a peer that may take it back. */
export class Asked {
  readonly request: unknown;
  readonly id: unknown;
  readonly weight: number;
  /** It was taken back before it was in work. */
  isCancelled = false;
  /** What answers it, while it is in work. */
  answering: { cancel(): void } | undefined = undefined;

  private readonly queue: RequestQueue;

  constructor(queue: RequestQueue, request: unknown, id: unknown, weight: number) {
    this.queue = queue;
    this.request = request;
    this.id = id;
    this.weight = weight;
  }

  /** It is in work no more. */
  leave(): void {
    this.queue.left(this);
  }
}

/** How messages are told apart. */
export interface RequestReader {
  readonly idOf: (request: unknown) => unknown;
  /** The id that a message takes back; `undefined` for a request. */
  readonly cancelOf: (message: unknown) => unknown;
  /** A request that was taken back while it waited is confirmed when its turn comes. */
  readonly confirms: boolean;
}

/**
 * Reads on while all that can be in work is in work, so that a message which takes a request back
 * is seen and acts at once, be that request in work or waiting. Requests wait here up to a mark;
 * then the source is paused.
 *
 * ```
 *  source ──▶ waiting ──▶ answering
 *    └─ takes back ─┴──────────┘
 * ```
 */
export class RequestQueue extends Holdable implements SourceHandler<unknown>, Holder {
  readonly operator = 'answerWith';
  progress = 0;
  readonly source = new SourceReceiver<unknown>(this);
  private readonly subscriber: Subscriber<Asked>;
  private readonly reader: RequestReader;
  private readonly limits: Limits;
  private readonly waiting = new Set<Asked>();
  private bytes = 0;
  /** Those that wait or are in work, and may be taken back. */
  private readonly byId = new Map<unknown, Asked>();
  private readonly sourceHolds = new Holds(this);
  /** The one that delivered last to the source. */
  private feeder: Upstream | null = null;
  private draining = false;
  private completed = false;

  constructor(subscriber: Subscriber<Asked>, reader: RequestReader, limits: Limits) {
    super();
    this.subscriber = subscriber;
    this.reader = reader;
    this.limits = limits;
  }

  // ---- what has to deliver first

  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  needs(waits: Waits): boolean {
    return this.feeder !== null && waits.forDelivery(this.feeder);
  }

  // ---- the source

  sourceNext(message: unknown): void {
    let asked: Asked;
    try {
      const taken = this.reader.cancelOf(message);
      if (taken !== undefined) {
        this.takeBack(taken);
        return;
      }
      asked = new Asked(this, message, this.reader.idOf(message), this.limits.sizeOf(message));
    } catch (error) {
      this.subscriber.error(error);
      return;
    }
    // A peer may use an id twice, and then takes back the later.
    if (asked.id !== undefined) this.byId.set(asked.id, asked);
    const upstream = currentUpstream();
    this.feeder = upstream === this ? null : upstream;
    if (this.isHeld || this.waiting.size > 0) this.wait(asked);
    else deliver(this, this.subscriber, asked);
  }

  private wait(asked: Asked): void {
    this.waiting.add(asked);
    this.bytes += asked.weight;
    const { highWaterMark, items, bytes } = this.limits;
    const { feeder } = this;
    if (feeder !== null && (this.waiting.size >= highWaterMark || this.bytes >= MARK_BYTES))
      this.sourceHolds.add(feeder);
    if (this.waiting.size > items) this.overflow('items', this.waiting.size, items);
    else if (this.bytes > bytes && this.waiting.size > 1) this.overflow('bytes', this.bytes, bytes);
  }

  private overflow(unit: 'items' | 'bytes', queued: number, limit: number): void {
    const message =
      `answerWith has ${queued} ${unit} of requests waiting, the limit is ${limit}: their source can't be paused; ` +
      'slow it down, or raise maxBuffered or maxBufferedBytes';
    this.subscriber.error(new BufferOverflow({ limit, queued, unit, message }));
  }

  private takeBack(id: unknown): void {
    const asked = this.byId.get(id);
    if (asked === undefined) return;
    this.byId.delete(id);
    asked.isCancelled = true;
    if (!this.reader.confirms && this.waiting.delete(asked)) {
      this.bytes -= asked.weight;
      this.goOn();
    } else {
      asked.answering?.cancel();
    }
  }

  sourceError(error: unknown): void {
    this.subscriber.error(error);
  }

  sourceComplete(): void {
    this.completed = true;
    this.goOn();
  }

  // ---- the way out

  /** See `Asked.leave`. */
  left(asked: Asked): void {
    if (this.byId.get(asked.id) === asked) this.byId.delete(asked.id);
  }

  protected onFree(): void {
    this.goOn();
  }

  private mayHandOn(): boolean {
    return !this.isHeld && !this.subscriber.closed;
  }

  /**
   * Hands on what waits, as far as nobody holds, and lets the source go on when half of it is gone.
   */
  private goOn(): void {
    if (this.draining || this.subscriber.closed) return;
    this.draining = true;
    while (this.mayHandOn()) {
      const [asked] = this.waiting;
      if (asked === undefined) break;
      this.waiting.delete(asked);
      this.bytes -= asked.weight;
      this.progress++;
      deliver(this, this.subscriber, asked);
    }
    this.draining = false;
    if (2 * this.waiting.size <= this.limits.highWaterMark && 2 * this.bytes <= MARK_BYTES) this.sourceHolds.release();
    if (this.completed && this.waiting.size === 0) this.subscriber.complete();
  }

  unsubscribe(): void {
    this.source.unsubscribe();
    this.waiting.clear();
    this.byId.clear();
    this.bytes = 0;
    this.sourceHolds.release();
  }
}
