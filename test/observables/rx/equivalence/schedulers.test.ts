// The forms with a scheduler, which the types of RxJS deprecate.
import { describe } from 'vitest';

import { sameAsRxjs } from './traces.ts';

describe('with a scheduler', () => {
  sameAsRxjs({
    merge: ({ rx, cold, watch, noted, scheduler, log }) => {
      watch('out', rx.merge(noted('a', cold('-a|')), noted('b', cold('-b-c|')), scheduler));
      watch('at once', rx.merge(noted('d', [1, 2]), noted('e', [3]), rx.asapScheduler));
      log('subscribed');
    },
    'merge with a concurrency': ({ rx, cold, watch, noted, scheduler }) => {
      watch('out', rx.merge(noted('a', cold('-a|')), noted('b', cold('-b-c|')), noted('c', cold('-d|')), 1, scheduler));
      watch(
        'two',
        rx.merge(noted('a', cold('-a|')), noted('b', cold('-b-c|')), noted('c', cold('-d|')), 2, rx.asyncScheduler),
      );
    },
    'merge of one, and of none': ({ rx, cold, watch, log, scheduler }) => {
      const input = cold('-a|');
      log(rx.merge(input, scheduler) === input, rx.merge(scheduler) === rx.EMPTY);
      watch('none', rx.merge(scheduler));
    },
    concat: ({ rx, cold, watch, noted, scheduler, log }) => {
      watch('out', rx.concat(noted('a', cold('-a|')), noted('b', cold('-b-c|')), scheduler));
      watch('at once', rx.concat(noted('d', [1, 2]), noted('e', [3]), rx.asapScheduler));
      watch('one', rx.concat(noted('f', cold('-a|')), scheduler));
      watch('none', rx.concat(scheduler));
      log('subscribed');
    },
    'concat of what is no input': ({ rx, cold, watch, scheduler }) => {
      watch('out', rx.concat(cold('-a|'), 3 as never, scheduler));
    },
    'merge and concat, unsubscribed': ({ rx, cold, watch, noted }) => {
      watch('merge', rx.merge(noted('a', cold('-a')), noted('b', cold('-b')), rx.asyncScheduler), 3);
      watch('concat', rx.concat(noted('a', cold('-a|')), noted('b', cold('-b')), rx.asyncScheduler), 4);
    },
    combineLatest: ({ rx, cold, watch, scheduler, log }) => {
      const join = (...values: unknown[]): string => values.join('+');
      watch('each', rx.combineLatest(rx.of(1, 2, 3), rx.of(4, 5, 6), rx.queueScheduler));
      watch('list', rx.combineLatest([rx.of(1, 2, 3), cold('-a-b|')], scheduler));
      watch('project', rx.combineLatest(rx.of(1, 2, 3), rx.of(4, 5, 6), join, rx.asapScheduler));
      watch('list, project', rx.combineLatest([rx.of(1, 2), rx.of(4, 5)], join, scheduler));
      watch('empty', rx.combineLatest([], scheduler));
      watch('fails', rx.combineLatest([rx.throwError(() => 'no'), cold('-a|')], scheduler));
      const named = rx.combineLatest as (...given: unknown[]) => ReturnType<typeof rx.of>;
      watch('by name', named({ a: rx.of(1, 2), b: rx.of(3) }, scheduler));
      log('subscribed');
    },
    from: ({ rx, watch, log, cold, scheduler }) => {
      watch('array', rx.from([1, 2, 3], scheduler));
      watch('set', rx.from(new Set([1, 2]), rx.asapScheduler));
      watch('text', rx.from('ab', rx.asyncScheduler));
      watch('Observable', rx.from(cold('-a|'), scheduler));
      watch('undefined', rx.from([1], undefined));
      const input = rx.of(1);
      log(rx.from(input, scheduler) === input, rx.from(input, undefined) === input);
      for (const wrong of [undefined, null, 3, {}, true]) {
        try {
          rx.from(wrong as never, scheduler);
        } catch (error) {
          log(error);
        }
      }
    },
    throwError: ({ rx, watch, log, scheduler }) => {
      watch('value', rx.throwError('no', scheduler));
      watch(
        'function',
        rx.throwError(() => 'made', rx.asyncScheduler),
      );
      log('subscribed');
    },
  });
});

describe('throwError', () => {
  sameAsRxjs({
    'of a value, and of a function': ({ rx, watch, log }) => {
      watch('value', rx.throwError('no'));
      watch('Error', rx.throwError(new RangeError('no')));
      watch('undefined', rx.throwError(undefined));
      let made = 0;
      const flow = rx.throwError(() => ++made);
      watch('one', flow);
      watch('two', flow);
      log(made);
    },
    'of a function that throws': ({ rx, watch }) => {
      watch(
        'out',
        rx.throwError(() => {
          throw new RangeError('no');
        }),
      );
    },
  });
});
