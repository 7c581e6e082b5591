// Time limits: each adds its own failure, `timeouts` exactly those of its keys.
import {
  byteBudget,
  connect,
  type Connection,
  type ConnectFailure,
  type ConnectTimeout,
  type DeadlineExceeded,
  type FirstByteTimeout,
  type Flow,
  type FrameTooLarge,
  type IdleTimeout,
  lines,
  listen,
  messageTimeout,
  type MessageTimeout,
  type ReadFailure,
  type ReadTimeout,
  serve,
  throttleConnections,
  timeouts,
  type WriteTimeout,
} from 'rxjs-net';
import { expectError, expectType } from 'tsd';

declare const bytes: Flow<Buffer, ReadFailure>;
declare const connection: Flow<Connection, ConnectFailure>;

expectType<Flow<Buffer, ReadFailure | IdleTimeout>>(bytes.pipe(timeouts({ idle: 1 })));
expectType<Flow<Buffer, ReadFailure | ReadTimeout | WriteTimeout>>(bytes.pipe(timeouts({ read: 1, write: 1 })));
expectType<Flow<Buffer, ReadFailure | FirstByteTimeout | DeadlineExceeded>>(
  bytes.pipe(timeouts({ firstByte: 1, deadline: 1 })),
);
expectType<Flow<string, ReadFailure | FrameTooLarge | MessageTimeout | IdleTimeout>>(
  bytes.pipe(lines(), timeouts({ message: 1, idle: 1 })),
);
expectType<Flow<string, ReadFailure | FrameTooLarge | MessageTimeout>>(bytes.pipe(lines(), messageTimeout(5_000)));
expectType<Flow<Connection, ConnectFailure | IdleTimeout>>(connection.pipe(timeouts({ connect: 1, idle: 1 })));
declare const dialled: Flow<Connection>;
expectType<Flow<Connection, ConnectTimeout>>(dialled.pipe(timeouts({ connect: 1 })));
expectType<Flow<Buffer, ReadFailure>>(bytes.pipe(timeouts({})));
expectError(bytes.pipe(timeouts({ idel: 1 })));
expectError(bytes.pipe(timeouts({ idle: '1' })));

// ---- as options
const budget = byteBudget(1_000);
const throttle = throttleConnections({ perSecond: 10 });
const limits = { idleTimeout: 1, readTimeout: 1, writeTimeout: 1, firstByteTimeout: 1, deadline: 1, budget };
connect({ port: 1, connectTimeout: 1, ...limits });
listen({ port: 1, throttle, ...limits });
serve({ port: 1, throttle, ...limits }, () => []);
expectError(connect({ port: 1, throttle }));
expectError(serve({ port: 1, throttle: 10 }, () => []));
expectError(serve({ port: 1, budget: 10 }, () => []));
expectError(listen({ port: 1, connectTimeout: 1 }));
expectError(throttleConnections({ burst: 10 }));
expectError(throttleConnections({ perSecond: 10, whenExceeded: 'hold' }));
