// Codecs and policies of rxjs-net/effects: an unchecked value is none, what was decoded goes on without a cast; retrying.
import type { Either } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Monoid } from 'fp-ts/lib/Monoid.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type * as t from 'io-ts';
import { connect, type ConnectFailure, type ConnectOptions, listen, serve } from 'rxjs-net';
import {
  allOf,
  capDelay,
  type CheckedConnectOptions,
  type CheckedEndpoint,
  type CheckedListenOptions,
  type CheckedServeOptions,
  ConnectOptionsCodec,
  decodeInput,
  type EncodedOptions,
  EndpointCodec,
  EndpointFromString,
  type Environment,
  exponentialBackoff,
  fullJitter,
  type Host,
  type InvalidInput,
  limitTo,
  MonoidSchedule,
  type Net,
  type NetEnv,
  of,
  optionsFromEnv,
  Port,
  type RemotePort,
  repeating,
  type Retry,
  retrying,
  type RetryPolicy,
  type Schedule,
  schedule,
  ServeOptionsCodec,
  serveWith,
  type SocketPath,
  withConnection,
  withServer,
} from 'rxjs-net/effects';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

// ---- brands

declare const port: Port;
declare const remotePort: RemotePort;
declare const host: Host;
declare const path: SocketPath;

expectAssignable<number>(port);
expectAssignable<Port>(remotePort);
expectNotAssignable<RemotePort>(port);
expectNotAssignable<Port>(80);
expectNotAssignable<Host>('localhost');
expectNotAssignable<SocketPath>('/run/app.sock');
expectNotAssignable<Host>(path);
expectNotAssignable<SocketPath>(host);
expectAssignable<string>(host);

declare const input: unknown;
if (Port.is(input)) expectType<Port>(input);
expectError(Port.encode(80));
expectType<number>(Port.encode(port));
expectType<string>(EndpointFromString.encode({ port, host }));
expectError(EndpointFromString.encode({ port: 80 }));
expectError(EndpointCodec.encode({ port, path }));

// ---- options: what was decoded is what connect, listen and serve take

declare const connectOptions: CheckedConnectOptions;
declare const listenOptions: CheckedListenOptions;
declare const serveOptions: CheckedServeOptions;
declare const endpoint: CheckedEndpoint;

connect(connectOptions);
connect({ ...connectOptions, noDelay: true });
listen(listenOptions);
serve(serveOptions, () => ['hello']);
serve({ ...serveOptions, shutdown: new AbortController().signal }, () => ['hello']);
listen(serveOptions);
connect({ ...endpoint, connectTimeout: 1_000 });
listen(endpoint);
expectAssignable<ConnectOptions>(connectOptions);

withConnection(connectOptions);
withConnection({ ...endpoint, closeTimeout: 1_000 });
withServer(listenOptions);
serveWith(serveOptions, () => of(undefined));
serveWith({ ...serveOptions, shutdown: new AbortController().signal }, () => of(undefined));

// Not the other way round: they have to be decoded.
declare const unchecked: ConnectOptions;
expectNotAssignable<CheckedConnectOptions>(unchecked);
expectNotAssignable<CheckedConnectOptions>({ port: 80, host: 'localhost' });
expectNotAssignable<CheckedServeOptions>({ port: 80 });
expectAssignable<CheckedServeOptions>({ port, host, throttle: undefined });
expectNotAssignable<CheckedServeOptions>({ port, path });
expectNotAssignable<CheckedConnectOptions>({ port });
expectAssignable<CheckedConnectOptions>({ port: remotePort });

const encoded = ConnectOptionsCodec.encode(connectOptions);
expectType<EncodedOptions<CheckedConnectOptions>>(encoded);
if (encoded.port !== undefined) expectType<number>(encoded.port);
expectType<number | undefined>(encoded.budget);
expectType<'wait' | 'drop' | undefined>(ServeOptionsCodec.encode(serveOptions).throttle?.whenExceeded);

// ---- from the environment

const fromEnv = optionsFromEnv('LISTEN')(ServeOptionsCodec);
expectType<t.Type<CheckedServeOptions, Environment>>(fromEnv);
expectError(optionsFromEnv(7));
expectError(optionsFromEnv('LISTEN', { unknown: 'warn' }));
// A codec of single values has no variables.
expectError(optionsFromEnv('LISTEN')(Port));

// ---- to a failure

expectType<Either<InvalidInput, CheckedServeOptions>>(decodeInput(fromEnv)(process.env));
expectType<Either<InvalidInput, Port>>(decodeInput(Port)('80'));
declare const invalid: InvalidInput;
expectType<'InvalidInput'>(invalid._tag);
expectType<readonly string[]>(invalid.problems);

// ---- retrying and repeating

declare const query: Net<ConnectFailure | 'busy', number>;
declare const withDb: ReaderTaskEither<NetEnv & { readonly db: string }, 'busy', number>;
declare const policy: RetryPolicy;

// A policy takes no failure away: the last one comes through.
expectType<ReaderTaskEither<NetEnv, ConnectFailure | 'busy', number>>(pipe(query, retrying(policy)));
expectType<ReaderTaskEither<NetEnv & { readonly db: string }, 'busy', number>>(pipe(withDb, retrying(policy)));
expectAssignable<Net<ConnectFailure | 'busy', number>>(
  pipe(query, retrying(policy, { retryOn: (failure: ConnectFailure | 'busy') => failure === 'busy' })),
);
expectAssignable<Net<ConnectFailure | 'busy', number>>(pipe(query, retrying(policy, { retryOn: () => true })));
// A predicate of other failures than there are.
expectError(pipe(query, retrying(policy, { retryOn: (failure: ConnectFailure) => failure.port === 80 })));
expectError(retrying(policy, { retryOn: () => Promise.resolve(true) }));
// What is told must not fail itself, and may have dependencies.
expectError(retrying(policy, { onRetry: () => query }));
declare const log: (retry: Retry<unknown>) => ReaderTaskEither<NetEnv & { readonly log: string[] }, never, void>;
expectAssignable<ReaderTaskEither<NetEnv & { readonly log: string[] }, 'busy' | ConnectFailure, number>>(
  pipe(query, retrying(policy, { onRetry: log })),
);
expectNotAssignable<Net<'busy' | ConnectFailure, number>>(pipe(query, retrying(policy, { onRetry: log })));
expectType<ReaderTaskEither<NetEnv, ConnectFailure | 'busy', number>>(pipe(query, repeating(policy)));

expectType<Schedule>(allOf(exponentialBackoff({ initial: 5 }), limitTo(3)));
expectType<Schedule>(pipe(limitTo(3), capDelay(5), fullJitter));
expectAssignable<Monoid<RetryPolicy>>(MonoidSchedule);
expectError(limitTo('3'));
expectError(exponentialBackoff({ inital: 5 }));
expectError(schedule(() => 5));
