import { ConnectionClosed } from '../../core/failures/index.ts';
import { refuse } from '../../core/options/index.ts';
import { LiveConnection } from '../internal/live-connection.ts';

/** @throws ConnectionClosed when it closed meanwhile, InvalidOptions when it is no connection of the library. */
export function liveConnectionOf(connection: unknown): LiveConnection {
  if (connection instanceof LiveConnection) {
    if (connection.state === 'open') return connection;
    throw new ConnectionClosed({ ...connection.failureDetails(), message: 'it closed before it came to the pool' });
  }
  return refuse('target', connection, 'a flow of connections, such as connect() gives');
}
