import { Observable, type Subscriber } from 'rxjs';

import { deliver } from '../../core/demand.ts';
import { Holdable } from '../pacing/holdable.ts';

/** A flow of what is pushed, with a word of whether there is room for more: who is downstream can hold it. For one subscriber. */
export class PushedFlow<A> extends Holdable {
  readonly flow: Observable<A> = new Observable<A>((subscriber) => {
    this.subscriber = subscriber;
    return () => {
      this.subscriber = undefined;
      this.onFree();
    };
  });
  private subscriber: Subscriber<A> | undefined = undefined;
  private whenRoom: (() => void) | undefined = undefined;

  /** Emits an item. @returns whether there is room for the next one; else `onceRoom` tells. */
  push(item: A): boolean {
    const { subscriber } = this;
    if (subscriber !== undefined) {
      this.emitting = item;
      deliver(this, subscriber, item);
      this.emitting = undefined;
    }
    // Who takes nothing any more is no reason to wait.
    return !this.isHeld || this.subscriber === undefined;
  }

  /** Calls `callback` when there is room again, or nobody takes anything any more. */
  onceRoom(callback: () => void): void {
    this.whenRoom = callback;
  }

  complete(): void {
    this.subscriber?.complete();
  }

  protected onFree(): void {
    const { whenRoom } = this;
    this.whenRoom = undefined;
    whenRoom?.();
  }
}
