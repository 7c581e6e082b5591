// Each failure is in exactly one group; a group stands for what the flow has of it.
import {
  type AlreadySubscribed,
  type BufferOverflow,
  catchAll,
  catchFailure,
  connect,
  type ConnectFailure,
  type Connection,
  type ConnectionAborted,
  type ConnectionLost,
  connectionLost,
  type ConnectionReset,
  type Flow,
  type FrameTooLarge,
  type HostNotFound,
  idleTimeout,
  type IdleTimeout,
  type InvalidOptions,
  lines,
  type ListenFailure,
  type LocalFailure,
  localFailure,
  type NetFailure,
  type Op,
  orDie,
  type Overload,
  overload,
  type PathNotFound,
  type ProtocolFailure,
  protocolFailure,
  type ReadFailure,
  runFlow,
  type SystemFailure,
  type TimeLimit,
  timeLimit,
  type Unanswered,
  unanswered,
  type Unreachable,
  unreachable,
  type WriteFailure,
} from 'rxjs-net';
import { EMPTY, mergeMap, of } from 'rxjs-net/rx';
import { expectAssignable, expectType } from 'tsd';

// ---- disjoint, and together all

type Pairs<G> = { readonly [K in keyof G]: { readonly [L in Exclude<keyof G, K>]: G[K] & G[L] }[Exclude<keyof G, K>] };
interface Groups {
  readonly connectionLost: ConnectionLost['_tag'];
  readonly localFailure: LocalFailure['_tag'];
  readonly overload: Overload['_tag'];
  readonly protocolFailure: ProtocolFailure['_tag'];
  readonly timeLimit: TimeLimit['_tag'];
  readonly unanswered: Unanswered['_tag'];
  readonly unreachable: Unreachable['_tag'];
}
declare const group: { readonly shared: Pairs<Groups>[keyof Groups]; readonly all: Groups[keyof Groups] };
expectType<never>(group.shared);
expectType<NetFailure['_tag']>(group.all);

// ---- what can fail in each phase, exactly

declare const phase: {
  readonly connect: ConnectFailure;
  readonly listen: ListenFailure;
  readonly read: ReadFailure;
  readonly write: WriteFailure;
};
expectType<Unreachable | LocalFailure | ConnectionAborted | ConnectionReset>(phase.connect);
expectType<LocalFailure | HostNotFound | PathNotFound>(phase.listen);
expectType<ConnectionLost | AlreadySubscribed | BufferOverflow | SystemFailure>(phase.read);
expectType<ConnectionLost | BufferOverflow | InvalidOptions | SystemFailure>(phase.write);

// ---- caught by the value

declare const two: Flow<string, IdleTimeout | ConnectionReset>;
declare const bytes: Flow<Buffer, ReadFailure>;

expectType<Flow<Buffer, Overload | SystemFailure>>(
  bytes.pipe(
    catchFailure(connectionLost, (failure) => {
      expectType<ConnectionLost>(failure);
      return EMPTY;
    }),
  ),
);
// Those of the group that the flow has.
expectType<Flow<string, IdleTimeout>>(
  two.pipe(
    catchFailure(connectionLost, (failure) => {
      expectType<ConnectionReset>(failure);
      return EMPTY;
    }),
  ),
);
expectType<Flow<string>>(
  two.pipe(
    catchFailure([connectionLost, 'IdleTimeout'], (failure) => {
      expectType<IdleTimeout | ConnectionReset>(failure);
      return EMPTY;
    }),
  ),
);
// None of it: nothing changes.
expectType<Flow<string, IdleTimeout | ConnectionReset>>(two.pipe(catchFailure(unreachable, () => EMPTY)));

// A whole program, group by group.
const answered = connect({ port: 1 }).pipe(
  mergeMap(({ incoming }) => incoming),
  lines(),
  idleTimeout(5),
);
expectType<Flow<string, Unreachable | LocalFailure | ConnectionLost | Overload | FrameTooLarge | IdleTimeout>>(
  answered,
);
expectType<Promise<string | undefined>>(
  runFlow(
    answered.pipe(
      catchFailure(unreachable, () => of('down')),
      catchFailure(connectionLost, () => of('cut off')),
      catchFailure([timeLimit, protocolFailure], (failure) => {
        expectType<IdleTimeout | FrameTooLarge>(failure);
        return EMPTY;
      }),
      catchAll((failure) => {
        expectType<LocalFailure | Overload>(failure);
        return of(failure.message);
      }),
    ),
  ),
);

// Inside a function over any flow.
const steady = <A, E>(flow: Flow<A, E>) => flow.pipe(catchFailure(connectionLost, () => EMPTY));
expectType<Flow<string, IdleTimeout>>(steady(two));
const hangUp = <A>(): Op<A, A, never, ConnectionLost> => catchFailure(connectionLost, () => EMPTY);
expectType<Flow<Buffer, Overload | SystemFailure>>(bytes.pipe(hangUp()));

// A group of one's own.
class TooHot extends Error {
  readonly _tag = 'TooHot';
}
class TooCold extends Error {
  readonly _tag = 'TooCold';
}
declare const measured: Flow<number, TooHot | TooCold | IdleTimeout>;
const outOfRange = { tags: ['TooHot', 'TooCold'] } as const;
expectType<Flow<number, IdleTimeout>>(
  measured.pipe(
    catchFailure(outOfRange, (failure) => {
      expectType<TooHot | TooCold>(failure);
      return EMPTY;
    }),
  ),
);

// ---- asked by the value

declare const some: NetFailure | Error;
if (connectionLost.has(some)) expectType<ConnectionLost>(some);
if (localFailure.has(some) || overload.has(some)) expectType<LocalFailure | Overload>(some);
expectAssignable<readonly string[]>(unanswered.tags);
expectType<Flow<Connection>>(connect({ port: 1 }).pipe(orDie()));
