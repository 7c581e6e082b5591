import { Observable, type Subscriber } from 'rxjs';

import { deliver, type Upstream } from '../demand.ts';

/** A flow of what is pushed, with a word of whether there is room for more: who is downstream can hold it. For one subscriber. */
export class PushedFlow<A> implements Upstream {
  emitting: unknown = undefined;
  readonly flow: Observable<A> = new Observable<A>((subscriber) => {
    this.subscriber = subscriber;
    return () => {
      this.subscriber = undefined;
      this.roomMade();
    };
  });
  private subscriber: Subscriber<A> | undefined = undefined;
  private holds = 0;
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
    return this.holds === 0 || this.subscriber === undefined;
  }

  /** Calls `callback` when there is room again, or nobody takes anything any more. */
  onceRoom(callback: () => void): void {
    this.whenRoom = callback;
  }

  complete(): void {
    this.subscriber?.complete();
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0) this.roomMade();
    };
  }

  private roomMade(): void {
    const { whenRoom } = this;
    this.whenRoom = undefined;
    whenRoom?.();
  }
}
