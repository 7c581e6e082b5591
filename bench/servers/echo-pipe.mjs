import { netServer } from './net-server.mjs';

// Idiomatic node:net with backpressure.
netServer((socket) => {
  socket.pipe(socket);
});
