import { Observable } from 'rxjs';

import type { ListenFailure } from '../../core/failures/index.ts';
import { checkFraming } from '../framing/check-options.ts';
import type { Framing } from '../framing/framing.ts';
import { checkFunction } from '../../core/options/index.ts';
import type { Connection } from '../connection.ts';
import type { FailureOf, Flow } from '../flow.ts';
import type { HandlerOutput, Several } from '../one-chunk.ts';
import type { ServeOptions } from '../options.ts';
import { serveOutput } from '../serve.ts';
import type { ServeEvent } from '../serve-events.ts';
import type { Channel, ChannelOptions, EncodeOutcome } from './channel.ts';
import { framed, readMessageTimeout } from './framed.ts';

/** Options of `serveFramed`. */
export type ServeFramedOptions = ServeOptions & ChannelOptions;

/**
 * `serve` for a protocol of messages: `handler` gets a channel, and the messages that its output
 * emits are encoded and sent.
 *
 * Everything else is as with `serve`: a handler that is `async` or returns nothing, backpressure,
 * the end of an output, failures that are `failed` events of one connection. A message that the
 * framing refuses is such a failure; what was sent before it still leaves. A peer that sends half a
 * message and no more for 30 s is evicted: see `messageTimeout`.
 *
 * Cold. It adds `ListenFailure`; wrong options, and a framing that is none, fail on subscription
 * with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { connect, endpointOf, framed, lines, serveFramed } from 'rxjs-net';
 * import { map, merge, mergeMap, take } from 'rxjs-net/rx';
 *
 * const server = serveFramed({ port: 0, host: '127.0.0.1' }, lines(), (channel) =>
 *   channel.incoming.pipe(map((text) => text.toUpperCase())),
 * ).subscribe((event) => {
 *   if (event.type !== 'listening') return;
 *   connect(endpointOf(event.address))
 *     .pipe(
 *       map((connection) => framed(connection, lines())),
 *       mergeMap((channel) => merge(channel.send(['quiet', 'please']), channel.incoming)),
 *       take(2),
 *     )
 *     .subscribe({
 *       next: (line) => console.log(line),
 *       complete: () => server.unsubscribe(),
 *     });
 * });
 * // => QUIET
 * // => PLEASE
 * ```
 */
export function serveFramed<In, Out, X, R extends HandlerOutput<Out>>(
  options: ServeFramedOptions,
  framing: Framing<In, Out, X>,
  handler: (
    channel: Channel<In, Out, X>,
  ) => Several<R, 'a text or bytes would be sent in pieces: return [message] to send one'>,
): Flow<ServeEvent<FailureOf<R> | EncodeOutcome<X>['failures']>, ListenFailure> {
  type E = FailureOf<R> | EncodeOutcome<X>['failures'];
  return new Observable<ServeEvent<E>>((subscriber) => {
    checkFraming('framing', framing);
    checkFunction('handler', handler);
    const messageTimeout = readMessageTimeout(options);
    const channelOf = (connection: Connection): Channel<In, Out, X> => framed(connection, framing, { messageTimeout });
    return serveOutput<E>(options, (connection) => handler(channelOf(connection)), {
      encoder: framing,
      moreNames: ['onDefect', 'messageTimeout'],
      readsOnDefect: true,
    }).subscribe(subscriber);
  });
}
