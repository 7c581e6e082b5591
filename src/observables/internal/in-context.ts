import type { Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';

/** A subscriber that is called in the context in which it subscribed. */
export class ContextSubscriber<T> {
  readonly context: Context = captureContext();
  private readonly subscriber: Subscriber<T>;

  constructor(subscriber: Subscriber<T>) {
    this.subscriber = subscriber;
  }

  get closed(): boolean {
    return this.subscriber.closed;
  }

  next(value: T): void {
    this.context.runInAsyncScope(passNext<T>, undefined, this.subscriber, value);
  }

  error(error: unknown): void {
    this.context.runInAsyncScope(passError, undefined, this.subscriber, error);
  }

  complete(): void {
    this.context.runInAsyncScope(passComplete, undefined, this.subscriber);
  }
}

function passNext<T>(subscriber: Subscriber<T>, value: T): void {
  subscriber.next(value);
}

function passError(subscriber: Subscriber<never>, error: unknown): void {
  subscriber.error(error);
}

function passComplete(subscriber: Subscriber<never>): void {
  subscriber.complete();
}
