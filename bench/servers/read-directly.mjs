import { Readable } from 'node:stream';

/**
 * Replaces `push` of a socket, so that a chunk goes from the handle to `take` without the Readable's buffer and events
 * in between. It is a public method and meant for implementers of streams: as far as hand-tuning can go with `node:net`.
 * Has to be called in the connection handler, before the first chunk can have come.
 *
 * @param {import('node:net').Socket} socket
 * @param {(chunk: Buffer) => boolean} take false stops reading, until `_read` is called
 */
export function readDirectly(socket, take) {
  socket.push = (/** @type {Buffer | null} */ chunk) => {
    if (chunk !== null) return take(chunk);
    // Assigned back and not deleted: `delete` would turn the socket into a slow dictionary-mode object.
    // oxlint-disable-next-line typescript/unbound-method -- it is put where it is called as a method
    socket.push = Readable.prototype.push;
    socket.push(null);
    socket.resume();
    return false;
  };
}
