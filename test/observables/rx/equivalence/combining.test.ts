import type { Observable, ObservableInput } from 'rxjs';
import { describe } from 'vitest';

import { type Program, type Rx, sameAsRxjs } from './traces.ts';

type Name = 'merge' | 'concat' | 'race' | 'zip' | 'combineLatest';
const names: readonly Name[] = ['merge', 'concat', 'race', 'zip', 'combineLatest'];
type Combining = (...given: unknown[]) => Observable<unknown>;

/** A function that is called as its types forbid. */
const any = (combining: unknown): Combining => combining as Combining;

/** The programs of all, whose arguments are one input after the other. */
const programs = (name: Name): Record<string, Program> => {
  const all = (rx: Rx): Combining => any(rx[name]);
  /** A program for each pair of marbles. */
  const pairs: Record<string, Program> = {};
  for (const [one, two] of [
    ['-a--b--c|', '--x-y|'],
    ['-a--b--c|', '-x-y#'],
    ['-a-#', '-x-y|'],
    ['(ab|)', '(xy|)'],
    ['-', '-a|'],
    ['|', '-x-y|'],
    ['|', '|'],
    ['#', '#'],
    ['-a', '|'],
    ['--a|', '#'],
  ] as const) {
    pairs[`${one} and ${two}`] = ({ rx, cold, watch }) => void watch('out', all(rx)(cold(one), cold(two)));
    pairs[`${one} and ${two}, hot`] = ({ rx, hot, watch }) => void watch('out', all(rx)(hot(one), hot(two)));
    pairs[`${one} and ${two}, unsubscribed`] = ({ rx, cold, watch }) =>
      void watch('out', all(rx)(cold(one), cold(two)), 4);
  }
  return {
    ...pairs,
    'no input': ({ rx, watch, log }) => {
      const flow = all(rx)();
      log(flow === rx.EMPTY);
      watch('out', flow);
    },
    'an empty list': ({ rx, watch, log }) => log(watch('out', all(rx)([])).closed),
    'one input': ({ rx, cold, watch, log }) => {
      const input = cold('-a-b|');
      const flow = all(rx)(input);
      log(flow === input);
      watch('out', flow);
    },
    'one promise': ({ rx, log }) => log(all(rx)(Promise.resolve(1)) instanceof rx.Observable),
    'a list of one input': ({ rx, cold, watch, log }) => {
      const input = cold('-a-b|');
      const flow = all(rx)([input]);
      log(flow === input);
      watch('out', flow);
    },
    'a list of inputs': ({ rx, cold, watch }) => void watch('out', all(rx)([cold('-a-b|'), cold('--x-y|')])),
    'arrays, iterables and strings': ({ rx, watch }) => void watch('out', all(rx)([1, 2], new Set([3, 4]), 'ab')),
    'a list of arrays': ({ rx, watch }) => void watch('out', all(rx)([[1, 2], [3]])),
    'inputs that end at once': ({ rx, watch, noted }) => {
      watch('out', all(rx)(noted('a', [1, 2]), noted('b', [3]), noted('c', [])));
    },
    'an input that fails at once': ({ rx, cold, watch, noted }) => {
      watch(
        'out',
        all(rx)(
          noted('a', cold('-a')),
          noted(
            'b',
            rx.throwError(() => 'no'),
          ),
          noted('c', cold('-c')),
        ),
      );
    },
    'an input that is empty at once': ({ rx, cold, watch, noted }) => {
      watch('out', all(rx)(noted('a', cold('-a|')), noted('b', rx.EMPTY), noted('c', cold('-c|'))));
    },
    'the order of teardown': ({ rx, cold, watch, noted }) => {
      watch('complete', all(rx)(noted('a', cold('-a-|')), noted('b', cold('--b|'))));
      watch('fails', all(rx)(noted('a', cold('-a-')), noted('b', cold('--#'))));
      watch('unsubscribed', all(rx)(noted('a', cold('-a-')), noted('b', cold('--b'))), 4);
    },
    'unsubscribed within next': ({ rx, log, noted }) => {
      const [a, b] = [new rx.Subject(), new rx.Subject()];
      const subscription = all(rx)(noted('a', a), noted('b', b)).subscribe((value) => {
        log(value);
        subscription.unsubscribe();
        a.next('late');
      });
      a.next(1);
      b.next(2);
      log(a.observed, b.observed);
    },
    'a consumer that feeds its inputs': ({ rx, log }) => {
      const [a, b] = [new rx.Subject<number>(), new rx.Subject<number>()];
      let left = 6;
      all(rx)(a, b).subscribe({
        next: (value) => {
          log('next', value);
          if (left-- > 0) (left % 2 === 0 ? a : b).next(left);
          log('done', value);
        },
        complete: () => log('complete'),
      });
      a.next(10);
      b.next(20);
      a.complete();
      b.complete();
    },
    'a consumer that ends an input': ({ rx, watch, log }) => {
      const [a, b] = [new rx.Subject<number>(), new rx.Subject<number>()];
      watch('out', all(rx)(a, b).pipe(rx.tap(() => a.complete())));
      a.next(1);
      b.next(2);
      b.next(3);
      log(a.observed, b.observed);
    },
    'take(1) of inputs that emit at once': ({ rx, watch, noted }) => {
      watch('out', all(rx)(noted('a', [1, 2]), noted('b', [3, 4]), noted('c', [5])).pipe(rx.take(1)));
    },
    'what is no input of an Observable': ({ rx, cold, watch, log, noted }) => {
      for (const wrong of [undefined, null, 3, {}, true, () => 1]) {
        for (const given of [
          [wrong],
          [noted('a', cold('-a|')), wrong, noted('b', cold('-b|'))],
          [[wrong]],
          [[cold('-a|'), wrong]],
        ]) {
          try {
            watch('out', all(rx)(...given));
          } catch (error) {
            log('thrown', error);
          }
        }
      }
    },
    'is subscribed to again': ({ rx, cold, watch }) => {
      const flow = all(rx)(cold('-a-b|'), cold('--x|'));
      watch('one', flow);
      watch('two', flow);
    },
  };
};

describe.each(names)('%s', (name) => {
  sameAsRxjs(programs(name));
});

describe('merge', () => {
  sameAsRxjs({
    'with a concurrency': ({ rx, cold, watch, noted }) => {
      for (const concurrency of [1, 2, 1.5, Infinity]) {
        watch('out', rx.merge(noted('a', cold('-a-|')), noted('b', cold('-b|')), noted('c', cold('-c|')), concurrency));
      }
    },
    'with a concurrency of nothing': ({ rx, cold, watch }) => {
      for (const none of [0, -1, Number.NaN]) watch('out', rx.merge(cold('-a|'), cold('-b|'), none), 10);
    },
    'with a number between the inputs': ({ rx, cold, watch }) => {
      watch('out', any(rx.merge)(cold('-a|'), 1, cold('-b|')));
    },
    'with a concurrency alone': ({ rx, watch, log }) => {
      const flow = any(rx.merge)(2);
      log(flow === rx.EMPTY);
      watch('out', flow);
    },
    'one input and a concurrency': ({ rx, cold, log }) => {
      const input = cold('-a|');
      log(rx.merge(input, 1) === input);
    },
  });
});

describe('zip', () => {
  const sum = (...values: unknown[]): unknown => values.join('+');
  sameAsRxjs({
    'with a project': ({ rx, cold, watch }) => {
      watch('out', rx.zip(cold('-a-b|'), cold('--x-y-z|'), sum));
      watch('a list', rx.zip([cold('-a-b|'), cold('--x-y-z|')], sum));
      watch('one', rx.zip(cold('-a-b|'), sum));
      watch('none', any(rx.zip)(sum));
    },
    'with a project that throws': ({ rx, cold, watch }) => {
      const failing = (): never => {
        throw new RangeError('no');
      };
      watch('out', any(rx.zip)(cold('-a-b|'), cold('--x-y-z|'), failing));
    },
    'of endless and short ones': ({ rx, cold, watch }) => {
      watch('out', rx.zip(rx.interval(1), cold('---x---y|')));
      watch('iterables', rx.zip([1, 2, 3], cold('---x---y-----|')));
    },
    'that are ahead by many': ({ rx, watch }) => {
      watch('out', rx.zip(rx.range(0, 100), rx.timer(1, 1)).pipe(rx.last()));
    },
  });
});

describe('combineLatest', () => {
  const sum = (...values: unknown[]): unknown => values.join('+');
  sameAsRxjs({
    'with a project': ({ rx, cold, watch }) => {
      watch('out', rx.combineLatest(cold('-a-b|'), cold('--x-y-z|'), sum));
      watch('a list', rx.combineLatest([cold('-a-b|'), cold('--x-y-z|')], sum));
      watch('one', rx.combineLatest(cold('-a-b|'), sum));
      watch('a list of one', rx.combineLatest([cold('-a-b|')], sum));
      watch('none', any(rx.combineLatest)(sum));
    },
    'with a project that throws': ({ rx, cold, watch }) => {
      const failing = (): never => {
        throw new RangeError('no');
      };
      watch('out', any(rx.combineLatest)([cold('-a-b|'), cold('--x-y-z|')], failing));
    },
    'by name': ({ rx, cold, watch }) => {
      watch('out', rx.combineLatest({ a: cold('-a-b|'), b: cold('--x-y-z|') }));
      watch('one', rx.combineLatest({ a: cold('-a-b|') }));
      watch('none', rx.combineLatest({}));
      watch(
        'project',
        any(rx.combineLatest)({ a: cold('-a-b|') }, (all: unknown) => [all]),
      );
    },
    'of values that are arrays': ({ rx, cold, watch }) => {
      watch('out', rx.combineLatest([rx.of([1, 2]), cold('-a|')], sum));
    },
    'an object of a class': ({ rx, watch, log }) => {
      class Named {
        readonly a = rx.of(1);
      }
      try {
        watch('out', any(rx.combineLatest)(new Named()));
      } catch (error) {
        log(error);
      }
    },
  });
});

describe('defer', () => {
  sameAsRxjs({
    'is called for each subscriber': ({ rx, cold, watch, log }) => {
      let count = 0;
      const flow = rx.defer(() => {
        log('made', count);
        return count++ === 0 ? cold('-a|') : cold('--b|');
      });
      watch('one', flow);
      watch('two', flow, 1);
    },
    'makes what is no Observable': ({ rx, watch }) => {
      for (const made of [[1, 2], 'ab', undefined, null, 3, {}])
        watch(
          'out',
          rx.defer(() => made as ObservableInput<unknown>),
        );
    },
    throws: ({ rx, watch }) => {
      watch(
        'out',
        rx.defer(() => {
          throw new RangeError('no');
        }),
      );
    },
    'is no function': ({ rx, watch }) => {
      for (const wrong of [undefined, null, 3, rx.of(1)]) watch('out', rx.defer(wrong as never));
    },
    'is unsubscribed while it is made': ({ rx, log, noted }) => {
      const subscription = new rx.Subscription();
      const flow = rx.defer(() => {
        subscription.unsubscribe();
        return noted('made', [1, 2]);
      });
      const subscriber = new rx.Subscriber<number>();
      subscription.add(subscriber);
      flow.subscribe(subscriber);
      log(subscriber.closed);
    },
  });
});
