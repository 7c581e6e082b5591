import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Upstream } from '../../core/demand.ts';
import { Holdable } from './holdable.ts';

/**
 * The way out of an operator that emits at times of its own.
 *
 * What comes with an upstream on the stack passes straight through, and a consumer that can't keep up holds that one.
 * What comes with none (of a promise, of a timer) is delivered with the gate as the upstream; while it is held, its
 * owner keeps what comes.
 */
export class Gate<B> extends Holdable {
  private readonly subscriber: Subscriber<B>;
  private readonly onReleased: () => void;

  /** `onReleased` is called when the last hold was released, perhaps inside a delivery. */
  constructor(subscriber: Subscriber<B>, onReleased: () => void) {
    super();
    this.subscriber = subscriber;
    this.onReleased = onReleased;
  }

  protected onFree(): void {
    this.onReleased();
  }

  /**
   * The upstream that a value which comes at this moment is to be blamed on; `null` when nothing but this gate can be
   * held. The gate itself is on the stack when a consumer feeds its own source: to hold it would be to wait for itself.
   */
  foreignUpstream(): Upstream | null {
    const upstream = currentUpstream();
    return upstream === this ? null : upstream;
  }

  /** Passes a value on which came with `upstream`. */
  pass(value: B, upstream: Upstream | null): void {
    if (upstream === null) this.emit(value);
    else this.subscriber.next(value);
  }

  /** Delivers a value with the gate as the upstream. */
  emit(value: B): void {
    const outer = this.emitting;
    this.emitting = value;
    deliver(this, this.subscriber, value);
    this.emitting = outer;
  }
}
