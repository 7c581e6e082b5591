import type { ObservableInput } from 'rxjs';

import type {
  DecodeFailed,
  FrameTooLarge,
  FrameTruncated,
  ReadFailure,
  WriteFailure,
} from '../../core/failures/index.ts';
import type { CloseInfo, Connection } from '../connection.ts';
import type { FailureOf, Flow } from '../flow.ts';
import type { Framing } from '../framing/framing.ts';
import type { OneChunk, Several } from '../one-chunk.ts';

/**
 * What encoding a message can add to `WriteFailure`, which has `InvalidOptions` already:
 * `DecodeFailed` where the framing validates messages, else nothing. A member that is looked up, so
 * that an editor shows the union.
 */
export interface EncodeOutcome<X> {
  readonly failures: Extract<X, DecodeFailed>;
}

/** Options of `framed` and `serveFramed`. */
export interface ChannelOptions {
  /**
   * Ends the connection with `MessageTimeout` when a message has begun to come and is not there in
   * full after so many ms; 0 is without a limit. Time in which its consumer makes it wait is not
   * counted, and between messages it does not run. A protocol with messages that take longer needs
   * more. A framing that is an operator of one's own, not made by `defineFraming`, can't be
   * watched.
   *
   * @defaultValue 30,000 ms
   */
  readonly messageTimeout?: number | undefined;
}

/**
 * A connection that speaks in messages: `In` comes in, `Out` goes out, and reading can also fail
 * with `X`.
 *
 * It has no state of its own: several channels may stand on one connection, one after the other,
 * and plain bytes in between. A reader that gives up hands back the bytes of what it had not
 * emitted, and the next one starts exactly there.
 */
export interface Channel<In, Out = In, X = FrameTooLarge | FrameTruncated | DecodeFailed> extends AsyncDisposable {
  /** What it stands on: addresses, events, counters, switches. */
  readonly connection: Connection;
  readonly framing: Framing<In, Out, X>;
  /**
   * The messages that come in. One subscriber at a time, as `connection.incoming`, and with the
   * same backpressure; completes on the peer's FIN.
   */
  readonly incoming: Flow<In, ReadFailure | X>;
  /** The connection's ledger, once it has closed. */
  readonly closed: Flow<CloseInfo>;
  /**
   * Encodes one message and queues it; several that are written in one turn leave as one write.
   *
   * @returns false when more than the connection's high-water mark waits.
   * @throws what encoding throws: `InvalidOptions` for a message that the framing refuses. Nothing of it has left then, and the
   * connection is unharmed.
   */
  write(message: Out): boolean;
  /**
   * Sends the messages that `source` emits, with backpressure, as `connection.send` sends bytes.
   * Completes when all of it was handed to the kernel. One message is a list of one:
   * `send([message])`.
   *
   * It adds `WriteFailure`, and what the framing's validation fails with. A message that the
   * framing refuses fails this flow before a byte of it has left; what was sent before it is on its
   * way, and the connection is unharmed. Cold.
   */
  send<R extends ObservableInput<Out> | OneChunk>(
    source: Several<R, 'a text or bytes would be sent in pieces: send([message]) sends one message'>,
  ): Flow<never, FailureOf<R> | WriteFailure | EncodeOutcome<X>['failures']>;
  /**
   * Sends FIN after what is queued, and after `message` where there is one (which may throw, as
   * `write`).
   */
  end(message?: Out): void;
  /** Closes the connection at once, after one attempt to hand over what is queued. */
  destroy(): void;
  /**
   * Sends FIN after what is queued and waits for the peer's, as long as the peer shows life
   * (`closeTimeout`); resolves when it has closed.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
