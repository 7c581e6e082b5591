import type { StreamLink } from '../core/stream-link.ts';
import { KEEP_ALIVE, NET, NO_DELAY, ONREAD, TYPE_OF_SERVICE } from './internal-names.ts';
import { cutIpcPath } from './ipc-path.ts';
import type { ConnectArguments } from './normalize-arguments.ts';
import type { SocketMethods } from './socket-methods.ts';
import { streamEvents } from './stream-events.ts';

/** The link of a socket that is about to connect. */
export function openLink(socket: SocketMethods): StreamLink {
  const { blockList, [ONREAD]: onread, [TYPE_OF_SERVICE]: typeOfService } = socket;
  const platform = {
    ...(onread !== null && { onread }),
    ...(blockList !== undefined && { blockList }),
    ...(typeOfService !== undefined && { typeOfService }),
  };
  const options = { platform, noDelay: socket[NO_DELAY], keepAlive: socket[KEEP_ALIVE] ?? undefined };
  return socket[NET].streams.open(options, streamEvents, socket);
}

/**
 * What the specification says of the options: "`family` … Default: 4", and of a path that is too long, "It gets truncated to
 * `sizeof(sockaddr_un.sun_path) - 1`".
 */
export function bySpecification(options: ConnectArguments): object {
  const { path, autoSelectFamily, family } = options as Partial<Record<string, unknown>>;
  if (path) {
    const cut = typeof path === 'string' ? cutIpcPath(path) : path;
    return cut === path ? options : (Object.create(options, { path: { value: cut } }) as object);
  }
  // Who asks for both families gets them.
  if (autoSelectFamily === true || (family !== undefined && family !== null)) return options;
  return Object.create(options, { family: { value: 4 } }) as object;
}
