import { Readable } from 'node:stream';

import { netServer } from './net-server.mjs';

/**
 * Hand-tuned node:net: `push` of the socket is replaced, so that a chunk goes from the handle to `write` without the
 * Readable's buffer and events between. Backpressure is kept: `false` stops the handle, `_read` starts it again.
 */
netServer((socket) => {
  socket.push = (chunk) => {
    if (chunk === null) {
      // Assigned back and not deleted: `delete` would turn the socket into a slow dictionary-mode object.
      socket.push = Readable.prototype.push;
      socket.push(null);
      socket.resume();
      return false;
    }
    return socket.write(chunk);
  };
  socket.on('drain', readAgain);
});

/** @this {import('node:net').Socket} */
function readAgain() {
  this._read(0);
}
