import { dial, leave } from './dial.mjs';

/**
 * Connections that send one byte a second each and never come to the end of a message, spread over the second.
 *
 * @param {import('../load.mjs').Target} target
 * @param {{ connections: number }} options
 * @returns {Promise<import('../load.mjs').Generator>}
 */
export async function open(target, { connections }) {
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  let cut = 0;
  for (let i = 0; i < connections; i++) {
    sockets.push(await dial(target, { read() {}, closed: () => cut++ }));
  }
  const TICKS = 100;
  let tick = 0;
  let sent = 0;
  const timer = setInterval(() => {
    for (let i = tick % TICKS; i < sockets.length; i += TICKS) {
      sockets[i]?.write('x');
      sent++;
    }
    tick++;
  }, 1000 / TICKS);
  return {
    report: () => Promise.resolve({ connections: sockets.length, cut, sent }),
    close() {
      clearInterval(timer);
      for (const socket of sockets) leave(socket, 'reset');
    },
  };
}
