import { refuse } from '../../core/options/index.ts';
import { LiveConnection } from './live-connection.ts';

/** A connection as this library makes it, for what needs more than the interface says. */
export function asLive(connection: unknown): LiveConnection {
  if (connection instanceof LiveConnection) return connection;
  return refuse('connection', connection, 'a connection of this library');
}
