import { Observable } from 'rxjs';

import { ConnectTimeout } from '../../core/failures/index.ts';
import { checkDuration } from '../../core/options/index.ts';
import { guarded } from '../../core/report-defect.ts';
import type { Op } from '../flow.ts';
import { ContextSubscriber } from '../internal/in-context.ts';
import { clockOf, defaultSourceClock, type TimeSource } from '../internal/source-clock.ts';
import { SourceReceiver } from '../pacing/receiver.ts';

/**
 * Fails with `ConnectTimeout` when no connection stands within `ms`, and gives the dial up. The
 * operator form of the option `connectTimeout` of `connect`, for what is made of several dials
 * (`race`, `retry`).
 *
 * It adds `ConnectTimeout`. The first item ends the wait.
 *
 * @param ms - more than 0 ms, at most 2,147,483,647.
 * @param clock - a `Clock` or an RxJS scheduler. Default: RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailure, connectTimeout } from 'rxjs-net';
 * import { NEVER, of } from 'rxjs-net/rx';
 *
 * NEVER.pipe(
 *   connectTimeout(20),
 *   catchFailure('ConnectTimeout', (failure) => of(failure.limit)),
 * ).subscribe((limit) => console.log(limit)); // => 20
 * ```
 */
export function connectTimeout<A>(ms: number, clock?: TimeSource): Op<A, A, ConnectTimeout> {
  return (source) =>
    new Observable<A>((subscriber) => {
      let cancel: () => void;
      try {
        checkDuration('connectTimeout', ms);
        const time = clock === undefined ? defaultSourceClock : clockOf(clock);
        const told = new ContextSubscriber(subscriber);
        cancel = time.after(ms, () => guarded(() => told.error(new ConnectTimeout({ limit: ms }))));
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      subscriber.add(cancel);
      const receiver = new SourceReceiver<A>({
        sourceNext: (value) => {
          cancel();
          subscriber.next(value);
        },
        sourceError: (error) => subscriber.error(error),
        sourceComplete: () => subscriber.complete(),
      });
      subscriber.add(receiver);
      source.subscribe(receiver);
    });
}
