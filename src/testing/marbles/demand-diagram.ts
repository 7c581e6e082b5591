import { asyncScheduler, Observable, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

import { refuse } from '../../core/options/index.ts';
import type { DemandEvent } from './byte-source.ts';

/** What the letters of a diagram of demand stand for; for RxJS `^` and `!` are no values. */
const EVENTS: Readonly<Record<string, readonly DemandEvent[]>> = {
  S: ['subscribed'],
  h: ['held'],
  r: ['released'],
  t: ['released', 'held'],
  U: ['unsubscribed'],
};

/** What a source is told by a diagram, when. */
export function demandOf(marbles: string): Observable<DemandEvent> {
  const rest = marbles.replaceAll(/(?<=^|\s)\d+(\.\d+)?(ms|s|m)(?=\s|$)/g, '');
  if (!/^[-^hrt!() ]*$/.test(rest))
    refuse(
      'marbles',
      marbles,
      'made of "^" (subscribed), "h" (held), "r" (released), "t" (took one more), "!" (unsubscribed), "-" and times',
    );
  const translated = marbles.replaceAll('^', 'S').replaceAll('!', 'U');
  const messages = TestScheduler.parseMarbles(translated, EVENTS, undefined, false, true);
  return new Observable((subscriber) => {
    const scheduled = new Subscription();
    for (const { frame, notification } of messages) {
      if (notification.kind !== 'N') continue;
      const events: readonly DemandEvent[] = notification.value;
      scheduled.add(
        asyncScheduler.schedule(() => {
          for (const event of events) subscriber.next(event);
        }, frame),
      );
    }
    return scheduled;
  });
}
