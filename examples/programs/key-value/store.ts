// What the key-value server keeps, and what its commands do.
import type { Command, Reply } from './resp.ts';

interface Entry {
  readonly value: Buffer;
  /** On the monotonic clock, in ms. */
  readonly expires: number;
}

const OK: Reply = { ok: 'OK' };
const NOT_AN_INTEGER: Reply = { error: 'ERR value is not an integer or out of range' };
const SYNTAX_ERROR: Reply = { error: 'ERR syntax error' };
const OUT_OF_MEMORY: Reply = { error: "OOM command not allowed when used memory > 'maxmemory'." };

/** A number that RESP and a double can hold. */
const integer = (text: Buffer | undefined): number | undefined => {
  const number = /^-?\d{1,16}$/.test(text?.toString('latin1') ?? '') ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
};

/** A store of up to `maxBytes` bytes of keys and values. */
export const makeStore = (maxBytes: number): ((command: Command) => Reply) => {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const remove = (key: string): boolean => {
    bytes -= Buffer.byteLength(key) + (entries.get(key)?.value.length ?? 0);
    return entries.delete(key);
  };
  const get = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires > performance.now()) return entry;
    remove(key);
    return undefined;
  };
  const set = (key: string, value: Buffer, expires = Infinity): Reply => {
    if (get(key) !== undefined) remove(key);
    const size = Buffer.byteLength(key) + value.length;
    if (bytes + size > maxBytes) return OUT_OF_MEMORY;
    bytes += size;
    // A copy: the value is a view of the chunk in which it came.
    entries.set(key, { value: Buffer.from(value), expires });
    return OK;
  };
  const increase = (key: string, by: number | undefined): Reply => {
    const entry = get(key);
    const sum = (entry === undefined ? 0 : (integer(entry.value) ?? Number.NaN)) + (by ?? Number.NaN);
    if (!Number.isSafeInteger(sum)) return NOT_AN_INTEGER;
    const done = set(key, Buffer.from(String(sum)), entry?.expires);
    return done === OK ? sum : done;
  };
  const setWith = (key: string, value: Buffer, options: readonly (Buffer | undefined)[]): Reply => {
    let expires = Infinity;
    for (let at = 0; at < options.length; at++) {
      const name = options[at]?.toString().toUpperCase();
      if (name === 'NX' || name === 'XX') {
        if ((get(key) !== undefined) === (name === 'NX')) return null;
        continue;
      }
      const time = integer(options[++at]);
      if ((name !== 'EX' && name !== 'PX') || time === undefined || time <= 0) return SYNTAX_ERROR;
      expires = performance.now() + (name === 'EX' ? time * 1_000 : time);
    }
    return set(key, value, expires);
  };
  const expireIn = (key: string, ms: number): Reply => {
    const entry = get(key);
    if (entry === undefined) return 0;
    entries.set(key, { value: entry.value, expires: performance.now() + ms });
    return 1;
  };
  const timeLeft = (entry: Entry | undefined): number => {
    if (entry === undefined) return -2;
    return entry.expires === Infinity ? -1 : Math.ceil((entry.expires - performance.now()) / 1_000);
  };

  /** Each with the least number of arguments that it takes. */
  const commands: Readonly<Record<string, readonly [least: number, run: (...given: (Buffer | undefined)[]) => Reply]>> =
    {
      PING: [0, (text) => text ?? { ok: 'PONG' }],
      ECHO: [1, (text) => text ?? null],
      GET: [1, (key) => get(String(key))?.value ?? null],
      SET: [2, (key, value = Buffer.alloc(0), ...more) => setWith(String(key), value, more)],
      DEL: [1, (...keys) => keys.filter((key) => get(String(key)) !== undefined && remove(String(key))).length],
      EXISTS: [1, (...keys) => keys.filter((key) => get(String(key)) !== undefined).length],
      MGET: [1, (...keys) => keys.map((key) => get(String(key))?.value ?? null)],
      INCR: [1, (key) => increase(String(key), 1)],
      INCRBY: [2, (key, by) => increase(String(key), integer(by))],
      EXPIRE: [2, (key, seconds) => expireIn(String(key), (integer(seconds) ?? 0) * 1_000)],
      TTL: [1, (key) => timeLeft(get(String(key)))],
      DBSIZE: [0, () => entries.size],
      FLUSHALL: [0, () => (entries.clear(), (bytes = 0), OK)],
      // What client libraries ask first.
      INFO: [0, () => 'redis_version:7.0.0\r\nloading:0\r\n'],
      SELECT: [1, (index) => (integer(index) === 0 ? OK : { error: 'ERR DB index is out of range' })],
      CLIENT: [1, () => OK],
      QUIT: [0, () => OK],
    };

  return ([name = Buffer.alloc(0), ...given]) => {
    const command = name.toString().toUpperCase();
    const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (known === undefined)
      return { error: `ERR unknown command '${command.slice(0, 64).replaceAll(/[^\w]/g, '?')}'` };
    const [least, run] = known;
    if (given.length < least) return { error: `ERR wrong number of arguments for '${command}' command` };
    return run(...given);
  };
};
