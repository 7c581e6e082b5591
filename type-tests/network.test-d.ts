// connect, listen, serve, and what is sent.
import {
  type CloseInfo,
  connect,
  type Connection,
  type ConnectionEvent,
  type ConnectFailure,
  connectTimeout,
  type ConnectTimeout,
  deadline,
  type DeadlineExceeded,
  type Flow,
  type FrameTooLarge,
  type FrameTruncated,
  idleTimeout,
  type IdleTimeout,
  lines,
  listen,
  type ListenFailure,
  mapAsync,
  type ReadFailure,
  readTimeout,
  type ReadTimeout,
  sendTo,
  serve,
  type ServeEvent,
  type Server,
  timeouts,
  type WriteFailure,
  writeTimeout,
  type WriteTimeout,
} from 'rxjs-net';
import { map, mergeMap, type Observable, of } from 'rxjs-net/rx';
import { expectAssignable, expectType } from 'tsd';

declare const connection: Connection;

expectType<Flow<Connection, ConnectFailure>>(connect({ port: 80 }));
expectType<Flow<Connection, ConnectFailure>>(connect({ path: '/run/echo.sock' }));
expectType<Flow<Connection, ConnectFailure>>(connect({ host: 'localhost', port: 80, family: 4 }));
expectType<Flow<Server, ListenFailure>>(listen({ port: 0 }));
expectAssignable<Flow<Buffer, ReadFailure>>(connection.incoming);
expectAssignable<Observable<ConnectionEvent>>(connection.events);
expectAssignable<Flow<CloseInfo>>(connection.closed);
expectType<boolean>(connection.write('text'));
expectType<boolean>(connection.write(new Uint8Array(1)));

// ---- time limits add their own tag each

declare const text: Flow<string, ReadFailure>;
expectType<Flow<string, ReadFailure | IdleTimeout>>(text.pipe(idleTimeout(5)));
expectType<Flow<string, ReadFailure | ReadTimeout>>(text.pipe(readTimeout(5)));
expectType<Flow<string, ReadFailure | WriteTimeout>>(text.pipe(writeTimeout(5)));
expectType<Flow<string, ReadFailure | DeadlineExceeded>>(text.pipe(deadline(5)));
expectType<Flow<Connection, ConnectFailure | ConnectTimeout>>(connect({ port: 80 }).pipe(connectTimeout(5)));
expectType<Flow<string, ReadFailure | IdleTimeout | WriteTimeout>>(text.pipe(timeouts({ idle: 30_000, write: 5_000 })));

// ---- framing

expectType<Flow<string, ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines()));
expectType<Flow<string, ReadFailure | FrameTooLarge | FrameTruncated>>(
  connection.incoming.pipe(lines({ requireTerminator: true })),
);

// ---- sending

expectType<Flow<never, ReadFailure | WriteFailure>>(text.pipe(sendTo(connection)));
expectType<Flow<never, ReadFailure | FrameTooLarge | WriteFailure>>(
  connection.incoming.pipe(
    lines(),
    map((line) => `${line}\n`),
    sendTo(connection),
  ),
);

// ---- serving

expectType<Flow<ServeEvent<never>, ListenFailure>>(serve({ port: 0 }, () => of('hello')));
expectType<Flow<ServeEvent<ReadFailure>, ListenFailure>>(serve({ port: 0 }, ({ incoming }) => incoming));
expectType<Flow<ServeEvent<ReadFailure | FrameTooLarge | IdleTimeout>, ListenFailure>>(
  serve({ port: 0 }, ({ incoming }) =>
    incoming.pipe(
      lines(),
      idleTimeout(30_000),
      mapAsync(async (line) => `you said ${line}\n`),
    ),
  ),
);
expectAssignable<Flow<ServeEvent<ConnectFailure | ReadFailure>, ListenFailure>>(
  serve({ path: '/run/proxy.sock' }, () => connect({ port: 80 }).pipe(mergeMap(({ incoming }) => incoming))),
);
