import { Observable } from 'rxjs';

import { callEach } from '../../core/report-defect.ts';
import { ContextSubscriber } from './in-context.ts';

/**
 * Tells several subscribers what happens. A `Subject` would stop in the middle of a round where a
 * teardown of one of them throws; here each is told, in its own context, and the exception is a
 * warning of the process.
 */
export class Broadcast<T> {
  private readonly subscribers = new Set<ContextSubscriber<T>>();
  private completed = false;

  readonly flow: Observable<T> = new Observable((subscriber) => {
    if (this.completed) {
      subscriber.complete();
      return undefined;
    }
    const told = new ContextSubscriber(subscriber);
    this.subscribers.add(told);
    return () => this.subscribers.delete(told);
  });

  /** Who subscribes while one is told is told of what comes later. */
  emit(value: T): void {
    if (this.subscribers.size > 0) callEach([...this.subscribers], (subscriber) => subscriber.next(value));
  }

  complete(): void {
    this.completed = true;
    const all = [...this.subscribers];
    this.subscribers.clear();
    callEach(all, (subscriber) => subscriber.complete());
  }
}
