// Inners and inputs that waited, and end within the call that subscribes to them.
import type { Observable } from 'rxjs';
import { describe } from 'vitest';

import { sameAsRxjs, type Tools } from './traces.ts';

/** Emits at once, and notes when what follows its completion is run. */
const atOnce = ({ rx, log }: Tools, name: string, ...values: readonly unknown[]): Observable<unknown> =>
  new rx.Observable((subscriber) => {
    log(name, 'subscribed');
    for (const value of values) subscriber.next(value);
    subscriber.complete();
    log(name, 'after its completion');
    return () => log(name, 'torn down');
  });

describe('what waited and ends at once', () => {
  sameAsRxjs({
    'in concat': (tools) => {
      const { rx, watch } = tools;
      watch('out', rx.concat(rx.timer(1), atOnce(tools, 'a', 1, 2), atOnce(tools, 'b', 3), atOnce(tools, 'c')));
    },
    'in concat, before one that does not': (tools) => {
      const { rx, watch } = tools;
      watch('out', rx.concat(rx.timer(1), atOnce(tools, 'a', 1), rx.timer(2), atOnce(tools, 'b', 3), rx.NEVER), 9);
    },
    'in merge': (tools) => {
      const { rx, watch } = tools;
      watch('out', rx.merge(rx.timer(1), atOnce(tools, 'a', 1), atOnce(tools, 'b', 3), atOnce(tools, 'c'), 1));
      watch('two', rx.merge(rx.timer(1), rx.timer(2), atOnce(tools, 'a', 1), atOnce(tools, 'b', 3), 2));
    },
    'in concatMap': (tools) => {
      const { rx, watch } = tools;
      const project = (n: number): Observable<unknown> => (n === 0 ? rx.timer(1) : atOnce(tools, `inner ${n}`, n, n));
      watch('out', rx.of(0, 1, 2, 3).pipe(rx.concatMap(project)));
      watch('finalized', rx.of(0, 1, 2).pipe(rx.concatMap((n) => project(n).pipe(rx.finalize(() => tools.log(n))))));
      watch('open', rx.concat(rx.of(0, 1, 2), rx.NEVER).pipe(rx.concatMap(project)), 9);
    },
    'in mergeMap of 2': (tools) => {
      const { rx, watch } = tools;
      const project = (n: number): Observable<unknown> => (n < 2 ? rx.timer(n + 1) : atOnce(tools, `inner ${n}`, n, n));
      watch('out', rx.of(0, 1, 2, 3, 4).pipe(rx.mergeMap(project, 2)));
    },
    'that fails': (tools) => {
      const { rx, watch, log } = tools;
      const failing = new rx.Observable((subscriber) => {
        subscriber.error('no');
        log('after its failure');
      });
      watch('concat', rx.concat(rx.timer(1), atOnce(tools, 'a', 1), failing, atOnce(tools, 'b')));
      const project = (n: number): Observable<unknown> => [rx.timer(1), atOnce(tools, 'a', 1), failing][n] ?? rx.NEVER;
      watch('concatMap', rx.of(0, 1, 2, 3).pipe(rx.concatMap(project)));
    },
    'whose project throws': (tools) => {
      const { rx, watch } = tools;
      const project = (n: number): Observable<unknown> => {
        if (n === 2) throw new RangeError('no');
        return n === 0 ? rx.timer(1) : atOnce(tools, `inner ${n}`, n);
      };
      watch('out', rx.of(0, 1, 2, 3).pipe(rx.concatMap(project)));
    },
    'while the consumer unsubscribes': (tools) => {
      const { rx, watch } = tools;
      const project = (n: number): Observable<unknown> => (n === 0 ? rx.timer(1) : atOnce(tools, `inner ${n}`, n, n));
      watch(
        'concatMap',
        rx.of(0, 1, 2, 3).pipe(
          rx.concatMap(project),
          rx.takeWhile((n) => n !== 2),
        ),
      );
      watch('concat', rx.concat(rx.timer(1), atOnce(tools, 'a', 1, 2), atOnce(tools, 'b', 3)).pipe(rx.take(3)));
    },
    'while the consumer feeds the source': (tools) => {
      const { rx, log } = tools;
      const work = new rx.Subject<number>();
      work.pipe(rx.concatMap((n) => atOnce(tools, `inner ${n}`, n))).subscribe((n) => {
        log('next', n);
        if (typeof n === 'number' && n < 4) for (const more of [1, 2]) work.next(n + more);
      });
      work.next(1);
    },
  });
});
