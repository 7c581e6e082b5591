import { type Either, left, right } from 'fp-ts/lib/Either.js';

import { type Chunk, isNetFailure, type WriteFailure } from '../core/index.ts';
import type { EncodeOutcome } from '../observables/channels/channel.ts';
import type { Connection } from '../observables/connection.ts';
import { checkFraming } from '../observables/framing/check-options.ts';
import type { Framing } from '../observables/framing/framing.ts';
import { asLive } from '../observables/internal/as-live.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { badChunk, isChunk } from '../observables/internal/write-failures.ts';
import { MessageWriter } from '../observables/internal/message-writer.ts';
import { settleError } from './either-of.ts';
import { fromRefusing } from './from-refusing.ts';
import { throwIfInterrupted } from './interrupted.ts';
import type { NetEnv } from './net-env.ts';
import type { Net } from './net.ts';

const DONE: Either<never, void> = right(undefined);
const WRITTEN: Promise<Either<never, void>> = Promise.resolve(DONE);

/**
 * Writes a chunk: bytes, or text that is encoded as UTF-8. It waits while more than the connection's high-water mark waits to
 * leave, so a peer that doesn't read slows its writer down.
 *
 * It succeeds when the chunk is accepted and there is room for more. What is written in one turn leaves together; `flush` waits until it has
 * left, and so do `end` and the end of `withConnection` and of a handler. It fails with why the connection can't be written to (after
 * `end` with `ConnectionClosed`); what is neither bytes nor text is refused with `InvalidOptions` and leaves the connection unharmed.
 *
 * Interrupted before it is accepted, nothing of it is sent; later, all of it is.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { map, of, readAll, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, write('hello'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readAll(), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: 'hello' }
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export function write(chunk: Chunk): (connection: Connection) => Net<WriteFailure, void> {
  return writing((live) => {
    if (!isChunk(chunk)) throw badChunk(chunk);
    return live.writeChunk(chunk);
  });
}

/**
 * Writes one message of a framing, as `write` does with a chunk.
 *
 * A message that the framing refuses fails with `InvalidOptions`, or with `DecodeFailed` where a schema refuses it; nothing of it is
 * sent then, and the connection is unharmed.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf, lines } from 'rxjs-net';
 * import { map, of, readAll, serveWith, toPromise, withConnection, writeFrame } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, writeFrame(lines(), 'hello'), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readAll(), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: 'hello\n' }
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export function writeFrame<In, Out, X>(
  framing: Framing<In, Out, X>,
  message: Out,
): (connection: Connection) => Net<WriteFailure | EncodeOutcome<X>['failures'], void> {
  return writing((live) => {
    checkFraming('framing', framing);
    return new MessageWriter(framing).write(live, message);
  });
}

/**
 * Waits until everything that was written has been handed to the system; that is not to say that the peer has it.
 *
 * It waits as long as the peer takes nothing: `timeout`, or the connection's option `writeTimeout`, bounds it.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { flatMap, flush, map, of, readAll, serveWith, sleep, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, (connection) => pipe(connection, write('hello'), flatMap(() => flush(connection)), flatMap(() => sleep(1))), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) => pipe(connection, readAll(), map(String))),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: 'hello' }
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export function flush(connection: Connection): Net<WriteFailure, void> {
  return flushing(connection, () => {});
}

/**
 * Ends the write side: the peer sees the end of the stream after everything that was written. Reading goes on. It succeeds when all
 * of that has been handed to the system. To end twice is no failure.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { endpointOf } from 'rxjs-net';
 * import { end, flatMap, map, of, readAll, serveWith, toPromise, withConnection, write } from 'rxjs-net/effects';
 *
 * const server = serveWith({ port: 0, host: '127.0.0.1' }, (connection) => pipe(connection, readAll(), flatMap((all) => write(`${all.length} bytes`)(connection))), () => of(undefined));
 * const client = server(({ address }) =>
 *   withConnection(endpointOf(address))((connection) =>
 *     pipe(
 *       connection,
 *       write('hello'),
 *       flatMap(() => end(connection)),
 *       flatMap(() => readAll()(connection)),
 *       map(String),
 *     )),
 * );
 *
 * console.log(await toPromise(client)); // => { _tag: 'Right', right: '5 bytes' }
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export function end(connection: Connection): Net<WriteFailure, void> {
  return flushing(connection, (live) => live.end());
}

function flushing(connection: Connection, first: (live: LiveConnection) => void): Net<WriteFailure, void> {
  return fromRefusing((settling) => {
    const live = asLive(connection);
    first(live);
    if (live.hasEndedInOrder) {
      settling.resolve(DONE);
      return () => {};
    }
    const subscription = live.send([]).subscribe({
      error: (error: unknown) => settleError(settling, error),
      complete: () => settling.resolve(DONE),
    });
    return () => subscription.unsubscribe();
  });
}

type Put = (live: LiveConnection) => boolean;

/** `put` gives it to the connection, and tells whether there is room for more. */
function writing<X>(put: Put): (connection: Connection) => Net<WriteFailure | X, void> {
  // Nearly always there is room: no async function, whose promises would cost more than to write a short message does.
  return (connection) => (env) => () => {
    try {
      throwIfInterrupted(env.signal);
      const live = asLive(connection);
      return isFull(live) ? writeLater<X>(live, env, put) : writeNow(live, env, put);
    } catch (error) {
      return rejectedOr<X>(error);
    }
  };
}

function isFull(live: LiveConnection): boolean {
  return live.isCongested && live.hasUnsentBytes;
}

function writeNow(live: LiveConnection, env: NetEnv, put: Put): Promise<Either<WriteFailure, void>> {
  if (!live.isWritable) return Promise.resolve(left(live.writeFailure()));
  // A connection that it has failed has no room either, and says so to who waits.
  return put(live) ? WRITTEN : waitForRoom(live, env);
}

async function writeLater<X>(live: LiveConnection, env: NetEnv, put: Put): Promise<Either<WriteFailure | X, void>> {
  try {
    do {
      const flushed = await waitForRoom(live, env);
      if (flushed._tag === 'Left') return flushed;
      throwIfInterrupted(env.signal);
    } while (isFull(live));
    return await writeNow(live, env, put);
  } catch (error) {
    return failureOf<X>(error);
  }
}

// As of an async function: what it was told wrongly is in the result, and is not thrown.
async function rejectedOr<X>(error: unknown): Promise<Either<WriteFailure | X, never>> {
  return failureOf<X>(error);
}

function failureOf<X>(error: unknown): Either<WriteFailure | X, never> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the types of the framing say that encoding fails with
  if (isNetFailure(error)) return left(error as WriteFailure | X);
  throw error;
}

function waitForRoom(live: LiveConnection, env: NetEnv): Promise<Either<WriteFailure, void>> {
  return flush(live)(env)();
}
