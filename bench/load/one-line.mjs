import { closedLoop } from './closed-loop.mjs';

/**
 * One line at a time, and its echo.
 *
 * @param {import('../load.mjs').Target} target
 * @returns {Promise<import('../load.mjs').Generator>}
 */
export function open(target) {
  const line = Buffer.from(`${'.'.repeat(63)}\n`);
  return closedLoop(target, { connections: 1, opsPerExchange: 1, exchanges: () => [{ request: line, reply: line }] });
}
