import { Observable, type ObservableInput, type Subscriber, throwError } from 'rxjs';

import { InvalidOptions, type WriteFailure } from '../core/failures/index.ts';
import type { Chunk } from '../core/transport.ts';
import type { Channel, EncodeOutcome } from './channels/channel.ts';
import type { Connection } from './connection.ts';
import type { FailureOf, Flow, Op } from './flow.ts';
import { isSender } from './internal/check-connection.ts';
import type { Encoder } from './internal/encode-message.ts';
import { ContextSubscriber } from './internal/in-context.ts';
import { announceLeaf } from './internal/leaves.ts';
import type { LiveConnection } from './internal/live-connection.ts';
import { SendSink } from './internal/send-sink.ts';
import { isOneChunk, type OneChunk } from './one-chunk.ts';

/**
 * Sends what comes to a connection, or the messages that come to a channel, with backpressure: the
 * operator form of `send(source)`.
 *
 * It emits nothing. It completes when all of it was handed to the kernel, which is not to say that
 * the peer has it. It adds `WriteFailure`, and for a channel whose framing validates messages
 * `DecodeFailed`; a source that can't be held and sends faster than the peer takes ends in
 * `BufferOverflow`.
 *
 * @example
 * ```ts
 * import { serve, connect, sendTo } from 'rxjs-net';
 * import { mergeMap, of } from 'rxjs-net/rx';
 *
 * const server = serve({ port: 0, host: '127.0.0.1' }, (connection) => connection.incoming).subscribe((event) => {
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   const { port } = event.address;
 *   connect({ port, host: '127.0.0.1' })
 *     .pipe(mergeMap((connection) => of('hello\n').pipe(sendTo(connection))))
 *     .subscribe();
 *   connect({ port, host: '127.0.0.1' })
 *     .pipe(
 *       mergeMap((connection) => {
 *         connection.write('hello again');
 *         connection.end();
 *         return connection.incoming;
 *       }),
 *     )
 *     .subscribe({
 *       next: (chunk) => console.log(chunk.toString()), // => hello again
 *       complete: () => server.unsubscribe(),
 *     });
 * });
 * ```
 */
export function sendTo(connection: Connection): Op<Chunk, never, WriteFailure>;
export function sendTo<In, Out, X>(
  channel: Channel<In, Out, X>,
): Op<Out, never, WriteFailure | EncodeOutcome<X>['failures']>;
export function sendTo(target: Sending): Op<never, never, unknown> {
  return (source) => {
    if (isSender(target)) return target.send(source);
    return throwError(
      () => new InvalidOptions({ option: 'target', value: target, allowed: 'a connection or a channel' }),
    );
  };
}

/** What a connection and a channel have in common. */
interface Sending {
  send(source: Observable<never>): Flow<never, unknown>;
}

/** What `connection.send` gives; and, with what encodes messages, a channel's. */
export function sendFlow<R extends ObservableInput<unknown> | OneChunk>(
  connection: LiveConnection,
  source: R,
  encoder?: Encoder,
): Flow<never, FailureOf<R> | WriteFailure> {
  return new Observable<never>((subscriber) => {
    announceLeaf(connection, 'sink');
    const sink = new SubscribedSink(connection, subscriber, encoder);
    sink.start(itemsOf(source, encoder));
    return () => sink.cancel();
  });
}

/**
 * @throws InvalidOptions when the source of messages is one text, which RxJS would read letter by
 * letter.
 */
function itemsOf(source: ObservableInput<unknown> | OneChunk, encoder: Encoder | undefined): ObservableInput<unknown> {
  if (!isOneChunk(source)) return source;
  if (encoder === undefined) return [source];
  const allowed = `an Observable or a list of messages: send([message]) sends one`;
  throw new InvalidOptions({ option: 'source', value: source, allowed });
}

class SubscribedSink extends SendSink {
  private readonly subscriber: ContextSubscriber<never>;

  constructor(connection: LiveConnection, subscriber: Subscriber<never>, encoder: Encoder | undefined) {
    super(connection, encoder);
    this.subscriber = new ContextSubscriber(subscriber);
  }

  protected sent(): void {
    this.subscriber.complete();
  }

  protected failed(error: unknown): void {
    this.subscriber.error(error);
  }

  protected tearDownFailed(error: unknown): void {
    // RxJS collects what teardowns throw.
    throw error;
  }

  protected lateDefect(thrown: unknown): void {
    this.connection.reportDefect(thrown);
  }

  protected failedTwice(error: unknown, thrown: unknown): void {
    // The flow has one failure, and its type names it.
    this.connection.reportDefect(thrown);
    this.subscriber.error(error);
  }
}
