import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Child processes that answer requests over Node's IPC channel, and that are gone when the run is over: on the normal
 * path they are asked to stop, on any other they are killed, and if this process is killed itself they notice that the
 * channel has closed (see `servers/host.mjs` and `load.mjs`).
 *
 * @typedef {{ id: number, result?: unknown, error?: string }} Answer
 * @typedef {{ resolve: (value: unknown) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }} Waiting
 */

/** Every child that is alive. @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();

/** Kills what is left. Safe to call at any time and more than once. */
export function killAll() {
  for (const child of alive) child.kill('SIGKILL');
  alive.clear();
}

process.once('exit', killAll);

export class Child {
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #nextId = 0;
  #stderr = '';
  #ended = false;
  #process;
  /** @type {Promise<void>} */
  #exited;

  /**
   * @param {object} how
   * @param {string} how.name for messages
   * @param {URL} how.file the module to run
   * @param {readonly string[]} [how.args]
   * @param {readonly string[]} [how.nodeOptions] flags for node itself
   * @param {Record<string, string>} [how.env] added to the environment
   * @param {number | undefined} [how.cpu] the processor to pin it to
   */
  constructor({ name, file, args = [], nodeOptions = [], env = {}, cpu }) {
    this.name = name;
    const command = [process.execPath, ...nodeOptions, fileURLToPath(file), ...args];
    if (cpu !== undefined) command.unshift('taskset', '-c', String(cpu));
    const [program = '', ...rest] = command;
    this.#process = spawn(program, rest, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const child = this.#process;
    alive.add(child);
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      // The end of what it said is what explains its death.
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    child.on('message', (message) => this.#settle(/** @type {Answer} */ (message)));
    child.on('error', (error) => this.#end(`${name} could not be started: ${error.message}`));
    this.#exited = new Promise((resolve) => {
      // 'close' comes after stderr has been read to its end.
      child.once('close', (code, signal) => {
        alive.delete(child);
        this.#end(`${name} ended (${signal ?? `code ${code}`})${this.#stderr === '' ? '' : `:\n${this.#stderr}`}`);
        resolve();
      });
    });
  }

  /**
   * @param {string} type
   * @param {object} payload
   * @param {number} timeoutMs
   * @returns {Promise<any>}
   */
  request(type, payload = {}, timeoutMs = 10_000) {
    if (this.#ended) return Promise.reject(new Error(`${this.name} has ended\n${this.#stderr}`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.name} did not answer "${type}" within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      // A send that fails means that the child is dying; its 'close' says of what, once stderr has been read.
      this.#process.send({ ...payload, type, id }, () => {});
    });
  }

  /** Asks it to exit (so that it can write a profile, if one was wished for), and kills it when it doesn't. */
  async stop() {
    if (this.#ended) return;
    this.#process.send({ type: 'stop', id: -1 }, () => {});
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 3000);
    await this.#exited;
    clearTimeout(timer);
  }

  /** @param {Answer} answer */
  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(`${this.name}: ${error}`));
  }

  /** @param {string} reason */
  #end(reason) {
    this.#ended = true;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#waiting.clear();
  }
}
