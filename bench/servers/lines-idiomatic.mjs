import { StringDecoder } from 'node:string_decoder';
import { Transform } from 'node:stream';

import { netServer } from './net-server.mjs';

/** Splits at '\n' the way the popular split transforms do. (`node:readline` costs about the same.) */
function splitLines() {
  const decoder = new StringDecoder('utf8');
  let carry = '';
  return new Transform({
    readableObjectMode: true,
    transform(/** @type {Buffer} */ chunk, _encoding, done) {
      const parts = (carry + decoder.write(chunk)).split('\n');
      carry = parts.pop() ?? '';
      for (const part of parts) this.push(part);
      done();
    },
    flush(done) {
      carry += decoder.end();
      done(null, carry === '' ? undefined : carry);
    },
  });
}

// Idiomatic node:net: one line in, one `write` out.
netServer((socket) => {
  socket.pipe(splitLines()).on('data', (/** @type {string} */ line) => {
    socket.write(`you said ${line}\n`);
  });
});
