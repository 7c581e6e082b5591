import { ACCEPTED, COALESCES } from './internal-names.ts';
import type { NetContext } from './net-context.ts';
import type { SocketMethods } from './socket-methods.ts';

/** What a server decides about the sockets of its connections. */
export interface AcceptedOptions {
  readonly allowHalfOpen: boolean;
  readonly pauseOnConnect: boolean;
  readonly highWaterMark: number | undefined;
  readonly [COALESCES]?: boolean | undefined;
}

/**
 * The `Socket` of an accepted connection.
 *
 * @param accepted - what `StreamTransport.adopt` takes: the system's socket, or the `Link` of another transport. Of the latter
 *   the handler, which `BindHandler.onAccepted` has to return, is then `handlerOf(socket)`.
 */
export function acceptedSocket(net: NetContext, accepted: object, options: AcceptedOptions): SocketMethods {
  const { allowHalfOpen, pauseOnConnect, highWaterMark } = options;
  return new net.Socket({
    [ACCEPTED]: accepted,
    allowHalfOpen,
    pauseOnCreate: pauseOnConnect,
    readableHighWaterMark: highWaterMark,
    writableHighWaterMark: highWaterMark,
    coalesceWrites: options[COALESCES],
    // As every socket's: see `socket.ts`, which takes these options as they are.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  });
}
