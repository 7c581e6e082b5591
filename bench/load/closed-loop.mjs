import { dial, leave } from './dial.mjs';

/**
 * Requests in a closed loop: every connection has one request outstanding, and sends the next when the reply has come
 * whole and right. The pieces that ping-pong and lines have in common.
 *
 * @typedef {{ request: Uint8Array, reply: Uint8Array }} Exchange
 * @typedef {import('../load.mjs').Generator} Generator
 * @typedef {import('../load.mjs').Target} Target
 */

/** Shorter than this, comparing in JavaScript is faster than calling the native `compare`. */
const SMALL = 128;

/** @param {Uint8Array} expected @param {number} at @param {Buffer} got @param {number} size */
function same(expected, at, got, size) {
  if (size > SMALL) return got.compare(expected, at, at + size, 0, size) === 0;
  for (let index = 0; index < size; index++) {
    if (expected[at + index] !== got[index]) return false;
  }
  return true;
}

/**
 * @param {Target} target
 * @param {object} how
 * @param {number} how.connections
 * @param {number} how.opsPerExchange
 * @param {(connection: number) => Exchange[]} how.exchanges what a connection sends in turn, and what has to come back
 * @returns {Promise<Generator>}
 */
export async function closedLoop(target, { connections, opsPerExchange, exchanges }) {
  let running = false;
  let outstanding = 0;
  let ops = 0;
  /** @type {number[]} */
  let latencies = [];
  let whenIdle = () => {};
  /** @type {(error: Error) => void} */
  let whenWrong = () => {};
  /** @type {Error | undefined} */
  let fault;

  /** @param {string} reason */
  function wrong(reason) {
    fault ??= new Error(reason);
    running = false;
    whenWrong(fault);
  }

  class Loop {
    #script;
    #next = 0;
    #at = 0;
    /** @type {Uint8Array | undefined} */
    #expected;
    #sampled;
    #sentAt = 0;

    /** @param {number} number */
    constructor(number) {
      this.number = number;
      this.#script = exchanges(number);
      // The clock is asked for one connection only: a call per message would be a cost of the generator.
      this.#sampled = number === 0;
    }

    async dial() {
      this.socket = await dial(target, {
        read: (size, buffer) => this.#read(size, buffer),
        closed: () => wrong(`connection ${this.number} was closed by the server`),
      });
    }

    send() {
      const exchange = /** @type {Exchange} */ (this.#script[this.#next]);
      this.#next = (this.#next + 1) % this.#script.length;
      this.#expected = exchange.reply;
      this.#at = 0;
      outstanding++;
      if (this.#sampled) this.#sentAt = performance.now();
      this.socket?.write(exchange.request);
    }

    /** @param {number} size @param {Buffer} buffer */
    #read(size, buffer) {
      const expected = this.#expected;
      if (expected === undefined) return wrong(`${size} bytes too many on connection ${this.number}`);
      if (this.#at + size > expected.length) {
        return wrong(`${this.#at + size - expected.length} bytes too many on connection ${this.number}`);
      }
      if (!same(expected, this.#at, buffer, size)) {
        return wrong(`wrong bytes on connection ${this.number}, within ${size} from position ${this.#at}`);
      }
      this.#at += size;
      if (this.#at < expected.length) return;
      this.#expected = undefined;
      outstanding--;
      ops += opsPerExchange;
      if (this.#sampled) latencies.push(performance.now() - this.#sentAt);
      if (running) this.send();
      else if (outstanding === 0) whenIdle();
    }
  }

  const loops = Array.from({ length: connections }, (_, number) => new Loop(number));
  await Promise.all(loops.map((loop) => loop.dial()));

  return {
    slice: (ms) =>
      new Promise((resolve, reject) => {
        if (fault !== undefined) return reject(fault);
        ops = 0;
        latencies = [];
        const timers = [
          setTimeout(() => (running = false), ms),
          // A reply that is missing would leave the slice waiting for ever.
          setTimeout(() => wrong(`${outstanding} replies are missing or too short after 3 s`), ms + 3000),
        ];
        whenWrong = (error) => {
          timers.forEach(clearTimeout);
          reject(error);
        };
        whenIdle = () => {
          timers.forEach(clearTimeout);
          resolve({ ops, latencies });
        };
        running = true;
        for (const loop of loops) loop.send();
      }),
    // What came after the last slice had ended is only seen here.
    report: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (fault !== undefined) throw fault;
      return {};
    },
    close() {
      for (const { socket } of loops) leave(socket, 'end');
    },
  };
}
