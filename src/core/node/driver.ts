import type { Socket } from 'node:net';

import type { LinkHandler } from '../transport.ts';
import { DirectLink, hasDirectDriver } from './direct-driver.ts';
import { PlainLink } from './plain-driver.ts';
import type { IpcPaths, SocketLink } from './socket-link.ts';

/**
 * How chunks are taken from a socket and given to it: `direct` by the documented implementer methods
 * of the stream, `plain` by the methods that every consumer uses.
 */
export type DriverName = 'direct' | 'plain';

/** Makes the link of one socket. */
export type MakeLink = (socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) => SocketLink;

/** What a driver name stands for; `direct` gives `plain` where the runtime lacks what it needs. */
export function makeLinkOf(driver: DriverName): MakeLink {
  if (driver === 'direct' && hasDirectDriver())
    return (socket, handler, paths) => new DirectLink(socket, handler, paths);
  return (socket, handler, paths) => new PlainLink(socket, handler, paths);
}

/** The driver that the environment asks for (`RXJS_NET_DRIVER=plain`), else `direct`. */
export function driverFromEnvironment(): DriverName {
  return process.env['RXJS_NET_DRIVER'] === 'plain' ? 'plain' : 'direct';
}
