import type { CloseInfo } from '../connection.ts';
import type { LiveConnection } from './live-connection.ts';

/** Who made the connection, and is told what becomes of it. */
export interface ConnectionOwner {
  onConnected(connection: LiveConnection): void;
  /** `failure` when a dial never stood; else `info`. The last call. */
  onConnectionClosed(connection: LiveConnection, info: CloseInfo): void;
  /** It has a reader, or no longer has one. */
  onReaderChanged(connection: LiveConnection): void;
  /** A teardown of the caller's threw. */
  onDefect(connection: LiveConnection, error: unknown): void;
  /** Nothing that was written waits any more; told while the owner drains. */
  onQuiet(connection: LiveConnection): void;
}

/** What an owner runs on a connection, as far as the owner's end needs it. */
export interface ConnectionRun {
  /** Nobody reads, and nothing has ever moved: lets go of the handler and ends the write side. */
  halfClose(): void;
  /** Lets go of the handler without a word to anybody. */
  cancel(): void;
}
