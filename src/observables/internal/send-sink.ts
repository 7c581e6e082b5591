import { filter, Observable, type ObservableInput, type Observer, Subscription } from 'rxjs';

import { currentUpstream } from '../../core/demand.ts';
import type { WriteFailure } from '../../core/failures/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { isNoNews } from '../failures/report-late.ts';
import { toObservable } from '../rx/from.ts';
import type { Encoder } from './encode-message.ts';
import type { LiveConnection } from './live-connection.ts';
import { MessageWriter } from './message-writer.ts';

interface Thrown {
  readonly error: unknown;
}

/** What its source still does, and what of it has still to leave. */
type State = 'sending' | 'flushing' | 'settled';

/**
 * Writes what a source emits to a connection, and holds what feeds it while too much waits. With an
 * encoder these are messages: one that can't be encoded is a failure of the source, and nothing of
 * it is written.
 *
 * It is the observer and the subscription in one, which RxJS takes as it is: there is one per
 * connection of a server, and one call less per chunk.
 */
export abstract class SendSink extends Subscription implements Observer<unknown> {
  protected readonly connection: LiveConnection;
  private readonly writer: MessageWriter | undefined;
  private state: State = 'sending';
  private starting = false;
  /** Neighbours in the connection's list of sends. */
  previousSend: SendSink | undefined = undefined;
  nextSend: SendSink | undefined = undefined;

  constructor(connection: LiveConnection, encoder?: Encoder) {
    super();
    this.connection = connection;
    this.writer = encoder === undefined ? undefined : new MessageWriter(encoder);
  }

  /** All of it has been handed to the kernel. */
  protected abstract sent(): void;
  /** The source failed, or the connection did. */
  protected abstract failed(error: unknown): void;

  get isSettled(): boolean {
    return this.state === 'settled';
  }

  /** The source has completed, and the last of it waits. */
  get isFlushing(): boolean {
    return this.state === 'flushing';
  }

  /**
   * @param mayBeNothing - `undefined` is no item: the promise of an `async` function that returns
   * nothing.
   */
  start(source: ObservableInput<unknown>, mayBeNothing = false): void {
    this.connection.addSend(this);
    if (this.state !== 'sending') return;
    this.starting = true;
    try {
      const late = source instanceof Observable ? undefined : (error: unknown) => this.late(error);
      const items = toObservable(source, late);
      (mayBeNothing ? items.pipe(filter((item) => item !== undefined)) : items).subscribe(this);
    } catch (error) {
      // What is no source at all.
      this.settle(error);
    }
    this.starting = false;
  }

  next(item: unknown): void {
    if (this.state !== 'sending' || this.write(item)) return;
    if (this.connection.hasWriteFailed) {
      this.settle(this.connection.writeFailure());
      return;
    }
    const upstream = currentUpstream();
    if (upstream !== null) this.connection.holdForRoom(upstream, this);
  }

  /** @returns whether there is room for more. */
  private write(item: unknown): boolean {
    const { connection, writer } = this;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the connection looks at what it is
    if (writer === undefined) return connection.writeChunk(item as Chunk);
    try {
      return writer.write(connection, item);
    } catch (failure) {
      // What can't be encoded is a failure of the source.
      this.settle(failure);
      return true;
    }
  }

  error(error: unknown): void {
    if (this.state === 'sending') this.settle(error);
    // Of a source that has ended within the call, RxJS hands over what its `finalize` throws.
    else if (this.starting) this.lateDefect(error);
  }

  complete(): void {
    if (this.state !== 'sending') return;
    this.state = 'flushing';
    // The source's resources are free before the flow that it made completes.
    const thrown = this.tearDown();
    if (thrown !== undefined) {
      this.settle(thrown.error);
      return;
    }
    // Not the one that is delivering: of each of its values a send of its own may be made, as by
    // mergeMap.
    this.connection.letGoFor(this, currentUpstream());
    if (this.connection.hasWriteFailed) this.settle(this.connection.writeFailure());
    else this.connection.whenFlushed(this);
  }

  flushed(): void {
    if (this.state !== 'flushing') return;
    this.state = 'settled';
    try {
      // Before it is taken off the list: whoever is told may end the connection, which then needs
      // no answer to a FIN.
      this.sent();
    } finally {
      this.connection.removeSend(this);
    }
  }

  /** The connection can't take any more, and `failure` says why. */
  connectionFailed(failure: WriteFailure): void {
    this.settle(failure);
  }

  /** Its source was rejected after the sink had given it up. */
  private late(error: unknown): void {
    if (!isNoNews(error)) this.lateDefect(error);
  }

  protected abstract lateDefect(thrown: unknown): void;

  /** Stops without a word to anybody. */
  cancel(): void {
    if (this.state === 'settled') return;
    const thrown = this.release();
    if (thrown !== undefined) this.tearDownFailed(thrown.error);
  }

  /** A teardown of the source threw when the sink was cancelled. */
  protected abstract tearDownFailed(error: unknown): void;
  /**
   * The source or the connection failed with `error`, and a teardown of the source threw on top of
   * it.
   */
  protected abstract failedTwice(error: unknown, thrown: unknown): void;

  private settle(error: unknown): void {
    if (this.state === 'settled') return;
    const thrown = this.release();
    if (thrown === undefined) this.failed(error);
    else this.failedTwice(error, thrown.error);
  }

  private release(): Thrown | undefined {
    this.state = 'settled';
    const thrown = this.tearDown();
    this.connection.letGoFor(this, null);
    this.connection.forgetFlush(this);
    this.connection.removeSend(this);
    return thrown;
  }

  /**
   * Unsubscribes from the source; what its teardown throws must not keep the connection from being
   * put in order.
   */
  private tearDown(): Thrown | undefined {
    try {
      this.unsubscribe();
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}
