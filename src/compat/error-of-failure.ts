import { getSystemErrorMap } from 'node:util';
import { isNativeError } from 'node:util/types';

import type { NetFailure } from '../core/failures/index.ts';

/** The error of the system as `net` emits it. */
export interface SystemError extends Error {
  code: string;
  errno?: number;
  syscall?: string;
  address?: string | null;
  port?: number;
}

/** What a failure is to the system, where it doesn't say so itself. */
const codeOfTag: Readonly<Record<string, string>> = {
  AddressInUse: 'EADDRINUSE',
  AddressNotAvailable: 'EADDRNOTAVAIL',
  BrokenPipe: 'EPIPE',
  ConnectTimeout: 'ETIMEDOUT',
  ConnectionAborted: 'ECONNABORTED',
  ConnectionRefused: 'ECONNREFUSED',
  ConnectionReset: 'ECONNRESET',
  ConnectionTimedOut: 'ETIMEDOUT',
  HostNotFound: 'ENOTFOUND',
  HostUnreachable: 'EHOSTUNREACH',
  NetworkUnreachable: 'ENETUNREACH',
  PathNotFound: 'ENOENT',
  PermissionDenied: 'EACCES',
  TooManyFiles: 'EMFILE',
};

/** Number and sentence of a code. */
let system: Map<string, readonly [number, string]> | undefined;

function describe(code: string): readonly [number, string] | undefined {
  system ??= new Map(Array.from(getSystemErrorMap(), ([errno, [name, sentence]]) => [name, [errno, sentence]]));
  return system.get(code);
}

/**
 * The error that `net` would emit for a failure: the very one that the failure was made from, where there is one, else
 * its equal.
 *
 * @param syscall what failed, where the failure doesn't say: `listen`, `accept`, `connect`, `read`, `write`.
 */
export function errorOfFailure(failure: NetFailure, syscall?: string): Error {
  const { cause } = failure;
  if (isNativeError(cause) && ('code' in cause || failure.code === undefined)) return cause;
  const code = failure.code ?? codeOfTag[failure._tag];
  if (code === undefined) return failure;
  return makeSystemError(failure.syscall ?? syscall, code, failure.address, failure.port);
}

/** An error of the system, with the message that `net` gives it. */
export function makeSystemError(
  syscall: string | undefined,
  code: string,
  address?: string | null,
  port?: number,
): SystemError {
  const known = describe(code);
  const what = syscall === undefined ? code : `${syscall} ${code}`;
  // Only for a listener does `net` add the sentence.
  const sentence = syscall === 'listen' && known !== undefined ? `: ${known[1]}` : '';
  const place = address == null ? '' : port !== undefined && port > 0 ? ` ${address}:${port}` : ` ${address}`;
  return Object.assign(new Error(`${what}${sentence}${place}`), {
    code,
    ...(known !== undefined && { errno: known[0] }),
    ...(syscall !== undefined && { syscall }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  });
}
