// Failures leave the type where they are handled.
import { EMPTY, map, of } from 'rxjs-net/rx';
import {
  catchAll,
  catchFailure,
  catchFailures,
  connect,
  type ConnectFailure,
  type ConnectionRefused,
  type ConnectionReset,
  type Defect,
  type FailureByTag,
  type FailureTag,
  type Flow,
  type FrameTooLarge,
  idleTimeout,
  type IdleTimeout,
  lines,
  type NetFailure,
  type NothingLeft,
  type Op,
  orDie,
  type ReadFailure,
  runFlow,
  type Tagged,
} from 'rxjs-net';
import { merge } from 'rxjs-net/rx';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

class TooHot extends Error {
  readonly _tag = 'TooHot';
  readonly degrees = 99;
}
class Drifted extends Error {
  readonly _tag!: 'DriftedUp' | 'DriftedDown';
}
declare const bytes: Flow<Buffer, ReadFailure>;
declare const decide: boolean;
declare const two: Flow<string, IdleTimeout | ConnectionReset>;
declare const hot: Flow<number, TooHot>;

// ---- one

expectType<Flow<string, ConnectionReset>>(two.pipe(catchFailure('IdleTimeout', () => EMPTY)));
expectType<Flow<string | number, ConnectionReset>>(two.pipe(catchFailure('IdleTimeout', ({ limit }) => of(limit))));
expectType<Flow<string>>(
  two.pipe(
    catchFailure('IdleTimeout', () => EMPTY),
    catchFailure('ConnectionReset', () => ['reset']),
  ),
);
expectType<Flow<string | number, ConnectionReset | TooHot>>(two.pipe(catchFailure('IdleTimeout', () => hot)));
expectType<Flow<string, ConnectionReset>>(two.pipe(catchFailure('IdleTimeout', async () => 'later')));
expectType<Flow<string, ReadFailure | FrameTooLarge>>(
  bytes.pipe(
    lines(),
    idleTimeout(5),
    catchFailure('IdleTimeout', (failure) => {
      expectType<IdleTimeout>(failure);
      return EMPTY;
    }),
  ),
);
// Of one's own.
expectType<Flow<number | string>>(
  hot.pipe(
    catchFailure('TooHot', (failure) => {
      expectType<TooHot>(failure);
      return of(failure.message);
    }),
  ),
);
expectType<Flow<number | string, IdleTimeout>>(
  hot.pipe(
    idleTimeout(5),
    map((degrees) => degrees + 1),
    catchFailure('TooHot', (failure: TooHot) => of(failure.message)),
  ),
);
// One with several tags is handled when all of them are.
declare const drifted: Flow<1, Drifted | IdleTimeout>;
expectType<Flow<1, Drifted | IdleTimeout>>(
  drifted.pipe(
    catchFailure('DriftedUp', (failure) => {
      expectType<'DriftedUp'>(failure._tag);
      return EMPTY;
    }),
  ),
);
expectType<Flow<1, IdleTimeout>>(drifted.pipe(catchFailure(['DriftedUp', 'DriftedDown'], () => EMPTY)));
// What is handled early may come again.
expectType<Flow<string, IdleTimeout>>(
  two.pipe(catchFailures({ IdleTimeout: () => EMPTY, ConnectionReset: () => EMPTY }), idleTimeout(5)),
);

// ---- several

expectType<Flow<string>>(
  two.pipe(
    catchFailure(['IdleTimeout', 'ConnectionReset'], (failure) => {
      expectType<IdleTimeout | ConnectionReset>(failure);
      return EMPTY;
    }),
  ),
);
expectType<Flow<number | string, ConnectionReset>>(
  merge(two, hot).pipe(catchFailure(['IdleTimeout', 'TooHot'], (failure) => of(failure.message))),
);
expectType<Flow<number | string>>(
  hot.pipe(
    idleTimeout(5),
    catchFailures({
      IdleTimeout: ({ limit }) => of(limit),
      TooHot: (failure) => {
        expectType<TooHot>(failure);
        return of(failure.message);
      },
    }),
  ),
);
expectType<Flow<string>>(two.pipe(catchFailures({ IdleTimeout: () => EMPTY, ConnectionReset: () => EMPTY })));
expectType<Flow<string | number | undefined, TooHot>>(
  two.pipe(
    catchFailures({
      IdleTimeout: () => hot,
      ConnectionReset: (failure) => {
        expectType<ConnectionReset>(failure);
        return of(failure.code);
      },
    }),
  ),
);
expectType<Flow<string, ConnectionReset>>(two.pipe(catchFailures({ IdleTimeout: () => EMPTY })));
expectType<Flow<string, IdleTimeout | ConnectionReset>>(two.pipe(catchFailures({})));

// ---- all the rest

expectType<Flow<string>>(two.pipe(orDie()));
expectType<Flow<string>>(two.pipe(orDie(), orDie()));
expectType<Flow<string, TooHot>>(two.pipe(orDie(), (source): ReturnType<Op<string, string, TooHot>> => source));
expectType<Flow<string>>(
  connect({ port: 1 }).pipe(
    map(() => ''),
    catchFailure('ConnectionRefused', () => EMPTY),
    orDie(),
  ),
);
expectType<Promise<string | undefined>>(runFlow(two.pipe(orDie())));
expectType<Promise<number | undefined>>(runFlow(of(1, 2)));
expectType<Promise<string | undefined>>(
  runFlow(two.pipe(catchFailures({ IdleTimeout: () => EMPTY, ConnectionReset: () => EMPTY })), {
    signal: AbortSignal.timeout(5),
    next: (line) => expectType<string>(line),
  }),
);

// ---- run with nothing left, in a function over any flow as well

const runAny = <A>(flow: Flow<A>): Promise<A | undefined> => runFlow(flow);
expectType<Promise<number | undefined>>(runAny(of(1)));
const runDying = <A, E>(flow: Flow<A, E>): Promise<A | undefined> => runFlow<A>(flow.pipe(orDie()));
expectType<Promise<string | undefined>>(runDying(two));
expectType<Promise<number | undefined>>(runFlow(hot.pipe(catchAll(() => EMPTY))));
expectAssignable<NothingLeft<string, never>>(two.pipe(orDie()));
expectNotAssignable<NothingLeft<string, IdleTimeout | ConnectionReset>>(two);
// One that has some left is refused, and so is one of which nothing is known.
declare const unknownFlow: Flow<unknown, unknown>;
expectError(runFlow(two));
expectError(runFlow(two, { next: () => undefined }));
expectError(runFlow(hot));
expectError(runFlow(unknownFlow));
expectError(runFlow(decide ? hot : of(1)));
expectError(runFlow(connect({ port: 1 })));

// ---- all of them, handled

expectType<Flow<string>>(two.pipe(catchAll(() => EMPTY)));
expectType<Flow<string | number, TooHot>>(two.pipe(catchAll(() => hot)));
expectType<Flow<number | string>>(hot.pipe(catchAll((failure) => of(failure._tag))));
expectType<Flow<Buffer>>(
  bytes.pipe(
    catchAll((failure) => {
      expectType<ReadFailure>(failure);
      return EMPTY;
    }),
  ),
);
// A `switch` over the tag is complete.
expectType<Flow<string | number>>(
  two.pipe(
    catchAll((failure) => {
      switch (failure._tag) {
        case 'IdleTimeout':
          return of(failure.limit);
        case 'ConnectionReset':
          return of(failure.message);
        default: {
          const none: never = failure;
          return none;
        }
      }
    }),
  ),
);
// What has no tag is a defect, and reaches no handler.
declare const odd: Flow<string, IdleTimeout | RangeError>;
expectType<Flow<string>>(
  odd.pipe(
    catchAll((failure) => {
      expectType<IdleTimeout>(failure);
      return EMPTY;
    }),
  ),
);
expectType<Promise<string | undefined>>(runFlow(two.pipe(catchAll(() => EMPTY))));

// ---- inside a function over any flow

const patient = <A, E>(flow: Flow<A, E | IdleTimeout>): Flow<A, Exclude<E, IdleTimeout>> =>
  flow.pipe(
    catchFailure('IdleTimeout', (failure) => {
      expectType<number>(failure.limit);
      return EMPTY;
    }),
  );
expectType<Flow<string, ConnectionReset>>(patient(two));
const cooled = <A, E>(flow: Flow<A, E | TooHot>) =>
  flow.pipe(
    catchFailure('TooHot', (failure) => {
      expectType<'TooHot'>(failure._tag);
      return EMPTY;
    }),
  );
expectType<Flow<number, IdleTimeout>>(cooled(hot.pipe(idleTimeout(5))));
const silent = <A, E extends Tagged>(flow: Flow<A, E>): Flow<A> =>
  flow.pipe(
    catchAll((failure) => {
      expectType<string>(failure._tag);
      return EMPTY;
    }),
  );
expectType<Flow<string>>(silent(two));
// An operator that handles says so, and removes in a pipe.
const calm = <A>(): Op<A, A, never, IdleTimeout> => catchFailure('IdleTimeout', () => EMPTY);
expectType<Flow<string, ConnectionReset>>(two.pipe(calm()));
const cool = <A>(): Op<A, A, never, TooHot> => catchFailure('TooHot', () => EMPTY);
expectType<Flow<number>>(hot.pipe(cool()));

// ---- the classes

declare const failure: {
  readonly byTag: FailureByTag['IdleTimeout'];
  readonly refused: ConnectionRefused;
  readonly defect: Defect;
  readonly own: TooHot;
  readonly either: IdleTimeout | ConnectionReset;
};
expectType<IdleTimeout>(failure.byTag);
expectAssignable<FailureTag>('ConnectionRefused' as const);
expectAssignable<NetFailure>(failure.refused);
expectAssignable<ConnectFailure>(failure.refused);
expectNotAssignable<NetFailure>(failure.defect);
expectNotAssignable<NetFailure>(failure.own);
expectNotAssignable<ReadFailure>(failure.refused);
if (failure.either._tag === 'IdleTimeout') expectType<IdleTimeout>(failure.either);
else expectType<ConnectionReset>(failure.either);
