import { failed, listening, settings, socketOptions } from './host.mjs';

/** `node:net`, or what stands in for it: the same program for both. @type {typeof import('node:net')} */
const net = (await import(settings.module)).default;

/**
 * Starts a server with the API of `node:net`.
 *
 * @param {(socket: import('node:net').Socket) => void} onConnection
 */
export function netServer(onConnection) {
  const server = net.createServer(socketOptions, (socket) => {
    // One function for all sockets: a closure per connection would count as memory of the baseline.
    socket.on('error', failed);
    onConnection(socket);
  });
  server.listen(settings.listen, () => listening(server.address()));
}
