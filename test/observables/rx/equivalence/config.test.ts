// The switches of RxJS's `config`, which its types deprecate.
import { afterEach, describe, vi } from 'vitest';

import { config } from '../../../../src/rx.ts';
import { type Rx, sameAsRxjs } from './traces.ts';

afterEach(() => {
  config.useDeprecatedSynchronousErrorHandling = false;
  vi.restoreAllMocks();
});

/** Switches synchronous errors on, which RxJS warns of. */
function switchOn(rx: Rx): void {
  for (const each of ['log', 'warn'] as const) vi.spyOn(console, each).mockImplementation(() => undefined);
  rx.config.useDeprecatedSynchronousErrorHandling = true;
}

const boom = (): never => {
  throw new RangeError('boom');
};

describe('useDeprecatedSynchronousErrorHandling', () => {
  sameAsRxjs(
    Object.fromEntries(
      Object.entries<(rx: Rx) => ReturnType<Rx['from']>>({
        mergeMap: (rx) => rx.of(1, 2).pipe(rx.mergeMap((n) => [n])),
        concatMap: (rx) => rx.of(1, 2).pipe(rx.concatMap((n) => [n])),
        switchMap: (rx) => rx.of(1, 2).pipe(rx.switchMap((n) => [n])),
        exhaustMap: (rx) => rx.of(1, 2).pipe(rx.exhaustMap((n) => [n])),
        'mergeMap whose project throws': (rx) => rx.of(1, 2).pipe(rx.mergeMap(boom)),
        merge: (rx) => rx.merge(rx.of(1), rx.of(2)),
        concat: (rx) => rx.concat(rx.of(1), rx.of(2)),
        race: (rx) => rx.race(rx.of(1), rx.of(2)),
        zip: (rx) => rx.zip([1], [2]),
        combineLatest: (rx) => rx.combineLatest([[1], [2]]),
        defer: (rx) => rx.defer(() => [1]),
        'defer that throws': (rx) => rx.defer(boom),
        from: (rx) => rx.from(new Set([1, 2])),
        throwError: (rx) => rx.throwError(() => new RangeError('no')),
        groupBy: (rx) => rx.of(1, 2).pipe(rx.groupBy((n) => n)),
        window: (rx) => rx.of(1, 2).pipe(rx.window(rx.NEVER)),
      }).map(([name, make]) => [
        name,
        ({ rx, log }) => {
          switchOn(rx);
          for (const next of [boom, log]) {
            try {
              const subscription = make(rx).subscribe(next);
              log('subscribed', subscription.closed);
            } catch (error) {
              log('thrown', error);
            }
          }
        },
      ]),
    ),
  );
});
