import { oneLine, optionalLine, wholeMessage } from './one-line.ts';

/** What every failure may know; what is unknown is left out. */
export interface FailureDetails {
  /** Instead of the sentence that the class makes itself. */
  readonly message?: string | undefined;
  /** The name of the system's error, such as `ECONNREFUSED`, or Node's own code. */
  readonly code?: string | undefined;
  /** The system call that failed, such as `connect` or `getaddrinfo`. */
  readonly syscall?: string | undefined;
  /** The address, host name or IPC path that was being used. */
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** The error that this failure was made from. */
  readonly cause?: unknown;
}

/**
 * What all failures have in common. Each class adds a literal `_tag`, by which a failure is told
 * apart; don't use `instanceof`, which fails when two copies of the package are loaded.
 */
export abstract class Failure extends Error {
  abstract readonly _tag: string;
  /** The name of the system's error, such as `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;
  /** The system call that failed, where there is one. */
  readonly syscall: string | undefined;
  /** The address, host name or IPC path, where it is known. */
  readonly address: string | undefined;
  /** The port, where there is one. */
  readonly port: number | undefined;

  protected constructor(details: FailureDetails, sentence: string) {
    super(
      wholeMessage(details.message ?? sentence),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = optionalLine(details.code);
    this.syscall = optionalLine(details.syscall);
    this.address = optionalLine(shownAddress(details.address));
    this.port = details.port;
  }
}

/**
 * The endpoint as part of a sentence, after a preposition: `named(details, 'to ')` is ` to 127.0.0.1:80`,
 * or nothing when it is unknown.
 */
export function named(details: FailureDetails, preposition: string): string {
  const { address, port } = details;
  if (address === undefined) return port === undefined ? '' : ` ${preposition}port ${port}`;
  const shown = oneLine(shownAddress(address));
  if (port === undefined) return ` ${preposition}${shown}`;
  return ` ${preposition}${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/** An abstract socket's name begins with NUL, which every tool shows as `@`. */
function shownAddress(address: string): string;
function shownAddress(address: string | undefined): string | undefined;
function shownAddress(address: string | undefined): string | undefined {
  return address?.startsWith('\0') === true ? `@${address.slice(1)}` : address;
}
