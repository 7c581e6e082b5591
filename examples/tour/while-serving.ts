import {
  serve,
  type Address,
  type Chunk,
  type Connection,
  type Defect,
  type Flow,
  type NetFailure,
  type ServeOptions,
} from 'rxjs-net';
import { defer, EMPTY, finalize, mergeMap, Subject, throwError } from 'rxjs-net/rx';

type Failures = NetFailure | Defect;

/**
 * Serves with `handler` while the flow runs that `use` makes of the address, and emits what that emits. When it has ended
 * the server shuts down; when a handler fails, so does the whole.
 */
export const whileServing = <A>(
  options: ServeOptions,
  handler: (connection: Connection) => Flow<Chunk, NetFailure>,
  use: (address: Address) => Flow<A, Failures>,
): Flow<A, Failures> =>
  defer(() => {
    const done = new Subject<void>();
    return serve({ ...options, shutdown: done }, handler).pipe(
      mergeMap((event): Flow<A, Failures> => {
        if (event.type === 'listening') return use(event.address).pipe(finalize(() => done.complete()));
        return event.type === 'failed' ? throwError(() => event.failure) : EMPTY;
      }),
    );
  });
