// reconnecting, pool: what they add, and what they refuse.
import {
  type ConnectFailure,
  connect,
  type Connection,
  type ConnectionAborted,
  type ConnectionClosed,
  type Flow,
  type FrameTooLarge,
  lines,
  type Lease,
  pool,
  type Pool,
  type PoolExhausted,
  type ReadFailure,
  reconnecting,
} from 'rxjs-net';
import { EMPTY, mergeMap, of } from 'rxjs-net/rx';
import { expectError, expectType } from 'tsd';

// ---- reconnecting

expectType<Flow<Connection, ConnectFailure | ConnectionClosed>>(connect({ port: 80 }).pipe(reconnecting()));
expectType<Flow<string, ConnectFailure | ReadFailure | FrameTooLarge>>(
  connect({ port: 80 }).pipe(
    mergeMap(({ incoming }) => incoming.pipe(lines())),
    reconnecting({ maxAttempts: 3 }),
  ),
);
declare const readings: Flow<number>;
expectType<Flow<number, ConnectionClosed | ConnectionAborted>>(readings.pipe(reconnecting()));
reconnecting({ retryOn: (failure) => failure._tag === 'HostNotFound' && failure.temporary });
reconnecting({ backoff: (wait) => wait * 10 });
reconnecting({
  onEvent: (event) => {
    if (event.type === 'waiting') expectType<number>(event.delay);
    if (event.type === 'lost') expectType<number | undefined>(event.uptime);
  },
});
expectError(reconnecting({ backoff: 100 }));
expectError(reconnecting({ jitter: 'half' }));
expectError(reconnecting({ maxAttempt: 3 }));

// ---- pool

const connections = pool({ port: 80 }, { size: 3 });
expectType<Pool>(connections);
expectType<Flow<string, ConnectFailure | ReadFailure | FrameTooLarge | PoolExhausted | ConnectionClosed>>(
  connections.use(({ incoming }) => incoming.pipe(lines())),
);
expectType<Flow<number, ConnectFailure | PoolExhausted | ConnectionClosed>>(connections.use(async () => 5));
expectType<Flow<Lease, ConnectFailure | PoolExhausted | ConnectionClosed>>(connections.lease());
class LoginRefused extends Error {
  readonly _tag = 'LoginRefused';
}
declare const loggedIn: Flow<Connection, LoginRefused>;
expectType<Pool<LoginRefused>>(pool(loggedIn));
expectType<Flow<never, LoginRefused | PoolExhausted | ConnectionClosed>>(pool(loggedIn).use(() => EMPTY));
expectError(pool(of(1)));
expectError(pool({ port: 80 }, { sise: 3 }));
expectError(pool({}));
