import net from 'node:net';

import { failed, listening, settings, socketOptions } from './host.mjs';

/**
 * Starts a `node:net` server for one of the baselines.
 *
 * @param {(socket: net.Socket) => void} onConnection
 */
export function netServer(onConnection) {
  const server = net.createServer(socketOptions, (socket) => {
    // One function for all sockets: a closure per connection would count as memory of the baseline.
    socket.on('error', failed);
    onConnection(socket);
  });
  server.listen(settings.listen, () => listening(server.address()));
}
