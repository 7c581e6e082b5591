import type { Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import type { Upstream } from '../../core/demand.ts';

/** A source that emits what it pulls from somewhere, and doesn't pull while it is held. */
export abstract class PullSource<A> implements Upstream {
  emitting: unknown = undefined;
  protected readonly subscriber: Subscriber<A>;
  /** The iterator is asked in the context of the subscriber, and not of the one that releases. */
  private readonly context: Context = captureContext();
  private holds = 0;
  /** Who has to wait as long as this waits; `null` for nobody. */
  private readonly feeder: Upstream | null;
  private releaseFeeder: (() => void) | undefined = undefined;

  constructor(subscriber: Subscriber<A>, feeder: Upstream | null) {
    this.subscriber = subscriber;
    this.feeder = feeder;
  }

  protected get mayPull(): boolean {
    return this.holds === 0 && !this.subscriber.closed;
  }

  hold(): () => void {
    this.holds++;
    if (this.feeder !== null && !this.subscriber.closed) this.releaseFeeder ??= this.feeder.hold();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.mayPull) this.context.runInAsyncScope(pullFrom, undefined, this);
      // Unless it was held again.
      if (this.holds === 0) this.letFeederGo();
    };
  }

  protected letFeederGo(): void {
    const release = this.releaseFeeder;
    this.releaseFeeder = undefined;
    release?.();
  }

  /** Pulls and emits as long as `mayPull`; may be called again inside a delivery. */
  abstract pull(): void;

  /** Gives up what it pulls from. */
  abstract unsubscribe(): void;
}

function pullFrom(source: { pull(): void }): void {
  source.pull();
}
