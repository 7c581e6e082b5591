import type { LiveConnection } from '../internal/live-connection.ts';
import { ById, type Correlation } from './correlation.ts';

interface Owed {
  readonly correlation: Correlation;
  /** How many had read the connection by then. */
  readonly readers: number;
}

const owedOn = new WeakMap<LiveConnection, Owed>();

/**
 * An `rpc` has released the connection, and the peer still owes answers: the next `rpc` has to
 * know.
 */
export function rememberOwed(connection: LiveConnection, correlation: Correlation): void {
  owedOn.set(connection, { correlation, readers: connection.getReader().readers });
}

/**
 * What an earlier `rpc` is owed. Without ids it is nothing any more when something else has read
 * the connection since, and with it those answers.
 */
export function recallOwed(connection: LiveConnection): Correlation | undefined {
  const owed = owedOn.get(connection);
  owedOn.delete(connection);
  if (owed === undefined) return undefined;
  const isStillOwed = owed.correlation instanceof ById || owed.readers === connection.getReader().readers;
  return isStillOwed ? owed.correlation : undefined;
}
