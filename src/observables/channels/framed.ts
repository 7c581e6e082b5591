import { Observable, type ObservableInput } from 'rxjs';

import { type ReadFailure, type WriteFailure } from '../../core/failures/index.ts';
import { checkDuration, refuseUnknown } from '../../core/options/index.ts';
import type { CloseInfo, Connection } from '../connection.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { checkFraming } from '../framing/check-options.ts';
import type { Framing } from '../framing/framing.ts';
import { DEFAULT_MESSAGE_TIMEOUT, withMessageLimit } from '../framing/message-limit.ts';
import { asLive } from '../internal/as-live.ts';
import { encodeMessage } from '../internal/encode-message.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import type { OneChunk, Several } from '../one-chunk.ts';
import { sendFlow } from '../send.ts';
import type { Channel, ChannelOptions, EncodeOutcome } from './channel.ts';

/**
 * A connection as a channel of messages. Nothing is read or written by this itself.
 *
 * A connection that changes its protocol (a handshake in lines, then binary frames) is framed anew:
 * the bytes that the first framing had read and not emitted are the first that the second one gets.
 *
 * When a message has begun and is not there in full after 30 s, the connection ends with
 * `MessageTimeout`, which its reader gets as the cause of `ConnectionClosed`; see `messageTimeout`
 * of the options.
 *
 * @throws InvalidOptions when one of the two is none, or an option is wrong.
 *
 * @example
 * ```ts
 * import { connect, endpointOf, framed, lines, serveFramed } from 'rxjs-net';
 * import { map, merge, mergeMap, take } from 'rxjs-net/rx';
 *
 * const server = serveFramed({ port: 0, host: '127.0.0.1' }, lines(), (channel) =>
 *   channel.incoming.pipe(map((name) => `hello ${name}`)),
 * ).subscribe((event) => {
 *   if (event.type !== 'listening') return;
 *   connect(endpointOf(event.address))
 *     .pipe(
 *       mergeMap((connection) => {
 *         const channel = framed(connection, lines());
 *         return merge(channel.send(['Ada']), channel.incoming);
 *       }),
 *       take(1),
 *     )
 *     .subscribe({
 *       next: (line) => console.log(line), // => hello Ada
 *       complete: () => server.unsubscribe(),
 *     });
 * });
 * ```
 */
export function framed<In, Out, X>(
  connection: Connection,
  framing: Framing<In, Out, X>,
  options: ChannelOptions = {},
): Channel<In, Out, X> {
  const live = asLive(connection);
  checkFraming('framing', framing);
  refuseUnknown(options, ['messageTimeout']);
  return new FramedConnection(live, framing, readMessageTimeout(options));
}

/**
 * The option of channels.
 *
 * @throws InvalidOptions
 */
export function readMessageTimeout({ messageTimeout = DEFAULT_MESSAGE_TIMEOUT }: ChannelOptions): number {
  return messageTimeout === 0 ? 0 : checkDuration('messageTimeout', messageTimeout);
}

/** Whether something is a channel that `framed` made. */
export function isChannel(value: unknown): value is FramedConnection<unknown, unknown, unknown> {
  return value instanceof FramedConnection;
}

export class FramedConnection<In, Out, X> implements Channel<In, Out, X> {
  readonly connection: LiveConnection;
  readonly framing: Framing<In, Out, X>;
  /** In ms; 0 is without a limit. */
  readonly messageTimeout: number;

  constructor(connection: LiveConnection, framing: Framing<In, Out, X>, messageTimeout: number) {
    this.connection = connection;
    this.framing = framing;
    this.messageTimeout = messageTimeout;
  }

  get incoming(): Flow<In, ReadFailure | X> {
    const { connection, messageTimeout } = this;
    const messages = connection.incoming.pipe(this.framing);
    if (messageTimeout === 0) return messages;
    return new Observable((subscriber) => {
      withMessageLimit(connection, messageTimeout, () => messages.subscribe(subscriber));
    });
  }

  get closed(): Flow<CloseInfo> {
    return this.connection.closed;
  }

  write(message: Out): boolean {
    return this.connection.writeFrame(encodeMessage(this.framing, message));
  }

  send<R extends ObservableInput<Out> | OneChunk>(
    source: Several<R, 'a text or bytes would be sent in pieces: send([message]) sends one message'>,
  ): Flow<never, FailureOf<R> | WriteFailure | EncodeOutcome<X>['failures']> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a text is refused on subscription
    return sendFlow(this.connection, source as R, this.framing);
  }

  end(message?: Out): void {
    if (message !== undefined) this.write(message);
    this.connection.end();
  }

  destroy(): void {
    this.connection.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}
