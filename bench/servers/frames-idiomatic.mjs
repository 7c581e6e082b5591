import { netServer } from './net-server.mjs';

const OK = Buffer.from('ok ');

/** @param {Buffer} request */
const answer = (request) => Buffer.concat([OK, request]);

// Idiomatic node:net: what is left over in front of the next chunk, one frame out for each frame in.
netServer((socket) => {
  /** @type {Buffer} */
  let carry = Buffer.alloc(0);
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const body = answer(bytes.subarray(at + 4, end));
      const header = Buffer.allocUnsafe(4);
      header.writeUInt32BE(body.length);
      socket.write(Buffer.concat([header, body]));
      at = end;
    }
    carry = bytes.subarray(at);
  });
});
