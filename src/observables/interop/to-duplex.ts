import { Duplex } from 'node:stream';

import { Subscription } from 'rxjs';

import type { Connection } from '../connection.ts';
import { checkConnection } from '../internal/check-connection.ts';
import { LiveConnection } from '../internal/live-connection.ts';
import { DEFAULT_HIGH_WATER_MARK } from '../internal/settings.ts';
import { readQueueLimits } from '../pacing/limits.ts';
import { ItemPuller } from './item-puller.ts';
import { PushedFlow } from './pushed-flow.ts';

/**
 * A connection as a Node.js `Duplex`, for libraries that take one. It is a plain stream, without the methods of a socket.
 *
 * | on the connection                       | on the stream                                                              |
 * | --------------------------------------- | -------------------------------------------------------------------------- |
 * | bytes come                              | `'data'`, as fast as it is read; 64 KiB are read ahead                     |
 * | the peer's FIN                          | `'end'`, and then its own end unless the connection has `allowHalfOpen`    |
 * | it fails, or is destroyed by others     | `'error'` with the failure, `'close'`                                      |
 * | bytes wait for the peer                 | `write()` calls back later                                                 |
 * | FIN after all that was written          | `end()`; `'finish'` when all of it was handed to the kernel                |
 * | `destroy()`                             | `destroy()`, with or without an error; `'close'` when the connection has   |
 *
 * It takes the connection over at once: `incoming` has its subscriber, and a FIN of the peer is answered when the stream ends. Bytes that it has
 * read ahead when it is destroyed are lost, as the connection is.
 *
 * @example
 * ```ts
 * import { text } from 'node:stream/consumers';
 * import { connect, serve, toDuplex } from 'rxjs-net';
 *
 * const path = `/tmp/rxjs-net-duplex-${process.pid}.sock`;
 * const server = serve({ path }, (connection) => connection.incoming).subscribe();
 *
 * connect({ path }).subscribe(async (connection) => {
 *   const duplex = toDuplex(connection);
 *   duplex.end('hello');
 *   console.log(await text(duplex)); // => hello
 *   server.unsubscribe();
 * });
 * ```
 */
export function toDuplex(connection: Connection): Duplex {
  checkConnection(connection);
  return new ConnectionDuplex(connection);
}

class ConnectionDuplex extends Duplex {
  private readonly connection: Connection;
  private readonly puller: ItemPuller<Buffer>;
  private readonly pushed = new PushedFlow<Buffer>();
  private readonly sending = new Subscription();
  private whenSent: (() => void) | undefined = undefined;

  constructor(connection: Connection) {
    super({
      allowHalfOpen: !(connection instanceof LiveConnection) || connection.settings.allowHalfOpen,
      readableHighWaterMark: DEFAULT_HIGH_WATER_MARK,
    });
    this.connection = connection;
    this.puller = new ItemPuller(
      {
        take: (chunk) => {
          if (this.push(chunk)) this.puller.want(connection.incoming);
        },
        failed: (error) => this.destroy(error instanceof Error ? error : undefined),
        completed: () => this.push(null),
      },
      readQueueLimits('toDuplex', undefined),
    );
    this.sending.add(
      connection.send(this.pushed.flow).subscribe({
        error: (failure: Error) => this.destroy(failure),
        complete: () => this.whenSent?.(),
      }),
    );
    // From here on a reset is seen, read or not.
    this.read(0);
  }

  // ---- reading

  override _read(): void {
    this.puller.want(this.connection.incoming);
  }

  // ---- writing

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.pushed.push(chunk)) done();
    else this.pushed.onceRoom(done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.whenSent = () => {
      this.connection.end();
      done();
    };
    this.pushed.complete();
  }

  // ---- the end

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const endedInOrder = error === null && this.readableEnded && this.writableFinished;
    this.whenSent = undefined;
    this.puller.stop();
    this.sending.unsubscribe();
    this.connection.closed.subscribe({ complete: () => done(error) });
    // After a FIN from each side it closes by itself.
    if (!endedInOrder) this.connection.destroy();
  }
}
