import type { Link } from '../../core/transport.ts';

/** The values that a socket is made with. */
export interface Tuning {
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
}

/**
 * How a connection was switched since it was made; undefined for what was not. A socket can't be
 * asked, so that whoever puts switches back needs it.
 */
export interface Switches {
  noDelay: boolean | undefined;
  keepAlive: boolean | undefined;
  /** In ms; only a delay that was given to a keep-alive that is on reaches the socket. */
  keepAliveDelay: number | undefined;
  isReferenced: boolean | undefined;
  /** What `setTimeout` was given. */
  idleNotice: number | undefined;
}

export const UNTOUCHED: Readonly<Switches> = {
  noDelay: undefined,
  keepAlive: undefined,
  keepAliveDelay: undefined,
  isReferenced: undefined,
  idleNotice: undefined,
};

/**
 * RFC 1122, section 4.2.3.6, and the default of Linux, macOS and Windows: a system can't be asked
 * for its own.
 */
const SYSTEM_DELAY = 7_200_000;

/**
 * Puts the switches of a socket that differ back, all but the idle notice, which is the
 * connection's own.
 */
export function putBack(link: Link, now: Readonly<Switches>, before: Readonly<Switches>, tuning: Tuning): void {
  if (now.noDelay !== before.noDelay) link.setNoDelay(before.noDelay ?? tuning.noDelay ?? false);
  putBackKeepAlive(link, now, before, tuning);
  if (now.isReferenced !== before.isReferenced) {
    if (before.isReferenced === false) link.unref();
    else link.ref();
  }
}

function putBackKeepAlive(link: Link, now: Readonly<Switches>, before: Readonly<Switches>, tuning: Tuning): void {
  const enable = before.keepAlive ?? tuning.keepAlive ?? false;
  if (now.keepAliveDelay !== before.keepAliveDelay) {
    const given = tuning.keepAlive === true ? tuning.keepAliveInitialDelay : undefined;
    // A delay reaches the socket only together with a keep-alive that is on.
    link.setKeepAlive(true, before.keepAliveDelay ?? (given || SYSTEM_DELAY));
    if (!enable) link.setKeepAlive(false, 0);
  } else if (now.keepAlive !== before.keepAlive) {
    link.setKeepAlive(enable, 0);
  }
}
