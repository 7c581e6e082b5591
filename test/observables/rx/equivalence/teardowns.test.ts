// Teardowns and sources that do something unusual.
import type { Observable } from 'rxjs';
import { describe } from 'vitest';

import { type Program, type Rx, sameAsRxjs, type Tools } from './traces.ts';

type Flatten = Rx['mergeMap'];

const programs = (name: 'mergeMap' | 'concatMap' | 'switchMap' | 'exhaustMap'): Record<string, Program> => {
  const flatten = (rx: Rx): Flatten => rx[name] as Flatten;
  return {
    'a project that makes the source emit': ({ rx, watch, log }) => {
      const source = new rx.Subject<number>();
      watch(
        'out',
        source.pipe(
          flatten(rx)((n) => {
            log('project', n);
            if (n < 3) source.next(n + 1);
            return rx.timer(n).pipe(rx.map(() => n));
          }),
        ),
      );
      source.next(1);
      rx.timer(2).subscribe(() => source.complete());
    },
    'a project that completes the source': ({ rx, watch }) => {
      const source = new rx.Subject<number>();
      watch(
        'out',
        source.pipe(
          flatten(rx)((n) => {
            source.complete();
            return rx.of(n);
          }),
        ),
      );
      source.next(1);
    },
    'a project that makes the source fail': ({ rx, watch, noted }) => {
      const source = new rx.Subject<number>();
      watch(
        'out',
        source.pipe(
          flatten(rx)((n) => {
            source.error('no');
            return noted('inner', rx.of(n));
          }),
        ),
      );
      source.next(1);
    },
    'a project that unsubscribes': ({ rx, observer, log, noted }) => {
      const source = new rx.Subject<number>();
      const subscription = source
        .pipe(
          flatten(rx)((n) => {
            subscription.unsubscribe();
            return noted('inner', rx.of(n));
          }),
        )
        .subscribe(observer('out'));
      source.next(1);
      log(source.observed);
    },
    'an inner that is its source': ({ rx, watch }) => {
      const source = new rx.Subject<number>();
      watch('out', source.pipe(flatten(rx)(() => source)));
      source.next(1);
      source.next(2);
      source.next(3);
      source.complete();
    },
    'a source that emits and completes after its end': ({ rx, watch, log }) => {
      const source = new rx.Observable<number>((subscriber) => {
        subscriber.next(1);
        subscriber.complete();
        subscriber.next(2);
        subscriber.error('no');
        return () => log('torn down');
      });
      watch('out', source.pipe(flatten(rx)(() => source)));
    },
    'an inner that emits while it is torn down': ({ rx, watch, cold }) => {
      const inner = new rx.Observable<string>((subscriber) => () => subscriber.next('late'));
      watch('out', cold('-a-b-c|').pipe(flatten(rx)(() => inner)), 9);
    },
    'a consumer that throws': ({ rx, log, cold }) => {
      const failures: unknown[] = [];
      const before = rx.config.onUnhandledError;
      rx.config.onUnhandledError = (error) => failures.push(error);
      const subscription = cold('-a-b|')
        .pipe(flatten(rx)((value) => [value, value]))
        .subscribe((value) => {
          log(value);
          throw new RangeError(value);
        });
      subscription.add(() => (rx.config.onUnhandledError = before));
    },
  };
};

describe.each(['mergeMap', 'concatMap', 'switchMap', 'exhaustMap'] as const)('%s', (name) => {
  sameAsRxjs(programs(name));
});

describe('over synchronous sources with side effects', () => {
  const counting = ({ rx, log }: Tools): Observable<number> =>
    new rx.Observable((subscriber) => {
      for (let n = 0; !subscriber.closed && n < 10; n++) {
        log('effect', n);
        subscriber.next(n);
      }
    });
  const stopped =
    (make: (flow: Observable<number>, rx: Rx) => Observable<unknown>): Program =>
    (tools) => {
      tools.watch('out', make(counting(tools), tools.rx).pipe(tools.rx.take(3)));
    };
  sameAsRxjs({
    merge: stopped((flow, rx) => rx.merge(flow, rx.of(0))),
    concat: stopped((flow, rx) => rx.concat(flow, rx.of(0))),
    race: stopped((flow, rx) => rx.race(flow, rx.of(0))),
    zip: stopped((flow, rx) => rx.zip(rx.of('a', 'b', 'c', 'd'), flow)),
    combineLatest: stopped((flow, rx) => rx.combineLatest([rx.of('a'), flow])),
    defer: stopped((flow, rx) => rx.defer(() => flow)),
    from: stopped((flow, rx) => rx.from(flow)),
    groupBy: stopped((flow, rx) =>
      flow.pipe(
        rx.groupBy((n) => n % 2),
        rx.mergeMap((group) => group),
      ),
    ),
    window: stopped((flow, rx) =>
      flow.pipe(
        rx.window(rx.NEVER),
        rx.mergeMap((each) => each),
      ),
    ),
    windowCount: stopped((flow, rx) =>
      flow.pipe(
        rx.windowCount(2),
        rx.mergeMap((each) => each),
      ),
    ),
    mergeMap: stopped((flow, rx) => flow.pipe(rx.mergeMap((n) => [n, n]))),
    'mergeMap of it': stopped((flow, rx) => rx.of(1, 2).pipe(rx.mergeMap(() => flow))),
    concatMap: stopped((flow, rx) => flow.pipe(rx.concatMap((n) => [n, n]))),
    'concatMap of it': stopped((flow, rx) => rx.of(1, 2).pipe(rx.concatMap(() => flow))),
    'switchMap of it': stopped((flow, rx) => rx.of(1, 2).pipe(rx.switchMap(() => flow))),
    'exhaustMap of it': stopped((flow, rx) => rx.of(1, 2).pipe(rx.exhaustMap(() => flow))),
    'all of them': stopped((flow, rx) =>
      rx.concat(rx.merge(flow.pipe(rx.concatMap((n) => rx.defer(() => rx.zip([n], flow)))), 1), rx.race(flow, flow)),
    ),
  });
});
