import type { Observable, ObservableInput, OperatorFunction } from 'rxjs';
import { describe } from 'vitest';

import { type Program, type Rx, sameAsRxjs } from './traces.ts';

/** As all of them can be called, by their implementation. */
type Flatten = <A>(
  project: (value: A, index: number) => ObservableInput<unknown>,
  select?: unknown,
) => OperatorFunction<A, never>;

type Name = 'mergeMap' | 'concatMap' | 'switchMap' | 'exhaustMap';
const names: readonly Name[] = ['mergeMap', 'concatMap', 'switchMap', 'exhaustMap'];

/** The programs of one operator. */
const programs = (flattening: Name): Record<string, Program> => {
  const of = (rx: Rx): Flatten => rx[flattening] as Flatten;
  return {
    'inners that overlap': ({ rx, hot, cold, watch }) => {
      const inner = cold('--x--y--z|');
      watch(
        'out',
        hot('-a---b-c------d---|').pipe(of(rx)((value, index) => inner.pipe(rx.map((each) => [value, index, each])))),
      );
    },
    'unsubscribed in between': ({ rx, hot, cold, watch }) => {
      const inner = cold('--x--y--z|');
      watch('out', hot('-a---b-c------d---|').pipe(of(rx)(() => inner)), 8);
    },
    'an inner that fails': ({ rx, hot, cold, watch }) => {
      watch('out', hot('-a---b-c------d---|').pipe(of(rx)(() => cold('--x--#'))));
    },
    'a source that fails': ({ rx, hot, cold, watch }) => {
      watch('out', hot('-a---b-c---#').pipe(of(rx)(() => cold('--x--y--z---|'))));
    },
    'an inner that never ends': ({ rx, hot, cold, watch }) => {
      watch('out', hot('-a---b-c---|').pipe(of(rx)(() => cold('--x--y'))), 30);
    },
    'empty inners': ({ rx, hot, watch }) => {
      watch('out', hot('-a---b-c---|').pipe(of(rx)(() => rx.EMPTY)));
    },
    'an empty source': ({ rx, cold, watch }) => {
      watch('out', cold('---|').pipe(of(rx)(() => rx.of(1))));
      watch('at once', rx.EMPTY.pipe(of(rx)(() => rx.of(1))));
      watch('failed at once', rx.throwError(() => 'no').pipe(of(rx)(() => rx.of(1))));
    },
    'a project that throws at the third value': ({ rx, hot, cold, watch }) => {
      watch(
        'out',
        hot('-a---b---c---d---|').pipe(
          of(rx)((value, index) => {
            if (index === 2) throw new RangeError(value);
            return cold('-x-y|');
          }),
        ),
      );
    },
    'arrays, iterables and strings': ({ rx, watch }) => {
      watch('out', rx.of([1, 2], new Set([3]), 'ab', { length: 1, 0: 'like' }).pipe(of(rx)((each) => each as string)));
    },
    'two values of the source in one frame': ({ rx, hot, cold, watch }) => {
      watch('out', hot('(abc|)').pipe(of(rx)((value) => cold('(xy)-z|').pipe(rx.map((each) => value + each)))));
    },
    'the order of teardown, completion and subscription': ({ rx, cold, watch, noted }) => {
      const make = (name: string): Observable<string> => noted(name, cold('-x|'));
      watch('out', noted('source', cold('-a--b-c--(de|)')).pipe(of(rx)(make)));
    },
    'the order of teardown at a failure': ({ rx, cold, watch, noted }) => {
      watch('out', noted('source', cold('-a--b---')).pipe(of(rx)((value) => noted(value, cold('-x---#')))));
    },
    'the order of teardown at unsubscription': ({ rx, cold, watch, noted }) => {
      watch('out', noted('source', cold('-a-b----')).pipe(of(rx)((value) => noted(value, cold('-x---')))), 6);
    },
    'inners that end at once': ({ rx, watch, noted, log }) => {
      watch(
        'out',
        noted('source', [1, 2, 3]).pipe(
          of(rx)((value) => {
            log('project', value);
            return noted(`inner ${value}`, [value, value * 10]);
          }),
        ),
      );
    },
    'a source that is stopped while it emits at once': ({ rx, watch, log }) => {
      const source = new rx.Observable<number>((subscriber) => {
        for (let n = 0; n < 6 && !subscriber.closed; n++) {
          log('emits', n);
          subscriber.next(n);
        }
      });
      watch(
        'out',
        source.pipe(
          of(rx)((value) => rx.of(value)),
          rx.take(3),
        ),
      );
    },
    'an inner that is stopped while it emits at once': ({ rx, watch, log }) => {
      const inner = new rx.Observable<number>((subscriber) => {
        for (let n = 0; n < 6 && !subscriber.closed; n++) {
          log('emits', n);
          subscriber.next(n);
        }
        subscriber.complete();
      });
      watch(
        'out',
        rx.of('a', 'b').pipe(
          of(rx)(() => inner),
          rx.takeWhile((n) => n !== 3),
        ),
      );
      watch('all', rx.of('a', 'b').pipe(of(rx)(() => inner)));
    },
    'a consumer that feeds the source': ({ rx, log }) => {
      const work = new rx.Subject<number>();
      const subscription = work
        .pipe(
          of(rx)((n) => {
            log('project', n);
            return rx.of(n, -n);
          }),
        )
        .subscribe({
          next: (n) => {
            log('next', n);
            if (n > 0 && n < 4) {
              work.next(n + 1);
              work.next(n + 10);
            }
            log('done', n);
          },
          complete: () => log('complete'),
        });
      work.next(1);
      work.complete();
      log(subscription.closed);
    },
    'a consumer that ends the source': ({ rx, watch, log }) => {
      const source = new rx.Subject<number>();
      const out = source.pipe(
        of(rx)((n) => rx.of(n, n)),
        rx.tap(() => source.complete()),
      );
      watch('out', out);
      source.next(1);
      log(source.observed);
    },
    'a consumer that makes the source fail': ({ rx, watch, log }) => {
      const source = new rx.Subject<number>();
      watch(
        'out',
        source.pipe(
          of(rx)((n) => rx.of(n, n)),
          rx.tap(() => source.error('no')),
        ),
      );
      source.next(1);
      log(source.observed);
    },
    'a consumer that unsubscribes within next': ({ rx, log, noted }) => {
      const source = new rx.Subject<number>();
      const subscription = noted('source', source)
        .pipe(of(rx)((n) => noted(`inner ${n}`, rx.of(n, n + 1))))
        .subscribe((n) => {
          log(n);
          if (n === 2) subscription.unsubscribe();
        });
      source.next(1);
      source.next(2);
      log(source.observed);
    },
    'an inner that completes within the next of another': ({ rx, watch }) => {
      const source = new rx.Subject<string>();
      const inners: Record<string, InstanceType<Rx['Subject']>> = { a: new rx.Subject(), b: new rx.Subject() };
      watch(
        'out',
        source.pipe(
          of(rx)((name) => inners[name] ?? rx.EMPTY),
          rx.tap((value) => value === 'end' && inners['a']?.complete()),
        ),
      );
      source.next('a');
      source.next('b');
      inners['a']?.next(1);
      inners['b']?.next('end');
      inners['a']?.next('end');
      inners['b']?.next(2);
      source.complete();
      inners['b']?.complete();
    },
    'the teardown of an inner that feeds the source': ({ rx, watch, log }) => {
      const source = new rx.Subject<number>();
      const inner = (n: number): InstanceType<Rx['Observable']> =>
        new rx.Observable((subscriber) => {
          log('subscribed', n);
          subscriber.next(n);
          return () => {
            log('torn down', n);
            if (n < 3) source.next(n + 1);
          };
        });
      const subscription = watch('out', source.pipe(of(rx)((n) => inner(n).pipe(rx.takeUntil(rx.timer(2))))));
      source.next(1);
      subscription.add(() => log('unsubscribed'));
    },
    'a completed source, and an inner that ends later': ({ rx, cold, watch, noted }) => {
      watch('out', noted('source', cold('(a|)')).pipe(of(rx)(() => noted('inner', cold('--x--|')))));
    },
    resultSelector: ({ rx, hot, cold, watch }) => {
      const select = (...given: unknown[]): unknown => given;
      watch('out', hot('-a---b-c------d---|').pipe(of(rx)(() => cold('--x--y|'), select)));
      watch('at once', rx.of(1, 2).pipe(of(rx)((n) => [n, 'x'], select)));
    },
    'a resultSelector that throws': ({ rx, hot, cold, watch }) => {
      const select = (_: unknown, inner: unknown): unknown => {
        if (inner === 'y') throw new RangeError('y');
        return inner;
      };
      watch('out', hot('-a---b-c------d---|').pipe(of(rx)(() => cold('-x--y|'), select)));
    },
    'undefined and null in place of a resultSelector': ({ rx, cold, watch }) => {
      watch('undefined', cold('-a--b|').pipe(of(rx)(() => cold('-x|'), undefined)));
      watch('null', cold('-a--b|').pipe(of(rx)(() => cold('-x|'), null)));
    },
    'what is no function': ({ rx, cold, watch }) => {
      for (const wrong of [undefined, null, 3, 'text', {}, rx.of(1)]) {
        watch('empty', rx.EMPTY.pipe(of(rx)(wrong as never)));
        watch('values', cold('--a|').pipe(of(rx)(wrong as never)));
      }
    },
    'a project that returns no input of an Observable': ({ rx, cold, watch }) => {
      for (const wrong of [undefined, null, 3, true, {}, Symbol('s'), () => 1]) {
        watch('out', cold('--a--b|').pipe(of(rx)(() => wrong as never)));
      }
    },
    'what is no source': ({ rx, log }) => {
      for (const wrong of [undefined, null, 3, {}, [1]]) {
        try {
          of(rx)(() => rx.of(1))(wrong as never);
          log('no refusal');
        } catch (error) {
          log(error);
        }
      }
    },
    'a subclass of Observable stays one': ({ rx, log, watch }) => {
      class Own<A> extends rx.Observable<A> {
        override lift<B>(operator?: InstanceType<typeof Object> & { call: never }): Own<B> {
          const lifted = new Own<B>();
          lifted.source = this as never;
          lifted.operator = operator as never;
          return lifted;
        }
      }
      const flow = new Own<number>((subscriber) => subscriber.next(1)).pipe(of(rx)((n) => [n, n]));
      log(flow instanceof Own);
      watch('out', flow);
      log(new rx.Subject<number>().pipe(of(rx)((n) => [n])) instanceof rx.Subject);
    },
    'an Observable of another library': ({ rx, watch, log }) => {
      const other = {
        [rx.observable]: () => ({
          subscribe: (observer: { next: (n: number) => void; complete: () => void }) => {
            log('subscribed');
            observer.next(1);
            observer.complete();
            return { unsubscribe: () => log('unsubscribed') };
          },
        }),
      };
      watch('out', rx.of(1, 2).pipe(of(rx)(() => other as never)));
    },
  };
};

describe.each(names)('%s', (name) => {
  sameAsRxjs(programs(name));
});

describe('mergeMap with a concurrency', () => {
  sameAsRxjs({
    'as the second argument': ({ rx, hot, cold, watch }) => {
      watch('out', hot('-abc-d---e---|').pipe(rx.mergeMap(() => cold('--x--y|'), 2)));
    },
    'after a resultSelector': ({ rx, hot, cold, watch }) => {
      const select = (...given: unknown[]): unknown => given;
      watch('out', hot('-abc-d---e---|').pipe(rx.mergeMap(() => cold('--x--y|'), select, 2)));
    },
    'that is no whole number': ({ rx, hot, cold, watch }) => {
      watch('out', hot('-abc-d---e---|').pipe(rx.mergeMap(() => cold('--x--y|'), 1.5)));
    },
    'after undefined, and after null': ({ rx, hot, cold, watch }) => {
      watch('undefined', hot('-abc-d---e---|').pipe(rx.mergeMap(() => cold('--x--y|'), undefined, 2)));
      watch('null', hot('-abc-d---e---|').pipe(rx.mergeMap(() => cold('--x--y|'), null as never, 2)));
    },
    'a project that throws for a value that had waited': ({ rx, hot, cold, watch }) => {
      const project = (value: string): Observable<string> => {
        if (value === 'c') throw new RangeError(value);
        return cold('--x--y|');
      };
      watch('out', hot('-abcd---|').pipe(rx.mergeMap(project, 1)));
    },
    'a source that completes while values wait': ({ rx, cold, watch, noted }) => {
      watch('out', noted('source', cold('(abc|)')).pipe(rx.mergeMap((name) => noted(name, cold('--x|')), 1)));
    },
    'an unsubscription while values wait': ({ rx, cold, watch, noted }) => {
      watch('out', noted('source', cold('(abc|)')).pipe(rx.mergeMap((name) => noted(name, cold('--x|')), 1)), 4);
    },
    'a work list': ({ rx, log, cold }) => {
      const work = new rx.Subject<number>();
      work.pipe(rx.mergeMap((n) => cold('-x|').pipe(rx.map(() => n)), 2)).subscribe((n) => {
        log(n);
        if (n < 5) for (const more of [1, 2]) work.next(n + more);
      });
      work.next(1);
    },
  });
});
