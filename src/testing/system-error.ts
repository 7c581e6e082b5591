import { constants } from 'node:os';

/** The descriptions that libuv gives; Node puts them into the messages of listening. */
const descriptions: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'address not available',
  EACCES: 'permission denied',
  EINVAL: 'invalid argument',
};

const ENOTFOUND = -3008;

interface Place {
  readonly address?: string;
  readonly port?: number | undefined;
  /** What the socket was bound to, where Node's message says it. */
  readonly boundTo?: string | undefined;
}

/** An error with the properties and the message that Node gives to one of the operating system. */
export function systemError(code: string, syscall: string, place: Place = {}): NodeJS.ErrnoException {
  const { address, port, boundTo } = place;
  const description = syscall === 'listen' ? descriptions[code] : undefined;
  const where = address === undefined ? '' : ` ${address}${port === undefined ? '' : `:${port}`}`;
  const local = boundTo === undefined ? '' : ` - Local (${boundTo})`;
  const message = `${syscall} ${code}${description === undefined ? '' : `: ${description}`}${where}${local}`;
  const errno: unknown = Reflect.get(constants.errno, code);
  return Object.assign(new Error(message), {
    ...(typeof errno === 'number' && { errno: -errno }),
    code,
    syscall,
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  });
}

/** What `dns.lookup` says of a name that there is not. */
export function notFoundError(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    errno: ENOTFOUND,
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname,
  });
}
