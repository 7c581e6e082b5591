import { NORMALIZED } from './internal-names.ts';

/** The options, and the listener or null, of `connect(…)` and `listen(…)`. */
export type NormalizedArguments = [options: ConnectArguments, listener: ((...details: unknown[]) => void) | null] & {
  [NORMALIZED]?: true;
};

/** Options as they were given: nothing about them is known. */
export interface ConnectArguments {
  port?: unknown;
  host?: unknown;
  path?: unknown;
  readonly [option: string]: unknown;
}

/** Brings the forms `(options, …)`, `(path, …)` and `(port, host, …)`, each with a listener last or without, into one. */
export function normalizeArguments(given: readonly unknown[]): NormalizedArguments {
  const [first, second] = given;
  const last = given.at(-1);
  return mark([optionsOf(given.length, first, second), typeof last === 'function' ? (last as never) : null]);
}

/** Whether they come from `normalizeArguments`: `net.connect` passes them on to `Socket.prototype.connect` like this. */
export function isNormalized(value: unknown): value is NormalizedArguments {
  return Array.isArray(value) && NORMALIZED in value;
}

function optionsOf(count: number, first: unknown, second: unknown): ConnectArguments {
  if (count === 0) return {};
  if (typeof first === 'object' && first !== null) return first as ConnectArguments;
  if (isPipeName(first)) return { path: first };
  return typeof second === 'string' ? { port: first, host: second } : { port: first };
}

/** A text that isn't a number names a pipe. */
function isPipeName(value: unknown): value is string {
  return typeof value === 'string' && !(Number(value) >= 0);
}

function mark(normalized: NormalizedArguments): NormalizedArguments {
  normalized[NORMALIZED] = true;
  return normalized;
}
