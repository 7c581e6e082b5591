import { netServer } from './net-server.mjs';
import { readDirectly } from './read-directly.mjs';

// Hand-tuned node:net, with backpressure: a `write` that returns false stops the handle, 'drain' starts it again.
netServer((socket) => {
  readDirectly(socket, (chunk) => socket.write(chunk));
  socket.on('drain', readAgain);
});

/** @this {import('node:net').Socket} */
function readAgain() {
  this._read(0);
}
