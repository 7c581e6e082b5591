import { netServer } from './net-server.mjs';

// Idiomatic node:net, as in every tutorial. It ignores what `write` returns, so its memory has no bound.
netServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
});
