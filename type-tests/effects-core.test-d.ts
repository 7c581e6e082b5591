// What can fail, what is needed, and what is left after failures were handled: over long pipes, and what does not compile.
import { pipe } from 'fp-ts/lib/function.js';
import { none, some } from 'fp-ts/lib/Option.js';
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Either } from 'fp-ts/lib/Either.js';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

import type { DeadlineExceeded, Defect } from 'rxjs-net';
import * as N from 'rxjs-net/effects';

interface Refused {
  readonly _tag: 'Refused';
  readonly port: number;
}
interface Reset {
  readonly _tag: 'Reset';
}
interface Db {
  readonly db: { readonly get: (key: string) => string };
}
interface Cache {
  readonly cache: Map<string, string>;
}
type NetOf<R, E, A> = RTE.ReaderTaskEither<R, E, A>;

declare const dial: N.Net<Refused, number>;
declare const read: (n: number) => N.Net<Reset, string>;
declare const lookUp: (key: string) => NetOf<N.NetEnv & Db, 'missing', string>;
declare const cached: (key: string) => NetOf<N.NetEnv & Cache, never, string>;

// ---- what can fail grows

const asked = pipe(dial, N.flatMap(read));
expectType<NetOf<N.NetEnv, Refused | Reset, string>>(asked);
const long = pipe(
  asked,
  N.timeout(5),
  N.map((text) => text.length),
  N.tap(() => N.left('unlucky' as const)),
  N.race(N.sleep(5)),
  N.apFirst(N.left(404 as const)),
);
expectType<NetOf<N.NetEnv, Refused | Reset | DeadlineExceeded | 'unlucky' | 404, number | void>>(long);

// ---- and shrinks

const refusedHandled = pipe(
  asked,
  N.catchTag('Refused', (failure) => {
    expectType<Refused>(failure);
    return N.of(failure.port);
  }),
);
expectType<NetOf<N.NetEnv, Reset, string | number>>(refusedHandled);
expectType<NetOf<N.NetEnv, 'unlucky' | 404 | 'late', string | number | void>>(
  pipe(
    long,
    N.catchTags({
      Refused: ({ port }) => N.of(`refused ${port}`),
      Reset: () => N.of('reset'),
      DeadlineExceeded: () => N.left('late' as const),
    }),
  ),
);
expectType<NetOf<N.NetEnv, never, string | number>>(
  pipe(
    asked,
    N.matchTags({ Refused: ({ port }) => port, Reset: () => 0 }, (text) => text.trim()),
  ),
);
expectType<NetOf<N.NetEnv, never, Either<Refused | Reset, string>>>(N.attempt(asked));
expectType<NetOf<N.NetEnv, never, string>>(
  pipe(
    asked,
    N.orElseW(() => N.of('default')),
  ),
);
expectType<NetOf<N.NetEnv, 'dull', string>>(
  pipe(
    asked,
    N.mapLeft(() => 'dull' as const),
  ),
);

// A case that is missing, or one too many.
expectError(
  pipe(
    asked,
    N.matchTags({ Refused: () => 0 }, () => 0),
  ),
);
expectError(
  pipe(
    asked,
    N.matchTags({ Refused: () => 0, Reset: () => 0, Other: () => 0 }, () => 0),
  ),
);
expectError(
  pipe(
    asked,
    N.catchTag('Other', () => N.of(1)),
  ),
);
expectError(pipe(asked, N.catchTags({ Other: () => N.of(1) })));
expectError(pipe(asked, N.catchTags({ Refused: () => 1 })));
// A failure without a tag can't be told by one.
expectError(
  pipe(
    dial,
    N.flatMap(() => N.left('plain' as const)),
    N.matchTags({ Refused: () => 0 }, () => 0),
  ),
);
// `chain` doesn't widen.
expectError(pipe(dial, N.chain(read)));
expectType<NetOf<N.NetEnv, Refused, string>>(
  pipe(
    dial,
    N.chain((n) => N.of<Refused, string>(String(n))),
  ),
);

// ---- all cases of an exit

declare const exit: N.Exit<Refused, number>;
expectType<string>(
  N.matchExit({
    Success: (value: number) => value.toFixed(),
    Failure: (failure: Refused) => failure._tag,
    Defect: (defect) => {
      expectType<Defect>(defect);
      return defect.message;
    },
    Interrupted: (interrupted) => {
      expectType<unknown>(interrupted.reason);
      return interrupted._tag;
    },
  })(exit),
);
expectError(N.matchExit({ Success: () => 1, Failure: () => 2, Defect: () => 3 }));

// ---- what is needed

// A function that gives no effect is none of those.
expectError(pipe(dial, N.flatMap(String)));
const needsBoth = pipe(N.of('key'), N.flatMap(lookUp), N.flatMap(cached));
expectType<NetOf<N.NetEnv & Db & Cache, 'missing', string>>(needsBoth);
expectNotAssignable<N.Net<'missing', string>>(needsBoth);
expectError(N.toPromise(needsBoth));
expectError(N.toPromise(needsBoth, { db: { get: String } }));
expectType<Promise<Either<'missing', string>>>(
  N.toPromise(needsBoth, { db: { get: String }, cache: new Map<string, string>(), random: () => 0 }),
);
expectType<Promise<N.Exit<'missing', string>>>(
  N.toExit(needsBoth, { db: { get: String }, cache: new Map<string, string>() }),
);
expectType<Promise<Either<Refused, number>>>(N.toPromise(dial));
expectType<Promise<Either<Refused, number>>>(pipe(dial, N.toPromise));
expectError(N.toPromise(dial, { singal: new AbortController().signal }));
expectError(N.toPromise(dial, { random: 1 }));
expectType<TE.TaskEither<Refused, number>>(pipe(dial, N.toTaskEither()));
expectType<TE.TaskEither<'missing', string>>(pipe(lookUp('a'), N.toTaskEither({ db: { get: String } })));

// ---- brackets

declare const connection: N.Bracketed<N.NetEnv, Refused, { readonly id: number }>;
declare const file: N.Bracketed<N.NetEnv & Db, 'no such file', string, 'disk full'>;
expectType<NetOf<N.NetEnv, Refused | Reset, string>>(connection(({ id }) => read(id)));
expectType<NetOf<N.NetEnv & Db, Reset | 'no such file' | N.ReleaseFailed<'disk full', Reset, string>, string>>(
  file((name) => read(name.length)),
);
const copied = N.bracketed(
  connection,
  file,
)((from, to) => {
  expectType<{ readonly id: number }>(from);
  expectType<string>(to);
  return read(from.id);
});
expectAssignable<
  NetOf<N.NetEnv & Db, Refused | Reset | 'no such file' | N.ReleaseFailed<'disk full', Reset, string>, string>
>(copied);
expectNotAssignable<N.Net<Refused | Reset | 'no such file', string>>(copied);
declare const pool: readonly N.Bracketed<N.NetEnv, Refused, number>[];
expectAssignable<N.Net<Refused | Reset, string>>(N.bracketed(...pool)((...numbers) => read(numbers.length)));
expectError(N.bracketed(connection, 1));
expectError(N.bracket(N.of(1)));

// ---- several at once

expectType<NetOf<N.NetEnv, Reset, readonly string[]>>(pipe([1, 2], N.traverseArray(read, { concurrency: 2 })));
expectError(pipe([1, 2], N.traverseArray(read)));
expectError(pipe([1, 2], N.traverseArray(read, { concurrency: '2' })));
expectError(pipe(['a'], N.traverseArray(read, { concurrency: 2 })));

// ---- Do

expectType<
  NetOf<
    N.NetEnv & Db,
    Refused | Reset | 'missing',
    { readonly port: number; readonly text: string; readonly value: string; readonly n: number }
  >
>(
  pipe(
    N.Do,
    N.bind('port', () => dial),
    N.bind('text', ({ port }) => read(port)),
    N.apS('value', lookUp('a')),
    N.let('n', ({ text, value }) => text.length + value.length),
  ),
);
expectError(
  pipe(
    N.Do,
    N.bind('port', () => dial),
    N.bind('port', () => dial),
  ),
);

// ---- with fp-ts's own module

expectType<NetOf<N.NetEnv, Refused | Reset, string>>(pipe(dial, RTE.flatMap(read)));
expectType<NetOf<N.NetEnv, Refused, string>>(pipe(dial, RTE.map(String)));
expectAssignable<N.Net<Refused, string>>(
  pipe(
    RTE.of(1),
    N.flatMap(() => dial),
    RTE.map(String),
  ),
);
expectType<NetOf<N.NetEnv, never, number>>(
  pipe(
    N.asks((env) => env.random()),
    N.map((n) => n + 1),
  ),
);

// ---- what has a default may be left out, and be undefined

void N.toPromise(dial, { signal: undefined, clock: undefined, transport: undefined, random: undefined });
void N.toPromise(lookUp('a'), { db: { get: (key) => key }, signal: undefined });
expectAssignable<N.NetEnv & Db>(N.netEnv({ db: { get: (key: string) => key }, signal: undefined }));
expectError(N.toPromise(dial, { signal: 1 }));
expectError(N.toPromise(lookUp('a'), { db: undefined }));

// ---- values of failures

expectType<NetOf<N.NetEnv, never, number | string>>(
  pipe(
    asked,
    N.match(
      (failure) => {
        expectType<Refused | Reset>(failure);
        return 404;
      },
      (text) => text,
    ),
  ),
);
expectType<NetOf<N.NetEnv & Db & Cache, 'missing', string | boolean>>(
  pipe(
    asked,
    N.matchE(
      ({ _tag }) => lookUp(_tag),
      (text) =>
        pipe(
          cached(text),
          N.map((found) => found === text),
        ),
    ),
  ),
);
expectType<NetOf<N.NetEnv, never, string | undefined>>(
  pipe(
    asked,
    N.getOrElse(() => undefined),
  ),
);
expectType<NetOf<N.NetEnv, 'unknown', 'a'>>(
  pipe(
    N.of<never, string>('a'),
    N.filterOrElse(
      (text): text is 'a' => text === 'a',
      () => 'unknown' as const,
    ),
  ),
);
expectType<NetOf<N.NetEnv, Refused | 'end', number>>(
  pipe(
    dial,
    N.map((n) => (n > 0 ? some(n) : none)),
    N.someOrElse(() => 'end' as const),
  ),
);
expectError(
  pipe(
    dial,
    N.someOrElse(() => 'end' as const),
  ),
);

// ---- what is needed shrinks

const withDb = N.local((env: N.NetEnv) => ({ ...env, db: { get: (key: string) => key } }));
expectType<NetOf<N.NetEnv, 'missing', string>>(pipe(lookUp('a'), withDb));
expectError(pipe(cached('a'), withDb));
expectType<NetOf<N.NetEnv & Db, Refused, string>>(
  pipe(
    dial,
    N.flatMapReader((n) => (env: N.NetEnv & Db) => env.db.get(`${n}`)),
  ),
);

// ---- one failure in each branch: the function says them

declare const refused: Refused;
declare const reset: Reset;
expectType<NetOf<N.NetEnv, Refused | Reset, never>>(
  pipe(
    dial,
    N.flatMap((n): N.Net<Refused | Reset, never> => (n > 0 ? N.left(refused) : N.left(reset))),
  ),
);
