import { Readable } from 'node:stream';

import { byteCheck } from './host.mjs';
import { netServer } from './net-server.mjs';

// Hand-tuned node:net: see echo-tuned.mjs for what replacing `push` is about.
netServer((socket) => {
  const check = byteCheck();
  socket.push = (/** @type {Buffer | null} */ chunk) => {
    if (chunk !== null) {
      check(chunk);
      return true;
    }
    socket.push = Readable.prototype.push;
    socket.push(null);
    socket.resume();
    return false;
  };
});
