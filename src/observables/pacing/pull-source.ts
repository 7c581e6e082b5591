import type { Subscriber } from 'rxjs';

import type { Upstream } from '../demand.ts';

/** A source that emits what it pulls from somewhere, and doesn't pull while it is held. */
export abstract class PullSource<A> implements Upstream {
  emitting: unknown = undefined;
  protected readonly subscriber: Subscriber<A>;
  private holds = 0;

  constructor(subscriber: Subscriber<A>) {
    this.subscriber = subscriber;
  }

  protected get mayPull(): boolean {
    return this.holds === 0 && !this.subscriber.closed;
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.mayPull) this.pull();
    };
  }

  /** Pulls and emits as long as `mayPull`; may be called again inside a delivery. */
  abstract pull(): void;

  /** Gives up what it pulls from. */
  abstract unsubscribe(): void;
}
