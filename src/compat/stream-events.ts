import { enterLeaf, leaveLeaf } from '../core/demand.ts';
import type { StreamLinkEvents } from '../core/stream-link.ts';
import { LINK, UNFOLLOW } from './internal-names.ts';
import type { SocketMethods } from './socket-methods.ts';

/** What becomes of what the link tells: one object for all sockets. */
export const streamEvents: StreamLinkEvents<SocketMethods> = {
  onData(socket, chunk) {
    socket._unrefTimer();
    const outer = enterLeaf(null);
    try {
      return socket.push(chunk);
    } finally {
      leaveLeaf(outer);
    }
  },

  onActivity(socket) {
    socket._unrefTimer();
  },

  onStalled(socket) {
    if (socket.writableLength > 0) socket.emit('timeout');
    // Nothing is outstanding any more: the socket's own timer is enough.
    else socket[LINK]?.watchProgress?.(0);
  },

  onEnd(socket) {
    socket._unrefTimer();
    socket.push(null);
    socket.read(0);
  },

  onConnect(socket) {
    socket.connecting = false;
    socket._sockname = null;
    socket._unrefTimer();
    socket.emit('connect');
    socket.emit('ready');
    if (!socket.isPaused()) socket.read(0);
  },

  onEvent(socket, event, ...details) {
    const link = socket[LINK];
    if (link !== null) {
      // Each attempt has its own local end, and the last one that fails ends the connecting before it says so.
      socket._sockname = null;
      socket.connecting = link.connecting;
      if (link.attempted !== undefined) socket.autoSelectFamilyAttemptedAddresses = link.attempted;
    }
    socket.emit(event, ...details);
  },

  onFailed(socket, error) {
    socket.destroy(error ?? undefined);
  },

  onClosed(socket, hadError) {
    socket[UNFOLLOW]?.();
    socket.emit('close', hadError);
  },
};
