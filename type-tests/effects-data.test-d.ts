// Codecs of rxjs-net/effects: an unchecked value is none, and what was decoded goes on without a cast.
import type { Either } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { connect, type ConnectOptions as AnyConnectOptions, listen, serve } from 'rxjs-net';
import {
  ConnectOptions,
  decodeInput,
  type EncodedOptions,
  Endpoint,
  EndpointFromString,
  type Environment,
  type Host,
  type InvalidInput,
  type ListenOptions,
  optionsFromEnv,
  Port,
  type RemotePort,
  ServeOptions,
  type SocketPath,
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
expectError(Endpoint.encode({ port, path }));

// ---- options: what was decoded is what connect, listen and serve take

declare const connectOptions: ConnectOptions;
declare const listenOptions: ListenOptions;
declare const serveOptions: ServeOptions;
declare const endpoint: Endpoint;

connect(connectOptions);
connect({ ...connectOptions, noDelay: true });
listen(listenOptions);
serve(serveOptions, () => ['hello']);
serve({ ...serveOptions, shutdown: new AbortController().signal }, () => ['hello']);
listen(serveOptions);
connect({ ...endpoint, connectTimeout: 1_000 });
listen(endpoint);
expectAssignable<AnyConnectOptions>(connectOptions);

// Not the other way round: they have to be decoded.
declare const unchecked: AnyConnectOptions;
expectNotAssignable<ConnectOptions>(unchecked);
expectNotAssignable<ConnectOptions>({ port: 80, host: 'localhost' });
expectNotAssignable<ServeOptions>({ port: 80 });
expectAssignable<ServeOptions>({ port, host, throttle: undefined });
expectNotAssignable<ServeOptions>({ port, path });
expectNotAssignable<ConnectOptions>({ port });
expectAssignable<ConnectOptions>({ port: remotePort });

const encoded = ConnectOptions.encode(connectOptions);
expectType<EncodedOptions<ConnectOptions>>(encoded);
if (encoded.port !== undefined) expectType<number>(encoded.port);
expectType<number | undefined>(encoded.budget);
expectType<'wait' | 'drop' | undefined>(ServeOptions.encode(serveOptions).throttle?.whenExceeded);

// ---- from the environment

const fromEnv = optionsFromEnv('LISTEN')(ServeOptions);
expectType<t.Type<ServeOptions, Environment>>(fromEnv);
expectError(optionsFromEnv(7));
expectError(optionsFromEnv('LISTEN', { unknown: 'warn' }));
// A codec of single values has no variables.
expectError(optionsFromEnv('LISTEN')(Port));

// ---- to a failure

expectType<Either<InvalidInput, ServeOptions>>(decodeInput(fromEnv)(process.env));
expectType<Either<InvalidInput, Port>>(decodeInput(Port)('80'));
declare const failure: InvalidInput;
expectType<'InvalidInput'>(failure._tag);
expectType<readonly string[]>(failure.problems);
