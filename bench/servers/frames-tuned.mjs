import { netServer } from './net-server.mjs';

const OK = Buffer.from('ok ');

/** @param {Buffer} request */
const answer = (request) => Buffer.concat([OK, request]);

/**
 * Hand-tuned node:net: the answers of a chunk leave as one write, and while that doesn't fit into the kernel nothing is read. The
 * answer itself is made by a function of its own, as in any server that does more than this one.
 */
netServer((socket) => {
  /** @type {Buffer} */
  let carry = Buffer.alloc(0);
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    /** @type {Buffer[]} */
    const answers = [];
    let size = 0;
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const body = answer(bytes.subarray(at + 4, end));
      answers.push(body);
      size += 4 + body.length;
      at = end;
    }
    carry = bytes.subarray(at);
    if (answers.length === 0) return;
    const out = Buffer.allocUnsafe(size);
    let position = 0;
    for (const body of answers) {
      position = out.writeUInt32BE(body.length, position);
      out.set(body, position);
      position += body.length;
    }
    if (!socket.write(out)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
});
