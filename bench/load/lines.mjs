import { closedLoop } from './closed-loop.mjs';

/** How many different batches a connection sends in turn. */
const VARIETY = 4;

/** Line ends count: 40 to 60 bytes, 50 on average. @param {number} connection @param {number} turn @param {number} number */
function line(connection, turn, number) {
  const length = 39 + ((number * 7 + turn) % 21);
  return `connection ${connection} batch ${turn} line ${number} `.padEnd(length, 'the quick brown fox ');
}

/**
 * @param {import('../load.mjs').Target} target
 * @param {{ connections: number, batch: number }} options
 */
export const open = (target, { connections, batch }) =>
  closedLoop(target, {
    connections,
    opsPerExchange: batch,
    exchanges: (connection) =>
      Array.from({ length: VARIETY }, (_, turn) => {
        const lines = Array.from({ length: batch }, (__, number) => line(connection, turn, number));
        return {
          request: Buffer.from(lines.map((text) => `${text}\n`).join('')),
          reply: Buffer.from(lines.map((text) => `you said ${text}\n`).join('')),
        };
      }),
  });
