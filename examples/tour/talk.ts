import {
  connect,
  lines,
  sendTo,
  type BufferOverflow,
  type ConnectFailure,
  type ConnectOptions,
  type Flow,
  type FrameTooLarge,
  type ReadFailure,
  type WriteFailure,
} from 'rxjs-net';
import { merge, mergeMap, of, tap } from 'rxjs-net/rx';

/** A client: says its piece, ends its side, and emits the lines that come back. */
export const talk = (
  options: ConnectOptions,
  ...texts: readonly string[]
): Flow<string, ConnectFailure | ReadFailure | WriteFailure | FrameTooLarge | BufferOverflow> =>
  connect(options).pipe(
    mergeMap((connection) =>
      merge(
        connection.incoming.pipe(lines()),
        of(...texts).pipe(sendTo(connection), tap({ complete: () => connection.end() })),
      ),
    ),
  );
