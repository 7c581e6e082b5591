import type { FailureByPhase, Phase } from './unions.ts';

/** These two are made by the library alone: no error of the system means them. */
type TagIn<P extends Phase> = Exclude<FailureByPhase[P]['_tag'], 'AlreadySubscribed' | 'BufferOverflow'>;

/** The tags that an error of the system can lead to. */
export type MappedTag = TagIn<Phase>;

/**
 * What a code means in each phase; where a phase is left out, `SystemFailure`. The type lets a
 * phase have only the tags of its own union, so `ReadFailure` and the others hold for what this
 * table makes.
 */
export type ErrnoRow = { readonly [P in Phase]?: TagIn<P> };

const system: ErrnoRow = {};

/**
 * The name did not resolve. Node reports a lookup's error in place of the dial's or the listening's
 * own.
 */
const hostNotFound: ErrnoRow = { lookup: 'HostNotFound', connect: 'HostNotFound', listen: 'HostNotFound' };
const badOption: ErrnoRow = { lookup: 'InvalidOptions', connect: 'InvalidOptions', listen: 'InvalidOptions' };
const badArgument: ErrnoRow = { ...badOption, write: 'InvalidOptions' };

const denied: ErrnoRow = {
  lookup: 'PermissionDenied',
  connect: 'PermissionDenied',
  listen: 'PermissionDenied',
  accept: 'PermissionDenied',
};
const noPath: ErrnoRow = { connect: 'PathNotFound', listen: 'PathNotFound' };
const tooManyFiles: ErrnoRow = {
  lookup: 'TooManyFiles',
  connect: 'TooManyFiles',
  listen: 'TooManyFiles',
  accept: 'TooManyFiles',
};
const notAvailable: ErrnoRow = { connect: 'AddressNotAvailable', listen: 'AddressNotAvailable' };
/**
 * No way there. On an established connection the system goes on trying all the same (RFC 1122,
 * 4.2.3.9), and names the route as the reason when it gives up.
 */
const hostUnreachable: ErrnoRow = {
  connect: 'HostUnreachable',
  accept: 'HostUnreachable',
  read: 'ConnectionTimedOut',
  write: 'ConnectionTimedOut',
};
const networkUnreachable: ErrnoRow = {
  connect: 'NetworkUnreachable',
  accept: 'NetworkUnreachable',
  read: 'ConnectionTimedOut',
  write: 'ConnectionTimedOut',
};
const aborted: ErrnoRow = {
  lookup: 'HostNotFound',
  connect: 'ConnectionAborted',
  accept: 'ConnectionAborted',
  read: 'ConnectionAborted',
  write: 'ConnectionAborted',
};
/** Given up while dialling; on a connection that stood, closed already. */
const closed: ErrnoRow = { connect: 'ConnectionAborted', read: 'ConnectionClosed', write: 'ConnectionClosed' };
const brokenPipe: ErrnoRow = { connect: 'ConnectionReset', read: 'BrokenPipe', write: 'BrokenPipe' };

/** The errors of the operating system, by libuv's names. */
const systemErrors = {
  // Nobody took the connection. On an IPC path the systems differ in how they say so: EAGAIN is
  // Linux's full queue, ENOTSOCK is a plain file on macOS (Linux says ECONNREFUSED).
  ECONNREFUSED: { lookup: 'HostNotFound', connect: 'ConnectionRefused' },
  EAGAIN: { connect: 'ConnectionRefused' },
  ENOTSOCK: { connect: 'ConnectionRefused' },

  // The connection ended.
  ECONNRESET: {
    lookup: 'HostNotFound',
    connect: 'ConnectionReset',
    accept: 'ConnectionReset',
    read: 'ConnectionReset',
    write: 'ConnectionReset',
  },
  ECONNABORTED: aborted,
  // A write that was given up since its socket was destroyed.
  ECANCELED: { ...closed, lookup: 'HostNotFound' },
  EPIPE: brokenPipe,
  ESHUTDOWN: brokenPipe,
  ENOTCONN: closed,
  EOF: { lookup: 'HostNotFound', connect: 'ConnectionReset', read: 'ConnectionClosed', write: 'ConnectionClosed' },
  ETIMEDOUT: {
    lookup: 'HostNotFound',
    connect: 'ConnectTimeout',
    accept: 'ConnectionTimedOut',
    read: 'ConnectionTimedOut',
    write: 'ConnectionTimedOut',
  },

  // The way there.
  EHOSTUNREACH: hostUnreachable,
  EHOSTDOWN: hostUnreachable,
  ENETUNREACH: networkUnreachable,
  ENETDOWN: networkUnreachable,
  ENONET: networkUnreachable,

  // The endpoint on this machine.
  EADDRINUSE: { connect: 'AddressInUse', listen: 'AddressInUse' },
  EADDRNOTAVAIL: notAvailable,
  EAFNOSUPPORT: notAvailable,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOENT: noPath,
  ENOTDIR: noPath,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,

  // Lookups (getaddrinfo).
  EAI_ADDRFAMILY: hostNotFound,
  EAI_AGAIN: hostNotFound,
  EAI_CANCELED: hostNotFound,
  EAI_FAIL: hostNotFound,
  EAI_NODATA: hostNotFound,
  EAI_NONAME: hostNotFound,
  EAI_BADFLAGS: badOption,
  EAI_BADHINTS: badOption,
  EAI_FAMILY: badOption,
  EAI_MEMORY: system,
  EAI_OVERFLOW: system,
  EAI_PROTOCOL: system,
  EAI_SERVICE: system,
  EAI_SOCKTYPE: system,
  ENODATA: hostNotFound,

  // No tag of their own: out of memory, defects, and what sockets don't report.
  E2BIG: system,
  EALREADY: system,
  EBADF: system,
  EBUSY: system,
  ECHARSET: system,
  EDESTADDRREQ: system,
  EEXIST: system,
  EFAULT: system,
  EFBIG: system,
  EFTYPE: system,
  EILSEQ: system,
  EINTR: system,
  EINVAL: system,
  EIO: system,
  EISCONN: system,
  EISDIR: system,
  ELOOP: system,
  EMLINK: system,
  EMSGSIZE: system,
  ENAMETOOLONG: system,
  ENOBUFS: system,
  ENODEV: system,
  ENOEXEC: system,
  ENOMEM: system,
  ENOPROTOOPT: system,
  ENOSPC: system,
  ENOSYS: system,
  ENOTEMPTY: system,
  ENOTSUP: system,
  ENOTTY: system,
  ENXIO: system,
  EOVERFLOW: system,
  EPROTO: system,
  EPROTONOSUPPORT: system,
  EPROTOTYPE: system,
  ERANGE: system,
  EREMOTEIO: system,
  ESOCKTNOSUPPORT: system,
  ESPIPE: system,
  ESRCH: system,
  ETXTBSY: system,
  EUNATCH: system,
  EXDEV: system,
  UNKNOWN: system,
} satisfies Record<string, ErrnoRow>;

/** The errors of Node's own resolver (c-ares), which a `lookup` function may pass on. */
const resolverErrors = {
  ENOTFOUND: hostNotFound,
  ENONAME: hostNotFound,
  EBADNAME: hostNotFound,
  ESERVFAIL: hostNotFound,
  EREFUSED: hostNotFound,
  EFORMERR: hostNotFound,
  ENOTIMP: hostNotFound,
  EBADRESP: hostNotFound,
  ETIMEOUT: hostNotFound,
  ECANCELLED: hostNotFound,
  EDESTRUCTION: hostNotFound,
  EBADFAMILY: badOption,
  EBADFLAGS: badOption,
  EBADHINTS: badOption,
  EADDRGETNETWORKPARAMS: system,
  EBADQUERY: system,
  EBADSTR: system,
  EFILE: system,
  ELOADIPHLPAPI: system,
  ENOTINITIALIZED: system,
} satisfies Record<string, ErrnoRow>;

/** The codes that Node gives to errors it makes itself. */
const nodeErrors = {
  ABORT_ERR: aborted,
  ERR_ACCESS_DENIED: denied,
  ERR_INVALID_ADDRESS_FAMILY: badOption,
  ERR_INVALID_ARG_TYPE: badArgument,
  ERR_INVALID_ARG_VALUE: badArgument,
  ERR_INVALID_FD: badOption,
  ERR_INVALID_FD_TYPE: badOption,
  ERR_INVALID_HANDLE_TYPE: badOption,
  ERR_INVALID_IP_ADDRESS: badOption,
  ERR_INVALID_OPT_VALUE: badOption,
  ERR_IP_BLOCKED: denied,
  ERR_MISSING_ARGS: badOption,
  ERR_OUT_OF_RANGE: badOption,
  ERR_SERVER_ALREADY_LISTEN: system,
  ERR_SERVER_NOT_RUNNING: system,
  ERR_SOCKET_BAD_PORT: badOption,
  ERR_SOCKET_CLOSED: closed,
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: closed,
  ERR_SOCKET_CONNECTION_TIMEOUT: { connect: 'ConnectTimeout' },
  ERR_STREAM_ALREADY_FINISHED: closed,
  ERR_STREAM_CANNOT_PIPE: system,
  ERR_STREAM_DESTROYED: closed,
  ERR_STREAM_NULL_VALUES: { write: 'InvalidOptions' },
  ERR_STREAM_PREMATURE_CLOSE: closed,
  ERR_STREAM_PUSH_AFTER_EOF: system,
  ERR_STREAM_UNABLE_TO_PIPE: system,
  ERR_STREAM_WRITE_AFTER_END: closed,
  ERR_UNKNOWN_ENCODING: { write: 'InvalidOptions' },
} satisfies Record<string, ErrnoRow>;

/** Every code that the network parts of Node can produce, with the tags it leads to. */
export const errnoTable: Readonly<Record<string, ErrnoRow>> = {
  ...systemErrors,
  ...resolverErrors,
  ...nodeErrors,
};

/** The failed lookups that may succeed when tried again: nothing was said about the name itself. */
export const temporaryLookups: ReadonlySet<string> = new Set([
  'ABORT_ERR',
  'EAI_AGAIN',
  'EAI_CANCELED',
  'ECANCELED',
  'ECANCELLED',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDESTRUCTION',
  'EOF',
  'ESERVFAIL',
  'ETIMEDOUT',
  'ETIMEOUT',
]);

/** Which option a code of Node's accuses, where the error does not say. */
export const accusedOptions: Readonly<Record<string, string>> = {
  EAI_BADFLAGS: 'hints',
  EAI_BADHINTS: 'hints',
  EAI_FAMILY: 'family',
  EBADFAMILY: 'family',
  EBADFLAGS: 'hints',
  EBADHINTS: 'hints',
  // Both speak of what the `lookup` function answered.
  ERR_INVALID_ADDRESS_FAMILY: 'lookup',
  ERR_INVALID_IP_ADDRESS: 'lookup',
  ERR_INVALID_FD: 'fd',
  ERR_INVALID_FD_TYPE: 'fd',
  ERR_INVALID_HANDLE_TYPE: 'fd',
  ERR_SOCKET_BAD_PORT: 'port',
  ERR_STREAM_NULL_VALUES: 'chunk',
  ERR_UNKNOWN_ENCODING: 'chunk',
};
