import { dial, leave } from './dial.mjs';
import { PERIOD, patternAt } from './pattern.mjs';

/**
 * 64 KiB writes on a few connections. Either the server only takes them ("in"), or it sends them back ("echo").
 *
 * @typedef {import('../load.mjs').Generator} Generator
 * @typedef {import('../load.mjs').Target} Target
 */

const CHUNK = 65_536;
/** Written and not yet echoed, per connection: keeps the server's input full without measuring the depth of queues. */
const WINDOW = 1_048_576;
/** Writes of a connection before the event loop has its turn. */
const WRITES_A_TURN = 8;

const pattern = Buffer.alloc(PERIOD + CHUNK);
for (let at = 0; at < pattern.length; at++) pattern[at] = patternAt(at);

/**
 * @param {Target} target
 * @param {{ connections: number, echo: boolean }} options
 * @returns {Promise<Generator>}
 */
export async function open(target, { connections, echo }) {
  let running = false;
  /** @type {Error | undefined} */
  let fault;
  /** @type {(error: Error) => void} */
  let whenWrong = () => {};
  let whenIdle = () => {};

  /** @param {string} reason */
  function wrong(reason) {
    fault ??= new Error(reason);
    running = false;
    whenWrong(fault);
  }

  class Pump {
    sent = 0;
    received = 0;
    #writing = false;
    #inThisTurn = 0;

    async dial() {
      this.socket = await dial(target, {
        read: (size, buffer) => this.#read(size, buffer),
        closed: () => wrong('a connection was closed by the server'),
      });
    }

    pump() {
      if (this.#writing) return;
      if (!running || (echo && this.sent - this.received >= WINDOW)) {
        if (!running && idle()) whenIdle();
        return;
      }
      const at = this.sent % PERIOD;
      this.#writing = true;
      this.sent += CHUNK;
      this.socket?.write(pattern.subarray(at, at + CHUNK), this.#written);
    }

    settled() {
      return !this.#writing && (!echo || this.received === this.sent);
    }

    // A server that keeps up lets every write be done at once, and then one follows the other in ticks for as long as it does: no
    // timer would run meanwhile, and the slice would end seconds late, or not within its limit.
    #written = () => {
      if (++this.#inThisTurn < WRITES_A_TURN) this.#goOn();
      else setImmediate(this.#goOn);
    };

    #goOn = () => {
      if (this.#inThisTurn >= WRITES_A_TURN) this.#inThisTurn = 0;
      this.#writing = false;
      this.pump();
    };

    /** @param {number} size @param {Buffer} buffer */
    #read(size, buffer) {
      if (!echo || this.received + size > this.sent) return wrong(`bytes too many: ${size} after ${this.received}`);
      const at = this.received % PERIOD;
      if (buffer.compare(pattern, at, at + size, 0, size) !== 0) {
        return wrong(`wrong bytes within ${size} from position ${this.received}`);
      }
      this.received += size;
      this.pump();
    }
  }

  const pumps = Array.from({ length: connections }, () => new Pump());
  const idle = () => pumps.every((pump) => pump.settled());
  const sent = () => pumps.reduce((total, pump) => total + pump.sent, 0);
  await Promise.all(pumps.map((pump) => pump.dial()));

  return {
    slice: (ms) =>
      new Promise((resolve, reject) => {
        if (fault !== undefined) return reject(fault);
        const before = sent();
        const timers = [
          setTimeout(() => {
            running = false;
            if (idle()) whenIdle();
          }, ms),
          setTimeout(() => wrong('bytes are missing after 3 s'), ms + 3000),
        ];
        whenWrong = (error) => {
          timers.forEach(clearTimeout);
          reject(error);
        };
        whenIdle = () => {
          timers.forEach(clearTimeout);
          whenIdle = () => {};
          resolve({ ops: (sent() - before) / CHUNK, sent: sent() });
        };
        running = true;
        for (const pump of pumps) pump.pump();
      }),
    report: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (fault !== undefined) throw fault;
      return {};
    },
    close() {
      for (const { socket } of pumps) leave(socket, 'end');
    },
  };
}
