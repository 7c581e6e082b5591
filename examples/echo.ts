import { startWith } from 'rxjs-net/rx';
import type { Chunk, Connection, Flow, ReadFailure } from 'rxjs-net';

/** The echo server of Node's documentation as a pipeline: greets, then sends back what comes. */
export const echo = (connection: Connection): Flow<Chunk, ReadFailure> =>
  connection.incoming.pipe(startWith('hello\r\n'));
