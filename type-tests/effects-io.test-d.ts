// Connections, servers and flows as effects: what can fail grows and shrinks, and a server's handler has nothing left over.
import type { Option } from 'fp-ts/lib/Option.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import {
  type BufferOverflow,
  type Channel,
  type ConnectFailure,
  type Connection,
  type ConnectOptions,
  type ConnectionReset,
  type DrainReport,
  type Flow,
  type FrameTooLarge,
  type FrameTruncated,
  type InvalidOptions,
  lengthPrefixed,
  lines,
  type ListenFailure,
  type ReadFailure,
  type WriteFailure,
  type WriteTimeout,
} from 'rxjs-net';
import {
  flatMap,
  forEachFrame,
  fromFlow,
  left,
  type Net,
  type NetEnv,
  of,
  orElseW,
  read,
  readAll,
  readExactly,
  readFrame,
  receive,
  runCollect,
  runForEach,
  type RunningServer,
  send,
  serveWith,
  stream,
  toFlow,
  upgrade,
  withChannel,
  withConnection,
  write,
  writeFrame,
  type CheckedServeOptions,
} from 'rxjs-net/effects';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

declare const connection: Connection;
declare const channel: Channel<string, string, FrameTooLarge>;
declare const flow: Flow<number, ConnectionReset>;

interface Db {
  readonly db: { find(key: string): string };
}

// ---- reading and writing

expectType<Net<ReadFailure | InvalidOptions, Option<Buffer>>>(read(connection));
expectType<Net<ReadFailure | FrameTruncated | InvalidOptions, Buffer>>(readExactly(4)(connection));
expectType<Net<ReadFailure | FrameTooLarge | InvalidOptions, Buffer>>(readAll()(connection));
expectType<Net<ReadFailure | FrameTooLarge | InvalidOptions, Option<string>>>(readFrame(lines())(connection));
expectType<Net<ReadFailure | FrameTooLarge | InvalidOptions, Option<string>>>(receive(channel));
expectType<Net<WriteFailure, void>>(write('x')(connection));
expectError(write(7));
expectError(writeFrame(lines(), 7));
expectError(send(7)(channel));
expectError(read(channel));
expectAssignable<Net<unknown, Channel<Buffer, string | Uint8Array>>>(upgrade(lengthPrefixed({ bytes: 4 }))(channel));

// ---- E grows over a pipe, and shrinks where it is handled

const conversation = pipe(
  connection,
  write('hello\n'),
  flatMap(() => readFrame(lines())(connection)),
);
expectAssignable<Net<WriteFailure | ReadFailure | FrameTooLarge | InvalidOptions, Option<string>>>(conversation);
expectNotAssignable<Net<WriteFailure, unknown>>(conversation);
const handled = pipe(
  conversation,
  orElseW(() => of('nothing')),
);
expectAssignable<ReaderTaskEither<NetEnv, never, unknown>>(handled);

const connected = withConnection({ port: 80 })((each) => pipe(each, readFrame(lines())));
expectAssignable<
  Net<ConnectFailure | WriteFailure | WriteTimeout | ReadFailure | FrameTooLarge | InvalidOptions, Option<string>>
>(connected);
expectError(withConnection({ prot: 80 }));
expectError(withConnection({ port: 80, transport: {} }));
// What the codecs decode goes in as it is.
declare const decoded: ConnectOptions;
declare const decodedServer: CheckedServeOptions;
withConnection(decoded)(read);
serveWith(decodedServer, () => of(undefined));

// ---- servers

const fine = (each: Connection): Net<never, void> => (each.destroy(), of(undefined));
expectAssignable<(use: (server: RunningServer) => Net<never, number>) => Net<ListenFailure, number>>(
  serveWith({ port: 0 }, fine),
);
// A handler that can fail, and nobody who is told.
expectError(
  serveWith(
    { port: 0 },
    forEachFrame(lines(), () => of(1)),
  ),
);
expectError(serveWith({ port: 0 }, () => left('no')));
serveWith(
  { port: 0 },
  forEachFrame(lines(), () => of(1)),
  () => of(undefined),
);
serveWith(
  { port: 0 },
  () => left('no'),
  (failure: string) => (failure.trim(), of(undefined)),
);
// One that is told of less than can happen, and one that can fail itself.
expectError(
  serveWith(
    { port: 0 },
    () => left('no'),
    (_failure: number) => of(undefined),
  ),
);
expectError(
  serveWith(
    { port: 0 },
    () => left('no'),
    () => left('no'),
  ),
);
expectError(serveWith({ port: 0 }, (each) => write('x')(each)));
expectError(serveWith({ port: 0 }, () => undefined));
serveWith({ port: 0 }, fine)(({ shutdown }) => (expectType<Net<ListenFailure, DrainReport>>(shutdown), shutdown));

// What a handler needs of its own has to be there when it runs.
const needs = (_: Connection): ReaderTaskEither<NetEnv & Db, never, void> => of(undefined);
const server = serveWith({ port: 0 }, needs)(() => of(1));
expectAssignable<ReaderTaskEither<NetEnv & Db, ListenFailure, number>>(server);
expectNotAssignable<ReaderTaskEither<NetEnv, ListenFailure, number>>(server);

const channelled = withChannel(lines())((each) => receive(each));
expectAssignable<(each: Connection) => Net<ReadFailure | WriteFailure | FrameTooLarge, Option<string>>>(channelled);

// ---- flows

expectType<Net<ConnectionReset, Option<number>>>(fromFlow(flow));
expectType<Flow<number, 'no'>>(pipe(left<'no', number>('no'), toFlow()));
expectType<Flow<Buffer, ReadFailure | InvalidOptions>>(pipe(read(connection), stream()));
expectType<Net<ConnectionReset | BufferOverflow | InvalidOptions, readonly number[]>>(pipe(flow, runCollect()));
expectAssignable<Net<ConnectionReset | 'no' | BufferOverflow | InvalidOptions, void>>(
  pipe(
    flow,
    runForEach((each: number) => left<'no', number>(each > 1 ? 'no' : 'no'), { concurrency: 2 }),
  ),
);
expectError(
  pipe(
    flow,
    runForEach((each: string) => of(each)),
  ),
);
expectError(pipe(of(1), stream()));
