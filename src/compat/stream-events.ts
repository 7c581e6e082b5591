import type { StreamLinkEvents } from '../core/stream-link.ts';
import type { SocketMethods } from './socket-methods.ts';

/** What becomes of what the link tells: one object for all sockets. */
export const streamEvents: StreamLinkEvents<SocketMethods> = {
  onData(socket, chunk) {
    socket._unrefTimer();
    return socket.push(chunk);
  },

  onActivity(socket) {
    socket._unrefTimer();
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
    socket.emit(event, ...details);
  },

  onFailed(socket, error) {
    socket.destroy(error);
  },

  onClosed(socket, hadError) {
    socket.emit('close', hadError);
  },
};
