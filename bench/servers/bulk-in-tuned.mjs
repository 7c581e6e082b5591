import { byteCheck } from './host.mjs';
import { netServer } from './net-server.mjs';
import { readDirectly } from './read-directly.mjs';

// Hand-tuned node:net.
netServer((socket) => {
  const check = byteCheck();
  readDirectly(socket, (chunk) => {
    check(chunk);
    return true;
  });
});
