import type { Observable, ObservableInput, Subscription } from 'rxjs';

import { InvalidOptions, type WriteFailure } from '../../core/failures/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { currentUpstream } from '../demand.ts';
import type { LiveConnection } from './live-connection.ts';
import { toObservable } from './to-observable.ts';

/**
 * Writes what a source emits to a connection, and holds what feeds it while too much waits.
 * It is the observer itself, since there is one per connection of a server.
 */
export abstract class SendSink {
  protected readonly connection: LiveConnection;
  private subscription: Subscription | undefined = undefined;
  private state: 'sending' | 'flushing' | 'settled' = 'sending';
  /** The next in the connection's list of sends. */
  nextSend: SendSink | undefined = undefined;

  constructor(connection: LiveConnection) {
    this.connection = connection;
  }

  /** All of it has been handed to the kernel. */
  protected abstract sent(): void;
  /** The source failed, or the connection did. */
  protected abstract failed(error: unknown): void;

  get isSettled(): boolean {
    return this.state === 'settled';
  }

  private isSending(): boolean {
    return this.state === 'sending';
  }

  /** The source has completed, and the last of it waits. */
  get isFlushing(): boolean {
    return this.state === 'flushing';
  }

  start(source: ObservableInput<Chunk>): void {
    this.connection.addSend(this);
    if (!this.isSending()) return;
    let observable: Observable<Chunk>;
    try {
      observable = toObservable(source);
    } catch (error) {
      this.settle(error);
      return;
    }
    this.subscription = observable.subscribe(this);
    if (!this.isSending()) this.subscription.unsubscribe();
  }

  next(chunk: Chunk): void {
    if (this.state !== 'sending') return;
    if (typeof chunk !== 'string' && !((chunk as unknown) instanceof Uint8Array)) {
      const failure = new InvalidOptions({
        option: 'chunk',
        value: chunk,
        allowed: 'bytes (a Uint8Array) or a string',
      });
      this.settle(failure);
      this.connection.fail(failure);
      return;
    }
    if (this.connection.write(chunk)) return;
    const upstream = currentUpstream();
    if (upstream !== null) this.connection.holdForRoom(upstream);
  }

  error(error: unknown): void {
    if (this.state === 'sending') this.settle(error);
  }

  complete(): void {
    if (this.state !== 'sending') return;
    this.state = 'flushing';
    this.connection.whenFlushed(this);
  }

  flushed(): void {
    if (this.state !== 'flushing') return;
    this.state = 'settled';
    this.connection.removeSend(this);
    this.sent();
  }

  /** The connection can't take any more, and `failure` says why. */
  connectionFailed(failure: WriteFailure): void {
    this.settle(failure);
  }

  /** Stops without a word to anybody. */
  cancel(): void {
    if (this.state === 'settled') return;
    this.state = 'settled';
    this.subscription?.unsubscribe();
    this.connection.forgetFlush(this);
    this.connection.removeSend(this);
  }

  private settle(error: unknown): void {
    if (this.state === 'settled') return;
    this.cancel();
    this.failed(error);
  }
}
