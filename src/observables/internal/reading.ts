import { captureContext, type Context } from '../../core/context.ts';
import type { Holder, Upstream } from '../../core/demand.ts';
import { HeldBy } from '../../core/held-by.ts';
import type { StallWarning } from './stall-warning.ts';

/** Who takes what comes in; a Subscriber is one. */
export interface ByteSink {
  /** It wants nothing more. */
  readonly closed: boolean;
  next(chunk: Buffer): void;
  error(failure: unknown): void;
  complete(): void;
}

/** The input of a connection, as its readings know it. */
export interface ReadingOwner {
  held(reading: Reading): void;
  released(reading: Reading): void;
  unread(bytes: Uint8Array): void;
  unsubscribe(reading: Reading): void;
  pause(reading: Reading): void;
}

/**
 * One subscription, with its counted holds. It is the upstream, and not what it reads from: whoever still holds an earlier
 * subscription has not held this one, and a late hold or release reaches nobody.
 */
export class Reading implements Upstream {
  emitting: unknown = undefined;
  endedEarly = false;
  /** Made with the first pause. */
  stallWarning: StallWarning | undefined = undefined;
  readonly sink: ByteSink;
  /**
   * That of the subscriber: a chunk may come in the context of another one, who dialled or
   * released.
   */
  readonly context: Context = captureContext();
  private readonly incoming: ReadingOwner;
  private readonly holds = new HeldBy();

  constructor(incoming: ReadingOwner, sink: ByteSink) {
    this.incoming = incoming;
    this.sink = sink;
  }

  get isHeld(): boolean {
    return !this.holds.isEmpty;
  }

  error(failure: unknown): void {
    this.stallWarning?.stop();
    this.context.runInAsyncScope(fail, undefined, this.sink, failure);
  }

  complete(): void {
    this.stallWarning?.stop();
    this.context.runInAsyncScope(complete, undefined, this.sink);
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  hold(holder?: Holder): () => void {
    let released = false;
    if (this.holds.add(holder)) this.incoming.held(this);
    return () => {
      if (released) return;
      released = true;
      if (this.holds.remove(holder)) this.incoming.released(this);
    };
  }

  unread(bytes: Uint8Array): void {
    this.incoming.unread(bytes);
  }

  unsubscribe(): void {
    this.incoming.unsubscribe(this);
  }

  pause(): void {
    this.incoming.pause(this);
  }
}

function fail(sink: ByteSink, failure: unknown): void {
  sink.error(failure);
}

function complete(sink: ByteSink): void {
  sink.complete();
}
