import { Observable, type ObservableInput, type Subscriber, type Subscription } from 'rxjs';

import { captureContext } from '../core/context.ts';
import type { Address } from '../core/endpoint.ts';
import {
  InvalidOptions,
  isNetFailure,
  type ListenFailure,
  type NetFailure,
  type WriteFailure,
} from '../core/failures/index.ts';
import { checkDuration, checkFunction, checkSignal, refuse } from '../core/options/index.ts';
import { onAbort } from '../core/on-abort.ts';
import { causesOf, guarded, warnOfDefect } from '../core/report-defect.ts';
import type { Chunk } from '../core/transport.ts';
import type { CloseInfo, Connection } from './connection.ts';
import { Defect } from './failures/defect.ts';
import type { FailureOf, Flow } from './flow.ts';
import { Acceptor } from './internal/acceptor.ts';
import type { Encoder } from './internal/encode-message.ts';
import type { ConnectionRun } from './internal/connection-owner.ts';
import type { LiveConnection } from './internal/live-connection.ts';
import { ContextSubscriber } from './internal/in-context.ts';
import { isObservableInput } from './internal/observable-input.ts';
import { PacedEmitter } from './internal/paced-emitter.ts';
import { DEFAULT_DRAIN_TIMEOUT, planListen, read, type ListenPlan } from './internal/read-options.ts';
import { SendSink } from './internal/send-sink.ts';
import { isTagged } from './internal/tagged.ts';
import { toObservable } from './rx/from.ts';
import { type HandlerOutput, isOneChunk, type Several } from './one-chunk.ts';
import type { ServeOptions, ServingOptions } from './options.ts';
import type { ServeEvent } from './serve-events.ts';
import type { DrainReport, DroppedEvent, DropReason } from './server.ts';

/**
 * Serves connections over TCP or IPC: `handler` is called for each, and what it returns is sent to
 * the peer.
 *
 * - The output is an Observable, an iterable of chunks, or a promise. A handler that talks through the connection itself may be
 *   `async`, and its promise of nothing ends the output. Or it returns nothing: then it ends the connection itself. A bare
 *   string is refused: `[text]` is one chunk.
 * - When the output completes, the write side is ended (FIN). What still comes in unread is
 *   dropped, until the peer ends or shows no sign of life for `closeTimeout`.
 * - When the output fails, or `handler` throws, that connection is closed after what was written before has left; that is a `failed` event, and nothing
 *   else is touched.
 * - A peer that doesn't read its answers isn't read from either: its output is held, and so what feeds it.
 *
 * Cold: each subscription binds. Emits `listening`, then `opened`, `failed`, `closed`, `dropped` as
 * they happen; after `shutdown` `draining` and `stopped` with the report, and completes.
 * Unsubscribing stops listening and destroys what is left. It adds `ListenFailure`: failing to
 * bind, or losing the listener; wrong options fail on subscription with `InvalidOptions`. Whoever
 * holds the events makes new connections wait.
 *
 * Spec: `net.createServer([options][, connectionListener])`, `server.listen(options)`.
 *
 * @example
 * ```ts
 * import { serve, lines, connect } from 'rxjs-net';
 * import { map, mergeMap } from 'rxjs-net/rx';
 *
 * const server = serve({ port: 0, host: '127.0.0.1' }, (connection) =>
 *   connection.incoming.pipe(
 *     lines(),
 *     map((line) => `you said ${line}\n`),
 *   ),
 * ).subscribe((event) => {
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   connect({ port: event.address.port, host: '127.0.0.1' })
 *     .pipe(
 *       mergeMap((connection) => {
 *         connection.end('hello\n');
 *         return connection.incoming.pipe(lines());
 *       }),
 *     )
 *     .subscribe({
 *       next: (line) => console.log(line), // => you said hello
 *       complete: () => server.unsubscribe(),
 *     });
 * });
 * ```
 */
export function serve<R extends HandlerOutput<Chunk>>(
  options: ServeOptions,
  handler: (
    connection: Connection,
  ) => Several<R, 'a text or bytes would be sent in pieces: return [chunk] to send one'>,
): Flow<ServeEvent<FailureOf<R>>, ListenFailure> {
  return serveOutput<FailureOf<R>>(options, handler, { moreNames: ['onDefect'], readsOnDefect: true });
}

type OnDefect = NonNullable<ServeOptions['onDefect']>;

type Handler = (connection: Connection) => HandlerOutput<unknown>;

/** How a kind of server differs from `serve`. */
export interface OutputOptions {
  /** Encodes what the handler's output emits. */
  readonly encoder?: Encoder;
  /** Names of options besides those that every server has. */
  readonly moreNames: readonly string[];
  /** Whether `onDefect` is that of `ServeOptions`. */
  readonly readsOnDefect: boolean;
}

/** What `serve` gives; and, with what encodes messages, `serveFramed`. */
export function serveOutput<E>(
  options: ServingOptions,
  handler: Handler,
  output: OutputOptions,
): Flow<ServeEvent<E>, ListenFailure> {
  return new Observable<ServeEvent<E>>((subscriber) => {
    let server: ServingServer<E>;
    try {
      server = new ServingServer(options, handler, output, subscriber);
    } catch (failure) {
      subscriber.error(failure);
      return undefined;
    }
    server.start();
    return () => server.stop();
  });
}

class ServingServer<E> extends Acceptor {
  private readonly subscriber: ContextSubscriber<ServeEvent<E>>;
  private readonly events: PacedEmitter<ServeEvent<E>>;
  private readonly handler: Handler;
  private readonly encoder: Encoder | undefined;
  private readonly onDefectOption: OnDefect | undefined;
  private readonly heldDrops = new Map<DropReason, DroppedEvent>();
  private readonly drainTimeout: number;
  private readonly shutdown: AbortSignal | Observable<unknown> | undefined;
  private stopFollowing: (() => void) | undefined = undefined;

  constructor(
    options: ServingOptions,
    handler: Handler,
    { encoder, moreNames, readsOnDefect }: OutputOptions,
    subscriber: Subscriber<ServeEvent<E>>,
  ) {
    const plan: ListenPlan = planListen(options, ['shutdown', 'drainTimeout', ...moreNames]);
    super(plan);
    this.drainTimeout = read(options, 'drainTimeout', checkDuration) ?? DEFAULT_DRAIN_TIMEOUT;
    this.shutdown = read(options, 'shutdown', checkShutdown);
    this.handler = checkFunction<Handler>('handler', handler);
    this.encoder = encoder;
    this.onDefectOption = readsOnDefect ? read(options, 'onDefect', checkFunction<OnDefect>) : undefined;
    this.subscriber = new ContextSubscriber(subscriber);
    this.events = new PacedEmitter(subscriber, () => {
      this.emitHeldDrops();
      this.beginWaiting();
    });
  }

  override start(): void {
    super.start();
    const { shutdown } = this;
    if (shutdown === undefined) return;
    const begin = (): void => this.shutDown();
    if (shutdown instanceof Observable) {
      const subscription: Subscription = shutdown.subscribe({
        next: begin,
        complete: begin,
        error: (error: unknown) => this.subscriber.error(error),
      });
      this.stopFollowing = () => guarded(() => subscription.unsubscribe());
    } else if (shutdown.aborted) {
      begin();
    } else {
      this.stopFollowing = onAbort(shutdown, begin);
    }
  }

  private shutDown(): void {
    if (!this.isAccepting) return;
    this.events.emit({ type: 'draining', open: this.connectionCount, deadline: this.drainTimeout });
    this.beginDrain(this.drainTimeout);
  }

  stop(): void {
    this.stopFollowing?.();
    this.abandon();
  }

  emit(event: ServeEvent<E>): void {
    this.events.emit(event);
  }

  protected get mustWait(): boolean {
    return this.events.isHeld;
  }

  protected whenListening(address: Address): void {
    this.emit({ type: 'listening', address });
  }

  protected whenBegun(connection: LiveConnection): void {
    this.emit({ type: 'opened', connection });
    // Whoever was told may have stopped the server, or destroyed the connection.
    if (this.subscriber.closed || connection.wasClosedHere) return;
    const run = new HandlerRun(connection, this, this.encoder);
    connection.run = run;
    this.subscriber.context.runInAsyncScope(beginApart<E>, undefined, run, this.handler);
  }

  protected whenClosed(connection: LiveConnection, info: CloseInfo): void {
    this.emit({ type: 'closed', connection, info });
  }

  protected whenDefect(connection: LiveConnection, error: unknown): void {
    this.defect(connection, error);
  }

  /** A function of a handler's threw, perhaps after it had failed: `suppressed`. */
  defect(connection: Connection, thrown: unknown, suppressed: readonly unknown[] = []): void {
    const [cause, ...others] = causesOf(thrown);
    const defect = cause instanceof Defect ? cause : new Defect(cause, 'a handler failed', [...others, ...suppressed]);
    this.report(defect, connection);
    this.emit({ type: 'failed', connection, failure: defect });
  }

  /**
   * Whether somebody looks at the events can't be known: what a program does wrong is reported in
   * any case.
   */
  private report(defect: Defect, connection: Connection): void {
    const { onDefectOption } = this;
    if (onDefectOption === undefined) {
      warnOfDefect(defect);
      return;
    }
    try {
      onDefectOption(defect, connection);
    } catch (error) {
      warnOfDefect(defect);
      warnOfDefect(new Defect(error, 'onDefect failed'));
    }
  }

  protected whenDropped(event: DroppedEvent): void {
    if (!this.events.isHeld) {
      this.emit(event);
      return;
    }
    // Whoever holds the events is told how many, once: their number has no bound.
    const before = this.heldDrops.get(event.reason);
    this.heldDrops.set(event.reason, before === undefined ? event : { ...event, count: before.count + 1 });
  }

  private emitHeldDrops(): void {
    for (const event of this.heldDrops.values()) this.emit(event);
    this.heldDrops.clear();
  }

  protected whenStopped(report: DrainReport, failure: NetFailure | undefined): void {
    this.stopFollowing?.();
    if (failure !== undefined) {
      guarded(() => this.subscriber.error(failure));
      return;
    }
    this.emitHeldDrops();
    this.emit({ type: 'stopped', report });
    this.events.complete();
  }
}

/** What the handler does on one connection. */
class HandlerRun<E> extends SendSink implements ConnectionRun {
  private readonly server: ServingServer<E>;

  constructor(connection: LiveConnection, server: ServingServer<E>, encoder: Encoder | undefined) {
    super(connection, encoder);
    this.server = server;
  }

  begin(handler: Handler): void {
    let output: ObservableInput<unknown> | undefined;
    try {
      output = this.outputOf(handler);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (output === undefined) {
      // The handler talks through the connection itself: it drains as one of `listen` does.
      this.connection.run = undefined;
      return;
    }
    this.start(output, 'then' in output);
  }

  /** Throws what the handler does, or what it returns when that is looked at. */
  private outputOf(handler: Handler): ObservableInput<unknown> | undefined {
    const output = handler(this.connection);
    if (output === undefined) return undefined;
    if (isObservableInput(output) && !isOneChunk(output)) return output;
    const hint = isOneChunk(output) ? ' ([chunk] for one chunk)' : '';
    const allowed = `a function that returns an Observable, a promise, a list${hint} or nothing`;
    throw new InvalidOptions({ option: 'handler', value: output, allowed });
  }

  protected sent(): void {
    this.connection.end();
    this.connection.discard();
  }

  /**
   * A handler that has ended its side itself, as a proxy does, may go on when the connection is
   * over: that is no failure.
   */
  override connectionFailed(failure: WriteFailure): void {
    if (this.connection.closedInOrder) this.cancel();
    else super.connectionFailed(failure);
  }

  protected failed(error: unknown): void {
    this.fail(error);
  }

  private fail(error: unknown): void {
    const { connection } = this;
    if (!isTagged(error) || error._tag === 'Defect') {
      this.server.defect(connection, error);
      connection.abandon();
      return;
    }
    // A handler that destroys its connection sees its own reading fail: that is no news.
    if (connection.wasClosedHere) return;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Flow's promise: tagged errors are its E
    this.server.emit({ type: 'failed', connection, failure: connection.limitPassed ?? (error as E) });
    if (isNetFailure(error)) connection.fail(error);
    else connection.abandon();
  }

  halfClose(): void {
    if (this.isSettled) return;
    this.cancel();
    this.connection.end();
    this.connection.discard();
  }

  protected tearDownFailed(error: unknown): void {
    this.server.defect(this.connection, error);
  }

  protected lateDefect(thrown: unknown): void {
    this.server.defect(this.connection, thrown);
  }

  protected failedTwice(error: unknown, thrown: unknown): void {
    const { connection } = this;
    const isNews = !connection.wasClosedHere || !isNetFailure(error);
    this.server.defect(connection, thrown, isNews ? [connection.limitPassed ?? error] : []);
    if (isNetFailure(error)) connection.fail(error);
    else connection.abandon();
  }
}

/**
 * Calls the handler in a context of its own: what it sets there by `enterWith` is of this
 * connection alone.
 */
function beginApart<E>(run: HandlerRun<E>, handler: Handler): void {
  captureContext().runInAsyncScope(beginRun<E>, undefined, run, handler);
}

function beginRun<E>(run: HandlerRun<E>, handler: Handler): void {
  run.begin(handler);
}

/** Whatever begins a shutdown. */
export function checkShutdown(name: string, value: unknown): AbortSignal | Observable<unknown> {
  if (typeof value === 'object' && value !== null && 'aborted' in value) return checkSignal(name, value);
  if (isObservableInput(value)) return toObservable(value);
  return refuse(name, value, 'an AbortSignal or an Observable');
}
