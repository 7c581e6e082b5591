import { closedLoop } from './closed-loop.mjs';

/** How many different messages a connection sends in turn: enough to see one that is repeated or comes out of order. */
const VARIETY = 16;

/**
 * @param {import('../load.mjs').Target} target
 * @param {{ connections: number, size: number }} options
 */
export const open = (target, { connections, size }) =>
  closedLoop(target, {
    connections,
    opsPerExchange: 1,
    exchanges: (connection) =>
      Array.from({ length: VARIETY }, (_, turn) => {
        const message = Buffer.alloc(size);
        for (let at = 0; at < size; at++) message[at] = (connection * 31 + turn * 17 + at * 7) & 0xff;
        return { request: message, reply: message };
      }),
  });
