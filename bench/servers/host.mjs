import { patternAt } from '../load/pattern.mjs';

/**
 * What every benchmark server shares: where to listen, and the answers to the runner's questions. Nothing in here is on
 * the path of the bytes, except `byteCheck`, and that one is the same for every variant of "bulk in".
 *
 * @typedef {{ port: number, host: string } | { path: string }} Listen
 *
 * @typedef {object} Settings
 * @property {Listen} listen
 * @property {boolean} noDelay
 * @property {'node:net' | 'rxjs-net/compat'} module for the servers with the API of `node:net`
 * @property {boolean} coalesceWrites an option of the second of these
 */

/** @type {Settings} */
export const settings = JSON.parse(
  process.argv[2] ??
    '{"listen":{"port":0,"host":"127.0.0.1"},"noDelay":false,"module":"node:net","coalesceWrites":false}',
);

/** The options of a server as `net.createServer` (that of compat too) and `serve` know them. */
export const socketOptions = {
  ...(settings.noDelay ? { noDelay: true } : {}),
  ...(settings.coalesceWrites ? { coalesceWrites: true } : {}),
};

let received = 0;
let failures = 0;
let firstFailure = '';
/** @type {unknown} */
let address;
/** @type {(() => void) | undefined} */
let whenListening;

/** Reports where the server listens. @param {unknown} where what `server.address()` gives */
export function listening(where) {
  address = where;
  whenListening?.();
}

/** A connection that failed. The runner decides whether that was to be expected. @param {unknown} error */
export function failed(error) {
  failures++;
  if (firstFailure === '') firstFailure = error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Counts the bytes of one connection and looks at both ends of every chunk. The generator repeats one 64 KiB pattern, so
 * the position in the stream says what has to be there: a lost, doubled or reordered chunk is seen, at no cost per byte.
 *
 * @returns {(chunk: Uint8Array) => void}
 */
export function byteCheck() {
  let position = 0;
  return (chunk) => {
    const last = position + chunk.length - 1;
    if (chunk[0] !== patternAt(position) || chunk[chunk.length - 1] !== patternAt(last)) {
      failed(new Error(`wrong bytes between ${position} and ${last}`));
    }
    position += chunk.length;
    received += chunk.length;
  };
}

const SETTLED_ROUNDS = 4;
const MAX_ROUNDS = 40;

/** Collects until the heap has stopped shrinking: closed handles take a few turns of the loop to be let go. */
async function collectGarbage() {
  let lowest = Number.POSITIVE_INFINITY;
  let settled = 0;
  for (let round = 0; round < MAX_ROUNDS && settled < SETTLED_ROUNDS; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 15));
    const { heapUsed } = process.memoryUsage();
    settled = heapUsed > lowest * 0.999 ? settled + 1 : 0;
    lowest = Math.min(lowest, heapUsed);
  }
}

/** @param {{ type: string }} message */
async function answer({ type }) {
  switch (type) {
    case 'address':
      if (address === undefined) await new Promise((resolve) => (whenListening = () => resolve(undefined)));
      return address;
    case 'sample': {
      const { user, system } = process.cpuUsage();
      return { cpu: user + system, received, failures, firstFailure };
    }
    case 'memory': {
      const { rss, heapUsed, external } = process.memoryUsage();
      return { rss, heapUsed, external };
    }
    case 'settled-memory': {
      await collectGarbage();
      const { rss, heapUsed, external } = process.memoryUsage();
      return { rss, heapUsed, external };
    }
    default:
      throw new Error(`unknown request ${type}`);
  }
}

process.on('message', (/** @type {{ type: string, id: number }} */ message) => {
  // exit(), so that --cpu-prof writes its file.
  if (message.type === 'stop') process.exit(0);
  answer(message).then(
    (result) => process.send?.({ id: message.id, result }),
    (error) => process.send?.({ id: message.id, error: String(error) }),
  );
});
// The runner is gone, in whatever way: nothing must be left behind.
process.on('disconnect', () => process.exit(0));
