// rxjs-net/rx: what begins a flow, so that operators which add failures compile in its pipe. With RxJS's own they don't.
import { EventEmitter } from 'node:events';

import * as rxjs from 'rxjs';
import {
  type Flow,
  type FrameTooLarge,
  idleTimeout,
  type IdleTimeout,
  lines,
  orDie,
  type ReadFailure,
  sendTo,
  type Connection,
  type WriteFailure,
} from 'rxjs-net';
import {
  bindCallback,
  bindNodeCallback,
  BehaviorSubject,
  AsyncSubject,
  EMPTY,
  empty,
  filter,
  from,
  fromEvent,
  fromEventPattern,
  generate,
  interval,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  pairs,
  pipe,
  range,
  ReplaySubject,
  Subject,
  timer,
} from 'rxjs-net/rx';
import { expectAssignable, expectError, expectType } from 'tsd';

class Inner extends Error {
  readonly _tag = 'Inner';
}
declare const bytes: Flow<Buffer, ReadFailure>;
declare const text: Flow<string, ReadFailure>;
declare const inner: Flow<number, Inner>;
declare const connection: Connection;

// ---- creation functions: RxJS's values

expectType<Flow<number>>(of(1));
expectType<Flow<number>>(of(1, 2));
expectType<Flow<number | string>>(of(1, 'a'));
expectType<Flow<never>>(of());
expectType<Flow<string>>(of<string>());
expectType<Flow<null>>(of(null));
expectType<Flow<undefined>>(of(undefined));
expectType<Flow<'a' | 'b'>>(of<['a', 'b']>('a', 'b'));
expectType<Flow<number>>(of(1, 2, rxjs.asyncScheduler));
expectType<Flow<0>>(timer(1));
expectType<Flow<number>>(timer(1, 2));
expectType<Flow<number>>(interval(1));
expectType<Flow<number>>(range(1, 2));
expectType<Flow<never>>(EMPTY);
expectType<Flow<never>>(NEVER);
expectType<Flow<never>>(empty());
expectType<Flow<['a', number]>>(pairs({ a: 1 }));
expectType<Flow<number>>(generate({ initialState: 0, iterate: (n) => n + 1 }));
expectType<Flow<string>>(
  generate({ initialState: 0, iterate: (n: number) => n + 1, resultSelector: (n: number) => `${n}` }),
);
expectType<Flow<unknown>>(fromEvent(new EventEmitter(), 'x'));
expectType<Flow<Event>>(fromEvent<Event>(new EventTarget() as never, 'x'));
expectType<Flow<string>>(fromEventPattern<string>(() => undefined));
expectType<(name: string) => Flow<number>>(bindCallback((_name: string, done: (n: number) => void) => done(1)));
expectType<(name: string) => Flow<number>>(
  bindNodeCallback((_name: string, done: (error: unknown, n: number) => void) => done(null, 1)),
);

// ---- what is added in the pipe of each

expectType<Flow<number, IdleTimeout>>(timer(1, 2).pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(interval(1).pipe(idleTimeout(5)));
expectType<Flow<never, WriteFailure>>(of('x').pipe(sendTo(connection)));
expectType<Flow<number, IdleTimeout>>(new Subject<number>().pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(new BehaviorSubject(1).pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(new ReplaySubject<number>(1).pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(new AsyncSubject<number>().pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(new Subject<number>().asObservable().pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(new Observable<number>((to) => to.complete()).pipe(idleTimeout(5)));
expectType<Flow<number, IdleTimeout>>(from(rxjs.of(1)).pipe(idleTimeout(5)));

// ---- and refused in that of a plain Observable

declare const plainBytes: rxjs.Observable<Buffer>;
expectError(plainBytes.pipe(lines()));
expectError(rxjs.of('x').pipe(sendTo(connection)));
expectError(rxjs.timer(0, 1).pipe(mergeMap(() => inner)));
expectError(new rxjs.Subject<number>().pipe(idleTimeout(5)));
expectError(
  rxjs.interval(1).pipe(
    map((n) => n),
    idleTimeout(5),
  ),
);
expectError(<A>(source: Observable<A>) => source.pipe(idleTimeout(5)));
expectError(text.pipe(rxjs.pipe(map(String), idleTimeout(5))));
expectError<rxjs.OperatorFunction<number, number>>(idleTimeout<number>(5));
// What adds nothing compiles anywhere.
expectType<rxjs.Observable<number>>(
  rxjs.of('a').pipe(
    map((letter) => letter.length),
    filter((n) => n > 1),
  ),
);

// ---- classes

class Numbers extends Observable<number> {
  readonly first = 1;
  constructor() {
    super((subscriber) => subscriber.complete());
  }
}
class Doubling extends Subject<number> {
  override next(n: number): void {
    super.next(n * 2);
  }
}
expectType<Flow<number, IdleTimeout>>(new Numbers().pipe(idleTimeout(1)));
expectType<1>(new Numbers().first);
expectAssignable<rxjs.Subject<number>>(new Doubling());
expectAssignable<Subject<number>>(new rxjs.Subject<number>());
expectAssignable<Observable<number>>(rxjs.of(1));
expectAssignable<rxjs.Observable<number>>(new Numbers());
declare const anything: unknown;
declare const flowOrText: Flow<string, Inner> | string;
if (anything instanceof Observable) expectType<rxjs.Observable<any>>(anything);
if (anything instanceof Subject) expectType<Subject<any>>(anything);
if (flowOrText instanceof Observable) expectType<Flow<string, Inner>>(flowOrText);

// ---- several operators as one

const upper = pipe(
  map((chunk: Buffer) => chunk),
  lines(),
);
expectType<Flow<string, ReadFailure | FrameTooLarge>>(bytes.pipe(upper));
expectType<Flow<string, ReadFailure | FrameTooLarge | IdleTimeout>>(bytes.pipe(pipe(idleTimeout(5), lines())));
expectType<Flow<string>>(bytes.pipe(pipe(lines(), idleTimeout(5), orDie())));
expectType<Flow<number>>(of(1).pipe(pipe()));

// ---- two flows, one or the other

declare const yes: boolean;
declare const one: Flow<number>;
expectType<Flow<number, Inner>>((yes ? inner : of(1)).pipe(map((n) => n)));
declare const maybe: Flow<number, Inner> | undefined;
expectType<Flow<number, Inner>>((maybe ?? of(1)).pipe(map((n) => n)));
expectType<Flow<string | number, Inner>>(from(yes ? inner : of('a')).pipe(map((value) => value)));
declare let reassigned: typeof one;
expectError((reassigned = inner));

// ---- beyond nine operators: the first nine are typed, and the flow can't be run
expectType<Flow<unknown, unknown>>(
  text.pipe(
    map((line) => line.length),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n + 1),
    map((n) => n.toFixed()),
    idleTimeout(5),
    map((line) => line),
  ),
);
