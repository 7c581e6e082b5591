import { Observable, type Subscriber } from 'rxjs';

import { AlreadySubscribed, type ReadFailure } from '../../core/failures/index.ts';
import { deliverLeaf, type Upstream } from '../demand.ts';
import { announceLeaf } from './leaves.ts';
import type { LiveConnection } from './live-connection.ts';

/** The way in of one connection: one subscriber at a time, counted holds, and bytes that were given back. */
export class Incoming implements Upstream {
  emitting: unknown = undefined;
  private readonly connection: LiveConnection;
  private subscriber: Subscriber<Buffer> | undefined = undefined;
  /** Counts the holds of the present subscriber; those of an earlier one no longer matter. */
  private holds = 0;
  private generation = 0;
  /** Given back by a reader that gave up; the next one starts with them. */
  private givenBack: Buffer | undefined = undefined;
  /** The peer's FIN, or the failure, that comes after the bytes that were given back. */
  private ended = false;
  private failure: ReadFailure | undefined = undefined;

  constructor(connection: LiveConnection) {
    this.connection = connection;
  }

  get hasSubscriber(): boolean {
    return this.subscriber !== undefined;
  }

  get isHeld(): boolean {
    return this.holds > 0;
  }

  /** Whether the peer's FIN was read. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** Bytes may come: somebody wants them, and can take them. */
  get isWanting(): boolean {
    return this.subscriber !== undefined && this.holds === 0 && !this.ended;
  }

  toObservable(): Observable<Buffer> {
    return new Observable((subscriber) => this.subscribe(subscriber));
  }

  private subscribe(subscriber: Subscriber<Buffer>): (() => void) | undefined {
    if (this.subscriber !== undefined) {
      subscriber.error(new AlreadySubscribed(this.connection.failureDetails()));
      return undefined;
    }
    announceLeaf(this.connection);
    this.subscriber = subscriber;
    this.connection.onReaderChanged();
    if (this.hasLeftovers) process.nextTick(emitLeftovers, this);
    else this.connection.link.startReading();
    const { generation } = this;
    return () => this.unsubscribe(generation);
  }

  /** Something that isn't in the link is to be emitted. */
  private get hasLeftovers(): boolean {
    return this.givenBack !== undefined || this.ended || this.failure !== undefined;
  }

  private unsubscribe(generation: number): void {
    if (generation !== this.generation) return;
    this.generation++;
    this.subscriber = undefined;
    this.holds = 0;
    this.connection.link.stopReading();
    this.connection.onReaderChanged();
  }

  /** A chunk from the link. */
  receive(chunk: Buffer): void {
    const { subscriber } = this;
    if (subscriber === undefined) return;
    this.givenBack = undefined;
    this.emitting = chunk;
    deliverLeaf(this, subscriber, chunk);
    this.emitting = undefined;
  }

  /** The peer's FIN. */
  end(): void {
    this.ended = true;
    if (this.givenBack === undefined) this.subscriber?.complete();
  }

  /** Nothing more will come from the link, and this is why. */
  fail(failure: ReadFailure): void {
    if (this.ended || this.failure !== undefined) return;
    this.failure = failure;
    if (this.givenBack === undefined) this.subscriber?.error(failure);
  }

  private canEmit(): boolean {
    return this.subscriber !== undefined && this.holds === 0;
  }

  /** Emits what is not in the link, as far as it is not held. */
  emitLeftovers(): void {
    const { givenBack } = this;
    if (!this.canEmit()) return;
    if (givenBack !== undefined) {
      this.receive(givenBack);
      // Whoever took it may have given up again, or hold.
      if (!this.canEmit()) return;
    }
    if (this.failure !== undefined) this.subscriber?.error(this.failure);
    else if (this.ended) this.subscriber?.complete();
    else this.connection.link.startReading();
  }

  hold(): () => void {
    const { generation } = this;
    let released = false;
    this.holds++;
    if (this.holds === 1) {
      this.connection.link.stopReading();
      this.connection.onHeld();
    }
    return () => {
      if (released) return;
      released = true;
      if (generation !== this.generation) return;
      this.holds--;
      if (this.holds > 0) return;
      this.connection.onReleased();
      if (this.hasLeftovers) process.nextTick(emitLeftovers, this);
      else this.connection.link.startReading();
    };
  }

  unread(bytes: Uint8Array): void {
    // While somebody else still reads (behind `share`), the bytes have been seen and are not given back.
    if (this.subscriber !== undefined || bytes.length === 0) return;
    this.givenBack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

function emitLeftovers(incoming: Incoming): void {
  incoming.emitLeftovers();
}
