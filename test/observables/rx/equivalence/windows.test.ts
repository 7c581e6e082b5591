import type { Observable, OperatorFunction } from 'rxjs';
import { describe } from 'vitest';

import { type Program, type Rx, sameAsRxjs, type Tools } from './traces.ts';

type Windowed = OperatorFunction<unknown, Observable<unknown>>;
type Make = (tools: Tools) => Windowed;

const first = (value: unknown): string => String(value).slice(0, 1);

/** Each with arguments of all its forms. */
const operators: Record<string, Make> = {
  window: ({ rx, cold }) => rx.window(cold('---w--w---w---w|')),
  'window, endless': ({ rx, cold }) => rx.window(cold('---w--w---w')),
  'window of what fails': ({ rx, cold }) => rx.window(cold('---w--w---#')),
  windowCount: ({ rx }) => rx.windowCount(2),
  'windowCount with a start': ({ rx }) => rx.windowCount(3, 1),
  'windowCount with a gap': ({ rx }) => rx.windowCount(2, 3),
  windowTime: ({ rx }) => rx.windowTime(4),
  'windowTime with an interval': ({ rx }) => rx.windowTime(3, 5),
  'windowTime with a size': ({ rx }) => rx.windowTime(6, null, 2),
  'windowTime with a scheduler': ({ rx, scheduler }) => rx.windowTime(5, scheduler),
  'windowTime with all': ({ rx, scheduler }) => rx.windowTime(4, 3, 2, scheduler),
  windowToggle: ({ rx, cold }) => rx.windowToggle(cold('-o---o----o--|'), () => cold('---c|')),
  'windowToggle that throws': ({ rx, cold }) =>
    rx.windowToggle(cold('-o---o----o--|'), () => {
      throw new RangeError('no');
    }),
  windowWhen: ({ rx, cold }) => rx.windowWhen(() => cold('----c|')),
  'windowWhen that throws': ({ rx }) =>
    rx.windowWhen(() => {
      throw new RangeError('no');
    }),
  groupBy: ({ rx }) => rx.groupBy(first),
  'groupBy with an element': ({ rx }) => rx.groupBy(first, (value) => [value]),
  'groupBy with a duration': ({ rx }) => rx.groupBy(first, undefined, (group) => group.pipe(rx.skip(1))),
  'groupBy with a connector': ({ rx }) =>
    rx.groupBy(first, undefined, undefined, () => new rx.ReplaySubject<unknown>()),
  'groupBy with options': ({ rx, cold }) =>
    rx.groupBy(first, {
      element: (value: unknown): unknown => [value],
      duration: () => cold('-----d|'),
      connector: () => new rx.ReplaySubject(),
    }),
  'groupBy whose key throws': ({ rx }) =>
    rx.groupBy((value) => {
      if (value === 'c') throw new RangeError('no');
      return value;
    }),
  'groupBy whose element throws': ({ rx }) =>
    rx.groupBy(first, (value) => {
      if (value === 'c') throw new RangeError('no');
      return value;
    }),
  'groupBy whose duration throws': ({ rx }) =>
    rx.groupBy(first, undefined, () => {
      throw new RangeError('no');
    }),
};

const keyOf = (window: Observable<unknown>): unknown => ('key' in window ? window.key : 'no key');

/** Subscribes to each window as it comes, or later. */
const programs = (make: Make): Record<string, Program> => {
  const watching =
    (source: string, opened: (window: Observable<unknown>, name: string, tools: Tools) => void): Program =>
    (tools) => {
      let count = 0;
      const { noted, cold, log, observer } = tools;
      const values = { a: 'a', b: 'ab', c: 'c', d: 'ad', e: 'b', f: 'c2' };
      noted('source', cold(source, values))
        .pipe(make(tools))
        .subscribe({
          ...observer('out'),
          next: (window) => {
            const name = `window ${count++}`;
            log(name, keyOf(window));
            opened(window, name, tools);
          },
        });
    };
  const atOnce = (window: Observable<unknown>, name: string, { watch }: Tools): void => void watch(name, window);
  const source = '-a-bc-(de)--a--f--|';
  return {
    'each window': watching(source, atOnce),
    'a source that fails': watching('-a-bc-(de)-#', atOnce),
    'an empty source': watching('---|', atOnce),
    'windows that are subscribed to later': watching(source, (window, name, { rx, watch }) => {
      rx.timer(3).subscribe(() => watch(name, window));
    }),
    'windows of which one value is taken': watching(source, (window, name, { rx, watch }) => {
      watch(name, window.pipe(rx.take(1)));
    }),
    'windows that are left': watching(source, (window, name, { watch }) => void watch(name, window, 7)),
    'windows that are subscribed to twice': watching(source, (window, name, { watch }) => {
      watch(name, window);
      watch(`${name} again`, window);
    }),
    'the outer left, the inner kept': (tools) => {
      const { noted, cold, watch, observer } = tools;
      const outer = noted('source', cold(source))
        .pipe(make(tools))
        .subscribe({ ...observer('out'), next: (window) => void watch('window', window) });
      tools.rx.timer(5).subscribe(() => outer.unsubscribe());
      tools.rx.timer(16).subscribe(() => tools.log('late'));
    },
    'a window that is subscribed to after the outer was left': (tools) => {
      const { rx, noted, cold, watch, log, observer } = tools;
      const windows: Observable<unknown>[] = [];
      const outer = noted('source', cold(source))
        .pipe(make(tools))
        .subscribe({ ...observer('out'), next: (window) => void windows.push(window) });
      rx.timer(8).subscribe(() => outer.unsubscribe());
      rx.timer(12).subscribe(() => {
        log(windows.length);
        for (const [index, window] of windows.entries()) {
          try {
            log(watch(`window ${index}`, window).closed);
          } catch (error) {
            log('thrown', error);
          }
        }
      });
    },
    'the class of each window': watching(source, (window, name, { rx, log }) => {
      log(name, window instanceof rx.Subject, rx.isObservable(window));
      if (window instanceof rx.Subject)
        log(window.observed, window.subscribe({ error: rx.noop }).closed, window.observed);
    }),
    'the observers of windows, in all forms': watching(source, (window, name, { rx, log }) => {
      window.subscribe(
        (value) => log(name, 'next', value),
        () => log(name, 'error'),
        () => log(name, 'complete'),
      );
      window.forEach((value) => log(name, 'for each', value)).catch(rx.noop);
    }),
    'flattened by each': (tools) => {
      for (const name of ['mergeMap', 'concatMap', 'switchMap', 'exhaustMap'] as const) {
        const flatten = tools.rx[name] as Rx['mergeMap'];
        const out = tools.cold(source).pipe(
          make(tools),
          flatten((window) => window.pipe(tools.rx.toArray())),
        );
        tools.watch(name, out, 40);
      }
    },
    'a source that emits at once': (tools) => {
      const { rx, watch, noted } = tools;
      watch(
        'out',
        noted('source', ['a', 'b', 'ab', 'c', 'ac']).pipe(
          make(tools),
          rx.mergeMap((each) => each),
          rx.take(4),
        ),
        30,
      );
    },
    'a subclass of Observable stays one': (tools) => {
      const { rx, log } = tools;
      class Own<A> extends rx.Observable<A> {
        override lift<B>(operator?: never): Own<B> {
          const lifted = new Own<B>();
          lifted.source = this as never;
          lifted.operator = operator as never;
          return lifted;
        }
      }
      log(new Own<unknown>().pipe(make(tools)) instanceof Own);
    },
  };
};

describe.each(Object.entries(operators))('%s', (_, make) => {
  sameAsRxjs(programs(make));
});

describe('groupBy', () => {
  sameAsRxjs({
    'passes to the duration the group that it emitted': ({ rx, cold, log }) => {
      const emitted = new Set<Observable<unknown>>();
      cold('-a-b-a-c-|')
        .pipe(
          rx.groupBy((value) => value, {
            duration: (group) => {
              log(group.key, emitted.has(group));
              return rx.timer(3);
            },
          }),
        )
        .subscribe((group) => emitted.add(group));
    },
  });
});

describe('wrong arguments', () => {
  const calls: Record<string, (rx: Rx, wrong: never) => Windowed> = {
    window: (rx, wrong) => rx.window(wrong),
    windowCount: (rx, wrong) => rx.windowCount(wrong),
    windowToggle: (rx, wrong) => rx.windowToggle(wrong, wrong),
    windowWhen: (rx, wrong) => rx.windowWhen(wrong),
    groupBy: (rx, wrong) => rx.groupBy(wrong),
  };
  sameAsRxjs(
    Object.fromEntries(
      Object.entries(calls).map(([name, call]): [string, Program] => [
        name,
        ({ rx, cold, watch, log }) => {
          for (const wrong of [undefined, null, 3, {}, true]) {
            try {
              watch('out', cold('--a--b|').pipe(call(rx, wrong as never)));
            } catch (error) {
              log(error);
            }
          }
        },
      ]),
    ),
  );
});
