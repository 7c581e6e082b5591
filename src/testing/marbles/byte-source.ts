import { asyncScheduler, Observable, ReplaySubject, type Subscriber, type Subscription } from 'rxjs';

import { deliverLeaf, type Upstream } from '../../core/demand.ts';
import { AlreadySubscribed, type ReadFailure } from '../../core/failures/index.ts';
import type { Flow } from '../../observables/flow.ts';

/** What a source of bytes was told by who reads it. */
export type DemandEvent = 'subscribed' | 'held' | 'released' | 'unsubscribed';

/** Bytes by marbles. It can be held, as a connection's `incoming` can, and tells of it. */
export interface ByteSource extends Flow<Buffer, ReadFailure> {
  /**
   * When it was subscribed to, held, released and unsubscribed from; from the beginning, for
   * whoever comes later too.
   */
  readonly demand: Observable<DemandEvent>;
}

/** A source whose bytes come from what `open` returns, which it does for each subscription. */
export function byteSource(open: () => Supply): ByteSource {
  const demand = new ReplaySubject<DemandEvent>();
  const tell = (event: DemandEvent): void => demand.next(event);
  const source: Flow<Buffer, ReadFailure> = new Observable((subscriber) => {
    const reading = new Reading(open(), subscriber, tell);
    reading.begin();
    return reading;
  });
  return Object.assign(source, { demand: demand.asObservable() });
}

/** How a supply ends, behind its bytes. */
type End = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

/**
 * Bytes as they come, which wait for a reader that takes them, as they do in a socket. One reader
 * at a time.
 */
export class Supply {
  private readonly waiting: Buffer[] = [];
  private end: End | undefined = undefined;
  private reading: Reading | undefined = undefined;
  private isPassing = false;
  private readonly feeding: Subscription;
  private readonly isForOne: boolean;

  /** @param isForOne - it ends with its first reader: nobody comes after it. */
  constructor(script: Observable<Buffer>, isForOne: boolean) {
    this.isForOne = isForOne;
    this.feeding = script.subscribe({
      next: (bytes) => {
        // A copy: what it emits belongs to the receiver, and the script may be played again.
        this.waiting.push(Buffer.from(bytes));
        this.pass();
      },
      error: (error: unknown) => this.ends({ failed: true, error }),
      complete: () => this.ends({ failed: false }),
    });
  }

  private ends(end: End): void {
    this.end = end;
    this.pass();
  }

  /** False when somebody else reads. */
  attach(reading: Reading): boolean {
    if (this.reading !== undefined) return false;
    this.reading = reading;
    if (this.waiting.length > 0 || this.end !== undefined) this.passSoon();
    return true;
  }

  leave(reading: Reading): boolean {
    if (this.reading !== reading) return false;
    this.reading = undefined;
    if (this.isForOne) this.feeding.unsubscribe();
    return true;
  }

  /** Takes bytes back for the next reader. */
  unread(bytes: Uint8Array): void {
    if (this.reading === undefined && bytes.length > 0) this.waiting.unshift(Buffer.from(bytes));
  }

  /** At this moment, but not inside the call of whoever lets it go on. */
  passSoon(): void {
    asyncScheduler.schedule(() => this.pass());
  }

  private pass(): void {
    if (this.isPassing) return;
    this.isPassing = true;
    try {
      while (this.passNext());
    } finally {
      this.isPassing = false;
    }
  }

  private passNext(): boolean {
    const { reading, end } = this;
    if (reading === undefined || reading.isHeld) return false;
    const bytes = this.waiting.shift();
    if (bytes !== undefined) reading.deliver(bytes);
    else if (end?.failed === true) reading.subscriber.error(end.error);
    else if (end?.failed === false) reading.subscriber.complete();
    return bytes !== undefined;
  }
}

/** One subscription, with its counted holds. */
class Reading implements Upstream {
  emitting: unknown = undefined;
  readonly subscriber: Subscriber<Buffer>;
  private readonly supply: Supply;
  private readonly tell: (event: DemandEvent) => void;
  private readonly holders = new Set<object>();

  constructor(supply: Supply, subscriber: Subscriber<Buffer>, tell: (event: DemandEvent) => void) {
    this.supply = supply;
    this.subscriber = subscriber;
    this.tell = tell;
  }

  get isHeld(): boolean {
    return this.holders.size > 0;
  }

  begin(): void {
    if (this.supply.attach(this)) this.tell('subscribed');
    // RxJS completes before it unsubscribes: who subscribes again in `complete` comes before the
    // other has left.
    else asyncScheduler.schedule(() => this.beginOrRefuse());
  }

  private beginOrRefuse(): void {
    if (this.subscriber.closed) return;
    if (this.supply.attach(this)) this.tell('subscribed');
    else this.subscriber.error(new AlreadySubscribed());
  }

  deliver(bytes: Buffer): void {
    this.emitting = bytes;
    deliverLeaf(this, this.subscriber, bytes);
    this.emitting = undefined;
  }

  hold(): () => void {
    const holder = {};
    this.holders.add(holder);
    if (this.holders.size === 1 && !this.subscriber.closed) this.tell('held');
    return () => {
      if (!this.holders.delete(holder) || this.isHeld || this.subscriber.closed) return;
      this.tell('released');
      this.supply.passSoon();
    };
  }

  unread(bytes: Uint8Array): void {
    this.supply.unread(bytes);
  }

  unsubscribe(): void {
    if (this.supply.leave(this)) this.tell('unsubscribed');
  }
}
