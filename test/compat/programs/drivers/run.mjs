import process from 'node:process';

/**
 * Runs one driver against its real server, and says what happened: one JSON value per line.
 *
 *   node run.mjs <driver> node:net                                  the driver as it is
 *   node run.mjs <driver> option                                    our sockets by an option of the driver
 *   node --require ./substitute.cjs run.mjs <driver> substitution   our module in the place of node:net
 *
 * It ends by itself when the driver has closed everything; it never calls `process.exit`.
 *
 * @typedef {typeof import('node:net')} Net
 * @typedef {import('node:net').Socket} Socket
 *
 * @typedef {object} Driver
 * @property {(net: Net) => any} [sockets] the option by which the driver is given sockets, where it has one
 * @property {(task: Task) => Promise<void>} run
 *
 * @typedef {object} Task
 * @property {any} sockets what `sockets` of the driver gave, or nothing
 * @property {Net} net the module in use, for a server in between
 * @property {(socket: unknown) => void} connected tells of the socket that the driver uses
 * @property {(received: readonly Uint8Array[]) => void} exchanged tells what came back
 * @property {(how: string) => void} disconnected tells what the driver said of the loss
 * @property {(socket: unknown) => void} reconnected tells of the socket that it uses now
 */

const [name = '', way = ''] = process.argv.slice(2);

/** @param {string} step @param {object} details */
const say = (step, details) => process.stdout.write(`${JSON.stringify({ step, ...details })}\n`);

const builtIn = (await import('node:net')).default;
/** @type {Net} */
const net = way === 'node:net' ? builtIn : (await import('rxjs-net/compat')).default;

/** Whose sockets these are. @param {unknown} socket */
function kindOf(socket) {
  const prototype = Object.getPrototypeOf(socket);
  if (prototype === builtIn.Socket.prototype) return 'node:net';
  return prototype === net.Socket.prototype ? 'rxjs-net/compat' : String(prototype?.constructor?.name);
}

const { createHash } = await import('node:crypto');
/** @type {{ driver: Driver }} */
const { driver } = await import(`./${name}.mjs`);
/** @type {unknown} */
let first;

await driver.run({
  sockets: way === 'option' ? driver.sockets?.(net) : {},
  net,
  connected(socket) {
    first = socket;
    say('connected', { socket: kindOf(socket) });
  },
  exchanged(received) {
    const hash = createHash('sha256');
    for (const part of received) hash.update(part);
    say('exchanged', { bytes: received.reduce((sum, { length }) => sum + length, 0), sha256: hash.digest('hex') });
  },
  disconnected: (how) => say('disconnected', { how }),
  reconnected: (socket) => say('reconnected', { socket: kindOf(socket), another: socket !== first }),
});
