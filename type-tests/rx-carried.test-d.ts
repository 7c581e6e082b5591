// rxjs-net/rx: RxJS's own functions, whose types carry the failures of every further Observable.
import * as rxjs from 'rxjs';
import { catchFailure, type Flow } from 'rxjs-net';
import * as rx from 'rxjs-net/rx';
import { expectAssignable, expectError, expectType } from 'tsd';

class Outer extends Error {
  readonly _tag = 'Outer';
}
class Inner extends Error {
  readonly _tag = 'Inner';
}
declare const outer: Flow<number, Outer>;
declare const inner: Flow<string, Inner>;
declare const plain: rxjs.Observable<number>;
type Both<A> = Flow<A, Outer | Inner>;
const carried = {
  mergeWith: outer.pipe(rx.mergeWith(inner)),
  concatWith: outer.pipe(rx.concatWith(inner, rx.of(true))),
  raceWith: outer.pipe(rx.raceWith(inner)),
  zipWith: outer.pipe(rx.zipWith(inner)),
  combineLatestWith: outer.pipe(rx.combineLatestWith(inner)),
  withLatestFrom: outer.pipe(rx.withLatestFrom(inner)),
  withLatestFrom2: outer.pipe(
    rx.withLatestFrom(inner, (a, b) => {
      const n: number = a;
      const s: string = b;
      return s + n;
    }),
  ),
  withLatestFrom3: outer.pipe(rx.withLatestFrom(inner, rx.of(true))),
  sequenceEqual: outer.pipe(rx.sequenceEqual(inner.pipe(rx.map(Number)))),
  takeUntil: outer.pipe(rx.takeUntil(inner)),
  skipUntil: outer.pipe(rx.skipUntil(inner)),
  buffer: outer.pipe(rx.buffer(inner)),
  bufferToggle: outer.pipe(
    rx.bufferToggle(inner, (s) => {
      const x: string = s;
      return rx.timer(x.length);
    }),
  ),
  bufferToggle2: outer.pipe(rx.bufferToggle(rx.of('a'), () => inner)),
  bufferWhen: outer.pipe(rx.bufferWhen(() => inner)),
  audit: outer.pipe(rx.audit((n) => (n > 1 ? inner : rx.timer(1)))),
  debounce: outer.pipe(rx.debounce((n) => (n > 1 ? inner : rx.timer(1)))),
  sample: outer.pipe(rx.sample(inner)),
  throttle: outer.pipe(rx.throttle((n) => (n > 1 ? inner : rx.timer(1)))),
  delayWhen: outer.pipe(rx.delayWhen((n) => (n > 1 ? inner : rx.timer(1)))),
  delayWhen2: outer.pipe(rx.delayWhen((n) => rx.timer(n), inner)),
  distinct: outer.pipe(rx.distinct((n) => n.toFixed(), inner)),
  distinct0: outer.pipe(rx.distinct()),
  repeat: outer.pipe(rx.repeat({ delay: () => inner })),
  repeat0: outer.pipe(rx.repeat()),
  repeat1: outer.pipe(rx.repeat({ count: 3, delay: 5 })),
  repeatWhen: outer.pipe(rx.repeatWhen((n) => n.pipe(rx.concatWith(inner)))),
  retry: outer.pipe(rx.retry({ delay: () => inner })),
  retry0: outer.pipe(rx.retry()),
  retry1: outer.pipe(rx.retry(3)),
  retry2: outer.pipe(rx.retry({ count: 3, delay: 5 })),
  retry3: outer.pipe(rx.retry({ delay: 5 })),
  retry4: outer.pipe(rx.retry({ count: 3, delay: (e, n) => (n > 3 ? rx.throwError(() => e) : rx.timer(1)) })),
  retry5: outer.pipe(rx.retry({} as rxjs.RetryConfig)),
  retryWhen: outer.pipe(rx.retryWhen((errors) => errors.pipe(rx.delay(1)))),
  timeout: outer.pipe(rx.timeout({ each: 5, with: () => inner })),
  timeout1: outer.pipe(rx.timeout(5)),
  timeout2: outer.pipe(rx.timeout({ each: 5, first: 5 })),
  timeoutWith: outer.pipe(rx.timeoutWith(5, inner)),
  throwIfEmpty: outer.pipe(rx.throwIfEmpty(() => new Inner())),
  throwIfEmpty0: outer.pipe(rx.throwIfEmpty()),
  ce1: outer.pipe(rx.catchError(() => rx.EMPTY)),
  ce2: outer.pipe(rx.catchError(() => rx.of('x'))),
  ce3: outer.pipe(rx.catchError(() => inner)),
  ce4: outer.pipe(rx.catchError((_, caught) => caught)),
  ce5: outer.pipe(rx.catchError(() => rx.throwError(() => new Inner()))),
  ce6: outer.pipe(
    rx.catchError((e) => {
      throw e;
    }),
  ),
  ce7: outer.pipe(rx.catchError((e) => rx.throwError(() => e))),
  ce8: outer.pipe(rx.catchError((e) => (e.code === 1 ? inner : rx.throwError(() => e)))),
  ce9: outer.pipe(rx.catchError(async () => 'x')),
  ce10: outer.pipe(rx.catchError(() => [1])),
  oern: outer.pipe(rx.onErrorResumeNextWith(inner)),
  mat: outer.pipe(rx.materialize()),
  matdemat: outer.pipe(rx.materialize(), rx.dematerialize()),
  matdemat2: outer.pipe(
    rx.materialize(),
    rx.filter((n) => n.kind !== 'E'),
    rx.dematerialize(),
  ),
  connect: outer.pipe(rx.connect((s) => s)),
  connect1: outer.pipe(rx.connect((s) => rx.merge(s, inner))),
  connect2: outer.pipe(rx.connect((s) => s.pipe(catchFailure('Outer', () => inner)))),
  publish: outer.pipe(rx.publish(), rx.refCount()),
  publish1: outer.pipe(rx.publish((s) => rx.merge(s, inner))),
  publishReplay: outer.pipe(rx.publishReplay(1), rx.refCount()),
  multicast: outer.pipe(rx.multicast(new rx.Subject<number>()), rx.refCount()),
  multicast1: outer.pipe(
    rx.multicast(() => new rx.Subject<number>()),
    rx.refCount(),
  ),
  multicast2: outer.pipe(
    rx.multicast(
      () => new rx.Subject<number>(),
      (s) => rx.merge(s, inner),
    ),
  ),
  mergeAll: outer.pipe(
    rx.map(() => inner),
    rx.mergeAll(),
  ),
  concatAll: outer.pipe(
    rx.map(() => inner),
    rx.concatAll(),
  ),
  switchAll: outer.pipe(
    rx.map(() => inner),
    rx.switchAll(),
  ),
  exhaustAll: outer.pipe(
    rx.map(() => inner),
    rx.exhaustAll(),
  ),
  exhaust: outer.pipe(
    rx.map(() => inner),
    rx.exhaust(),
  ),
  cla: outer.pipe(
    rx.map(() => inner),
    rx.combineLatestAll(),
  ),
  cla1: outer.pipe(
    rx.map(() => inner),
    rx.combineLatestAll((...all) => all.length),
  ),
  zipAll: outer.pipe(
    rx.map(() => inner),
    rx.zipAll(),
  ),
  mergeMapTo: outer.pipe(rx.mergeMapTo(inner)),
  mergeMapTo2: outer.pipe(rx.mergeMapTo(inner, (a, b) => b + a)),
  concatMapTo: outer.pipe(rx.concatMapTo(inner)),
  switchMapTo: outer.pipe(rx.switchMapTo(inner)),
  flatMap: outer.pipe(rx.flatMap(() => inner)),
  expand: outer.pipe(rx.expand((n) => (n > 3 ? rx.EMPTY : inner.pipe(rx.map(Number))))),
  mergeScan: outer.pipe(rx.mergeScan((acc, n) => inner.pipe(rx.map((s) => acc + n + s)), '')),
  switchScan: outer.pipe(rx.switchScan((acc, n) => inner.pipe(rx.map((s) => acc + n + s)), '')),
};
expectType<Both<number | string>>(carried.mergeWith);
expectType<Both<number | string | boolean>>(carried.concatWith);
expectType<Both<number | string>>(carried.raceWith);
expectType<Both<[number, string]>>(carried.zipWith);
expectType<Both<[number, string]>>(carried.combineLatestWith);
expectType<Both<[number, string]>>(carried.withLatestFrom);
expectType<Both<string>>(carried.withLatestFrom2);
expectType<Both<[number, string, boolean]>>(carried.withLatestFrom3);
expectType<Both<boolean>>(carried.sequenceEqual);
expectType<Both<number>>(carried.takeUntil);
expectType<Both<number>>(carried.skipUntil);
expectType<Both<number[]>>(carried.buffer);
expectType<Both<number[]>>(carried.bufferToggle);
expectType<Both<number[]>>(carried.bufferToggle2);
expectType<Both<number[]>>(carried.bufferWhen);
expectType<Both<number>>(carried.audit);
expectType<Both<number>>(carried.debounce);
expectType<Both<number>>(carried.sample);
expectType<Both<number>>(carried.throttle);
expectType<Both<number>>(carried.delayWhen);
expectType<Both<number>>(carried.delayWhen2);
expectType<Both<number>>(carried.distinct);
expectType<Flow<number, Outer>>(carried.distinct0);
expectType<Both<number>>(carried.repeat);
expectType<Flow<number, Outer>>(carried.repeat0);
expectType<Flow<number, Outer>>(carried.repeat1);
expectType<Both<number>>(carried.repeatWhen);
expectType<Both<number>>(carried.retry);
expectType<Flow<number>>(carried.retry0);
expectType<Flow<number, Outer>>(carried.retry1);
expectType<Flow<number, Outer>>(carried.retry2);
expectType<Flow<number>>(carried.retry3);
expectType<Flow<number, Outer>>(carried.retry4);
expectType<Flow<number, Outer>>(carried.retry5);
expectType<Flow<number, Outer>>(carried.retryWhen);
expectType<Both<number | string>>(carried.timeout);
expectType<Flow<number, Outer>>(carried.timeout1);
expectType<Flow<number, Outer>>(carried.timeout2);
expectType<Both<number | string>>(carried.timeoutWith);
expectType<Both<number>>(carried.throwIfEmpty);
expectType<Flow<number, Outer>>(carried.throwIfEmpty0);
expectType<Flow<number>>(carried.ce1);
expectType<Flow<number | string>>(carried.ce2);
expectType<Flow<number | string, Inner>>(carried.ce3);
expectType<Flow<number>>(carried.ce4);
expectType<Flow<number, Inner>>(carried.ce5);
expectType<Flow<number, Outer>>(carried.ce6);
expectType<Flow<number, Outer>>(carried.ce7);
expectType<Both<number | string>>(carried.ce8);
expectType<Flow<number | string>>(carried.ce9);
expectType<Flow<number>>(carried.ce10);
expectType<Flow<number | string>>(carried.oern);
expectAssignable<rxjs.Observable<rxjs.ObservableNotification<number>>>(carried.mat);
expectAssignable<Flow<unknown>>(carried.mat);
expectType<Flow<number, Outer>>(carried.matdemat);
expectType<Flow<number, Outer>>(carried.connect);
expectType<Both<number | string>>(carried.connect1);
expectType<Flow<number | string, Inner>>(carried.connect2);
expectType<Flow<number, Outer>>(carried.publish);
expectType<Both<number | string>>(carried.publish1);
expectType<Flow<number, Outer>>(carried.publishReplay);
expectType<Flow<number, Outer>>(carried.multicast);
expectType<Flow<number, Outer>>(carried.multicast1);
expectType<Both<number | string>>(carried.multicast2);
expectType<Both<string>>(carried.mergeAll);
expectType<Both<string>>(carried.concatAll);
expectType<Both<string>>(carried.switchAll);
expectType<Both<string>>(carried.exhaustAll);
expectType<Both<string>>(carried.exhaust);
expectType<Both<string[]>>(carried.cla);
expectType<Both<number>>(carried.cla1);
expectType<Both<string[]>>(carried.zipAll);
expectType<Both<string>>(carried.mergeMapTo);
expectType<Both<string>>(carried.mergeMapTo2);
expectType<Both<string>>(carried.concatMapTo);
expectType<Both<string>>(carried.switchMapTo);
expectType<Both<string>>(carried.flatMap);
expectType<Both<number>>(carried.expand);
expectType<Both<string>>(carried.mergeScan);
expectType<Both<string>>(carried.switchScan);
expectType<Both<number | string>>(rx.iif(() => true, outer, inner));
expectType<Flow<number, Outer>>(
  rx.using(
    () => undefined,
    () => outer,
  ),
);
expectType<Flow<number, Outer>>(rx.scheduled(outer, rx.asyncScheduler));
expectType<Both<[number, string]>>(rx.forkJoin([outer, inner]));
expectType<Both<[number, string]>>(rx.forkJoin(outer, inner));
expectType<Both<{ a: number; b: string }>>(rx.forkJoin({ a: outer, b: inner }));
expectType<Both<string>>(rx.forkJoin([outer, inner], (a, b) => a + b));
expectType<Flow<number, Outer>>(rx.partition(outer, (n) => n > 1)[1]);
declare const letters: Flow<'a' | 'b', Inner>;
expectType<[Flow<'a', Inner>, Flow<'b', Inner>]>(rx.partition(letters, (s): s is 'a' => s === 'a'));
expectType<rx.Connectable<number, Outer>>(rx.connectable(outer));
expectAssignable<rxjs.Connectable<number>>(rx.connectable(outer));
expectType<Promise<number>>(rx.firstValueFrom(rx.of(1)));
expectType<Promise<number | null>>(rx.firstValueFrom(rx.of(1), { defaultValue: null }));
expectError(rx.firstValueFrom(outer));
expectError(rx.lastValueFrom(outer));
expectError(outer.pipe(rx.takeUntil<number>(inner)));
outer.pipe(rx.takeUntil<number>(rx.timer(1)));
// On a plain Observable what adds nothing compiles, and what heals.
plain.pipe(
  rx.retry(),
  rx.catchError(() => rx.of('a')),
  rx.takeUntil(rx.timer(1)),
  rx.mergeWith(rx.of(1)),
  rx.retry({ delay: 3 }),
  rx.onErrorResumeNextWith(inner),
  rx.materialize(),
  rx.dematerialize(),
);
expectError(plain.pipe(rx.takeUntil(inner)));
expectError(plain.pipe(rx.catchError(() => inner)));
expectError(rxjs.of(1).pipe(rx.mergeWith(inner)));
