import type { NetFailure } from '../core/failures/index.ts';

/** What an error of the system says besides its message. */
interface SystemErrorFacts {
  errno?: number;
  code?: string;
  syscall?: string;
  address?: string;
  port?: number;
}

/**
 * The error that programs of `net` know: the system's own, where there is one behind the failure, else one that says the same in
 * the same form.
 */
export function errorOfFailure(failure: NetFailure): Error {
  const { cause, code, syscall, address, port } = failure;
  if (cause instanceof Error && 'code' in cause) return cause;
  const place = address === undefined ? '' : port === undefined ? ` ${address}` : ` ${address}:${port}`;
  const message = code === undefined ? failure.message : `${syscall === undefined ? '' : `${syscall} `}${code}${place}`;
  const facts: SystemErrorFacts = {
    ...(code !== undefined && { code }),
    ...(syscall !== undefined && { syscall }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  };
  return Object.assign(new Error(message), facts);
}
