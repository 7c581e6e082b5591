import { dial, leave } from './dial.mjs';

/** How many connections are being made at a time: well below any backlog. */
const DIALLING = 64;

/**
 * Opens connections and leaves them alone. The last one says a byte and waits for the echo, which proves that the server
 * has accepted all of them, since it accepts in order. `report` has every one of them echo a byte: they were alive.
 *
 * @param {import('../load.mjs').Target} target
 * @param {{ connections: number }} options
 * @returns {Promise<import('../load.mjs').Generator>}
 */
export async function open(target, { connections }) {
  let echoed = 0;
  let wrong = '';
  let whenAll = () => {};
  let expected = 0;

  const connect = () =>
    dial(target, {
      read(size, buffer) {
        if (size !== 1 || buffer[0] !== 0x2a) wrong = `${size} bytes, the first is ${buffer[0]}`;
        echoed += size;
        if (echoed === expected) whenAll();
      },
      closed: () => (wrong = 'a connection was closed by the server'),
    });

  /** @param {readonly import('node:net').Socket[]} some */
  async function roundTrip(some) {
    echoed = 0;
    expected = some.length;
    const all = new Promise((resolve) => (whenAll = () => resolve(undefined)));
    const timeout = setTimeout(() => {
      wrong ||= `only ${echoed} of ${expected} were answered`;
      whenAll();
    }, 5000);
    for (const socket of some) socket.write('*');
    await all;
    clearTimeout(timeout);
    if (wrong !== '') throw new Error(wrong);
  }

  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  async function dialSome() {
    // Minus one: the last one is made when all others are there.
    while (sockets.length + dialling < connections - 1) {
      dialling++;
      sockets.push(await connect());
      dialling--;
    }
  }
  let dialling = 0;
  await Promise.all(Array.from({ length: DIALLING }, dialSome));
  const last = await connect();
  sockets.push(last);
  await roundTrip([last]);

  return {
    async report() {
      await roundTrip(sockets);
      return { connections: sockets.length };
    },
    close() {
      // A reset, since ten thousand connections in TIME_WAIT would disturb what is measured next.
      for (const socket of sockets) leave(socket, 'reset');
    },
  };
}
