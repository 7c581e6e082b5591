import { incomplete, type Incomplete, Window } from '../framing/byte-window.ts';
import type { Decoder, Framing } from '../framing/framing.ts';
import { withMessageLimit } from '../framing/message-limit.ts';
import { Receiver } from '../pacing/receiver.ts';
import type { Incoming } from './incoming.ts';
import type { LiveConnection } from './live-connection.ts';
import type { ByteSink, Reading } from './reading.ts';

/** Who is told what came of a read: one call, once, unless it was cancelled. */
export interface MessageTaker<In> {
  /** The next message. What came behind it is what the next reader gets. */
  message(message: In): void;
  /** The stream has ended, and no message was begun. */
  ended(): void;
  failed(failure: unknown): void;
}

/**
 * Reads one message. A subscription to the framing would do, with `take(1)`; but to make one for each message costs more than
 * the message, so a message that is whole in its chunk is decoded in place. One in several chunks is left to the framing.
 *
 * Whatever it does not hand on stays where it is, or goes back: also when it is cancelled.
 */
export class MessageRead<In> implements ByteSink {
  closed = false;
  private readonly connection: LiveConnection;
  private readonly incoming: Incoming;
  private readonly framing: Framing<In, never, unknown>;
  private readonly taker: MessageTaker<In>;
  private readonly messageTimeout: number;
  private decoder: Decoder<In> | undefined = undefined;
  private reading: Reading | undefined = undefined;
  private subscription: { unsubscribe(): void } | undefined = undefined;

  /**
   * @param messageTimeout - how long a message may take once it has begun, in ms; 0 is without a
   * limit.
   */
  constructor(
    connection: LiveConnection,
    framing: Framing<In, never, unknown>,
    taker: MessageTaker<In>,
    messageTimeout = 0,
  ) {
    this.connection = connection;
    this.messageTimeout = messageTimeout;
    this.incoming = connection.getReader();
    this.framing = framing;
    this.taker = taker;
  }

  /** The taker may be called before this returns. */
  start(): void {
    const { incoming } = this;
    try {
      this.decoder = this.framing.decoder();
    } catch (failure) {
      this.closed = true;
      this.taker.failed(failure);
      return;
    }
    const { atHand } = incoming;
    if (atHand === undefined) this.reading = incoming.read(this);
    else this.decode(this.decoder, atHand);
  }

  /** No byte is lost by it; nobody is told. */
  cancel(): void {
    if (this.closed) return;
    this.closed = true;
    this.reading?.unsubscribe();
    this.subscription?.unsubscribe();
  }

  // ---- from the connection

  next(chunk: Buffer): void {
    if (this.reading !== undefined && this.decoder !== undefined) this.decode(this.decoder, chunk);
  }

  error(failure: unknown): void {
    this.leave();
    this.taker.failed(failure);
  }

  complete(): void {
    this.leave();
    this.taker.ended();
  }

  private leave(): void {
    this.closed = true;
    this.reading?.unsubscribe();
  }

  // ---- the message

  private decode(decoder: Decoder<In>, bytes: Buffer): void {
    const window = new Window();
    window.set(bytes, 0);
    let message: In | Incomplete;
    try {
      message = decoder.decode(window);
    } catch (failure) {
      if (this.wasCancelled(bytes)) return;
      // As behind the framing itself: what was read is discarded.
      this.leaveBehind(undefined);
      this.closed = true;
      this.taker.failed(failure);
      return;
    }
    if (this.wasCancelled(bytes)) return;
    const { start } = window;
    if (message === incomplete || start === 0) {
      this.leaveBehind(bytes);
      this.reading = undefined;
      this.subscribe();
      return;
    }
    this.leaveBehind(start < bytes.length ? bytes.subarray(start) : undefined);
    this.closed = true;
    this.taker.message(message);
  }

  /** A decoder is code of the caller's, which may have led to the end of this read. */
  private wasCancelled(bytes: Buffer): boolean {
    if (this.closed) this.leaveBehind(bytes);
    return this.closed;
  }

  /** What is left of the bytes, for who reads next: all of them where they are no whole message. */
  private leaveBehind(rest: Buffer | undefined): void {
    const { reading } = this;
    if (reading === undefined) {
      this.incoming.takeAtHand(rest);
      return;
    }
    reading.pause();
    if (rest !== undefined) reading.unread(rest);
  }

  private subscribe(): void {
    const receiver = new FirstMessage<In>(this.taker, () => {
      this.closed = true;
    });
    this.subscription = receiver;
    const { connection, framing, messageTimeout } = this;
    const messages = connection.incoming.pipe(framing);
    if (messageTimeout === 0) messages.subscribe(receiver);
    else withMessageLimit(connection, messageTimeout, () => messages.subscribe(receiver));
  }
}

/** Takes one message from a flow of them, and leaves before it hands it on. */
class FirstMessage<In> extends Receiver<In> {
  private readonly taker: MessageTaker<In>;
  private readonly over: () => void;

  constructor(taker: MessageTaker<In>, over: () => void) {
    super();
    this.taker = taker;
    this.over = over;
  }

  protected onNext(message: In): void {
    this.unsubscribe();
    this.over();
    this.taker.message(message);
  }

  protected onError(failure: unknown): void {
    this.over();
    this.taker.failed(failure);
  }

  protected onComplete(): void {
    this.over();
    this.taker.ended();
  }
}
