// E survives RxJS's own operators, and the library's add to it and remove from it.
import {
  buffer,
  bufferCount,
  bufferTime,
  combineLatestWith,
  concatWith,
  debounceTime,
  delay,
  dematerialize,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  first,
  groupBy,
  type GroupedObservable,
  ignoreElements,
  interval,
  last,
  map,
  materialize,
  mergeWith,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  observeOn,
  of,
  type OperatorFunction,
  pairwise,
  queueScheduler,
  reduce,
  repeat,
  retry,
  sampleTime,
  scan,
  share,
  shareReplay,
  skip,
  startWith,
  switchMap as rxSwitchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  throttleTime,
  timeInterval,
  toArray,
  withLatestFrom,
} from 'rxjs-net/rx';
import {
  type FailureOf,
  type Flow,
  type FrameTooLarge,
  idleTimeout,
  type IdleTimeout,
  lines,
  type Op,
  type ReadFailure,
  type ValueOf,
} from 'rxjs-net';
import { expectAssignable, expectType } from 'tsd';

declare const bytes: Flow<Buffer, ReadFailure>;
declare const text: Flow<string, ReadFailure>;
type Text<A> = Flow<A, ReadFailure>;

// ---- one operator of RxJS

// Apart from what is expected, so that the expectation is no context to infer from.
const through = {
  nothing: text.pipe(),
  map: text.pipe(map((line) => line.length)),
  filter: text.pipe(filter((line) => line !== '')),
  filter2: text.pipe(filter((line): line is 'yes' | 'no' => line === 'yes' || line === 'no')),
  filter3: text.pipe(filter(Boolean)),
  scan: text.pipe(scan((sum, line) => sum + line.length, 0)),
  scan2: text.pipe(scan((all, line) => all + line)),
  reduce: text.pipe(reduce((all, line) => all + line)),
  reduce2: text.pipe(reduce((sum, line) => sum + line.length, 0)),
  withLatestFrom: text.pipe(withLatestFrom(interval(1))),
  withLatestFrom2: text.pipe(withLatestFrom(interval(1), (line, n) => line + n)),
  bufferCount: text.pipe(bufferCount(3)),
  bufferTime: text.pipe(bufferTime(3)),
  buffer: text.pipe(buffer(NEVER)),
  takeUntil: text.pipe(takeUntil(NEVER)),
  take: text.pipe(take(1)),
  first: text.pipe(first()),
  first2: text.pipe(first((line) => line.length > 1, null)),
  last: text.pipe(last()),
  skip: text.pipe(skip(1)),
  takeWhile: text.pipe(takeWhile((line) => line !== 'quit', true)),
  share: text.pipe(share()),
  shareReplay: text.pipe(shareReplay({ bufferSize: 1, refCount: true })),
  retry: text.pipe(retry(3)),
  retry2: text.pipe(retry({ count: 3, delay: 100 })),
  repeat: text.pipe(repeat()),
  startWith: text.pipe(startWith(undefined)),
  tap: text.pipe(tap((line) => console.log(line.length))),
  tap2: text.pipe(tap({ error: () => undefined })),
  finalize: text.pipe(finalize(() => undefined)),
  debounceTime: text.pipe(debounceTime(5)),
  throttleTime: text.pipe(throttleTime(5)),
  sampleTime: text.pipe(sampleTime(5)),
  delay: text.pipe(delay(5)),
  observeOn: text.pipe(observeOn(queueScheduler)),
  distinctUntilChanged: text.pipe(distinctUntilChanged()),
  toArray: text.pipe(toArray()),
  ignoreElements: text.pipe(ignoreElements()),
  pairwise: text.pipe(pairwise()),
  groupBy: text.pipe(groupBy((line) => line.length)),
  mergeWith: text.pipe(mergeWith(interval(1))),
  concatWith: text.pipe(concatWith(of(1))),
  combineLatestWith: text.pipe(combineLatestWith(of(1))),
  materialize: text.pipe(materialize(), dematerialize()),
  timeInterval: text.pipe(
    timeInterval(),
    map(({ interval: ms }) => ms),
  ),
  rxSwitchMap: text.pipe(rxSwitchMap((line) => of(line.length))),
};
expectType<Text<string>>(through.nothing);
expectType<Text<number>>(through.map);
expectType<Text<string>>(through.filter);
expectType<Text<'yes' | 'no'>>(through.filter2);
expectType<Text<string>>(through.filter3);
expectType<Text<number>>(through.scan);
expectType<Text<string>>(through.scan2);
expectType<Text<string>>(through.reduce);
expectType<Text<number>>(through.reduce2);
expectType<Text<[string, number]>>(through.withLatestFrom);
expectType<Text<string>>(through.withLatestFrom2);
expectType<Text<string[]>>(through.bufferCount);
expectType<Text<string[]>>(through.bufferTime);
expectType<Text<string[]>>(through.buffer);
expectType<Text<string>>(through.takeUntil);
expectType<Text<string>>(through.take);
expectType<Text<string>>(through.first);
expectType<Text<string | null>>(through.first2);
expectType<Text<string>>(through.last);
expectType<Text<string>>(through.skip);
expectType<Text<string>>(through.takeWhile);
expectType<Text<string>>(through.share);
expectType<Text<string>>(through.shareReplay);
expectType<Text<string>>(through.retry);
expectType<Text<string>>(through.retry2);
expectType<Text<string>>(through.repeat);
expectType<Text<string | undefined>>(through.startWith);
expectType<Text<string>>(through.tap);
expectType<Text<string>>(through.tap2);
expectType<Text<string>>(through.finalize);
expectType<Text<string>>(through.debounceTime);
expectType<Text<string>>(through.throttleTime);
expectType<Text<string>>(through.sampleTime);
expectType<Text<string>>(through.delay);
expectType<Text<string>>(through.observeOn);
expectType<Text<string>>(through.distinctUntilChanged);
expectType<Text<string[]>>(through.toArray);
expectType<Text<never>>(through.ignoreElements);
expectType<Text<[string, string]>>(through.pairwise);
expectType<Text<GroupedObservable<number, string, ReadFailure>>>(through.groupBy);
expectType<Text<string | number>>(through.mergeWith);
expectType<Text<string | number>>(through.concatWith);
expectType<Text<[string, number]>>(through.combineLatestWith);
expectType<Text<string>>(through.materialize);
expectType<Text<number>>(through.timeInterval);
expectType<Text<number>>(through.rxSwitchMap);

// ---- operators of users

declare function same<A>(source: Observable<A>): Observable<A>;
declare function sameFlow<A, E>(source: Flow<A, E>): Flow<A, E>;
declare function boxed<A>(): OperatorFunction<A, { readonly value: A }>;
declare function logged<A>(label: string): MonoTypeOperatorFunction<A>;
declare const upper: (source: Observable<string>) => Observable<string>;
class TooHot extends Error {
  readonly _tag = 'TooHot';
}
declare function mayOverheat<A>(): Op<A, A, TooHot>;
declare function cooled<A>(): Op<A, A | 0, never, TooHot>;

expectType<Text<string>>(text.pipe(same));
expectType<Text<string>>(text.pipe(sameFlow));
expectType<Text<{ readonly value: string }>>(text.pipe(boxed()));
expectType<Text<string>>(text.pipe(logged('line')));
expectType<Text<string>>(text.pipe(upper));
expectType<Flow<string, ReadFailure | TooHot>>(text.pipe(mayOverheat()));
expectType<Text<string | 0>>(text.pipe(mayOverheat(), cooled()));
expectType<Flow<string, ReadFailure | TooHot>>(text.pipe(same, mayOverheat(), sameFlow, same));

// A function over any flow: E is its own.
const numbered = <A, E>(flow: Flow<A, E>): Flow<[number, A], E> => flow.pipe(map((value, index) => [index, value]));
expectType<Text<[number, string]>>(numbered(text));
expectType<Text<[number, string]>>(text.pipe(numbered));
const heated = <A, E>(flow: Flow<A, E>): Flow<A, E | TooHot> => flow.pipe(tap(), mayOverheat(), same);
expectType<Flow<string, ReadFailure | TooHot>>(heated(text));

// ---- the library's among RxJS's, up to nine

expectType<Flow<string, ReadFailure | FrameTooLarge>>(bytes.pipe(lines()));
expectType<Flow<number, ReadFailure | FrameTooLarge>>(
  bytes.pipe(
    lines(),
    map((line) => line.length),
  ),
);
expectType<Flow<number[], ReadFailure | FrameTooLarge | IdleTimeout>>(
  bytes.pipe(
    tap((chunk) => expectType<Buffer>(chunk)),
    lines({ maxLength: 100 }),
    filter((line) => line !== ''),
    idleTimeout(5_000),
    map(Number),
    scan((sum, n) => sum + n, 0),
    takeUntil(NEVER),
    share(),
    bufferCount(2),
  ),
);
expectType<Flow<0, ReadFailure | FrameTooLarge | TooHot>>(
  bytes.pipe(
    same,
    lines(),
    same,
    mayOverheat(),
    cooled(),
    sameFlow,
    filter((value): value is 0 => value === 0),
    mayOverheat(),
    logged(''),
  ),
);
// Beyond nine the failures are not known, and said to be so.
expectType<Flow<unknown, unknown>>(text.pipe(same, same, same, same, same, same, same, same, same, same));
// One pipe after another keeps them.
expectType<Text<string>>(text.pipe(same, same, same, same, same).pipe(same, same, same, same, same));

// ---- beside plain Observables

declare const decide: boolean;
// A Flow and an Observable of the same values stay a union: it must not be reduced to the Observable.
const either = (): Flow<string, ReadFailure> => (decide ? text : of('x'));
expectType<Text<string>>(either());
const inferred = () => (decide ? text : of('x'));
const listed = [of('x'), text];
declare const kept: {
  readonly returned: FailureOf<ReturnType<typeof inferred>>;
  readonly listed: FailureOf<(typeof listed)[number]>;
};
expectType<ReadFailure>(kept.returned);
expectType<ReadFailure>(kept.listed);
expectType<Promise<void>>(text.forEach((line) => expectType<string>(line)));

// ---- assignability

expectAssignable<Flow<string, ReadFailure | TooHot>>(text);
expectAssignable<Flow<string | number, ReadFailure>>(text);
expectAssignable<Observable<string>>(text);
expectAssignable<Flow<string>>(of('plain'));
expectAssignable<Flow<string, TooHot>>(EMPTY);
expectAssignable<Flow<string, TooHot>>(of('plain') satisfies Flow<string>);

// ---- what is in a flow

declare const inner: {
  readonly failure: FailureOf<typeof text>;
  readonly any: FailureOf<typeof text | Flow<1, TooHot> | string[]>;
  readonly observable: FailureOf<Observable<string>>;
  readonly flow: FailureOf<Flow<string>>;
  readonly promise: FailureOf<Promise<string>>;
  readonly value: ValueOf<typeof text>;
};
expectType<ReadFailure>(inner.failure);
expectType<ReadFailure | TooHot>(inner.any);
expectType<never>(inner.observable);
expectType<never>(inner.flow);
expectType<never>(inner.promise);
expectType<string>(inner.value);
