import { type Address, formatAddress } from '../../core/endpoint.ts';

/** Where a connection stands. */
export type ConnectionState = 'dialling' | 'open' | 'failing' | 'closed';

/** What is shown of a connection; any object that has it will do. */
export interface Describable {
  readonly local: Address | undefined;
  readonly remote: Address | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly bytesQueued: number;
  readonly state: ConnectionState;
}

/** A connection as plain data, which JSON takes. */
export interface ConnectionDescription {
  /** As text, `127.0.0.1:4321` or a path; undefined when it isn't known. */
  readonly local: string | undefined;
  /** As `local`. */
  readonly remote: string | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly bytesQueued: number;
  readonly state: ConnectionState;
}

/** For `toJSON`: nothing of what a connection is made of, only what one wants to read in a log. */
export function describeConnection(connection: Describable): ConnectionDescription {
  const { local, remote, bytesRead, bytesWritten, bytesQueued, state } = connection;
  return { local: shownAddress(local), remote: shownAddress(remote), bytesRead, bytesWritten, bytesQueued, state };
}

/**
 * For `console.log`: one line, whatever a path consists of.
 *
 * `Connection { remote: '127.0.0.1:4321', local: '127.0.0.1:8124', open, 12 B in, 30 B out }`
 */
export function inspectConnection(connection: Describable): string {
  const { local, remote, bytesRead, bytesWritten, bytesQueued, state } = describeConnection(connection);
  const parts = [`remote: ${quoted(remote)}`, `local: ${quoted(local)}`, state];
  parts.push(`${bytesRead} B in`, `${bytesWritten} B out`);
  if (bytesQueued > 0) parts.push(`${bytesQueued} B queued`);
  return `Connection { ${parts.join(', ')} }`;
}

function shownAddress(address: Address | undefined): string | undefined {
  return address === undefined ? undefined : formatAddress(address);
}

/** A path may hold anything; a log is no place for line breaks and what moves the cursor. */
function quoted(text: string | undefined): string {
  if (text === undefined) return 'undefined';
  return `'${text.replaceAll(/[\p{Cc}\u2028\u2029'\\]/gu, escaped)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
