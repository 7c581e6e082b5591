import { captureContext, type Context } from '../core/context.ts';
import type { NetFailure } from '../core/failures/index.ts';
import type { DialHandler } from '../core/transport.ts';

/**
 * What a stream is told; for one without `onWriteFailed` a link closes at once, as a socket of
 * `node:net` does.
 */
type StreamHandler = Required<Omit<DialHandler, 'onWriteFailed'>>;

/**
 * Hands on what a link reports, in the context in which it was dialled.
 *
 * A handle of the system does so by itself. A transport may report in any context: of a simulated
 * network in that of the one who moves its time.
 */
export class HandlerInContext implements DialHandler {
  private readonly context: Context;
  private readonly handler: StreamHandler;

  constructor(handler: StreamHandler, context: Context = captureContext()) {
    this.handler = handler;
    this.context = context;
  }

  onConnected(): void {
    this.context.runInAsyncScope(() => this.handler.onConnected(), undefined);
  }

  onLookup(...details: Parameters<Required<DialHandler>['onLookup']>): void {
    this.context.runInAsyncScope(() => this.handler.onLookup(...details), undefined);
  }

  onAttempt(address: string, port: number, family: number): void {
    this.context.runInAsyncScope(() => this.handler.onAttempt(address, port, family), undefined);
  }

  onAttemptFailed(address: string, port: number, family: number, failure: NetFailure): void {
    this.context.runInAsyncScope(() => this.handler.onAttemptFailed(address, port, family, failure), undefined);
  }

  onAttemptTimeout(address: string, port: number, family: number): void {
    this.context.runInAsyncScope(() => this.handler.onAttemptTimeout(address, port, family), undefined);
  }

  onData(chunk: Buffer): void {
    this.context.runInAsyncScope(tellData, undefined, this.handler, chunk);
  }

  onEnd(): void {
    this.context.runInAsyncScope(() => this.handler.onEnd(), undefined);
  }

  /** The callback of a write has the context of its writer. */
  onWritten(): void {
    this.handler.onWritten();
  }

  onClosed(failure: NetFailure | undefined): void {
    this.context.runInAsyncScope(() => this.handler.onClosed(failure), undefined);
  }
}

/** Where the process began: nobody has set anything. */
const root = captureContext();

/**
 * The handler of an accepted link. The sockets that `node:net` accepts have no context but that of
 * the process.
 */
export function acceptedHandler(handler: StreamHandler): DialHandler {
  // One of its own: `enterWith` in a listener is of this socket alone.
  return new HandlerInContext(handler, root.runInAsyncScope(captureContext, undefined));
}

function tellData(handler: DialHandler, chunk: Buffer): void {
  handler.onData(chunk);
}
