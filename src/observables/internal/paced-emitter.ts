import type { Subscriber } from 'rxjs';

import { deliver, type Upstream } from '../demand.ts';

/**
 * Emits what happens on a server, and can be held: what happens meanwhile is kept, and whoever feeds it looks at
 * `isHeld` before it lets more happen. So what is kept is bounded by the connections that are open.
 */
export class PacedEmitter<T extends object> implements Upstream {
  emitting: unknown = undefined;
  private readonly subscriber: Subscriber<T>;
  private readonly onReleased: () => void;
  private readonly kept: T[] = [];
  private holds = 0;
  private completed = false;

  constructor(subscriber: Subscriber<T>, onReleased: () => void) {
    this.subscriber = subscriber;
    this.onReleased = onReleased;
  }

  get isHeld(): boolean {
    return this.holds > 0;
  }

  /** Whoever took the values takes no more. */
  get isClosed(): boolean {
    return this.subscriber.closed;
  }

  emit(value: T): void {
    if (this.holds > 0 || this.kept.length > 0) this.kept.push(value);
    else this.pass(value);
  }

  /** Completes after what is kept. */
  complete(): void {
    this.completed = true;
    if (this.holds === 0 && this.kept.length === 0) this.subscriber.complete();
  }

  private pass(value: T): void {
    this.emitting = value;
    deliver(this, this.subscriber, value);
    this.emitting = undefined;
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0) process.nextTick(goOn, this);
    };
  }

  goOn(): void {
    while (this.holds === 0 && !this.subscriber.closed) {
      const [first] = this.kept;
      if (first === undefined) break;
      this.kept.shift();
      this.pass(first);
    }
    if (this.holds > 0 || this.subscriber.closed) return;
    if (this.completed) this.subscriber.complete();
    else this.onReleased();
  }
}

function goOn<T extends object>(emitter: PacedEmitter<T>): void {
  emitter.goOn();
}
