// rxjs-net/rx: RxJS's names, with the failures of inner flows.
import { map, type Observable, of, timer } from 'rxjs';
import {
  type BufferOverflow,
  connect,
  type Connection,
  type ConnectFailure,
  type Flow,
  type FrameTooLarge,
  lines,
  mapAsync,
  type Op,
  type ReadFailure,
} from 'rxjs-net';
import {
  combineLatest,
  concat,
  concatMap,
  defer,
  exhaustMap,
  from,
  merge,
  mergeMap,
  race,
  switchMap,
  zip,
} from 'rxjs-net/rx';
import { expectAssignable, expectType } from 'tsd';

class TooHot extends Error {
  readonly _tag = 'TooHot';
}
declare const text: Flow<string, ReadFailure>;
declare const hot: Flow<number, TooHot>;
declare const safe: Flow<string>;
declare const connection: Connection;

// ---- flattening

type Flattened<A> = Flow<A, ReadFailure | TooHot>;
expectType<Flattened<number>>(text.pipe(mergeMap(() => hot)));
expectType<Flattened<number>>(text.pipe(mergeMap(() => hot, 4)));
expectType<Flattened<number>>(text.pipe(mergeMap(() => hot, { concurrency: 4, highWaterMark: 100 })));
expectType<Flattened<number>>(text.pipe(concatMap(() => hot)));
expectType<Flattened<number>>(text.pipe(switchMap(() => hot)));
expectType<Flattened<number>>(text.pipe(exhaustMap(() => hot)));
expectType<Flattened<string>>(text.pipe(mergeMap((line, index) => hot.pipe(map((n) => line.repeat(n + index))))));
expectType<Flattened<string | number>>(text.pipe(mergeMap((line) => (line === '' ? hot : of(line)))));
expectType<Flow<number, ReadFailure>>(text.pipe(concatMap((line) => [line.length])));
expectType<Flow<number, ReadFailure>>(text.pipe(concatMap(async (line) => line.length)));
// A Flow or a plain Observable of the same values: the failures are not forgotten.
expectType<Flattened<number>>(text.pipe(mergeMap((line) => (line === '' ? hot : of(1)))));
expectType<Flattened<number>>(text.pipe(switchMap((line) => (line === '' ? of(1) : hot))));
expectType<Flattened<number>>(
  text.pipe(
    concatMap((line) => {
      if (line === '') return hot;
      return of(1);
    }),
  ),
);
expectType<Flattened<number>>(text.pipe(mapAsync((line) => (line === '' ? of(1) : hot))));
// What its own queue may end in is among them; the bytes of a connection can fail with it already.
expectType<Flow<number, TooHot | BufferOverflow>>(safe.pipe(mergeMap(() => hot)));
expectType<Flow<Buffer, ConnectFailure | ReadFailure>>(connect({ port: 1 }).pipe(mergeMap(({ incoming }) => incoming)));
expectType<Flow<string, ConnectFailure | ReadFailure | FrameTooLarge>>(
  connect({ port: 1 }).pipe(
    mergeMap(({ incoming }) => incoming),
    lines(),
  ),
);
expectType<Flow<Buffer, ConnectFailure | ReadFailure>>(
  connect({ port: 1 }).pipe(switchMap((one) => connection.incoming.pipe(map((chunk) => (one.remote, chunk))))),
);
expectAssignable<Op<string, number, TooHot | BufferOverflow>>(
  mergeMap((line: string) => hot.pipe(map(() => line.length))),
);

// ---- mapAsync

expectType<Flow<number, ReadFailure>>(text.pipe(mapAsync((line) => line.length)));
expectType<Flow<number, ReadFailure>>(text.pipe(mapAsync(async (line) => line.length)));
expectType<Flow<string[], ReadFailure>>(text.pipe(mapAsync((line) => line.split(','))));
expectType<Flow<number, ReadFailure>>(text.pipe(mapAsync((line) => of(line.length), { concurrency: 8 })));
expectType<Flattened<number>>(text.pipe(mapAsync(() => hot)));
expectType<Flattened<number | string>>(text.pipe(mapAsync((line) => (line === '' ? hot : Promise.resolve(line)))));
expectType<Flow<boolean, ReadFailure>>(text.pipe(mapAsync((_line, signal) => signal.aborted)));
expectType<Flow<void, ReadFailure>>(text.pipe(mapAsync(async () => undefined as void)));

// ---- combining

expectType<Flow<string | number, ReadFailure | TooHot>>(merge(text, hot));
expectType<Flow<string | number, ReadFailure | TooHot>>(merge(text, hot, 1));
expectType<Flow<string | number | boolean, TooHot>>(merge(hot, of(true), ['x'], Promise.resolve('y')));
expectType<Flow<string | number, ReadFailure | TooHot>>(concat(text, hot));
expectType<Flow<string | number, ReadFailure | TooHot>>(race(text, hot));
expectType<Flow<string | number, ReadFailure | TooHot>>(race([text, hot]));
expectType<Flow<number | 'late', TooHot>>(race(hot, timer(1).pipe(map(() => 'late' as const))));
expectType<Flow<string, ReadFailure>>(defer(() => text));
expectType<Flow<number, TooHot>>(defer(() => (Math.random() > 0.5 ? hot : of(1))));
expectType<Flow<[string, number], ReadFailure | TooHot>>(combineLatest([text, hot]));
expectType<Flow<{ line: string; n: number }, ReadFailure | TooHot>>(combineLatest({ line: text, n: hot }));
expectType<Flow<string, ReadFailure | TooHot>>(combineLatest([text, hot], (line, n) => line.repeat(n)));
expectType<Flow<[string, number], ReadFailure | TooHot>>(zip([text, hot]));
expectType<Flow<[string, number], ReadFailure | TooHot>>(zip(text, hot));
expectType<Flow<[string, number], ReadFailure | TooHot>>(zip([text, hot], { highWaterMark: 5 }));
expectType<Flow<string, ReadFailure | TooHot>>(zip([text, hot], (line, n) => line.repeat(n)));
expectType<Flow<string, ReadFailure | TooHot>>(zip(text, hot, (line, n) => line.repeat(n)));

// ---- from

expectType<Flow<string, ReadFailure>>(from(text));
expectType<Flow<number>>(from([1, 2]));
expectType<Flow<string>>(from(Promise.resolve('x')));
expectType<Flow<Buffer>>(from({} as AsyncIterable<Buffer>));
expectType<Flow<number>>(from({} as Observable<number>));
