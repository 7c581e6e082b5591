// What must not compile.
import {
  catchFailure,
  catchFailures,
  connect,
  type Connection,
  ConnectionRefused,
  type ConnectionReset,
  type ConnectOptions,
  type Flow,
  idleTimeout,
  type IdleTimeout,
  lines,
  listen,
  mapAsync,
  type NetFailure,
  type Op,
  orDie,
  type ReadFailure,
  runFlow,
  sendTo,
  serve,
  timeouts,
} from 'rxjs-net';
import {
  combineLatest,
  concatMap,
  defer,
  EMPTY,
  exhaustMap,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  switchMap,
  zip,
} from 'rxjs-net/rx';
import { expectError, expectNotAssignable } from 'tsd';

class TooHot extends Error {
  readonly _tag = 'TooHot';
}
declare const bytes: Flow<Buffer, ReadFailure>;
declare const text: Flow<string, ReadFailure>;
declare const two: Flow<string, IdleTimeout | ConnectionReset>;
declare const hot: Flow<number, TooHot>;
declare const connection: Connection;

// ---- failures that nobody handled
expectError(runFlow(text));
expectError(runFlow(connect({ port: 1 })));
expectError(runFlow(two.pipe(catchFailure('IdleTimeout', () => EMPTY))));
expectError(runFlow(two.pipe(catchFailures({ IdleTimeout: () => EMPTY }))));
expectError(
  runFlow(
    two.pipe(
      catchFailure('IdleTimeout', () => hot),
      catchFailure('ConnectionReset', () => EMPTY),
    ),
  ),
);
expectError(runFlow(two.pipe(orDie(), idleTimeout(5))));
expectError(runFlow(of('x').pipe(map(String)) satisfies Flow<string> as Flow<string, TooHot>));
expectError(runFlow(text.pipe(map(String), map(String), map(String), map(String), map(String))));
expectNotAssignable<Flow<string>>(text);
expectNotAssignable<Flow<string>>(text.pipe(map((line) => line)));
expectNotAssignable<Flow<string, ConnectionReset>>(two);
declare const beyondNine: Flow<string, unknown>;
declare const safe: Flow<string>;
expectNotAssignable<Flow<string>>(beyondNine);
expectNotAssignable<Flow<number>>(safe);

// ---- tags
expectError(two.pipe(catchFailure('IdelTimeout', () => EMPTY)));
expectError(two.pipe(catchFailure('ConnectionRefused', () => EMPTY)));
expectError(two.pipe(catchFailures({ IdelTimeout: () => EMPTY })));
expectError(two.pipe(catchFailures({ ConnectionRefused: () => EMPTY })));
expectError(two.pipe(catchFailures({ IdleTimeout: () => EMPTY, Idletimeout: () => EMPTY })));
expectError(
  two.pipe(
    catchFailure('IdleTimeout', () => EMPTY),
    catchFailure('IdleTimeout', () => EMPTY),
  ),
);
expectError(
  two.pipe(
    orDie(),
    catchFailure('IdleTimeout', () => EMPTY),
  ),
);
expectError(hot.pipe(catchFailure('TooCold', (failure: TooHot) => of(failure.message))));
expectError(two.pipe(catchFailure('TooHot', (failure: TooHot) => of(failure.message))));
expectError(two.pipe(catchFailure('Defect', () => EMPTY)));

// ---- handlers
expectError(two.pipe(catchFailure('IdleTimeout', () => 1)));
expectError(two.pipe(catchFailure('IdleTimeout', () => undefined)));
expectError(two.pipe(catchFailure('IdleTimeout', (failure) => of(failure.noSuchThing))));
expectError(two.pipe(catchFailure('IdleTimeout', (failure: ConnectionReset) => of(failure.code))));
expectError(two.pipe(catchFailures({ IdleTimeout: () => 1 })));
expectError(two.pipe(catchFailures({ IdleTimeout: (failure) => of(failure.noSuchThing) })));
expectError(two.pipe(catchFailure('IdleTimeout')));

// ---- framing is for bytes
expectError(text.pipe(lines()));
expectError(hot.pipe(lines()));
expectError(bytes.pipe(lines(), lines()));
expectError(
  bytes.pipe(
    map((chunk) => chunk.length),
    lines(),
  ),
);
expectError(new Subject<string>().pipe(lines()));
expectError(bytes.pipe(lines({ maxLenght: 5 })));
expectError(bytes.pipe(lines({ maxLength: '5' })));

// ---- operators in the wrong place
expectError(text.pipe(map((line: number) => line)));
expectError(text.pipe(map((line) => line.noSuchThing)));
expectError(hot.pipe(map(String), (source: Observable<number>) => source));
expectError<Flow<number, ReadFailure>>(text.pipe(map((line) => line)));
expectError<Flow<string, TooHot>>(text.pipe(map((line) => line)));
expectError<Op<string, string>>({} as Op<string, string, TooHot>);

// ---- inners
expectError(text.pipe(mergeMap(() => 1)));
expectError(text.pipe(mergeMap(() => undefined)));
expectError(text.pipe(mergeMap((line) => line.length)));
expectError(text.pipe(concatMap((line: number) => of(line))));
expectError(text.pipe(switchMap(() => of(1), 3)));
expectError(text.pipe(exhaustMap(() => of(1), { concurrency: 3 })));
expectError(text.pipe(mergeMap(() => of(1), { concurency: 3 })));
expectError(text.pipe(mapAsync((line: number) => line)));
expectError(text.pipe(mapAsync((line) => line, { concurrency: '3' })));
expectError(text.pipe(mapAsync((line) => line, 3)));
expectError(runFlow(of(1).pipe(map(String)), { signal: 5 }));
expectError(merge(text, 5, hot));
expectError(zip(text, 5));
expectError(combineLatest({ line: text, n: 5 }));
expectError(combineLatest([text, hot], (line: number, n: number) => line * n));
expectError(defer(() => 5));
expectError(from(5));
// What an inner flow may fail with is not forgotten.
expectNotAssignable<Flow<number, ReadFailure>>(text.pipe(mergeMap(() => hot)));
expectNotAssignable<Flow<string | number, ReadFailure>>(merge(text, hot));
expectNotAssignable<Flow<number, ReadFailure>>(text.pipe(mapAsync(() => hot)));

// ---- options
expectError(connect({}));
expectError(connect({ port: '80', hots: 'localhost' }));
expectError(connect({ port: 80, hots: 'localhost' }));
expectError(connect({ port: 80, noDelay: 'yes' }));
expectError<ConnectOptions>({ port: 80, family: 5 });
expectError(listen({ port: 0, whenFull: 'queue' }));
expectError(listen({ port: 0, maxConnections: '5' }));
expectError(text.pipe(idleTimeout('5s')));
expectError(text.pipe(idleTimeout()));
expectError(text.pipe(timeouts({ idel: 5 })));

// ---- sending and serving
expectError(hot.pipe(sendTo(connection)));
expectError(connection.write(5));
expectError(connection.write({ text: 'x' }));
expectError(serve({ port: 0 }, () => of(5)));
expectError(serve({ port: 0 }, ({ incoming }) => incoming.pipe(map((chunk) => chunk.length))));
expectError(serve({ port: 0 }));
expectError(serve({ port: 0, drainTimeout: '5s' }, () => EMPTY));

// ---- failures
expectNotAssignable<NetFailure>(new TooHot());
expectNotAssignable<NetFailure>({ _tag: 'IdleTimeout' } as const);
expectError(new ConnectionRefused({ port: '80' }));
