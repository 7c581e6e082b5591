import { createHash } from 'node:crypto';
import process from 'node:process';

/** Texts longer than this are written as their length and a hash. */
const longest = 80;

/** What the system chooses for a run: written as the nth port, or nth path, that the run has shown. */
const systemPort = (value: number): boolean => Number.isInteger(value) && value > 10_000 && value <= 65_535;

const portNames = new Set(['port', 'localPort', 'remotePort']);

/** Fields of an error that are told apart by the heading already, or that name the machine. */
const leftOut = new Set(['code', 'message', 'stack', 'name', 'errors']);

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

const text = (value: string): string =>
  value.length > longest ? `text(${value.length}) ${hash(Buffer.from(value))}` : JSON.stringify(value);

/**
 * Writes values so that two runs of one script can be compared: objects that were named by their name, so identity
 * shows; ports and paths, which the system chose, in the order in which they appeared; all else as it is.
 */
export class Describer {
  private readonly names = new Map<object, string>();
  private readonly ports = new Map<number, string>();
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  name(name: string, object: object): void {
    this.names.set(object, name);
  }

  nameOf(object: object): string | undefined {
    return this.names.get(object);
  }

  /** The name of a port that the system chose. */
  port(port: number): string {
    let name = this.ports.get(port);
    if (name === undefined) {
      name = `<port ${this.ports.size + 1}>`;
      this.ports.set(port, name);
    }
    return name;
  }

  /** A text in which what the system chose is replaced. */
  plain(value: string): string {
    return value
      .replaceAll(this.folder, '<folder>')
      .replaceAll(/(?<=\d:|::1?:|\]:|localhost:|\()\d{5}\b/g, (digits) =>
        systemPort(Number(digits)) ? this.port(Number(digits)) : digits,
      )
      .replaceAll(/(?<![\d.])\d{5}(?![\d.])/g, (digits) => this.ports.get(Number(digits)) ?? digits);
  }

  value(value: unknown, key?: string): string {
    switch (typeof value) {
      case 'number':
        if (key !== undefined && portNames.has(key) && systemPort(value)) return this.port(value);
        return this.ports.get(value) ?? (Object.is(value, -0) ? '-0' : String(value));
      case 'string':
        return text(this.plain(value));
      case 'bigint':
        return `${value}n`;
      case 'function':
        return this.names.get(value) ?? 'function';
      case 'object':
        return value === null ? 'null' : this.object(value);
      case 'symbol':
      case 'undefined':
      case 'boolean':
      default:
        return String(value);
    }
  }

  private object(value: object): string {
    const name = this.names.get(value);
    if (name !== undefined) return `<${name}>`;
    if (value instanceof Error) return this.error(value);
    if (value instanceof Uint8Array) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      const shown = bytes.length > longest ? hash(bytes) : JSON.stringify(bytes.toString('latin1'));
      return `${value.constructor.name}(${value.length}) ${shown}`;
    }
    if (Array.isArray(value)) return `[${value.map((item) => this.value(item)).join(', ')}]`;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      const fields = Object.entries(value).map(([key, field]) => `${key}: ${this.value(field, key)}`);
      return `{ ${fields.join(', ')} }`;
    }
    return `a ${value.constructor.name}`;
  }

  /** An error by its type, code, message, and every field of its own. */
  error(error: Error): string {
    const { code, errors } = error as { code?: unknown; errors?: unknown };
    const fields = Object.entries(error)
      .filter(([key]) => !leftOut.has(key))
      .map(([key, field]) => ` ${key}=${this.value(field, key)}`);
    const inner = Array.isArray(errors) ? ` of ${this.value(errors)}` : '';
    const heading = `${error.constructor.name} ${error.name}${code === undefined ? '' : ` [${typeof code === 'string' ? code : this.value(code)}]`}`;
    return `${heading}: ${this.plain(error.message)}${fields.join('')}${inner}`;
  }
}

/** How many sockets, pipes and servers the process has open. */
export const openHandles = (): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(TCP|Pipe)/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
};
