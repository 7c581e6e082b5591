import type { Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import type { Holder, Upstream, Waits } from '../../core/demand.ts';
import { HeldBy } from '../../core/held-by.ts';

/** A source that emits what it pulls from somewhere, and doesn't pull while it is held. */
export abstract class PullSource<A> implements Upstream, Holder {
  readonly operator = 'from';
  progress = 0;
  emitting: unknown = undefined;
  protected readonly subscriber: Subscriber<A>;
  /** The iterator is asked in the context of the subscriber, and not of the one that releases. */
  private readonly context: Context = captureContext();
  private readonly holds = new HeldBy();
  /** Who has to wait as long as this waits; `null` for nobody. */
  private readonly feeder: Upstream | null;
  private releaseFeeder: (() => void) | undefined = undefined;

  constructor(subscriber: Subscriber<A>, feeder: Upstream | null) {
    this.subscriber = subscriber;
    this.feeder = feeder;
  }

  protected get mayPull(): boolean {
    return this.holds.isEmpty && !this.subscriber.closed;
  }

  get pauses(): Upstream | null {
    return this.feeder;
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  /** Its feeder waits as long as this does. */
  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  hold(holder?: Holder): () => void {
    this.holds.add(holder);
    if (this.feeder !== null && !this.subscriber.closed) this.releaseFeeder ??= this.feeder.hold(this);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds.remove(holder);
      if (this.mayPull) this.context.runInAsyncScope(pullFrom, undefined, this);
      // Unless it was held again.
      if (this.holds.isEmpty) this.letFeederGo();
    };
  }

  /** Pauses what it is made of, and not itself. */
  protected holdFeeder(holder: Holder): () => void {
    return this.feeder === null || this.subscriber.closed ? () => {} : this.feeder.hold(holder);
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
