import type { Duplex } from 'node:stream';

import { Observable, type Subscriber } from 'rxjs';

import { type Clock, systemClock } from '../../core/clock.ts';
import { AlreadySubscribed, ConnectionAborted, ConnectionClosed } from '../../core/failures/index.ts';
import { onAbort } from '../../core/on-abort.ts';
import { checkSignal, refuse } from '../../core/options/index.ts';
import { reportDefect } from '../../core/report-defect.ts';
import type { Connection } from '../connection.ts';
import type { Flow } from '../flow.ts';
import type { ConnectionOwner } from '../internal/connection-owner.ts';
import { LiveConnection } from '../internal/live-connection.ts';
import { planConnection, read } from '../internal/read-options.ts';
import type { ConnectionSettings } from '../internal/settings.ts';
import { clockOf, type TimeSource } from '../internal/source-clock.ts';
import type { ConnectionOptions } from '../options.ts';
import { DuplexLink } from './duplex-link.ts';

/** Options of `fromDuplex`: those of every connection that are not about making one. */
export interface FromDuplexOptions extends Omit<ConnectionOptions, 'transport'> {
  /** Destroys the connection. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A `Clock` or an RxJS scheduler, for the time limits.
   *
   * @defaultValue the system's
   */
  readonly clock?: TimeSource | undefined;
}

/**
 * A Node.js `Duplex` as a connection: a TLS socket, a pipe of a child process, an SSH channel, or
 * what `Duplex.fromWeb` makes of web streams.
 *
 * Like `connect`, it emits one `Connection` and completes when that has closed; unsubscribing
 * destroys the stream. The stream belongs to the connection from the subscription on: it must carry
 * bytes, must stand already (wait for `secureConnect`), and nobody else may read, write or pipe it.
 *
 * | on the stream                        | on the connection                                                              |
 * | ------------------------------------ | ------------------------------------------------------------------------------ |
 * | `'data'`                             | `incoming`; the stream is paused while that has no subscriber, or is held       |
 * | `'end'`                              | `incoming` completes, and the end is answered unless `allowHalfOpen`            |
 * | `'error'`                            | the failure of its code, `SystemFailure` for others, with the error as `cause`  |
 * | `'close'` before its ends            | `ConnectionClosed`                                                              |
 * | a write that is called back later    | senders are held                                                               |
 * | `end()`, `destroy()`                 | `end()`, `destroy()`; `reset()` is `destroy()`, for a stream has none           |
 *
 * It adds `ConnectionClosed`, for a stream that has ended already, and `AlreadySubscribed`, for one
 * that was taken before. A stream of objects or of text (`setEncoding`) is refused with
 * `InvalidOptions`, as are wrong options.
 *
 * @example
 * ```ts
 * import { PassThrough } from 'node:stream';
 * import { fromDuplex, lines } from 'rxjs-net';
 * import { mergeMap } from 'rxjs-net/rx';
 *
 * const stream = new PassThrough();
 * fromDuplex(stream)
 *   .pipe(mergeMap((connection) => (connection.end('hello\n'), connection.incoming.pipe(lines()))))
 *   .subscribe((line) => console.log(line)); // => hello
 * ```
 */
export function fromDuplex(
  duplex: Duplex,
  options: FromDuplexOptions = {},
): Flow<Connection, AlreadySubscribed | ConnectionClosed> {
  return new Observable<Connection>((subscriber) => {
    let settings: ConnectionSettings;
    let signal: AbortSignal | undefined;
    try {
      checkDuplex(duplex);
      const clock = clockOption(options);
      settings = planConnection(options, ['signal', 'clock'], clock);
      signal = read(options, 'signal', checkSignal);
    } catch (failure) {
      subscriber.error(failure);
      return undefined;
    }
    const failure = refusal(duplex);
    if (failure !== undefined) {
      subscriber.error(failure);
      return undefined;
    }
    taken.add(duplex);
    const adopted = new Adopted(subscriber);
    // Before it begins: who takes the connection may give it up within the call.
    subscriber.add(() => adopted.stop());
    adopted.start(duplex, settings, signal);
    return undefined;
  });
}

function clockOption(options: unknown): Clock {
  const given: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, 'clock') : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `clockOf` looks at what it is
  return given === undefined ? systemClock : clockOf(given as TimeSource);
}

const taken = new WeakSet<Duplex>();

function refusal(duplex: Duplex): AlreadySubscribed | ConnectionClosed | undefined {
  if (taken.has(duplex)) return new AlreadySubscribed({ message: 'the stream has been taken by fromDuplex already' });
  if (duplex.destroyed || duplex.readableEnded || duplex.writableEnded || duplex.errored !== null) {
    return new ConnectionClosed({ message: 'the stream has ended already', cause: duplex.errored ?? undefined });
  }
  return undefined;
}

const METHODS = ['on', 'off', 'write', 'end', 'pause', 'resume', 'unshift', 'destroy', 'cork', 'uncork'];

/** By its shape: streams of another copy of `readable-stream` are as good. */
const isDuplex = (value: unknown): value is Duplex =>
  typeof value === 'object' &&
  value !== null &&
  METHODS.every((method) => typeof Reflect.get(value, method) === 'function');

function checkDuplex(duplex: unknown): void {
  if (!isDuplex(duplex)) refuse('duplex', duplex, 'a Duplex stream');
  const { readableObjectMode, writableObjectMode, readableEncoding } = duplex;
  if (readableObjectMode || writableObjectMode) refuse('duplex', duplex, 'a stream of bytes, not of objects');
  if (readableEncoding !== null) refuse('duplex', duplex, 'a stream of bytes, without setEncoding()');
}

/** One subscription of `fromDuplex`. */
class Adopted implements ConnectionOwner {
  private readonly subscriber: Subscriber<Connection>;
  private connection: LiveConnection | undefined = undefined;

  constructor(subscriber: Subscriber<Connection>) {
    this.subscriber = subscriber;
  }

  start(duplex: Duplex, settings: ConnectionSettings, signal: AbortSignal | undefined): void {
    const connection = new LiveConnection(settings, this, 'open');
    this.connection = connection;
    const link = new DuplexLink(duplex, connection);
    connection.link = link;
    settings.limit?.(connection);
    if (signal !== undefined) {
      const abort = (): void => {
        const message = 'the connection was aborted by its signal';
        connection.fail(new ConnectionAborted({ message, code: 'ABORT_ERR', cause: signal.reason }));
        connection.destroy();
      };
      if (signal.aborted) abort();
      else link.beforeClosed = onAbort(signal, abort);
    }
    this.subscriber.next(connection);
  }

  stop(): void {
    this.connection?.destroy();
  }

  onConnected(): void {
    // It stood already.
  }

  onConnectionClosed(): void {
    this.subscriber.complete();
  }

  onReaderChanged(): void {
    // Whoever took it knows whether they read.
  }

  onDefect(_connection: LiveConnection, error: unknown): void {
    reportDefect(error, 'a function of a connection threw');
  }

  onQuiet(): void {
    // Only a server drains.
  }
}
