import { closedLoop } from './closed-loop.mjs';

/** How many different batches a connection sends in turn. */
const VARIETY = 4;

/** The length as 4 bytes, big-endian, then as many bytes. @param {string} text */
function frame(text) {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}

/** 40 to 60 bytes, 50 on average. @param {number} connection @param {number} turn @param {number} number */
function request(connection, turn, number) {
  const length = 40 + ((number * 7 + turn) % 21);
  return `connection ${connection} batch ${turn} request ${number} `.padEnd(length, 'the quick brown fox ');
}

/**
 * Length-prefixed requests, a batch in flight on each connection; each is answered by `ok ` and itself.
 *
 * @param {import('../load.mjs').Target} target
 * @param {{ connections: number, batch: number }} options
 */
export const open = (target, { connections, batch }) =>
  closedLoop(target, {
    connections,
    opsPerExchange: batch,
    exchanges: (connection) =>
      Array.from({ length: VARIETY }, (_, turn) => {
        const requests = Array.from({ length: batch }, (__, number) => request(connection, turn, number));
        return {
          request: Buffer.concat(requests.map(frame)),
          reply: Buffer.concat(requests.map((text) => frame(`ok ${text}`))),
        };
      }),
  });
