import { netServer } from './net-server.mjs';

/**
 * Hand-tuned node:net: one decode per chunk, the answers of a chunk joined into one string, one `write` for all of them.
 */
netServer((socket) => {
  let carry = '';
  socket.setEncoding('utf8');
  socket.on('data', (/** @type {string} */ text) => {
    const input = carry + text;
    let answers = '';
    let start = 0;
    for (let end = input.indexOf('\n'); end !== -1; end = input.indexOf('\n', start)) {
      answers += `you said ${input.slice(start, end)}\n`;
      start = end + 1;
    }
    carry = input.slice(start);
    if (answers !== '' && !socket.write(answers)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
});
