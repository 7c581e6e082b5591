import net from 'node:net';

/**
 * Connect, one request, one reply, close; a fixed number of them in flight. Done means that both sides have closed.
 *
 * @param {import('../load.mjs').Target} target
 * @param {{ inFlight: number, size: number }} options
 * @returns {Promise<import('../load.mjs').Generator>}
 */
export async function open(target, { inFlight, size }) {
  let running = false;
  let active = 0;
  let ops = 0;
  let serial = 0;
  /** @type {number[]} */
  let latencies = [];
  let whenIdle = () => {};
  /** @type {(error: Error) => void} */
  let whenWrong = () => {};

  const shared = Buffer.allocUnsafe(65_536);

  function connect() {
    active++;
    const request = Buffer.alloc(size, serial & 0xff);
    request.writeUInt32LE(serial++ >>> 0, 0);
    const startedAt = serial % inFlight === 0 ? performance.now() : 0;
    let got = 0;
    const socket = net.connect({
      ...target,
      noDelay: true,
      onread: {
        buffer: shared,
        callback(count) {
          if (got + count > size) whenWrong(new Error(`${got + count - size} bytes too many`));
          else if (shared.compare(request, got, got + count, 0, count) !== 0) whenWrong(new Error('wrong bytes'));
          got += count;
          if (got === size) socket.end();
          return true;
        },
      },
    });
    socket.write(request);
    socket.on('error', (error) => whenWrong(error));
    socket.on('close', () => {
      active--;
      if (got !== size) whenWrong(new Error(`closed after ${got} of ${size} bytes`));
      ops++;
      if (startedAt !== 0) latencies.push(performance.now() - startedAt);
      if (running) connect();
      else if (active === 0) whenIdle();
    });
  }

  return {
    slice: (ms) =>
      new Promise((resolve, reject) => {
        ops = 0;
        latencies = [];
        const timers = [
          setTimeout(() => (running = false), ms),
          setTimeout(() => whenWrong(new Error(`${active} connections have not closed after 3 s`)), ms + 3000),
        ];
        whenWrong = (error) => {
          running = false;
          timers.forEach(clearTimeout);
          reject(error);
        };
        whenIdle = () => {
          timers.forEach(clearTimeout);
          resolve({ ops, latencies });
        };
        running = true;
        while (active < inFlight) connect();
      }),
    close() {},
  };
}
