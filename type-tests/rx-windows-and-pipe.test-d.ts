// rxjs-net/rx: windows, groups, and several operators as one.
import * as rxjs from 'rxjs';
import {
  catchFailure,
  type Flow,
  type FrameTooLarge,
  idleTimeout,
  type IdleTimeout,
  lines,
  orDie,
  type ReadFailure,
} from 'rxjs-net';
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
type Both<A> = Flow<A, Outer | Inner>;
declare const bytes: Flow<Buffer, ReadFailure>;
const windows = {
  window: outer.pipe(rx.window(inner)),
  windowCount: outer.pipe(rx.windowCount(2)),
  windowTime: outer.pipe(rx.windowTime(2)),
  windowTime2: outer.pipe(rx.windowTime(2, null, 3)),
  windowToggle: outer.pipe(rx.windowToggle(inner, (s) => rx.timer(s.length))),
  windowWhen: outer.pipe(rx.windowWhen(() => inner)),
};
expectType<Both<Both<number>>>(windows.window);
expectType<Flow<Flow<number, Outer>, Outer>>(windows.windowCount);
expectType<Flow<Flow<number, Outer>, Outer>>(windows.windowTime);
expectType<Flow<Flow<number, Outer>, Outer>>(windows.windowTime2);
expectType<Both<Both<number>>>(windows.windowToggle);
expectType<Both<Both<number>>>(windows.windowWhen);
const grouped = {
  a: outer.pipe(rx.groupBy((n) => n.toFixed())),
  b: outer.pipe(rx.groupBy((n) => n, { element: (n) => n.toFixed() })),
  c: outer.pipe(rx.groupBy((n) => n, { duration: (g) => rx.timer(g.key), connector: () => new rx.Subject() })),
  d: outer.pipe(rx.groupBy((n): n is 1 => n === 1)),
  e: outer.pipe(
    rx.groupBy(
      (n) => n,
      (n) => n.toFixed(),
    ),
  ),
  f: outer.pipe(
    rx.groupBy(
      (n) => n,
      undefined,
      () => inner,
    ),
  ),
};
expectType<Flow<rx.GroupedObservable<string, number, Outer>, Outer>>(grouped.a);
expectType<Flow<rx.GroupedObservable<number, string, Outer>, Outer>>(grouped.b);
expectType<Flow<rx.GroupedObservable<number, number, Outer>, Outer>>(grouped.c);
expectType<Flow<rx.GroupedObservable<true, 1, Outer> | rx.GroupedObservable<false, number, Outer>, Outer>>(grouped.d);
expectType<Flow<rx.GroupedObservable<number, string, Outer>, Outer>>(grouped.e);
expectType<Flow<rx.GroupedObservable<number, number, Outer | Inner>, Outer>>(grouped.f);
const byKey = rx.groupBy((n: number) => n);
expectType<Flow<rx.GroupedObservable<number, number, Outer>, Outer>>(outer.pipe(byKey));
expectType<Flow<string, ReadFailure | FrameTooLarge>>(
  bytes.pipe(
    rx.groupBy((b) => b.length),
    rx.mergeMap((g) => g.pipe(lines())),
    rx.map((l) => l.trim()),
  ),
);
expectType<Flow<string, ReadFailure | FrameTooLarge>>(
  bytes.pipe(
    rx.windowCount(3),
    rx.concatMap((g) => g.pipe(lines())),
  ),
);
expectAssignable<rxjs.Observable<rxjs.GroupedObservable<number, number>>>(rxjs.of(1).pipe(rx.groupBy((n) => n)));
const mm = rx.materialize<number>();
expectType<Flow<number, Outer>>(outer.pipe(mm, rx.dematerialize()));
expectType<Flow<number, Outer>>(outer.pipe(rx.pipe(mm, rx.dematerialize())));
expectType<Flow<number, Outer | IdleTimeout>>(
  outer.pipe(rx.pipe(rx.materialize(), rx.dematerialize(), idleTimeout(4))),
);
expectType<Flow<number>>(
  outer.pipe(
    rx.pipe(
      rx.map((n) => n + 1),
      catchFailure('Outer', () => rx.of(1)),
    ),
  ),
);
expectType<Flow<number>>(
  outer.pipe(
    rx.pipe(
      rx.map((n) => n + 1),
      rx.catchError(() => rx.of(1)),
    ),
  ),
);
const ce = rx.pipe(
  rx.map((n: number) => n + 1),
  rx.catchError(() => rx.of(1)),
);
expectType<Flow<number>>(outer.pipe(ce));
expectType<Flow<number, Outer | IdleTimeout>>(
  outer.pipe(
    rx.pipe(
      idleTimeout(5),
      rx.map((n) => n + 1),
    ),
  ),
);
expectType<Flow<number>>(
  outer.pipe(
    rx.pipe(
      orDie(),
      rx.map((n) => n + 1),
    ),
  ),
);
expectType<Flow<number>>(
  outer.pipe(
    rx.pipe(
      rx.retry(),
      rx.map((n) => n + 1),
    ),
  ),
);
const f1 = rx.pipe(
  (x: number) => x + 1,
  (y) => String(y),
  (z) => z.length,
);
expectType<number>(f1(1));
const f2 = rx.pipe(
  (x: Flow<number>) => x,
  (y) => rx.firstValueFrom(y),
);
expectType<Promise<number>>(f2(rx.of(1)));
const f4 = rx.pipe(
  (x: any) => x.length as number,
  (y) => y + 1,
);
expectType<number>(f4(1));
const f5 = rx.pipe(
  (source: rxjs.Observable<number>) => source.pipe(rx.map((n) => n + 1)),
  rx.filter((n) => n > 1),
);
expectType<Flow<number, Outer>>(outer.pipe(f5));
rxjs.of(1).pipe(f5);
const f6 = rx.pipe(
  rx.map((x: number) => x + 1),
  idleTimeout(5),
  rx.filter((n) => n > 4),
);
expectType<Flow<number, Outer | IdleTimeout>>(outer.pipe(f6));
expectError(rxjs.of(1).pipe(f6));
