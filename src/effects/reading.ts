import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { none, type Option, some } from 'fp-ts/lib/Option.js';

import {
  type Chunk,
  type FrameTooLarge,
  FrameTruncated,
  type InvalidOptions,
  type ReadFailure,
} from '../core/index.ts';
import type { Connection } from '../observables/connection.ts';
import { delimited, type DelimitedOptions } from '../observables/framing/delimited.ts';
import type { Framing } from '../observables/framing/framing.ts';
import { MessageRead } from '../observables/internal/read-message.ts';
import { settleError } from './either-of.ts';
import { fromCallback } from './from-callback.ts';
import type { Net } from './net.ts';
import { onLive } from './on-live.ts';
import { anyBytes, exactly, type ReadFraming, untilEnd } from './read-framings.ts';

/**
 * Reads what comes next: one chunk, of whatever size; `none` when the peer has ended.
 *
 * As of every read: one at a time (another one, meanwhile, fails with `AlreadySubscribed`), and one that is interrupted
 * leaves every byte where it is, for the next one. At most one chunk is read ahead of what is asked for.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as O from 'fp-ts/lib/Option.js';
 * import { endpointOf } from 'rxjs-net';
 * import { map, of, read, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('hello'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, read, map(O.map(String)))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: 'hello' } }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const read: (connection: Connection) => Net<ReadFailure | InvalidOptions, Option<Buffer>> = nextOf(anyBytes);

/**
 * Reads so many bytes, whatever chunks they come in.
 *
 * It adds `FrameTruncated`, when the peer ends before: `pending` says how many had come, 0 included.
 *
 * @param count - 0 or more; a wrong one fails with `InvalidOptions`. Memory for them is taken as they come. A count out of a
 *   message of the peer's should be looked at first.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { map, of, readExactly, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('HELO, world'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readExactly(4), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: 'HELO' }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function readExactly(
  count: number,
): (connection: Connection) => Net<ReadFailure | FrameTruncated | InvalidOptions, Buffer> {
  if (count === 0) return () => () => () => Promise.resolve(right(Buffer.alloc(0)));
  return readWith<Buffer, FrameTruncated, FrameTruncated, Buffer>(exactly(count), right, () =>
    left(new FrameTruncated({ pending: 0 })),
  );
}

/**
 * Reads up to a delimiter, which is taken and is not part of the result; `none` when the peer has ended and nothing had come.
 *
 * It adds `FrameTooLarge`, and `FrameTruncated` when the peer ends before the delimiter.
 *
 * @param delimiter - one byte or more, or text that is taken as UTF-8.
 * @param options - `maxLength`: how many bytes may be in front of it; by default 1,048,576.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import * as O from 'fp-ts/lib/Option.js';
 * import { endpointOf } from 'rxjs-net';
 * import { map, of, readUntil, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('name: Ada; age: 36'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readUntil('; '), map(O.map(String)))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: 'name: Ada' } }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function readUntil(
  delimiter: Chunk,
  options?: DelimitedOptions,
): (connection: Connection) => Net<ReadFailure | FrameTooLarge | FrameTruncated | InvalidOptions, Option<Buffer>> {
  return nextOf(delimited(delimiter, options));
}

/**
 * Reads one message of a framing; `none` when the peer has ended between two messages.
 *
 * What comes behind the message is left for the next read, which may be one of another framing. It adds what decoding can fail
 * with. After such a failure the bytes that had come are discarded, and nothing more can be made of the stream.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, lines } from 'rxjs-net';
 * import { flatMap, of, readFrame, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('one\ntwo\n'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readFrame(lines()), flatMap(() => pipe(connection, readFrame(lines()))))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: { _tag: 'Some', value: 'two' } }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function readFrame<In, Out, X>(
  framing: Framing<In, Out, X>,
): (connection: Connection) => Net<ReadFailure | X | InvalidOptions, Option<In>> {
  return nextOf(framing);
}

/**
 * Reads all that comes until the peer ends.
 *
 * It adds `FrameTooLarge`, as soon as it is more than `maxLength`. Interrupted, it gives back all that it had read.
 *
 * @param options - `maxLength`: how many bytes it may be; by default 1,048,576.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { map, of, readAll, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('all there is'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readAll({ maxLength: 100 }), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: 'all there is' }
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export function readAll(
  options: { readonly maxLength?: number | undefined } = {},
): (connection: Connection) => Net<ReadFailure | FrameTooLarge | InvalidOptions, Buffer> {
  return readWith<Buffer, FrameTooLarge, never, Buffer>(untilEnd(options), right, () => right(Buffer.alloc(0)));
}

/** As `readFrame`, for a channel; `messageTimeout` is that of its options. */
export function readFrameOf<In, Out, X>(
  framing: Framing<In, Out, X>,
  messageTimeout: number,
): (connection: Connection) => Net<ReadFailure | X | InvalidOptions, Option<In>> {
  return nextOf(framing, messageTimeout);
}

function nextOf<In, X>(
  framing: ReadFraming<In, X>,
  messageTimeout = 0,
): (connection: Connection) => Net<ReadFailure | X | InvalidOptions, Option<In>> {
  return readWith<In, X, never, Option<In>>(
    framing,
    (message) => right(some(message)),
    () => right(none),
    messageTimeout,
  );
}

/** One message, and what becomes of it and of the end of the stream. */
function readWith<In, X, E, A>(
  framing: ReadFraming<In, X>,
  found: (message: In) => Either<never, A>,
  ended: () => Either<E, A>,
  messageTimeout = 0,
): (connection: Connection) => Net<ReadFailure | X | E | InvalidOptions, A> {
  return (connection) =>
    onLive(connection, framing, (live) =>
      fromCallback<ReadFailure | X | E, A>((resolve, reject) => {
        const taker = {
          message: (message: In) => resolve(found(message)),
          ended: () => resolve(ended()),
          failed: (error: unknown) => settleError({ resolve, reject }, error),
        };
        const reading = new MessageRead(live, framing, taker, messageTimeout);
        reading.start();
        return () => reading.cancel();
      }),
    );
}
