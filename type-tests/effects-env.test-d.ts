// Environments: a program that needs only what is its own composes with a Net, as with fp-ts's own functions.
import { sequenceS } from 'fp-ts/lib/Apply.js';
import { right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { expectAssignable, expectError, expectType } from 'tsd';

import type { DeadlineExceeded } from 'rxjs-net';
import * as N from 'rxjs-net/effects';

interface Log {
  readonly log: (line: string) => void;
}
interface Db {
  readonly db: Map<string, number>;
}
declare const program: N.Net<'refused', string>;
declare const logger: ReaderTaskEither<Log, 'no log', void>;
declare const withDb: ReaderTaskEither<Db, 'no row', number>;

expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', void>>(
  pipe(
    program,
    N.flatMap(() => logger),
  ),
);
expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', string>>(
  pipe(
    program,
    N.tap(() => logger),
  ),
);
expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', void>>(pipe(program, N.apSecond(logger)));
expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', string>>(pipe(program, N.apFirst(logger)));
expectType<ReaderTaskEither<Log, never, (line: string) => void>>(N.asks((env: Log) => env.log));
expectType<ReaderTaskEither<Log, 'no log', 1>>(
  pipe(
    logger,
    N.map(() => 1 as const),
  ),
);
expectType<ReaderTaskEither<Log & Db, 'no log' | 'no row', number>>(
  pipe(
    logger,
    N.flatMap(() => withDb),
  ),
);
expectType<ReaderTaskEither<Log & N.NetEnv, 'no log' | DeadlineExceeded, void>>(pipe(logger, N.timeout(5)));
expectType<ReaderTaskEither<Log & N.NetEnv, 'no log', void>>(pipe(logger, N.retrying(N.limitTo(2))));
expectType<ReaderTaskEither<Log & Db, 'no log' | 'no row', number | void>>(pipe(logger, N.race(withDb)));
expectType<ReaderTaskEither<Db, 'no row', readonly number[]>>(
  pipe(
    [1],
    N.traverseArray(() => withDb, { concurrency: 1 }),
  ),
);
expectType<ReaderTaskEither<Log & Db, 'no row', number>>(
  pipe(
    withDb,
    N.local((env: Log & Db) => ({ db: env.db })),
  ),
);
expectType<ReaderTaskEither<Log & N.NetEnv & Db, 'no log' | 'no row', number>>(
  N.bracket(logger, () => N.of(1))(() => withDb),
);
// With its own dependencies it can't be run without them, and with them it can.
expectError(N.toPromise(logger));
expectAssignable<Promise<unknown>>(N.toPromise(logger, { log: () => {} }));
expectAssignable<Promise<unknown>>(N.toExit(pipe(logger, N.timeout(5)), { log: () => {}, random: () => 0 }));

// ---- instances keep the environment

expectType<ReaderTaskEither<Db, 'no row', readonly number[]>>(
  pipe(
    [1, 2],
    RA.traverse(N.ApplicativeSeq)(() => withDb),
  ),
);
expectAssignable<ReaderTaskEither<Db, 'no row', { readonly a: number; readonly b: number }>>(
  sequenceS(N.ApplyPar)({ a: withDb, b: withDb }),
);
expectType<ReaderTaskEither<Db, 'no row', string>>(N.Monad.map(withDb, String));

// ---- data first, and functions without an annotation are given a NetEnv

expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', void>>(N.flatMap(program, () => logger));
expectType<ReaderTaskEither<N.NetEnv & Log, 'refused' | 'no log', string>>(N.tap(program, () => logger));
expectType<N.Program<boolean, 'refused'>>(
  pipe(
    program,
    N.flatMap(() => (env) => async () => right(env.signal.aborted)),
  ),
);
