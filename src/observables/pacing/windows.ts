import { type Observable, type OperatorFunction, type Subscription, tap } from 'rxjs';

import { currentUpstream, type Upstream, type Waits } from '../../core/demand.ts';
import { operator } from './lifted.ts';
import { announceNeed } from './work.ts';

/** The source of windows or groups, as what they need: whichever upstream delivered to it last. */
class WindowSource implements Upstream {
  readonly emitting = undefined;
  last: Upstream | null = null;

  hold(): () => void {
    return () => {};
  }

  needs(waits: Waits): boolean {
    return this.last !== null && waits.forDelivery(this.last);
  }
}

/**
 * Makes an operator of RxJS that emits windows or groups announce where these come from: work over
 * a window needs the source of the windows. A paced operator that does such work buffers further
 * ones up to its bound, and does not pause that source.
 */
export function fedBySource<A, W extends Observable<unknown>>(windows: OperatorFunction<A, W>): OperatorFunction<A, W> {
  return operator((source, subscriber) => {
    const origin = new WindowSource();
    source
      .pipe(
        tap(() => {
          origin.last = currentUpstream();
        }),
        windows,
        tap((window) => announceAtSubscription(window, origin)),
      )
      .subscribe(subscriber);
  });
}

/**
 * Makes a window or group announce its need at each subscription. It stays the very object that
 * RxJS made: a program may know a group by its identity, and a window may be a Subject.
 */
function announceAtSubscription(window: Observable<unknown>, origin: WindowSource): void {
  const subscribe = window.subscribe.bind(window);
  const value = (...observer: Parameters<typeof subscribe>): Subscription => {
    announceNeed(origin);
    return subscribe(...observer);
  };
  Object.defineProperty(window, 'subscribe', { value, configurable: true, writable: true });
}
