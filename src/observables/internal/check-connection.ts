import { refuse } from '../../core/options/index.ts';
import type { Connection } from '../connection.ts';

/** What can be sent to, by its shape: a connection, or a channel. */
export const isSender = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'send' in value && typeof value.send === 'function';

/** A connection, by its shape: those of another copy of the package are as good. */
export function checkConnection(value: unknown): asserts value is Connection {
  if (!isSender(value) || typeof Reflect.get(Object(value), 'incoming') !== 'object') {
    refuse('connection', value, 'a connection, such as connect() emits');
  }
}
