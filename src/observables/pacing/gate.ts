import type { Subscriber } from 'rxjs';

import { currentUpstream, deliver, type Holder, type Upstream, type Waits } from '../../core/demand.ts';
import { Holdable } from './holdable.ts';

/** The operator that emits through a gate. */
export interface GateOwner {
  readonly operator: string;
  /** The last hold was released, perhaps inside a delivery. */
  onReleased(): void;
  /**
   * Reports each upstream that has to deliver before the operator can emit more, until one report
   * returns true.
   */
  emissionNeeds(waits: Waits): boolean;
}

/**
 * The output of an operator that emits at times of its own.
 *
 * What comes with an upstream on the stack passes straight through, and a consumer that can't keep up holds that one.
 * What comes with none (of a promise, of a timer) is delivered with the gate as the upstream; while it is held, its
 * owner keeps what comes.
 *
 * It is the holder of what waits for its own release.
 */
export class Gate<B> extends Holdable implements Holder {
  progress = 0;
  private readonly subscriber: Subscriber<B>;
  private readonly owner: GateOwner;

  constructor(subscriber: Subscriber<B>, owner: GateOwner) {
    super();
    this.subscriber = subscriber;
    this.owner = owner;
  }

  get operator(): string {
    return this.owner.operator;
  }

  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  needs(waits: Waits): boolean {
    return this.owner.emissionNeeds(waits);
  }

  protected onFree(): void {
    this.owner.onReleased();
  }

  /**
   * The upstream that a value which comes at this moment is to be attributed to; `null` when
   * nothing but this gate can be held. The gate itself is on the stack when a consumer feeds its
   * own source: to hold it would be to wait for itself.
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
    this.progress++;
    deliver(this, this.subscriber, value);
    this.emitting = outer;
  }
}
