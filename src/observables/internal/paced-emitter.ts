import type { Subscriber } from 'rxjs';

import { deliver } from '../../core/demand.ts';
import { guarded, reportDefect } from '../../core/report-defect.ts';
import { Holdable } from '../pacing/holdable.ts';

/**
 * Emits what happens on a server, and can be held: what happens meanwhile is kept, and whoever feeds it looks at
 * `isHeld` before it lets more happen. So what is kept is bounded by the connections that are open.
 */
export class PacedEmitter<T extends object> extends Holdable {
  private readonly subscriber: Subscriber<T>;
  private readonly onReleased: () => void;
  private readonly kept: T[] = [];
  private completed = false;

  constructor(subscriber: Subscriber<T>, onReleased: () => void) {
    super();
    this.subscriber = subscriber;
    this.onReleased = onReleased;
  }

  /** Whoever took the values takes no more. */
  get isClosed(): boolean {
    return this.subscriber.closed;
  }

  emit(value: T): void {
    if (this.isHeld || this.kept.length > 0) this.kept.push(value);
    else this.pass(value);
  }

  /** Completes after what is kept. */
  complete(): void {
    this.completed = true;
    if (!this.isHeld && this.kept.length === 0) this.end();
  }

  private pass(value: T): void {
    this.emitting = value;
    try {
      this.context.runInAsyncScope(deliver<T>, undefined, this, this.subscriber, value);
    } catch (error) {
      // What happened goes on happening, whatever the one who was told of it throws.
      reportDefect(error);
    }
    this.emitting = undefined;
  }

  protected onFree(): void {
    process.nextTick(goOn, this);
  }

  goOn(): void {
    while (!this.isHeld && !this.subscriber.closed) {
      const [first] = this.kept;
      if (first === undefined) break;
      this.kept.shift();
      this.pass(first);
    }
    if (this.isHeld || this.subscriber.closed) return;
    if (this.completed) this.end();
    else this.onReleased();
  }

  private end(): void {
    guarded(() => this.context.runInAsyncScope(complete, undefined, this.subscriber));
  }
}

function complete(subscriber: Subscriber<never>): void {
  subscriber.complete();
}

function goOn<T extends object>(emitter: PacedEmitter<T>): void {
  emitter.goOn();
}
