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
  type ReadFailure,
  reconnecting,
} from 'rxjs-net';
import { mergeMap } from 'rxjs-net/operators';
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
