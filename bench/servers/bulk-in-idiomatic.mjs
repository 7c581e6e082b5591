import { byteCheck } from './host.mjs';
import { netServer } from './net-server.mjs';

// Idiomatic node:net.
netServer((socket) => {
  socket.on('data', byteCheck());
});
