import { Failure, type FailureDetails, named } from './base.ts';
import { oneLine, optionalLine } from './one-line.ts';

/**
 * Nobody took the connection at that endpoint (`ECONNREFUSED`). For an IPC path also: what is there
 * is no listening socket (`ENOTSOCK`), or its queue of pending connections is full (`EAGAIN`).
 *
 * From `connect`.
 */
export class ConnectionRefused extends Failure {
  readonly _tag = 'ConnectionRefused' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the connection${named(details, 'to ')} was refused: nobody listens there`);
  }
  override get name(): 'ConnectionRefused' {
    return 'ConnectionRefused';
  }
}

/**
 * The host name did not resolve to an address (`ENOTFOUND`, `EAI_AGAIN`, `ESERVFAIL` …).
 * `temporary` tells "there is no such name" from "the resolver could not say".
 *
 * From `connect`, and from `listen` and `serve` with a `host`.
 */
export class HostNotFound extends Failure {
  readonly _tag = 'HostNotFound' as const;
  /** The name that was looked up. */
  readonly host: string | undefined;
  /** Whether trying again may help: the resolver did not answer, or its answer was cut short. */
  readonly temporary: boolean;
  constructor(details: FailureDetails & { readonly host?: string | undefined; readonly temporary?: boolean } = {}) {
    const { host = details.address, temporary = false } = details;
    super(
      details,
      `the host${host === undefined ? '' : ` "${oneLine(host)}"`} ${temporary ? 'could not be looked up for now' : 'was not found'}`,
    );
    this.host = optionalLine(host);
    this.temporary = temporary;
  }
  override get name(): 'HostNotFound' {
    return 'HostNotFound';
  }
}

/**
 * The network has a route, but the host does not answer on it (`EHOSTUNREACH`, `EHOSTDOWN`).
 *
 * From `connect`.
 */
export class HostUnreachable extends Failure {
  readonly _tag = 'HostUnreachable' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the host${named(details, '')} is unreachable`);
  }
  override get name(): 'HostUnreachable' {
    return 'HostUnreachable';
  }
}

/**
 * There is no route to that network, or the network is down (`ENETUNREACH`, `ENETDOWN`, `ENONET`).
 *
 * From `connect`.
 */
export class NetworkUnreachable extends Failure {
  readonly _tag = 'NetworkUnreachable' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `there is no route${named(details, 'to ')}`);
  }
  override get name(): 'NetworkUnreachable' {
    return 'NetworkUnreachable';
  }
}

/**
 * The address and port, or the path, are taken (`EADDRINUSE`).
 *
 * From `listen` and `serve`; from `connect` when `localPort` is taken.
 */
export class AddressInUse extends Failure {
  readonly _tag = 'AddressInUse' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the address${named(details, '')} is already in use`);
  }
  override get name(): 'AddressInUse' {
    return 'AddressInUse';
  }
}

/**
 * The address is none of this machine's, no local port is left, or the system lacks that address
 * family (`EADDRNOTAVAIL`, `EAFNOSUPPORT`).
 *
 * From `listen` and `serve` for `host`; from `connect` for `localAddress`.
 */
export class AddressNotAvailable extends Failure {
  readonly _tag = 'AddressNotAvailable' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the address${named(details, '')} is not available on this machine`);
  }
  override get name(): 'AddressNotAvailable' {
    return 'AddressNotAvailable';
  }
}

/**
 * The system does not allow it (`EACCES`, `EPERM`, `EROFS`): a low port, the rights of a socket
 * file or of its directory, a firewall, Node's permission model.
 *
 * On Unix, listening on a path in a directory that does not exist also arrives here, since the
 * system library under Node reports that case as `EACCES`.
 *
 * From `connect`, `listen` and `serve`.
 */
export class PermissionDenied extends Failure {
  readonly _tag = 'PermissionDenied' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `permission was denied${named(details, 'for ')}`);
  }
  override get name(): 'PermissionDenied' {
    return 'PermissionDenied';
  }
}

/**
 * There is nothing at that IPC path (`ENOENT`, `ENOTDIR`).
 *
 * From `connect`, `listen` and `serve` with a `path`.
 */
export class PathNotFound extends Failure {
  readonly _tag = 'PathNotFound' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `the path${named(details, '')} does not exist`);
  }
  override get name(): 'PathNotFound' {
    return 'PathNotFound';
  }
}

/**
 * The process or the system is out of file descriptors (`EMFILE`, `ENFILE`). A server backs off and
 * tries again; it does not stop.
 *
 * From `connect`, `listen` and `serve`.
 */
export class TooManyFiles extends Failure {
  readonly _tag = 'TooManyFiles' as const;
  constructor(details: FailureDetails = {}) {
    super(details, `too many files are open to open a socket${named(details, 'for ')}`);
  }
  override get name(): 'TooManyFiles' {
    return 'TooManyFiles';
  }
}
