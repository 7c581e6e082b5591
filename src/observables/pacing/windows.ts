import { map, type Observable, type OperatorFunction, type Subscriber, type Subscription, tap } from 'rxjs';

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
        map((window) => announcing(window, origin)),
      )
      .subscribe(subscriber);
  });
}

/**
 * The same window or group, which announces its need. It is made by `lift`, so a Subject stays one, and what the
 * subscription throws is thrown to the subscriber: RxJS refuses a subscription to a window that was disposed of.
 */
function announcing<W extends Observable<unknown>>(window: W, origin: WindowSource): W {
  const announced = window.lift<unknown>({
    call(subscriber: Subscriber<unknown>, source: Observable<unknown>): Subscription {
      announceNeed(origin);
      return source.subscribe(subscriber);
    },
  });
  // A group has its key.
  if ('key' in window) Object.assign(announced, { key: window.key });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same with a word at its subscription
  return announced as W;
}
