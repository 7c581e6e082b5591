import net from 'node:net';

/**
 * One connection that reads into a buffer which all connections share: what arrives is looked at at once and never kept.
 *
 * @typedef {object} Reader
 * @property {(size: number, buffer: Buffer) => void} read
 * @property {() => void} closed the server closed or broke the connection, which no server of ours has reason to do
 */

const shared = Buffer.allocUnsafe(65_536);

/** The connections that we are closing ourselves. @type {WeakSet<net.Socket>} */
const leaving = new WeakSet();

/**
 * @param {import('../load.mjs').Target} target
 * @param {Reader} reader
 * @returns {Promise<net.Socket>}
 */
export function dial(target, { read, closed }) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      ...target,
      // The generator's own small writes must not wait for acknowledgements: what is measured is the server.
      noDelay: true,
      onread: {
        buffer: shared,
        callback(size) {
          read(size, shared);
          return true;
        },
      },
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // 'close' follows, and says what matters.
      socket.on('error', () => {});
      socket.once('close', () => {
        if (!leaving.has(socket)) closed();
      });
      resolve(socket);
    });
  });
}

/** Closes a connection on our own account. @param {net.Socket | undefined} socket @param {'end' | 'reset'} how */
export function leave(socket, how) {
  if (socket === undefined) return;
  leaving.add(socket);
  if (how === 'end') socket.end().unref();
  else if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
