import type { UnderlyingSink } from 'node:stream/web';

import { ConnectionAborted } from '../../core/failures/index.ts';
import { onAbort } from '../../core/on-abort.ts';
import { checkSignal, refuseUnknown } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import type { Connection } from '../connection.ts';
import { checkConnection } from '../internal/check-connection.ts';
import { read } from '../internal/read-options.ts';
import { TAKE_NAMES } from './interop-options.ts';
import { PushedFlow } from './pushed-flow.ts';
import { type ReadableStreamOptions, streamOf } from './to-readable-stream.ts';

/** The two halves of a connection as web streams. */
export interface WebStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Chunk>;
}

/**
 * The write side of a connection as a `WritableStream` of bytes and text.
 *
 * A write is done when there is room for more, so `writer.ready` and `pipeTo` go as fast as the peer takes it. `close()` sends FIN after all of it, and is
 * done when it was handed to the kernel. `abort()` resets the connection, so that the peer doesn't take what it has for all of it; so
 * does an abort of `signal`. When the connection fails, the stream errors with the failure (`WriteFailure`).
 *
 * Until it is closed it counts as something that is being sent: a FIN of the peer is not answered before.
 *
 * @example
 * ```ts
 * import { connect, serve, toWritableStream } from 'rxjs-net';
 *
 * const path = `/tmp/rxjs-net-writable-${process.pid}.sock`;
 * const server = serve({ path }, (connection) => connection.incoming).subscribe();
 *
 * connect({ path }).subscribe((connection) => {
 *   void new Blob(['hello']).stream().pipeTo(toWritableStream(connection));
 *   connection.incoming.subscribe({
 *     next: (chunk) => console.log(chunk.toString()), // => hello
 *     complete: () => server.unsubscribe(),
 *   });
 * });
 * ```
 */
export function toWritableStream(
  connection: Connection,
  options: { readonly signal?: AbortSignal | undefined } = {},
): WritableStream<Chunk> {
  return writableOf(connection, options, ['signal'], () => {});
}

/**
 * A connection as a pair of web streams, for `pipeThrough` and whatever else takes one.
 *
 * `readable` is `toReadableStream(connection.incoming)`, a byte stream if `type` says so, and `writable` is `toWritableStream(connection)`. Cancelling
 * `readable` stops the reading and leaves the writing alone; once `writable` is closed too, nobody can do anything with the connection any more,
 * and it is destroyed. An abort of `signal` errors both and resets the connection.
 *
 * @example
 * ```ts
 * import { connect, serve, toWebStreams } from 'rxjs-net';
 *
 * const path = `/tmp/rxjs-net-streams-${process.pid}.sock`;
 * const server = serve({ path }, (connection) => connection.incoming).subscribe();
 *
 * connect({ path }).subscribe(async (connection) => {
 *   const echoed = new Blob(['hello']).stream().pipeThrough(toWebStreams(connection));
 *   console.log(await new Response(echoed).text()); // => hello
 *   server.unsubscribe();
 * });
 * ```
 */
export function toWebStreams(connection: Connection, options: ReadableStreamOptions = {}): WebStreams {
  checkConnection(connection);
  let cancelled = false;
  let written = false;
  const endIfUnused = (): void => {
    if (cancelled && written) connection.destroy();
  };
  const readable = streamOf(connection.incoming, options, (how) => {
    cancelled = how === 'cancelled';
    endIfUnused();
  });
  const writable = writableOf(connection, options, STREAM_NAMES, () => {
    written = true;
    endIfUnused();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of bytes, since `incoming` is
  return { readable: readable as ReadableStream<Uint8Array>, writable };
}

const STREAM_NAMES = ['type', ...TAKE_NAMES] as const;

function writableOf(
  connection: Connection,
  options: object,
  names: readonly string[],
  closed: () => void,
): WritableStream<Chunk> {
  checkConnection(connection);
  let signal: AbortSignal | undefined;
  try {
    refuseUnknown(options, names);
    signal = read(options, 'signal', checkSignal);
  } catch (failure) {
    return new WritableStream({ start: (controller) => controller.error(failure) });
  }
  return new WritableStream(new Writing(connection, signal, closed), { highWaterMark: 1 });
}

/** What a `WritableStream` writes to. */
class Writing implements UnderlyingSink<Chunk> {
  private readonly connection: Connection;
  private readonly signal: AbortSignal | undefined;
  private readonly closed: () => void;
  private readonly pushed = new PushedFlow<Chunk>();
  private sending: { unsubscribe(): void } | undefined = undefined;
  private forgetSignal: (() => void) | undefined = undefined;
  private failure: { readonly error: unknown } | undefined = undefined;
  private whenSent: (() => void) | undefined = undefined;
  private sent = false;

  constructor(connection: Connection, signal: AbortSignal | undefined, closed: () => void) {
    this.connection = connection;
    this.signal = signal;
    this.closed = closed;
  }

  start(controller: WritableStreamDefaultController): void {
    const { signal } = this;
    this.sending = this.connection.send(this.pushed.flow).subscribe({
      error: (error: unknown) => {
        this.failure = { error };
        this.forgetSignal?.();
        controller.error(error);
        this.whenSent?.();
      },
      complete: () => {
        this.sent = true;
        this.whenSent?.();
      },
    });
    // `abort()` of the stream waits for what is under way, and that may wait for a peer that takes nothing. Node's types have no `signal`.
    const aborted = 'signal' in controller ? controller.signal : undefined;
    if (aborted instanceof AbortSignal) onAbort(aborted, () => this.giveUp(aborted.reason));
    if (signal === undefined) return;
    const abort = (): void => {
      const reason: unknown = signal.reason ?? new ConnectionAborted({ code: 'ABORT_ERR' });
      controller.error(reason);
      this.giveUp(reason);
    };
    if (signal.aborted) abort();
    else this.forgetSignal = onAbort(signal, abort);
  }

  async write(chunk: Chunk): Promise<void> {
    if (!this.pushed.push(chunk)) {
      await new Promise<void>((resolve) => {
        this.pushed.onceRoom(resolve);
      });
    }
    // The stream is told of it as well, and lets the write that is under way end as it does.
    if (this.failure !== undefined) throw this.failure.error;
  }

  async close(): Promise<void> {
    this.pushed.complete();
    if (!this.sent && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.whenSent = resolve;
      });
    }
    this.forgetSignal?.();
    if (this.failure !== undefined) throw this.failure.error;
    this.connection.end();
    this.closed();
  }

  /** Ends what is under way, and the connection. */
  private giveUp(error: unknown): void {
    this.failure ??= { error };
    this.forgetSignal?.();
    this.sending?.unsubscribe();
    this.connection.reset();
    this.whenSent?.();
  }
}
